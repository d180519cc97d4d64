"""Where one letter ends and the next begins in the pages of a scanned file.

A document begins after a sheet, at a page that bears a label, at each first page of the public's
form on paper, and — in a folder of departures — at a page that bears the code of an outgoing
letter. Every page belongs to exactly one document or to the sheets (a sheet's blank back goes with
it); order is kept and nothing is cut away inside a document, blank backs included: they are only
not worth reading.

A sheet of another site, or of a service that no longer exists, still separates: what follows has
no service and enters to be qualified. Our outgoing code in a folder of arrivals is a copy that
somebody sends back to us: it neither separates nor tells that anything left.
"""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from services.ingest.domain.document import Departure
from shared.codes import DayCode, DepartureCode, FormCode, LabelCode, SeparatorCode
from shared.codes import read as read_code
from shared.facts.envelope import ServiceId

_T = TypeVar("_T")
_SHEET_MM = (
    40.0  # ours is 85 mm wide or more; a smaller one is a picture of a sheet on somebody's page
)


@dataclass(frozen=True, slots=True)
class SeenCode:
    """The text of a QR code and its width on the paper."""

    text: str
    millimetres: float


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What a page shows at a glance; pages are numbered from 1."""

    number: int
    codes: tuple[SeenCode, ...] = ()
    blank: bool = False


@dataclass(frozen=True, slots=True)
class Sheets:
    """Which sheets and codes are believed in this folder."""

    site: str
    department: str
    """First part of our chronos: `36`."""
    services: AbstractSet[ServiceId]
    departures: bool = False


@dataclass(frozen=True, slots=True)
class Piece:
    """One document: its pages, both included, and what stood before or on the first of them."""

    first: int
    last: int
    service: ServiceId | None = None
    day: date | None = None
    label: str | None = None
    departure: Departure | None = None
    form: bool = False
    """It is the public's form on paper."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """The documents in order, and the pages that are sheets or belong to them."""

    pieces: tuple[Piece, ...]
    sheets: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Sheet:
    service: ServiceId | None
    day: date | None


@dataclass(frozen=True, slots=True)
class _Head:
    label: str | None = None
    departure: Departure | None = None
    form: bool = False


@dataclass(slots=True)
class _Run:
    pages: list[SeenPage]
    sheet: bool = False
    service: ServiceId | None = None
    day: date | None = None
    head: _Head | None = None


def cut(pages: Sequence[SeenPage], sheets: Sheets) -> Cutting:
    """The documents of a file whose pages are given in order."""
    pieces: list[Piece] = []
    apart: list[int] = []
    for run in _runs(pages, sheets):
        if run.sheet or all(page.blank for page in run.pages):
            apart += (page.number for page in run.pages)
        else:
            ends = run.pages[0].number, run.pages[-1].number
            head = run.head or _Head()
            pieces.append(Piece(*ends, run.service, run.day, head.label, head.departure, head.form))
    return Cutting(tuple(pieces), tuple(apart))


def _runs(pages: Sequence[SeenPage], sheets: Sheets) -> list[_Run]:
    """The pages in order, a new run at each beginning."""
    runs: list[_Run] = []
    service: ServiceId | None = None
    day: date | None = None
    for page in pages:
        last = runs[-1] if runs else None
        match _what(page, sheets):
            case _Sheet() as sheet:
                service, day = sheet.service, sheet.day or day
                runs.append(_Run([page], sheet=True))
            case _Head() as head if last is None or last.sheet or head != last.head or head.form:
                runs.append(_Run([page], service=service, day=day, head=head))
            case None if last is None or (last.sheet and not page.blank):
                runs.append(_Run([page], service=service, day=day))
            case _:  # a page like any other, a sheet's blank back, a code repeated inside a letter
                runs[-1].pages.append(page)
    return runs


def _what(page: SeenPage, sheets: Sheets) -> _Sheet | _Head | None:
    """A sheet, the first page of a document, or a page like any other."""
    codes = [(read_code(seen.text), seen.millimetres) for seen in page.codes]
    for code, width in codes:
        if width < _SHEET_MM:
            continue
        if isinstance(code, SeparatorCode):
            ours = code.site == sheets.site and code.service in sheets.services
            return _Sheet(code.service if ours else None, None)
        if isinstance(code, DayCode):
            return _Sheet(None, code.day if code.site == sheets.site else None)
    labels = {c.name for c, _ in codes if isinstance(c, LabelCode) and c.site == sheets.site}
    left = _departures(code for code, _ in codes) if sheets.departures else set()
    left = {one for one in left if one.chrono.split("-")[0] == sheets.department}
    # Two people's forms follow each other: each of them is a letter.
    form = any(isinstance(c, FormCode) and c.site == sheets.site for c, _ in codes)
    if not labels and not left and not form:
        return None
    # Two different stickers on one page: it is a first page, and a person says which one counts.
    return _Head(_only(labels), _only(left), form)


def _departures(codes: Iterable[object]) -> set[Departure]:
    return {Departure(c.chrono, c.kind) for c in codes if isinstance(c, DepartureCode)}


def _only(found: set[_T]) -> _T | None:
    return next(iter(found)) if len(found) == 1 else None
