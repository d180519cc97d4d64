"""The papers of a place as PDF: slips (A5), what hangs when it is closed, the poster of its hours.

Each says the same hours, from the same words as the public form. Text is data: no markup is read.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Final

from services.desk.french import labels_fr
from services.desk.letters.domain.sheets import SheetKind
from services.desk.quality.domain.places import PlacesState
from services.desk.quality.store.places import SheetInUse
from shared.facts.envelope import Digest
from shared.paper.typst_pdf import typeset
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.places import ReceptionPlace
from shared.site.texts.place_hours import PlaceHours, hours, place_hours

_HERE: Final = Path(__file__).parents[1] / "printing"
ORDER: Final = (SheetKind.POSTER, SheetKind.PANEL, SheetKind.SLIP)
"""The order in which papers of a set are printed."""


@dataclass(frozen=True, slots=True)
class PaperHouse:
    """The lines that the préfecture prints on each paper of a reception place."""

    authority: str
    emergency: str
    website: str


def papers_of(sheets: Iterable[SheetInUse], place: str) -> Sequence[SheetInUse]:
    """Returns a reception place's papers, as they are printed: poster, panel, slips."""
    mine = [sheet for sheet in sheets if sheet.hangs_at(place)]
    return sorted(mine, key=lambda sheet: (ORDER.index(sheet.kind), sheet.version.content.title))


def set_digest(
    place: ReceptionPlace, applied: AppliedSite, state: PlacesState, today: date, since: date
) -> Digest:
    """Returns the digest of the hours that a place's papers should show, if displayed since a day.

    Raises BeyondCalendar.
    """
    told = place_hours(place, applied.site, state.exceptions, today, applied.days)
    stated = [
        f"{found.number} {found.first} {found.last} {hours(found.slots)}"
        for found in state.exceptions
        if found.place == place.id and found.last >= since
    ]
    return hours_digest(told, stated)


def mark(papers: Sequence[SheetInUse], digest: Digest) -> str:
    """Returns the mark of a place's set of papers: eight signs that change with its content."""
    said = "\n".join([*(sheet.version.name for sheet in papers), digest])
    return hashlib.sha256(said.encode()).hexdigest()[:8]


def hours_digest(told: PlaceHours, stated: Sequence[str]) -> Digest:
    """Returns the SHA-256 of the hours on a place's papers; a new one means to reprint them.

    `stated`: a line for each of the exceptional hours that a person stated. Holidays are left out.
    """
    said = json.dumps([asdict(replace(told, different=())), list(stated)], ensure_ascii=False)
    return Digest(hashlib.sha256(said.encode()).hexdigest())


def print_papers(
    papers: Sequence[SheetInUse],
    told: PlaceHours,
    house: PaperHouse,
    today: date,
    mark: str,
    *,
    whole: bool = True,
) -> bytes:
    """Renders a reception place's papers as PDF, the same bytes on the same day.

    Slow: call it in a thread. `mark`: what identifies this set, printed in the foot of each paper.
    `whole`: all papers of the place, with a poster of its hours even if nobody has written one.
    """
    said = [_paper(sheet) for sheet in papers]
    if whole and not any(sheet.kind is SheetKind.POSTER for sheet in papers):
        said.insert(0, _bare_poster())
    data = {
        "dated": {"year": today.year, "month": today.month, "day": today.day},
        "printed": labels_fr.long_day(today),
        "house": asdict(house),
        "hours": asdict(told),
        "papers": said,
        "mark": mark,
    }
    return typeset(_HERE / "place.typ", {"data": data})


def _bare_poster() -> dict[str, Any]:
    """The poster of a place whose library has none: its hours, and nothing beside them."""
    return {
        "kind": SheetKind.POSTER.value, "heading": "Nos horaires", "lines": [], "offline": "",
        "other": None, "foot": "",
    }  # fmt: skip


def _paper(sheet: SheetInUse) -> dict[str, Any]:
    content, version = sheet.version.content, sheet.version
    more = content.sheet
    other = None if more is None else more.other
    return {
        "kind": sheet.kind.value,
        "heading": content.subject,
        "lines": lines(content.body),
        "offline": "" if more is None else more.offline,
        "other": None
        if other is None
        else {
            "language": other.language,
            "heading": other.subject,
            "lines": lines(other.body),
            "reviewed": f"relu par {other.reviewer}, le {other.reviewed_on:%d/%m/%Y}",
        },
        "foot": f"{version.letter}, version {version.number}, approuvée le"
        f" {sheet.approved:%d/%m/%Y}",
    }


def lines(text: str) -> Sequence[dict[str, Any]]:
    """Splits a text into its non-empty lines: paragraphs, or, after "- ", bullets of a list."""
    return [
        {"text": line.removeprefix("- ").strip(), "point": line.startswith("- ")}
        for line in text.split("\n")
        if line.strip()
    ]
