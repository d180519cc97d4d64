"""The rungs of a running clock: when, to whom and with what (rules 1, 2, 5, 6, 10)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial

from services.sla.domain.history import ItemHistory
from services.sla.domain.holders import Tenure, days_held, is_above
from services.sla.domain.ladder import (
    Dated,
    LadderDates,
    Revision,
    at_offset,
    in_order,
    lay_out,
)
from services.sla.domain.moves import moves
from services.sla.domain.observations import open_observations
from services.sla.domain.postponements import (
    PutOff,
    answers,
    changes_of_holder,
    delays_of_rungs,
    extra_rungs,
)
from services.sla.domain.promises import Promise, holding_replies, promise
from services.sla.domain.rules import ClockRules
from services.sla.domain.waits import waits
from shared.facts.clocks import Answered, Held, RungMove
from shared.facts.vocabulary import Audience, ClockName
from shared.site.tables.commitments import Step

HIDDEN = frozenset({ClockName.REPLY, ClockName.HOLDING, ClockName.TRANSMISSION})
"""The clocks whose rungs an open observation of a reply hides; law clocks go on (rule 10)."""

CONFIRM = ((2, Audience.HOLDER), (4, Audience.HEAD))
"""Jours ouvrés after an observation was recorded, and who is asked to confirm it (rule 10)."""

IN_HAND = frozenset({ClockName.REPLY, ClockName.HOLDING})
"""The clocks that speak of the item itself: whoever receives it has a rung of their own there."""


@dataclass(frozen=True, slots=True)
class RungGate:
    """The condition of a reminder to a superior: the service's mailboxes were read lately.

    That is since `read_from`, as a reply might have left from one. At `latest` the reminder is
    published without that.
    """

    read_from: datetime
    latest: datetime


@dataclass(frozen=True, slots=True)
class Rung:
    """A planned reminder, published from the moment `at` on while it is still true.

    `gate` is `None` for a reminder to the item's holder.
    """

    name: str
    fell: date
    at: datetime
    tell: tuple[Audience, ...]
    days: int
    gate: RungGate | None
    held: tuple[Held, ...]
    answered: Answered | None = None
    collapsed: bool = False
    due: date | None = None
    """The day of its offset from the limit, before anything moved it; `None`: it has no offset."""
    moved: tuple[RungMove, ...] = ()


def rungs(
    clock: ClockName,
    made: Promise,
    known: ItemHistory,
    told: Sequence[Revision],
    turns: Sequence[Tenure],
    *,
    bare: bool = False,
) -> Sequence[Rung]:
    """Computes every reminder (rung) of a running clock, in the order in which they fall due.

    `bare`: only when each falls and to whom, for a rehearsal, which publishes nothing.
    """
    rules = told[-1].rules
    seen = open_observations(known)
    of = _bare if bare else _rung
    if clock in HIDDEN and seen:
        asked = _questions(known, rules) if clock is ClockName.REPLY else ()
        return [of(postponement, PutOff(), made, turns, rules) for postponement in asked]
    left = lay_out(clock, told, turns)
    every = [
        *changes_of_holder(turns, rules),
        *answers(clock, known, made.limit, turns, rules),
    ]
    waited = waits(known, rules) if clock is ClockName.REPLY else ()
    replies = holding_replies(known, rules) if clock is ClockName.REPLY else ()
    unmoved = left.rungs is left.nominal and promise(clock, told[-1].known, rules) == made
    if bare and unmoved and not (every or waited or replies):
        key = ("bare", made.commitment, made.ladder_from)
        return rules.once(key, partial(_at_offsets, left, made, turns, rules))
    dated = in_order(left)
    put_off = delays_of_rungs(dated, every, waited, rules)
    found = list[Rung]()
    for step in dated:
        if bare:
            found.append(_bare(step, put_off[step.name], made, turns, rules))
            continue
        due, off = at_offset(made, step.step, rules), put_off[step.name]
        why = moves(step, due, off, waited, known, rules)
        found.append(_rung(step, off, made, turns, rules, due, why))
    if clock in IN_HAND and dated:
        found += [
            of(put_off, PutOff(), made, turns, rules) for put_off in _given(dated, turns, rules)
        ]
    if replies:
        found = [rung for rung in found if rung.at < replies[0].happened_at]
    return sorted(found, key=lambda one: (one.at, one.name))


def _at_offsets(
    left: LadderDates, made: Promise, turns: Sequence[Tenure], rules: ClockRules
) -> Sequence[Rung]:
    """The bare rungs of a clock of which none was ever moved: alike for every letter of a day."""
    found = [_bare(step, PutOff(), made, turns, rules) for step in left.rungs.values()]
    return sorted(found, key=lambda one: (one.at, one.name))


def _given(dated: Sequence[Dated], turns: Sequence[Tenure], rules: ClockRules) -> Iterator[Dated]:
    for name, day in extra_rungs(dated, turns, rules):
        yield Dated(name, day, Step(at=0, tell=(Audience.HOLDER,)))


def _questions(known: ItemHistory, rules: ClockRules) -> Iterator[Dated]:
    """`observed:<seq>:+2` and `:+4`: was it the reply? (CLOCKS, rule 10)."""
    for seen in open_observations(known):
        for after, hearer in CONFIRM:
            day = rules.calendar.add(rules.day(seen.recorded_at), after)
            yield Dated(f"observed:{seen.seq}:{after:+d}", day, Step(at=0, tell=(hearer,)))


def _bare(
    one: Dated, put_off: PutOff, made: Promise, turns: Sequence[Tenure], rules: ClockRules
) -> Rung:
    """When a rung falls and who hears it, without what only its telling needs."""
    del made, turns
    day = rules.calendar.add(one.day, put_off.by + put_off.waited)
    return Rung(one.name, day, rules.morning(day), one.step.tell, days=0, gate=None, held=())


def _rung(
    one: Dated,
    put_off: PutOff,
    made: Promise,
    turns: Sequence[Tenure],
    rules: ClockRules,
    due: date | None = None,
    moved: tuple[RungMove, ...] = (),
) -> Rung:
    day = rules.calendar.add(one.day, put_off.by + put_off.waited)
    above = bool(turns) and is_above(one.step, turns[-1].holder, rules)
    latest = rules.morning(rules.calendar.add(day, 1))
    return Rung(
        name=one.name,
        fell=day,
        at=rules.morning(day),
        tell=one.step.tell,
        days=rules.calendar.between(made.limit, day),
        gate=RungGate(rules.start(day), latest) if above else None,
        held=days_held(turns, made.day_zero, day, rules),
        answered=put_off.answered,
        collapsed=one.collapsed,
        due=due,
        moved=moved,
    )
