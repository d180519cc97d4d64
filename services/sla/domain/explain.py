"""The computation sheet: day 0, each day skipped and why, limit, rungs, result, versions (law 4).

Counted days in a row are folded into one line; every skipped day has a line of its own.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from unicodedata import combining, normalize

from services.sla.domain.endings import Stop
from services.sla.domain.plan import ClockPlan, plan
from services.sla.domain.rules import Rulebook, Rules
from services.sla.domain.rungs import Rung
from services.sla.domain.standing import ClockStanding, Standing
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.item import ItemFact
from shared.facts.words import ClockName
from shared.site.commitments import Commitment, Unit
from shared.working_days import Counted, WorkingCalendar

_OFFSET = re.compile(r"[+-]\d{1,3}")


@dataclass(frozen=True, slots=True)
class Days:
    """Jours ouvrés number `first` to `last`, from one local day to another."""

    since: date
    until: date
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day that does not count, and why, in French."""

    day: date
    why: str


@dataclass(frozen=True, slots=True)
class RungLine:
    """One rung, and how often it was told; `stands` while it is neither taken back nor ended."""

    rung: Rung
    told: int
    stands: bool


@dataclass(frozen=True, slots=True)
class ClockSheet:
    """How one clock is counted."""

    clock: ClockName
    commitment: str
    promise: str
    source: str
    day_zero: date
    days: tuple[Days | Skipped, ...]
    """Empty where nothing is counted in jours ouvrés: calendar days, months, a date given."""
    limit: date
    waited: tuple[tuple[date, date], ...]
    rungs: tuple[RungLine, ...]
    told: tuple[str, ...]
    """The names of all rungs ever told, offsets from the earliest on; a stop ends them."""
    stop: Stop | None
    rules: int
    calendar: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """All clocks of an item."""

    chrono: Chrono | None
    service: ServiceId | None
    clocks: tuple[ClockSheet, ...]


def explain(facts: Iterable[ItemFact], standing: Standing, rulebook: Rulebook) -> Sheet:
    """The sheet of an item, from its facts alone and what stands of it. Raises BeyondCalendar."""
    made = plan(facts, rulebook)
    versions = {one.version: one for one in rulebook.versions}
    subject = made.subject
    return Sheet(
        subject.chrono if subject else None,
        subject.service if subject else None,
        tuple(
            _sheet(one, standing.clocks.get(one.clock), versions[one.rules]) for one in made.clocks
        ),
    )


def _sheet(one: ClockPlan, stands: ClockStanding | None, rules: Rules) -> ClockSheet:
    line = next(line for line in rules.commitments(one.clock) if line.id == one.commitment)
    tellings, rungs = (stands.tellings, stands.rungs) if stands else ({}, {})
    return ClockSheet(
        clock=one.clock,
        commitment=one.commitment,
        promise=_promise(line),
        source=f"{line.source.text} ({line.source.certainty})",
        day_zero=one.day_zero,
        days=_days(one, line, rules.calendar),
        limit=one.limit,
        waited=tuple((pause.since, pause.until) for pause in one.pauses),
        rungs=tuple(
            RungLine(rung, tellings.get(rung.name, 0), rung.name in rungs) for rung in one.rungs
        ),
        told=tuple(sorted(tellings, key=_place)),
        stop=one.stop,
        rules=rules.version,
        calendar=f"{rules.calendar.territory}, {rules.calendar.library}",
    )


def _place(rung: str) -> tuple[int, str]:
    """-5, -2, +1, +3, then what is named otherwise (`given:7`, `past:2026-05-19`)."""
    return (int(rung) if _OFFSET.fullmatch(rung) else 1000, rung)


def _promise(line: Commitment) -> str:
    if line.days is None:
        return "a date given"
    match line.unit:
        case Unit.JOURS_OUVRES:
            return f"{line.days} jours ouvrés"
        case Unit.JOURS:
            return f"{line.days} jours"


def _days(
    one: ClockPlan, line: Commitment, calendar: WorkingCalendar
) -> tuple[Days | Skipped, ...]:
    if line.days is None or line.unit is not Unit.JOURS_OUVRES or one.limit < one.day_zero:
        return ()
    counted = calendar.explain(one.day_zero, calendar.between(one.day_zero, one.limit))
    return tuple(_folded(counted))


def _folded(counted: Sequence[Counted]) -> Iterator[Days | Skipped]:
    run: Days | None = None
    for day, number, why in counted:
        if number is not None:
            run = Days(run.since, day, run.first, number) if run else Days(day, day, number, number)
            continue
        if run:
            yield run
            run = None
        yield Skipped(day, why or "")
    if run:
        yield run


def limit_forgetting(sheet: ClockSheet, holiday: str, calendar: WorkingCalendar) -> date | None:
    """The limit that a register gives which does not know this holiday; `None`: not counted so.

    `holiday` is part of its name, whatever its case and accents, such as `ascension`.
    """
    if not sheet.days:
        return None
    wanted = _plain(holiday)
    off = tuple(day for day in calendar.off if wanted not in _plain(day.why))
    forgetful = WorkingCalendar(
        territory=calendar.territory,
        first=calendar.first,
        last=calendar.last,
        off=off,
        library=calendar.library,
    )
    return forgetful.add(sheet.day_zero, calendar.between(sheet.day_zero, sheet.limit))


def _plain(text: str) -> str:
    return "".join(c for c in normalize("NFD", text.casefold()) if not combining(c))
