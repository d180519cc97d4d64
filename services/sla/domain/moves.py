"""Why a rung falls on another day than that of its offset: each move, with the fact that did it.

The moves of a rung add up: `add(due, sum of the days) == fell`, so that a reader can redo them.
"""

from collections.abc import Iterator, Sequence
from datetime import date

from services.sla.domain.history import ItemHistory
from services.sla.domain.ladder import Dated
from services.sla.domain.postponements import PutOff
from services.sla.domain.rules import ClockRules
from services.sla.domain.waits import shifts
from shared.calendar.pieces import PiecesWait
from shared.facts.clocks import MovedBy, RungMove
from shared.facts.items.pieces import PiecesRequested


def moves(
    rung: Dated,
    due: date,
    put_off: PutOff,
    waited: Sequence[PiecesWait],
    known: ItemHistory,
    rules: ClockRules,
) -> tuple[RungMove, ...]:
    """Lists why a reminder was moved away from the day `due`, in the order of their effect."""
    return tuple(_moves(rung, due, put_off, waited, known, rules))


def _moves(
    rung: Dated,
    due: date,
    put_off: PutOff,
    waited: Sequence[PiecesWait],
    known: ItemHistory,
    rules: ClockRules,
) -> Iterator[RungMove]:
    asked = {fact.happened_at: fact.seq for fact in known.every(PiecesRequested)}
    between, start = rules.calendar.between, due
    if rung.put is not None:
        if away := between(due, rung.put):
            yield RungMove(why=MovedBy.OLD_LIMIT, days=away, seq=rung.by)
        start = rung.put
    moved = 0
    for wait, days in shifts(start, waited, rules, rung.since):
        moved += days
        if days:
            yield RungMove(why=MovedBy.WAITED, days=days, seq=asked.get(wait.begun))
    if stands := between(start, rung.day) - moved:
        yield RungMove(why=MovedBy.STANDS, days=stands)
    if put_off.why is not None and put_off.by:
        yield RungMove(why=put_off.why, days=put_off.by, seq=put_off.seq)
    if put_off.during is not None and put_off.waited:
        seq = asked.get(put_off.during)
        yield RungMove(why=MovedBy.WAITED, days=put_off.waited, seq=seq)
