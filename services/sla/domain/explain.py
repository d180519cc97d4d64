"""The computation sheet: day 0, each day skipped and why, limit, rungs, result, versions (law 4).

It is complete: from it alone, and a list of holidays, the limit, the raw and the net delay can be
counted again by hand. Counted days in a row are folded into one line; every skipped day has a line
of its own; what a person or a machine stated is named by its number in the item's facts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from unicodedata import combining, normalize

from services.sla.domain.endings import Stop
from services.sla.domain.history import ItemHistory
from services.sla.domain.plan import ClockPlan, Plan, plan
from services.sla.domain.reasons import (
    CountedMessage,
    CountedWait,
    Silence,
    StatedFact,
    Turn,
    counted_waits,
    messages,
    silence,
    stated_facts,
    turns,
)
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.rungs import Rung
from services.sla.domain.standing import ClockStanding, Standing
from shared.calendar.working_days import CountedDay, WorkingCalendar
from shared.facts.envelope import Chrono, ServiceId
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import ClockName
from shared.site.tables.commitments import Commitment, Unit

_OFFSET = re.compile(r"[+-]\d{1,3}")


@dataclass(frozen=True, slots=True)
class CountedDays:
    """A run of jours ouvrés in a computation sheet, numbered `first` to `last`.

    `since` and `until`: its local days.
    """

    since: date
    until: date
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day in a computation sheet that does not count, with the reason in French."""

    day: date
    why: str


@dataclass(frozen=True, slots=True)
class RungLine:
    """A reminder (rung) in a computation sheet; `stands`: not withdrawn, its clock not ended."""

    rung: Rung
    told: int
    stands: bool


@dataclass(frozen=True, slots=True)
class ClockSheet:
    """The day-by-day computation of one clock's limit, for people to check."""

    clock: ClockName
    commitment: str
    promise: str
    source: str
    day_zero: date
    days: tuple[CountedDays | Skipped, ...]
    """Empty where nothing is counted in jours ouvrés: calendar days, months, a date given."""
    limit: date
    late_days: tuple[CountedDays | Skipped, ...]
    """After the limit, numbered on: until the stop, or this day while it runs."""
    counted_until: date | None
    """The day as which the stop counts: a stop on a day off counts as the next jour ouvré."""
    waited: tuple[CountedWait, ...]
    messages: tuple[CountedMessage, ...]
    silence: Silence | None
    turns: tuple[Turn, ...]
    rungs: tuple[RungLine, ...]
    told: tuple[str, ...]
    """The names of all rungs ever told, offsets from the earliest on; a stop ends them."""
    stop: Stop | None
    """How it ended; a decision that is to be born at the limit is not born yet: `None`."""
    rules: int
    effective_from: datetime
    calendar: str


@dataclass(frozen=True, slots=True)
class RemovedClock:
    """The history of a published clock that no commitment requires any more."""

    clock: ClockName
    limit: date
    """As told last."""
    told: tuple[str, ...]
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True)
class ComputationSheet:
    """The day-by-day computation of all clocks of an item, for people to check."""

    chrono: Chrono | None
    service: ServiceId | None
    clocks: tuple[ClockSheet, ...]
    gone: tuple[RemovedClock, ...]
    facts: tuple[StatedFact, ...]
    """Everything that is known of the item, by number."""


def explain(
    facts: Iterable[ItemFact], standing: Standing, rulebook: Rulebook, now: datetime
) -> ComputationSheet:
    """Makes the computation sheet of an item from its facts and what was published of its clocks.

    Raises BeyondCalendar.
    """
    known = ItemHistory(facts)
    made = plan(known.told, rulebook)
    versions = {version.version: version for version in rulebook.versions}
    subject = made.subject
    return ComputationSheet(
        subject.chrono if subject else None,
        subject.service if subject else None,
        tuple(
            _sheet(
                clock,
                standing.clocks.get(clock.clock),
                known,
                Rulebook(tuple(each for each in rulebook.versions if each.version <= clock.rules)),
                versions[clock.rules].day(now),
                now,
            )
            for clock in made.clocks
        ),
        tuple(_gone(standing, made, known, rulebook)),
        tuple(stated_facts(known)),
    )


def _gone(
    standing: Standing, made: Plan, known: ItemHistory, rulebook: Rulebook
) -> Iterator[RemovedClock]:
    planned = {clock.clock for clock in made.clocks}
    for clock, stands in standing.clocks.items():
        if clock not in planned:
            told = tuple(sorted(stands.tellings, key=_place))
            yield RemovedClock(clock, stands.limit, told, tuple(turns(clock, known, rulebook)))


