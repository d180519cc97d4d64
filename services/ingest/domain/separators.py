"""Where one letter ends and the next begins in the pages of a scanned file.

A document begins after a sheet, at a page that bears a label, at each first page of the public's
form on paper, and — in a folder of departures — at a page that bears the code of an outgoing
letter. Every page belongs to exactly one document or to the sheets; order is kept and nothing is
cut away inside a document, blank backs included: they are only not worth reading.

A blank page is set apart as the back of a sheet alone: in a batch scanned on both sides it is on
the sheet's own leaf, else it follows the sheet of the day. Any other begins the letter behind it,
or waits for a person where none comes: a letter fed wrong side up or in ink too pale looks so.

Only a sheet whose code proves itself is set apart. What reads like a sheet and proves nothing
(another site's, one printed before there were signatures, a stranger's) separates too, so that two
people's letters are not taken for one, but gives neither service nor day and stays in the document
that it begins: nobody makes a page vanish. So does a sheet on which something else stands than what
we printed, and one of another product that the site names: since anybody can print it, it tells
where a letter belongs that no rule knows, and no rule hears of it (`Piece.home`); nor does it hide
a sticker of ours on its page. A sheet of a service that no longer exists separates, and what
follows has no service.

A sheet of the day heads its batch, or the whole batch waits for a person: `Cutting.waits`. Our
outgoing code in a folder of arrivals is a copy that somebody sends back to us: it neither separates
nor tells that anything left, and names the item to which the paper may belong.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise, takewhile
from typing import TypeVar

from services.ingest.domain.document import PaperDeparture
from services.ingest.domain.page_codes import SeenCode, SeenPage, Sheets
from services.ingest.domain.paper_references import items_of_codes
from shared.facts.envelope import Chrono, ServiceId
from shared.paper.code_keys import UnprovenCode
from shared.paper.codes import DayCode, DepartureCode, FormCode, LabelCode, PaperCode, SeparatorCode

_T = TypeVar("_T")
_MISPLACED, _OTHER_DAY = "scan-day-sheet-misplaced", "scan-day-sheet-not-of-today"
BLANK = "scan-blank"
"""Why pages wait on which nothing can be read."""
WHOLE_BATCHES = frozenset({_MISPLACED, _OTHER_DAY})
"""Why a whole batch waits for a person: see `Cutting.waits`."""
_SHEET_MM = 40.0
"""Ours is 85 mm wide or more; a smaller one is a picture of a sheet on somebody's page."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A document to cut out of a scanned file: its pages, and the codes found before or on them.

    `waits`: the quarantine code why a person must look at it.
    """

    first: int
    last: int
    service: ServiceId | None = None
    """Of a sheet of ours, which rules may ask for."""
    day: date | None = None
    label: str | None = None
    departure: PaperDeparture | None = None
    form: bool = False
    """It is the public's form on paper."""
    waits: str | None = None
    """Why it waits for a person: a code of quarantine."""
    named: frozenset[Chrono] = frozenset()
    """The items that codes of ours on its pages name."""
    foreign: bool = False
    """Its first page is another product's sheet."""
    home: ServiceId | None = None
    """Service of another product's sheet before it, which anybody can print."""


@dataclass(frozen=True, slots=True)
class Cutting:
    """The way to cut a scanned file: its documents in order, and the separator sheets.

    `waits`: the quarantine code why a person must look at the file as a whole.
    """

    pieces: tuple[Piece, ...]
    sheets: tuple[int, ...]
    waits: str | None = None
    """Why the whole file waits for a person, as one: a code of quarantine."""


@dataclass(frozen=True, slots=True)
class DaySheetRange:
    """The local days that a scanned sheet of the day may name: the earliest and the latest."""

    oldest: date
    today: date


@dataclass(frozen=True, slots=True)
class _Sheet:
    service: ServiceId | None = None
    day: date | None = None
    stays: bool = False
    """It is, or may be, somebody's page: it separates and begins what follows."""
    written: bool = False
    """Something else stands on it."""
    foreign: bool = False
    """Of another product."""
    home: ServiceId | None = None


