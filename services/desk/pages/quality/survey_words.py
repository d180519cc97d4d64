"""The satisfaction survey in French: channels, counts that are told or not, verdicts, charts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.pages.quality import figure_words
from services.desk.quality.domain.charts import ROW, TOP, Bar, BarChart, percent
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.domain.survey_results import (
    LEAST,
    STRONG,
    PointVerdict,
    PublishedQuestion,
    PublishedRow,
    Span,
    SurveyResults,
)
from services.desk.quality.store.survey import SecondEntries
from services.desk.sheets import ExportSheet, SheetCell
from shared.facts.vocabulary import SurveyChannel

CHANNELS: Final[Mapping[SurveyChannel, str]] = {
    SurveyChannel.POSTER: "affiche",
    SurveyChannel.COUNTER: "guichet",
    SurveyChannel.PAPER: "papier",
    SurveyChannel.TELEPHONE: "téléphone",
    SurveyChannel.MAIL: "courriel",
}
VERDICTS: Final[Mapping[PointVerdict, str]] = {
    PointVerdict.STRONG: "point fort",
    PointVerdict.WATCH: "point de vigilance",
    PointVerdict.OPEN: "non concluant",
}
CHIPS: Final[Mapping[PointVerdict, str]] = {
    PointVerdict.STRONG: "done",
    PointVerdict.WATCH: "late",
    PointVerdict.OPEN: "",
}
LEVELS: Final = (
    (1, "pas du tout satisfait"),
    (2, "plutôt pas satisfait"),
    (3, "plutôt satisfait"),
    (4, "tout à fait satisfait"),
    (0, "pas concerné"),
)
"""The digit of each answer, as it is typed, and its words on every form."""
ALL: Final = "ensemble"
HIDDEN: Final = "–"
NO_PLACE: Final = "sans lieu"
SHEET: Final = ExportSheet(
    "Enquête",
    ["Question", "Canal", "Répondu", "Satisfaits", "Taux", "Bas (95 %)", "Haut (95 %)",
     "Pas concerné", "Sans réponse ou pas concerné", "Évolution", "Lecture"],
    [60, 30, 14, 14, 8, 10, 10, 14, 16, 46, 20],
)  # fmt: skip


def channels(names: Sequence[str]) -> str:
    """Formats the survey channels of a row: « guichet et téléphone »; none stands for all."""
    said = [CHANNELS[SurveyChannel(name)] for name in names]
    return " et ".join([", ".join(said[:-1]), said[-1]] if len(said) > 1 else said) or ALL


def span(count: Span) -> str:
    """Formats a survey's count as it may be published: « 183 », or « de 196 à 199 »."""
    exact = count.exact
    return f"de {count.least} à {count.most}" if exact is None else str(exact)


def rate(row: PublishedRow) -> str:
    """Formats the part of answers that is satisfied: « 88 % »; « – » where it is not published."""
    return HIDDEN if row.rate is None else figure_words.percentage(row.rate)


def interval(row: PublishedRow) -> str:
    """Formats the confidence interval of a satisfied part: « de 83 à 92 % »."""
    low, high = row.ends
    return f"de {low * 100:.0f} à {high * 100:.0f}\N{NO-BREAK SPACE}%"


def state(campaign: SurveyCampaign) -> str:
    """Formats the state of a survey campaign in French."""
    if campaign.open:
        return "ouverte"
    if not campaign.complete:
        return "close, dernières feuilles attendues"
    return "close" if campaign.published is None else "publiée"


def errors(entries: SecondEntries) -> str:
    """Formats how many answers differ between two typings: « 3 réponses différentes sur 240 … »."""
    if not entries.sheets:
        return "aucune feuille saisie deux fois"
    part = figure_words.percentage(entries.differing / entries.cells)
    many = "s" if entries.differing > 1 else ""
    return (
        f"{entries.differing} réponse{many} différente{many} sur {entries.cells}"
        f" ({part}), sur {entries.sheets} feuille{'s' if entries.sheets > 1 else ''}"
    )


@dataclass(frozen=True, slots=True)
class ResultLine:
    """A line of the table of a survey's results, in French words."""

    question: str
    channel: str
    answered: str
    satisfied: str
    rate: str
    interval: str
    not_concerned: str
    change: str
    verdict: str
    chip: str
    total: bool


def lines(results: SurveyResults) -> Sequence[ResultLine]:
    """Returns the rows of a survey's results: each question by channel, then over all sheets."""
    return [line for question in results.questions for line in lines_of(question)]


def lines_of(question: PublishedQuestion) -> Sequence[ResultLine]:
    """Returns a survey question's lines in the table of results: its channels, then all sheets."""
    if question.total is None:
        few = f"moins de {2 * LEAST} réponses"
        return [ResultLine(question.text, ALL, few, "", "", "", "", "", "", "", total=True)]
    crossed = [_line(question.text, row) for row in question.crossed]
    told = HIDDEN if question.not_concerned is None else str(question.not_concerned)
    verdict = question.verdict
    whole = _line(
        question.text, question.total, told, figure_words.change_text(question.change),
        VERDICTS[verdict], CHIPS[verdict],
    )  # fmt: skip
    return [*crossed, whole]


def _line(
    text: str,
    row: PublishedRow,
    not_concerned: str = "",
    change: str = "",
    verdict: str = "",
    chip: str = "",
) -> ResultLine:
    return ResultLine(
        text, channels(row.channels), span(row.answered), span(row.satisfied), rate(row),
        interval(row), not_concerned, change, verdict, chip, total=not row.channels,
    )  # fmt: skip


def cells(results: SurveyResults) -> Sequence[Sequence[SheetCell]]:
    """Returns a survey's results as spreadsheet cells: numbers where they are published exactly."""
    found = list[Sequence[SheetCell]]()
    for question in results.questions:
        total = () if question.total is None else (question.total,)
        for row in (*question.crossed, *total):
            whole = not row.channels
            found.append((
                question.text,
                channels(row.channels),
                _cell(row.answered),
                _cell(row.satisfied),
                row.rate,
                *row.ends,
                question.not_concerned if whole else None,
                question.without if whole else None,
                figure_words.change_text(question.change) if whole else "",
                VERDICTS[question.verdict] if whole else "",
            ))  # fmt: skip
        if question.total is None:
            few = f"moins de {2 * LEAST}"
            found.append((question.text, ALL, few, *[None] * 8))
    return found


def _cell(count: Span) -> SheetCell:
    exact = count.exact
    return span(count) if exact is None else exact


def chart(results: SurveyResults, title: str) -> BarChart:
    """Makes a bar chart of a survey's results, a row a question; unpublished ones have no bar."""
    told = [question for question in results.questions if question.total is not None]
    bars = []
    for place, question in enumerate(told):
        row = question.total
        assert row is not None  # noqa: S101  (these alone are drawn)
        exact = row.exact
        said = interval(row) if exact is None else f"{exact[0]} sur {exact[1]}, {rate(row)}"
        bars.append(
            Bar(
                question.text, said, TOP + place * ROW + 16, percent(row.rate or 0),
                percent(row.ends[0]), percent(row.ends[1]), drawn=True,
            )
        )  # fmt: skip
    aim = f"seuil {figure_words.aim(STRONG)}"
    description = " ; ".join(f"{bar.label} : {bar.said}" for bar in bars) or "rien"
    height = TOP + len(bars) * ROW + 4
    return BarChart(title, f"{description}.", bars, percent(STRONG), aim, height)
