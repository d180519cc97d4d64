"""The clocks that run, one row each, for gauges and questions."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from services.sla.domain.advance import ItemState
from services.sla.domain.announce import stop_of
from services.sla.domain.plan import ClockPlan
from services.sla.domain.rules import ClockRules
from shared.facts.clocks import ClockPaused, ClockResumed, RungReached, RungWithdrawn
from shared.facts.envelope import ItemId
from shared.facts.publication import Publication
from shared.platform.database import Connection

FORGET = "DELETE FROM sla.running WHERE item_id = ANY($1::uuid[])"
SAVE = """
    INSERT INTO sla.running (item_id, clock, service, limit_at, risk_at)
    SELECT item_id, clock, service, limit_at, risk_at
    FROM unnest($2::integer[], $3::integer[], $4::text[], $5::text[], $6::timestamptz[],
                $7::timestamptz[])
         AS alike (first, last, clock, service, limit_at, risk_at),
         unnest(($1::uuid[])[first:last]) AS item_id
"""
"""Items of which the same clocks run stand beside each other, from first to last."""
OpenClock = tuple[str, str, datetime, datetime | None]


RUNS_ON = frozenset(
    kind.__name__ for kind in (RungReached, RungWithdrawn, ClockPaused, ClockResumed)
)


def run_on(told: Iterable[Publication]) -> bool:
    """Whether the same clocks run after these facts: none starts or stops one, or moves a limit."""
    return all(fact.type in RUNS_ON for fact in told)


def of(
    service: str, clocks: Iterable[ClockPlan], now: datetime, rules: ClockRules
) -> Sequence[OpenClock]:
    """Lists what table `sla.running` has of an item: one row for each of its clocks that runs."""
    return [
        (
            clock.clock,
            service,
            rules.end(clock.limit),
            min((rung.at for rung in clock.rungs), default=None),
        )
        for clock in clocks
        if not stop_of(clock, now)
    ]


async def forget(connection: Connection, items: Sequence[ItemId]) -> None:
    """Deletes the rows of table `sla.running` of these items, whose running clocks changed."""
    if items:
        await connection.execute(FORGET, items)


async def save(
    connection: Connection, items: Sequence[ItemState], now: datetime, rules: ClockRules
) -> None:
    """Writes the rows of table `sla.running` of these items, which have none.

    They are worked out once for items that share their clocks, which are known by identity.
    """
    groups: dict[tuple[object, ...], tuple[Sequence[OpenClock], list[ItemId]]] = {}
    for item in items:
        if (plan := item.plan) and plan.subject:
            key = (plan.subject.service, *map(id, plan.clocks))
            if key not in groups:
                groups[key] = of(plan.subject.service, plan.clocks, now, rules), []
            groups[key][1].append(item.standing.item_id)
    ids, rows = list[ItemId](), list[tuple[object, ...]]()
    for running, alike in groups.values():
        first = len(ids) + 1
        ids += alike
        rows += [(first, len(ids), *clock) for clock in running]
    if rows:
        await connection.execute(SAVE, ids, *(list(column) for column in zip(*rows, strict=True)))