@dataclass(frozen=True, slots=True)
class _Head:
    label: str | None = None
    departure: PaperDeparture | None = None
    form: bool = False
    doubtful: bool = False


@dataclass(slots=True)
class _Run:
    pages: list[SeenPage]
    sheet: bool = False
    """Sheets alone: no document."""
    bare: bool = False
    """Sheets that stay and bear nothing else, so far."""
    empty: bool = False
    """Blank pages of no sheet, so far."""
    service: ServiceId | None = None
    day: date | None = None
    head: _Head | None = None
    foreign: bool = False
    home: ServiceId | None = None


def cut(pages: Sequence[SeenPage], sheets: Sheets, days: DaySheetRange) -> Cutting:
    """Finds the documents of a scanned file at its separator sheets; none if all is blank."""
    marks = [_what(page, sheets, days.today) for page in pages]
    pieces: list[Piece] = []
    apart: list[int] = []
    all_blank = all(page.blank for page in pages)
    for run in _runs(pages, marks):
        if run.sheet or all_blank:
            apart += (page.number for page in run.pages)
        else:
            ends = run.pages[0].number, run.pages[-1].number
            head = run.head or _Head()
            nothing = all(page.blank or page.faint for page in run.pages)
            waits = "scan-doubtful-sheet" if run.bare else BLANK if nothing else None
            piece = Piece(*ends, run.service, run.day, head.label, head.departure, head.form, waits)
            named = _named(run.pages, sheets, days.today)
            pieces.append(replace(piece, named=named, foreign=run.foreign, home=run.home))
    return Cutting(tuple(pieces), tuple(apart), _waits(pages, marks, days))


_Mark = _Sheet | _Head | None


def _named(pages: Iterable[SeenPage], sheets: Sheets, today: date) -> frozenset[Chrono]:
    """The items to which codes of ours on these pages belong, on paper that comes back."""
    if sheets.departures:
        return frozenset()
    texts = (code.text for page in pages for code in page.codes)
    secret = sheets.secret and sheets.secret.on(today)
    return items_of_codes(texts, sheets.keys, secret, sheets.department, today)


def _waits(pages: Sequence[SeenPage], marks: Sequence[_Mark], days: DaySheetRange) -> str | None:
    """Why a person must look at the batch: its sheet of the day is not one of these days' head."""
    found = {mark.day for mark in marks if isinstance(mark, _Sheet) and mark.day is not None}
    if not found:
        return None
    written = [mark for page, mark in zip(pages, marks, strict=True) if not page.blank]
    heads = takewhile(lambda mark: isinstance(mark, _Sheet) and mark.day is not None, written)
    count = sum(isinstance(mark, _Sheet) and mark.day is not None for mark in written)
    if len(found) > 1 or len(list(heads)) != count:
        return _MISPLACED
    (day,) = found
    return None if days.oldest <= day <= days.today else _OTHER_DAY


def _backs(pages: Sequence[SeenPage], marks: Sequence[_Mark]) -> set[int]:
    """The blank pages that are the other side of a sheet."""
    pairs = list(zip(pages, marks, strict=True))
    leaves = [pairs[at : at + 2] for at in range(0, len(pairs), 2)]
    with_sheet = [leaf for leaf in leaves if any(isinstance(mark, _Sheet) for _, mark in leaf)]
    apart = [leaf for leaf in with_sheet if any(_is_apart(mark) for _, mark in leaf)]
    both_sides = all(
        isinstance(mark, _Sheet) or page.blank for leaf in with_sheet for page, mark in leaf
    )
    if both_sides:
        return {page.number for leaf in apart for page, _ in leaf if page.blank}
    return {
        page.number
        for (_, before), (page, _) in pairwise(pairs)
        if page.blank and isinstance(before, _Sheet) and before.day and not before.stays
    }


def _is_apart(mark: _Mark) -> bool:
    return isinstance(mark, _Sheet) and not mark.stays


