"""The day of each rung of a running clock, before any postponement (rules 2, 3, 4, 13 and 15).

A rung's name is its offset from the limit. Its day is remade in *chapters*: each time a fact or an
applied version moved it. A rung that a chapter finds past, and the chapter before did not, is not
told at once (rule 4): the holder gets one line next morning, those above hear from the second jour
ouvré, spacing kept. A rung past in both stands, and nothing is said of it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.sla.domain.holders import Tenure, holding_at, is_above
from services.sla.domain.known import Known
from services.sla.domain.promises import Promise, promise
from services.sla.domain.rules import Rulebook, Rules
from services.sla.domain.waits import waits
from shared.facts.handled import (
    FactWithdrawn,
    HoldingReplySent,
    ItemTransferred,
    PiecesReceived,
    PiecesRequested,
)
from shared.facts.item import ItemFact
from shared.facts.opened import (
    ItemAbsorbed,
    ItemAssigned,
    ItemReclassified,
    ItemRegistered,
    ReceiptCorrected,
    RegimeConfirmed,
    WaitEnded,
    WaitStarted,
)
from shared.facts.words import Audience, ClockName
from shared.site.commitments import Step

MOVES: frozenset[type[ItemFact]] = frozenset(
    {
        ItemRegistered,
        ItemAssigned,
        ItemReclassified,
        ItemAbsorbed,
        ReceiptCorrected,
        RegimeConfirmed,
        PiecesRequested,
        PiecesReceived,
        HoldingReplySent,
        ItemTransferred,
        WaitStarted,
        WaitEnded,
        FactWithdrawn,
    }
)
"""The facts that can give a clock another limit or its rungs another day."""


@dataclass(frozen=True, slots=True)
class Chapter:
    """From `recorded` on this was known and these rules applied; `why` is what was new."""

    recorded: datetime
    known: Known
    rules: Rules
    why: str


def chapters(known: Known, rulebook: Rulebook) -> Sequence[Chapter]:
    """What was known and applied, each time one of both changed; the last is how it stands now."""
    return list(_chapters(known, rulebook))


def _chapters(known: Known, rulebook: Rulebook) -> Iterator[Chapter]:
    before: Chapter | None = None
    for fact, then in known.growing(MOVES):
        recorded = max(fact.recorded_at, before.recorded) if before else fact.recorded_at
        if before:
            yield from _applied_between(before, recorded, rulebook)
        before = Chapter(recorded, then, rulebook.until(recorded).last, fact.type)
        yield before
    if before:
        yield from _applied_between(before, None, rulebook)


def _applied_between(
    before: Chapter, then: datetime | None, rulebook: Rulebook
) -> Iterator[Chapter]:
    for rules in rulebook.versions:
        effective = rules.applied.effective_from
        if effective > before.recorded and (then is None or effective <= then):
            yield Chapter(effective, before.known, rules, "rules")


@dataclass(frozen=True, slots=True)
class Dated:
    """One rung with its day."""

    name: str
    day: date
    step: Step
    collapsed: bool = False


@dataclass(frozen=True, slots=True)
class Ladder:
    """The rungs after a chapter; `silent` names those that a single line speaks for."""

    rungs: Mapping[str, Dated] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


def ladder(clock: ClockName, every: Sequence[Chapter], turns: Sequence[Tenure]) -> Sequence[Dated]:
    """The rungs as the last chapter leaves them, in the order of their days."""
    left, nominal = Ladder(), dict[str, Dated]()
    for chapter in every:
        made = promise(clock, chapter.known, chapter.rules)
        told, nominal = nominal, _nominal(clock, made, chapter) if made else {}
        if nominal != told:
            left = _turn(left, nominal, made, chapter, turns) if made else Ladder()
    return sorted(left.rungs.values(), key=lambda rung: (rung.day, rung.name))


def _nominal(clock: ClockName, made: Promise, chapter: Chapter) -> dict[str, Dated]:
    """Each rung at its offset from the limit; of a reply, moved by the time waited (rule 13)."""
    calendar = chapter.rules.calendar
    found = {}
    for step in made.steps:
        day = calendar.first_worked_not_before(made.ladder_from)
        day = calendar.add(made.ladder_from, step.at) if step.at else day
        if clock is ClockName.REPLY:
            for wait in waits(chapter.known, chapter.rules):
                if chapter.rules.morning(day) > wait.begun:
                    day = calendar.add(day, max(0, calendar.between(wait.since, wait.until)))
        found[f"{step.at:+d}"] = Dated(f"{step.at:+d}", day, step)
    return found


def _turn(
    left: Ladder,
    nominal: Mapping[str, Dated],
    made: Promise,
    chapter: Chapter,
    turns: Sequence[Tenure],
) -> Ladder:
    """From one chapter to the next (rule 4)."""
    rules, recorded = chapter.rules, chapter.recorded

    def is_past(rung: Dated) -> bool:
        return rules.morning(rung.day) <= recorded

    def climbs(rung: Dated) -> bool:
        above = Audience.MAIL_OFFICE_HEAD in rung.step.tell
        return above or is_above(rung.step, holding_at(turns, recorded), rules)

    past = {name: rung for name, rung in nominal.items() if is_past(rung)}
    stood = {name: rung for name, rung in left.rungs.items() if is_past(rung)}
    stands = {name: replace(stood[name], step=past[name].step) for name in past if name in stood}
    silent = {name for name in past if name in left.silent}
    fresh = [rung for name, rung in past.items() if name not in stands and name not in silent]
    ahead = {name: rung for name, rung in nominal.items() if name not in past}
    if not fresh:
        return Ladder({**_lines(left, made), **ahead, **stands}, frozenset(silent))

    today = rules.day(recorded)
    late = sorted((rung for rung in fresh if climbs(rung)), key=lambda rung: rung.day)
    theirs = sorted((rung for rung in fresh if not climbs(rung)), key=lambda rung: rung.day)
    silent.update(rung.name for rung in theirs[:-1])
    line = theirs[-1] if theirs else _line(made, late[0])
    moved = {line.name: Dated(line.name, rules.calendar.add(today, 1), line.step, collapsed=True)}
    if late:
        shift = rules.calendar.between(late[0].day, rules.calendar.add(today, 2))
        for rung in [*late, *(rung for rung in ahead.values() if climbs(rung))]:
            day = rules.calendar.add(rung.day, shift)
            moved[rung.name] = Dated(rung.name, day, rung.step, collapsed=rung in late)
    return Ladder({**_lines(left, made), **ahead, **stands, **moved}, frozenset(silent))


def _line(made: Promise, first: Dated) -> Dated:
    """The one line to the holder where every past rung is of somebody above: `past:<limit>`."""
    mail_office = Audience.MAIL_OFFICE_HEAD in first.step.tell
    hearer = Audience.MAIL_OFFICE if mail_office else Audience.HOLDER
    step = Step(at=first.step.at, tell=(hearer,))
    return Dated(f"past:{made.ladder_from}", first.day, step)


def _lines(left: Ladder, made: Promise) -> Mapping[str, Dated]:
    name = f"past:{made.ladder_from}"
    return {name: left.rungs[name]} if name in left.rungs else {}
