"""The day of each rung of a running clock, before any postponement (rules 2, 3, 4, 13 and 15).

A rung's name is its offset from the limit. Its day is remade in *chapters*: each time a fact or an
applied version moved it. A rung that a chapter finds past, and the chapter before did not, is not
told at once (rule 4): the holder gets one line next morning, those above hear from the second jour
ouvré, spacing kept. A rung past in both stands, and nothing is said of it again.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import partial

from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import Tenure, holding_at, is_above
from services.sla.domain.promises import Promise, promise
from services.sla.domain.rules import ClockRules, Rulebook
from services.sla.domain.waits import moved_day, waits
from shared.calendar.pieces import PiecesWait
from shared.facts.items.acknowledgements import HoldingReplySent
from shared.facts.items.base import ItemFact
from shared.facts.items.closure import ItemTransferred
from shared.facts.items.corrections import FactWithdrawn, ItemAbsorbed, ReceiptCorrected
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import (
    ItemAssigned,
    ItemReclassified,
    RegimeConfirmed,
    WaitEnded,
    WaitStarted,
)
from shared.facts.vocabulary import Audience, ClockName
from shared.site.tables.commitments import Step

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
"""The facts that can give a clock another limit or its rungs another day.

Promises and waits depend on no others: a test holds a whole life to what these alone promise.
"""


@dataclass(frozen=True, slots=True)
class Revision:
    """An item's facts and the rules as they counted from `recorded` on; `why`: what was new then.

    `known` may also hold later facts, of kinds that change no clock (none of MOVES).
    """

    recorded: datetime
    known: ItemHistory
    rules: ClockRules
    why: str
    seq: int | None = None
    """Of the fact that was new; `None`: the rules were."""


def chapters(known: ItemHistory, rulebook: Rulebook) -> Sequence[Revision]:
    """Lists the revisions of an item: one for each time its facts or the rules changed."""
    return list(_chapters(known, rulebook))


def _chapters(known: ItemHistory, rulebook: Rulebook) -> Iterator[Revision]:
    before: Revision | None = None
    for fact, then in known.stages(MOVES):
        recorded = max(fact.recorded_at, before.recorded) if before else fact.recorded_at
        if before:
            yield from _applied_between(before, recorded, rulebook)
        before = Revision(recorded, then, rulebook.until(recorded).last, fact.type, fact.seq)
        yield before
    if before:
        yield from _applied_between(before, None, rulebook)


def _applied_between(
    before: Revision, then: datetime | None, rulebook: Rulebook
) -> Iterator[Revision]:
    for rules in rulebook.versions:
        effective = rules.applied.effective_from
        if effective > before.recorded and (then is None or effective <= then):
            yield Revision(effective, before.known, rules, "rules")


@dataclass(frozen=True, slots=True)
class Dated:
    """A reminder (rung) with the local day on which it falls."""

    name: str
    day: date
    step: Step
    collapsed: bool = False
    put: date | None = None
    """The day on which rule 4 put it; `None`: it is at its offset."""
    since: datetime | None = None
    """Only what is waited after this moment moves it on from there (rule 13)."""
    by: int | None = None
    """The number of the fact that put it there."""


@dataclass(frozen=True, slots=True)
class LadderDates:
    """The days of a clock's reminders: `nominal`, counted from the limit; `rungs`, where they fall.

    `silent` names the reminders that are not published, since another one stands for them.
    """

    nominal: Mapping[str, Dated] = field(default_factory=dict)
    waits: Sequence[PiecesWait] = ()
    rungs: Mapping[str, Dated] = field(default_factory=dict)
    silent: frozenset[str] = frozenset()


def ladder(clock: ClockName, every: Sequence[Revision], turns: Sequence[Tenure]) -> Sequence[Dated]:
    """Dates the reminders (rungs) of a clock after all revisions of its item, by day."""
    return in_order(lay_out(clock, every, turns))


def in_order(left: LadderDates) -> Sequence[Dated]:
    """Returns the reminders (rungs) of a ladder by day."""
    return sorted(left.rungs.values(), key=lambda rung: (rung.day, rung.name))


def lay_out(clock: ClockName, every: Sequence[Revision], turns: Sequence[Tenure]) -> LadderDates:
    """Places the reminders (rungs) of a clock after all revisions of its item."""
    left = LadderDates()
    for chapter in every:
        made = promise(clock, chapter.known, chapter.rules)
        waited = waits(chapter.known, chapter.rules) if clock is ClockName.REPLY else ()
        nominal = _nominal(made, waited, chapter.rules) if made else {}
        if nominal != left.nominal or waited != left.waits:
            left = _turn(left, nominal, waited, made, chapter, turns) if made else LadderDates()
    return left


def at_offset(made: Promise, step: Step, rules: ClockRules) -> date:
    """Computes a reminder's day from its offset; +0 is the first jour ouvré not before the limit.

    In a ladder with +0 the later ones count from that day: on a limit that isn't worked, +1 would
    else fall on the same morning.
    """
    calendar, limit = rules.calendar, made.ladder_from
    if step.at >= 0 and any(step.at == 0 for step in made.steps):
        limit = calendar.first_worked_not_before(limit)
    return calendar.add(limit, step.at)


def _nominal(made: Promise, waited: Sequence[PiecesWait], rules: ClockRules) -> dict[str, Dated]:
    """Each rung at its offset from the limit, moved by the time waited (CLOCKS, rule 13)."""
    key = ("offsets", made.commitment, made.ladder_from, *waited)
    return rules.once(key, partial(_at_offsets, made, waited, rules))


def _at_offsets(made: Promise, waited: Sequence[PiecesWait], rules: ClockRules) -> dict[str, Dated]:
    found = {}
    for step in made.steps:
        day = at_offset(made, step, rules)
        name = f"{step.at:+d}"
        found[name] = Dated(name, moved_day(day, waited, rules), step)
    return found


def _placed(rung: Dated, waited: Sequence[PiecesWait], rules: ClockRules) -> Dated:
    """A rung that rule 4 put on a day, with what is waited from then on (rule 13)."""
    if rung.put is None or rung.since is None:
        return rung
    return replace(rung, day=moved_day(rung.put, waited, rules, rung.since))


def _turn(
    left: LadderDates,
    nominal: Mapping[str, Dated],
    waited: Sequence[PiecesWait],
    made: Promise,
    chapter: Revision,
    turns: Sequence[Tenure],
) -> LadderDates:
    """From one chapter to the next (CLOCKS, rule 4)."""
    rules, recorded = chapter.rules, chapter.recorded

    def is_past(rung: Dated | None) -> bool:
        return rung is not None and rules.morning(rung.day) <= recorded

    if not left.nominal and not left.rungs and not any(map(is_past, nominal.values())):
        return LadderDates(nominal, waited, nominal)  # as a rule: all of it lies ahead
    holder = holding_at(turns, recorded)

    def climbs(rung: Dated) -> bool:
        return Audience.MAIL_OFFICE_HEAD in rung.step.tell or is_above(rung.step, holder, rules)

    in_both = frozenset(
        name for name, rung in nominal.items() if is_past(rung) and is_past(left.nominal.get(name))
    )
    silent = in_both & left.silent
    put = {
        **{name: replace(left.rungs[name], step=nominal[name].step) for name in in_both - silent},
        **_lines(left, made),
    }
    now = {**nominal, **{name: _placed(rung, waited, rules) for name, rung in put.items()}}
    stand = {name: rung for name, rung in put.items() if is_past(rung) and is_past(now[name])}
    ahead = {name: rung for name, rung in now.items() if not is_past(rung)}
    fresh = sorted(
        (now[name] for name in now.keys() - stand.keys() - ahead.keys() - silent),
        key=lambda rung: rung.day,
    )
    above = [rung for rung in ahead.values() if climbs(rung)]
    if not fresh:
        if any(climbs(rung) for rung in put.values()):
            above = [
                rung if rung.name in put else _as_far(left, rung, waited, chapter) for rung in above
            ]
            ahead |= {rung.name: rung for rung in above}
        return LadderDates(nominal, waited, {**ahead, **stand}, silent)

    today = rules.day(recorded)
    late = [rung for rung in fresh if climbs(rung)]
    theirs = [rung for rung in fresh if not climbs(rung)]
    line = theirs[-1] if theirs else _line(made, late[0])
    put_off = {
        line.name: _put(line, rules.calendar.add(today, 1), recorded, chapter, collapsed=True)
    }
    if late:
        shift = rules.calendar.between(late[0].day, rules.calendar.add(today, 2))
        for rung in late:
            day = rules.calendar.add(rung.day, shift)
            put_off[rung.name] = _put(rung, day, recorded, chapter, collapsed=True)
        for rung in above:
            day = rules.calendar.add(rung.day, shift)
            put_off[rung.name] = _put(rung, day, _counted(waited, recorded), chapter)
    placed = {name: _placed(rung, waited, rules) for name, rung in put_off.items()}
    return LadderDates(
        nominal,
        waited,
        {**ahead, **stand, **placed},
        silent | {rung.name for rung in theirs[:-1]},
    )


def _put(
    rung: Dated, day: date, since: datetime, chapter: Revision, *, collapsed: bool = False
) -> Dated:
    return replace(rung, day=day, put=day, since=since, by=chapter.seq, collapsed=collapsed)


def _counted(waited: Sequence[PiecesWait], recorded: datetime) -> datetime:
    """Up to when a day ahead already counts the waits that had begun."""
    return max([recorded, *(wait.over for wait in waited if wait.begun <= recorded)])


def _as_far(
    left: LadderDates, rung: Dated, waited: Sequence[PiecesWait], chapter: Revision
) -> Dated:
    """A rung ahead that keeps its spacing from those that an old limit put off."""
    rules = chapter.rules
    before, put = left.nominal.get(rung.name), left.rungs.get(rung.name)
    by = rules.calendar.between(before.day, put.put or put.day) if before and put else 0
    if by <= 0:
        return rung
    day = rules.calendar.add(rung.day, by)
    return _put(rung, day, _counted(waited, chapter.recorded), chapter)


def _line(made: Promise, first: Dated) -> Dated:
    """The one line to the holder where every past rung is of somebody above: `past:<limit>`."""
    mail_office = Audience.MAIL_OFFICE_HEAD in first.step.tell
    hearer = Audience.MAIL_OFFICE if mail_office else Audience.HOLDER
    step = Step(at=first.step.at, tell=(hearer,))
    return Dated(f"past:{made.ladder_from}", first.day, step)


def _lines(left: LadderDates, made: Promise) -> Mapping[str, Dated]:
    name = f"past:{made.ladder_from}"
    return {name: left.rungs[name]} if name in left.rungs else {}