def _sheet(
    one: ClockPlan,
    stands: ClockStanding | None,
    known: ItemHistory,
    rulebook: Rulebook,
    today: date,
    now: datetime,
) -> ClockSheet:
    rules = rulebook.last
    line = next(line for line in rules.commitments(one.clock) if line.id == one.commitment)
    tellings, rungs = (stands.tellings, stands.rungs) if stands else ({}, {})
    stop = one.stop if one.stop and one.stop.by(now) else None
    until = _counted_until(one, stop, rules)
    return ClockSheet(
        clock=one.clock,
        commitment=one.commitment,
        promise=_promise(line),
        source=f"{line.source.text} ({line.source.certainty})",
        day_zero=one.day_zero,
        days=_days(one, line, rules.calendar),
        limit=one.limit,
        late_days=_late_days(one, line, until or today, rules.calendar),
        counted_until=until,
        waited=tuple(_waited(one, known, rules, until or max(today, one.limit))),
        messages=tuple(messages(one.clock, known, rules)),
        silence=silence(known, rules) if one.clock is ClockName.IMPLIED_DECISION else None,
        turns=tuple(turns(one.clock, known, rulebook)),
        rungs=tuple(
            RungLine(rung, tellings.get(rung.name, 0), rung.name in rungs) for rung in one.rungs
        ),
        told=tuple(sorted(tellings, key=_place)),
        stop=stop,
        rules=rules.version,
        effective_from=rules.applied.effective_from,
        calendar=f"{rules.calendar.territory}, {rules.calendar.library}",
    )


def _counted_until(one: ClockPlan, stop: Stop | None, rules: ClockRules) -> date | None:
    """The day that raw and net are counted to, where they are (CLOCKS, rule 12)."""
    if stop is None or stop.raw is None:
        return None
    ended = rules.day(stop.at)
    return ended if ended <= one.day_zero else rules.calendar.first_worked_not_before(ended)


def _waited(
    one: ClockPlan, known: ItemHistory, rules: ClockRules, until: date
) -> Sequence[CountedWait]:
    if one.clock is ClockName.IMPLIED_DECISION:
        until = one.limit
    return counted_waits(one.clock, known, rules, one.day_zero, until)


def _place(rung: str) -> tuple[int, str]:
    """-5, -2, +1, +3, then what is named otherwise (`given:7`, `past:2026-05-19`)."""
    return (int(rung) if _OFFSET.fullmatch(rung) else 1000, rung)


def _promise(line: Commitment) -> str:
    if line.days is None:
        return "a date given"
    match line.unit:
        case Unit.JOURS_OUVRES:
            return jours_ouvres(line.days)
        case Unit.JOURS:
            return f"{line.days} jour{'s' if line.days > 1 else ''}"


def jours_ouvres(count: int) -> str:
    """Formats a number of working days in French: « 1 jour ouvré »; 0 is singular."""
    return f"{count} jour{'s' if count > 1 else ''} ouvré{'s' if count > 1 else ''}"


def _days(
    one: ClockPlan, line: Commitment, calendar: WorkingCalendar
) -> tuple[CountedDays | Skipped, ...]:
    if line.days is None or line.unit is not Unit.JOURS_OUVRES or one.limit < one.day_zero:
        return ()
    counted = calendar.explain(one.day_zero, calendar.between(one.day_zero, one.limit))
    return tuple(_folded([each for each in counted if each.day <= one.limit]))


def _late_days(
    one: ClockPlan, line: Commitment, until: date, calendar: WorkingCalendar
) -> tuple[CountedDays | Skipped, ...]:
    """Each day after the limit up to `until`, numbered from day 0 on."""
    if line.days is None or line.unit is not Unit.JOURS_OUVRES or until <= one.limit:
        return ()
    counted = calendar.explain(one.day_zero, calendar.between(one.day_zero, until))
    return tuple(_folded([each for each in counted if one.limit < each.day <= until]))


def _folded(counted: Sequence[CountedDay]) -> Iterator[CountedDays | Skipped]:
    run: CountedDays | None = None
    for day, number, why in counted:
        if number is not None:
            run = (
                CountedDays(run.since, day, run.first, number)
                if run
                else CountedDays(day, day, number, number)
            )
            continue
        if run:
            yield run
            run = None
        yield Skipped(day, why or "")
    if run:
        yield run


def limit_forgetting(sheet: ClockSheet, holiday: str, calendar: WorkingCalendar) -> date | None:
    """Computes the limit that a clock would have if a public holiday were worked.

    `None` when no jours ouvrés are counted for its limit. `holiday` is part of the holiday's name,
    whatever its case and accents, such as `ascension`; a name of no day off changes nothing.
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