def _runs(pages: Sequence[SeenPage], marks: Sequence[_Mark]) -> list[_Run]:
    """The pages in order, a new run at each beginning."""
    runs: list[_Run] = []
    backs = _backs(pages, marks)
    service: ServiceId | None = None
    home: ServiceId | None = None
    day: date | None = None
    for page, mark in zip(pages, marks, strict=True):
        last = runs[-1] if runs else None
        match mark:
            case _Sheet(stays=True) as sheet:
                service, home, day = sheet.service, sheet.home, sheet.day or day
                bare = not sheet.written
                same = last is not None and (last.service, last.home) == (service, home)
                if last is not None and last.bare and bare and same:
                    last.pages.append(page)  # its other side
                else:
                    run = _Run([page], bare=bare, service=service, day=day, home=home)
                    runs.append(replace(run, foreign=sheet.foreign))
            case _Sheet() as sheet:
                service, home, day = sheet.service, sheet.home, sheet.day or day
                runs.append(_Run([page], sheet=True))
            case _Head() as head if last is not None and (last.bare or last.empty):
                last.pages.append(page)
                last.head, last.bare, last.empty = head, False, False
            case _Head() as head if last is None or last.sheet or head != last.head or head.form:
                runs.append(_Run([page], service=service, day=day, head=head, home=home))
            case None if page.number in backs and (last is None or last.sheet):
                runs.append(_Run([page], sheet=True))
            case None if last is None or last.sheet:
                empty = page.blank
                runs.append(_Run([page], service=service, day=day, empty=empty, home=home))
            case _:  # a page like any other, a code repeated inside a letter
                runs[-1].pages.append(page)
                runs[-1].bare = runs[-1].bare and page.blank
                runs[-1].empty = runs[-1].empty and page.blank
    return runs


def _what(page: SeenPage, sheets: Sheets, today: date) -> _Mark:
    """A sheet, the first page of a document, or a page like any other."""
    found = [(sheets.keys.read(seen.text, today), seen) for seen in page.codes]
    for code, seen in found:
        if seen.millimetres >= _SHEET_MM and (sheet := _sheet(code, seen, sheets)) is not None:
            return sheet
    codes = [code for code, _ in found]
    labels = {code.name for code in codes if isinstance(code, LabelCode)}
    left = _departures(codes) if sheets.departures else set()
    left = {code for code in left if code.chrono.split("-")[0] == sheets.department}
    # Two people's forms follow each other: each of them is a letter.
    form = any(isinstance(code, FormCode) and code.site == sheets.keys.site for code in codes)
    foreign = {seen.text.strip() for seen in page.codes} & sheets.foreign.keys()
    if foreign and not labels and not left and not form:
        home = _only({sheets.foreign[text] for text in foreign})
        return _Sheet(stays=True, foreign=True, home=home)
    doubtful = any(isinstance(code, UnprovenCode) and _begins(code.code, sheets) for code in codes)
    if not labels and not left and not form and not doubtful:
        return None
    # Two different stickers on one page: it is a first page, and a person says which one counts.
    return _Head(_only(labels), _only(left), form, doubtful)


def _sheet(code: PaperCode | UnprovenCode | None, seen: SeenCode, sheets: Sheets) -> _Sheet | None:
    match code:
        case SeparatorCode(service=service):
            known = service if service in sheets.services else None
            return _Sheet(known, None, seen.beside, seen.beside)
        case DayCode(day=day):
            return _Sheet(None, day, seen.beside, seen.beside)
        case UnprovenCode(SeparatorCode() | DayCode()):
            return _Sheet(stays=True, written=seen.beside)
        case _:
            return None


def _begins(code: PaperCode, sheets: Sheets) -> bool:
    """Whether a code that proves nothing says at least that a document begins, in case it is ours.

    A sticker of another préfecture stands on a letter that it sends on.
    """
    if isinstance(code, DepartureCode):
        return sheets.departures and code.chrono.split("-")[0] == sheets.department
    return isinstance(code, LabelCode) and code.site == sheets.keys.site


def _departures(codes: Iterable[object]) -> set[PaperDeparture]:
    return {PaperDeparture(c.chrono, c.kind) for c in codes if isinstance(c, DepartureCode)}


def _only(found: set[_T]) -> _T | None:
    return next(iter(found)) if len(found) == 1 else None
