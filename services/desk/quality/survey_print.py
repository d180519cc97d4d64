"""The survey on paper, as PDF: the sheet to fill, posters that lead to it and show its results."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from services.desk.french.labels_fr import short_day
from shared.paper import qr
from shared.paper.typst_pdf import typeset
from shared.site.tables.survey import SheetTranslation, SurveyForm

_HERE: Final = Path(__file__).parents[1] / "printing"
DIRECTIONS: Final = (
    "Une croix par ligne. Ne répondez pas aux questions que vous préférez laisser. N’écrivez pas de"
    " nom : ni le vôtre, ni celui d’un agent."
)


class PosterPaper(StrEnum):
    """The paper size of a survey's poster."""

    A4 = "a4"
    A3 = "a3"


@dataclass(frozen=True, slots=True)
class PosterFigure:
    """A line of a survey's results poster in French: question, rate, and answers counted."""

    text: str
    rate: str
    counts: str


def sheet(
    form: SurveyForm,
    levels: Sequence[tuple[int, str]],
    authority: str,
    opened: date,
    translation: SheetTranslation | None = None,
) -> bytes:
    """Renders a survey form's paper sheet as PDF: one A4 page. Slow: call it in a thread.

    In another language each question has its French below: whoever types the sheet reads that.
    """
    data = {
        "language": "fr",
        "title": form.title,
        "intro": form.intro,
        "name": form.name,
        "authority": authority,
        "directions": DIRECTIONS,
        "questions": [(question.text, "") for question in form.questions],
        "free_text": form.free_text,
        "levels": levels,
        "reviewed": "",
    }
    if translation is not None:
        data |= _translated(form, levels, translation)
    return _pdf("survey_sheet.typ", data, opened)


def _translated(
    form: SurveyForm, levels: Sequence[tuple[int, str]], said: SheetTranslation
) -> Mapping[str, Any]:
    reviewed = f"{said.reviewed_by}, {short_day(said.reviewed_on)}"
    return {
        "language": said.language,
        "title": said.title,
        "intro": said.intro or "",
        "name": f"{form.name} ({said.named})",
        "directions": said.directions,
        "questions": [
            (said.questions.get(asked.id, asked.text), asked.text) for asked in form.questions
        ],
        "free_text": said.free_text or "",
        "levels": [(digit, words) for (digit, _), words in zip(levels, said.levels, strict=True)],
        "reviewed": f"Traduction relue : {reviewed}",
    }


def poster(
    form: SurveyForm, address: str, place: str, authority: str, paper: PosterPaper, opened: date
) -> bytes:
    """Renders the PDF poster that leads to a survey's public page; `place`: its name.

    Slow: call it in a thread.
    """
    data = {
        "paper": paper.value,
        "title": form.title,
        "intro": form.intro,
        "authority": authority,
        "address": address.removeprefix("https://").removeprefix("http://"),
        "place": place,
        "qr": qr.svg(address, "m"),
    }
    return _pdf("survey_poster.typ", data, opened)


@dataclass(frozen=True, slots=True)
class PosterText:
    """The content of the poster of a survey's results."""

    title: str
    lead: str
    figures: Sequence[PosterFigure]
    done: Sequence[tuple[str, str]]
    """What was said, and what was done about it."""
    authority: str
    foot: str


def results(said: PosterText, paper: PosterPaper, published: date) -> bytes:
    """Renders the PDF poster of a survey's published results. Slow: call it in a thread."""
    return _pdf("survey_results.typ", asdict(said) | {"paper": paper.value}, published)


def _pdf(layout: str, data: Mapping[str, Any], dated: date) -> bytes:
    """PDF/A wants a date: that of what is printed, so that printing again gives the same octets."""
    on = {"year": dated.year, "month": dated.month, "day": dated.day}
    return typeset(_HERE / layout, {"data": {**data, "dated": on}})
