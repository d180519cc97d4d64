"""Whom sla warned of an item's limits, as it told it: reminders, escalations, their ends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

import asyncpg

from shared.facts.clocks import ClockFact, RungReached, RungWithdrawn
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.platform.postgres import rows


@dataclass(frozen=True, slots=True)
class Warned:
    """A deadline reminder or escalation that the service sla published, and its withdrawal."""

    told: RungReached
    withdrawn_at: datetime | None
    """Since when it is no longer so."""


async def keep(connection: Connection, batch: Sequence[ClockFact]) -> None:
    """Stores facts from sla about deadline reminders, and about their withdrawal, each once."""
    reached = [fact for fact in batch if isinstance(fact, RungReached)]
    if reached:
        await connection.execute(
            """
            INSERT INTO desk.warnings (event_id, item_id, clock, rung, telling, told, told_at)
            SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[],
                                 $6::text[], $7::timestamptz[])
            ON CONFLICT (event_id) DO NOTHING
            """,
            [fact.event_id for fact in reached],
            [fact.item_id for fact in reached],
            [fact.clock.value for fact in reached],
            [fact.rung for fact in reached],
            [fact.telling for fact in reached],
            [fact.model_dump_json() for fact in reached],
            [fact.happened_at for fact in reached],
        )
    withdrawn = [fact for fact in batch if isinstance(fact, RungWithdrawn)]
    if withdrawn:
        await connection.execute(
            """
            UPDATE desk.warnings w SET withdrawn_at = gone.at
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::int[], $5::timestamptz[])
                 AS gone (item_id, clock, rung, telling, at)
            WHERE (w.item_id, w.clock, w.rung, w.telling)
                = (gone.item_id, gone.clock, gone.rung, gone.telling)
            """,
            [fact.item_id for fact in withdrawn],
            [fact.clock.value for fact in withdrawn],
            [fact.rung for fact in withdrawn],
            [fact.telling for fact in withdrawn],
            [fact.happened_at for fact in withdrawn],
        )


async def of_item(connection: Connection, item_id: ItemId) -> Sequence[Warned]:
    """Returns an item's deadline reminders and escalations, oldest first.

    Unreadable rows are left out.
    """
    found = await connection.fetch(
        """
        SELECT event_id, told, withdrawn_at FROM desk.warnings WHERE item_id = $1
        ORDER BY told_at, clock, rung, telling
        """,
        item_id,
    )
    return rows.readable("desk.warnings", found, itemgetter("event_id"), _warned)


def _warned(row: asyncpg.Record) -> Warned:
    return Warned(RungReached.model_validate_json(row["told"]), row["withdrawn_at"])
