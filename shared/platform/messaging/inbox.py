"""The inbox: which facts a reader has taken, remembered in the transaction of their effect.

A reader that keeps the facts themselves needs none: their primary key is its inbox.
"""

import asyncio
from collections.abc import Iterable

from shared.facts.envelope import EventId
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log

KEEP_DAYS = 100
"""Longer than a fact can come: its row may be told again as long as it stays (TOLD_DAYS of
outbox_upkeep.py), and its record lives for shared/platform/kafka/topics.py: LONGEST after that."""
PRUNE_SECONDS = 3600.0
DROPPED = "dropped"
"""The reader that stands for a person: dead letters that they gave up."""

log = Log("inbox")


async def keep_new(
    connection: Connection, schema: str, reader: str, event_ids: Iterable[EventId]
) -> set[EventId]:
    """Stores event ids in the inbox of `reader`; returns those not stored before (deduplication).

    Two processes that take the same facts in a rebalance wait for each other here; ids are inserted
    in their order, so that they can't deadlock.
    """
    rows = await connection.fetch(
        f"""
        INSERT INTO "{schema}".inbox (reader, event_id)
        SELECT $1, event_id FROM unnest($2::uuid[]) AS event_id
        ON CONFLICT DO NOTHING
        RETURNING event_id
        """,  # noqa: S608  (a schema is a name of our code, not input)
        reader,
        sorted(set(event_ids)),
    )
    return {EventId(row["event_id"]) for row in rows}


async def prune(connection: Connection, schema: str, *, limit: int = 50_000) -> int:
    """Deletes at most `limit` inbox entries older than 100 days of real time; returns how many."""
    status = await connection.execute(
        f"""
        DELETE FROM "{schema}".inbox
        WHERE ctid IN (
            SELECT ctid FROM "{schema}".inbox
            WHERE heard_at < clock_timestamp() - make_interval(days => $1)
            LIMIT $2
        )
        """,  # noqa: S608  (as above)
        KEEP_DAYS,
        limit,
    )
    return int(status.rpartition(" ")[2])


def prunes(pool: Pool, schema: str, stopping: asyncio.Event) -> Job:
    """Makes the background job that deletes old inbox entries (100 days), once an hour."""

    async def prune_now() -> None:
        async with transaction(pool) as connection:
            forgotten = await prune(connection, schema)
        log.debug("inbox_pruned", schema=schema, facts=forgotten)

    return every(PRUNE_SECONDS, prune_now, stopping)
