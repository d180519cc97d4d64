"""The clocks that run, one row each, for gauges and questions."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.sla.domain.advance import ItemState
from services.sla.domain.announce import stop_of
from services.sla.domain.rules import ClockRules
from shared.facts.clocks import ClockPaused, ClockResumed, RungReached, RungWithdrawn
from shared.facts.envelope import ItemId
from shared.facts.publication import Publication
from shared.platform.database import Connection

FORGET = "DELETE FROM sla.running WHERE item_id = ANY($1::uuid[])"
SAVE = """
    INSERT INTO sla.running (item_id, clock, service, limit_at, risk_at)
    SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::timestamptz[])
"""
OpenClockRow = tuple[ItemId, str, str, datetime, datetime | None]


RUNS_ON = frozenset(
    kind.__name__ for kind in (RungReached, RungWithdrawn, ClockPaused, ClockResumed)
)


def run_on(told: Iterable[Publication]) -> bool:
    """Whether the same clocks run after these facts: none starts or stops one, or moves a limit."""
    return all(fact.type in RUNS_ON for fact in told)


def of(item: ItemState, now: datetime, rules: ClockRules) -> Sequence[OpenClockRow]:
    """Makes the rows of table `sla.running` for an item: one for each running clock."""
    plan = item.plan
    if plan is None or plan.subject is None:
        return ()
    return [
        (
            item.standing.item_id,
            clock.clock,
            plan.subject.service,
            rules.end(clock.limit),
            min((rung.at for rung in clock.rungs), default=None),
        )
        for clock in plan.clocks
        if not stop_of(clock, now)
    ]


async def save(
    connection: Connection, items: Sequence[ItemState], now: datetime, rules: ClockRules
) -> None:
    """Replaces the rows of table `sla.running` of these items, whose running clocks changed."""
    if items:
        await connection.execute(FORGET, [item.standing.item_id for item in items])
    if rows := [row for item in items for row in of(item, now, rules)]:
        await connection.execute(SAVE, *(list(column) for column in zip(*rows, strict=True)))
