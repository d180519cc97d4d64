"""The outbox: what a transaction tells leaves with what it changed, or not at all.

`put` is called inside the business transaction, after the aggregate was locked, so that the ids of
one key's rows follow the order of its commits. relay.py carries the rows to Kafka.

A fact stays after it was told, longer than any topic keeps its record, so that Kafka may lose
everything: `retell` has the relay tell it again, with the same id, when nothing fresh waits. What
waits is a row of `outbox_waiting` (shared/sql/0110_told_rows.sql), which a trigger adds.
"""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from shared.errors import PermanentFailure
from shared.facts.envelope import Fact
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.messaging.producers import HEADER
from shared.platform.observability import tracing
from shared.platform.observability.logs import Log

MAX_BYTES = 900_000
"""Below what Kafka takes in one record, headers included: a larger fact is a fault."""
TOLD_DAYS = 60
"""How long a told fact stays: well beyond the life of its record (`kafka.topics.LONGEST`)."""
PAGE = 5_000
PRUNE_SECONDS = 3600.0

log = Log("outbox")


def channel(schema: str) -> str:
    """Returns the PostgreSQL NOTIFY channel that wakes the relay when the outbox has new rows."""
    return f"{schema}_outbox"


def headers_of(fact: Fact, schema: str) -> Mapping[str, str]:
    """Returns the CloudEvents 1.0 headers of a fact, for its Kafka record.

    `ce_producer` is our own attribute: readers reject a fact that is not of its topic's producer.
    """
    return {
        "ce_specversion": "1.0",
        "ce_id": str(fact.event_id),
        "ce_type": fact.type,
        "ce_source": fact.by,
        "ce_time": fact.happened_at.isoformat(),
        "content-type": "application/json",
        HEADER: schema,
    }


async def put(connection: Connection, schema: str, facts: Sequence[Fact]) -> None:
    """Inserts facts into the schema's outbox, in order: the relay publishes them after the commit.

    Inserting a fact that is in the outbox already changes nothing (idempotent).

    Raises:
        PermanentFailure: a fact too large for Kafka.
    """
    await _insert(connection, schema, facts)


async def put_again(connection: Connection, schema: str, facts: Sequence[Fact]) -> None:
    """Inserts facts into the schema's outbox to be published again, behind those that are new.

    Facts that still wait to be published for the first time keep their place.

    Raises:
        PermanentFailure: see `put`.
    """
    new = await _insert(connection, schema, facts)
    await connection.execute(
        f'UPDATE "{schema}".outbox_waiting SET again = true WHERE id = ANY($1)',  # noqa: S608  (a schema is a name of our code, not input)
        new,
    )
    await retell_these(connection, schema, [fact.event_id for fact in facts])


async def _insert(connection: Connection, schema: str, facts: Sequence[Fact]) -> Sequence[int]:
    if not facts:
        return []
    payloads = [fact.model_dump_json() for fact in facts]
    for fact, payload in zip(facts, payloads, strict=True):
        if len(payload.encode()) > MAX_BYTES:
            raise PermanentFailure(
                f"Fact {fact.type} {fact.event_id} is larger than {MAX_BYTES} bytes: "
                "what is large belongs in a blob."
            )
    traces = tracing.told(facts)
    row = await connection.fetchrow(
        f"""
        WITH told AS (
            INSERT INTO "{schema}".outbox (event_id, topic, key, payload, headers)
            SELECT event_id, topic, key, payload, headers
            FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::jsonb[])
                 WITH ORDINALITY AS fact (event_id, topic, key, payload, headers, position)
            ORDER BY position
            ON CONFLICT (event_id) DO NOTHING
            RETURNING id
        )
        SELECT ARRAY (SELECT id FROM told) AS ids, pg_notify($6, '')
        """,  # noqa: S608  (as above)
        [fact.event_id for fact in facts],
        [fact.topic.value for fact in facts],
        [fact.key for fact in facts],
        payloads,
        [{**headers_of(fact, schema), **trace} for fact, trace in zip(facts, traces, strict=True)],
        channel(schema),
    )
    return [] if row is None else row["ids"]


async def retell(pool: Pool, schema: str, since: datetime | None = None) -> int:
    """Marks stored facts (since a moment of real time) to be published again; returns how many.

    Facts that wait already are not counted.
    """
    facts, after = 0, 0
    while True:
        async with transaction(pool) as connection:
            page = await connection.fetchrow(
                f"""
                WITH page AS (
                    SELECT id, created_at FROM "{schema}".outbox WHERE id > $1 ORDER BY id LIMIT $2
                ), waits AS (
                    INSERT INTO "{schema}".outbox_waiting (again, id)
                    SELECT true, id FROM page
                    WHERE $3::timestamptz IS NULL OR created_at >= $3
                    ORDER BY id
                    ON CONFLICT (id) DO NOTHING
                    RETURNING id
                )
                SELECT (SELECT max(id) FROM page) AS last, (SELECT count(*) FROM waits) AS facts,
                       pg_notify($4, '')
                """,  # noqa: S608  (as above)
                after,
                PAGE,
                since,
                channel(schema),
            )
        if page is None or page["last"] is None:
            return facts
        facts, after = facts + page["facts"], page["last"]


async def retell_these(connection: Connection, schema: str, event_ids: Sequence[UUID]) -> int:
    """Marks stored facts, by event id, to be published again; returns how many did not wait yet.

    Rows are inserted in the order of their ids, as several readers may ask for the same facts.
    """
    status = await connection.execute(
        f"""
        INSERT INTO "{schema}".outbox_waiting (again, id)
        SELECT true, id FROM "{schema}".outbox WHERE event_id = ANY($1::uuid[]) ORDER BY id
        ON CONFLICT (id) DO NOTHING
        """,  # noqa: S608  (as above)
        event_ids,
    )
    await connection.execute("SELECT pg_notify($1, '')", channel(schema))
    return int(status.rpartition(" ")[2])


async def prune(connection: Connection, schema: str) -> int:
    """Deletes a page of outbox facts that were published over 60 days ago; returns how many.

    Only the lowest ids are looked at, so that the cost does not grow with what stays.
    """
    status = await connection.execute(
        f"""
        DELETE FROM "{schema}".outbox AS gone
        USING (SELECT id FROM "{schema}".outbox ORDER BY id LIMIT $2) AS oldest
        WHERE gone.id = oldest.id
          AND created_at < clock_timestamp() - make_interval(days => $1)
          AND NOT EXISTS (SELECT FROM "{schema}".outbox_waiting w WHERE w.id = gone.id)
        """,  # noqa: S608  (as above)
        TOLD_DAYS,
        PAGE,
    )
    return int(status.rpartition(" ")[2])


def prunes(pool: Pool, schema: str, stopping: asyncio.Event) -> Job:
    """The background job that deletes old published facts from the outbox, once an hour."""

    async def prune_all() -> None:
        removed = 1
        while removed and not stopping.is_set():
            async with transaction(pool) as connection:
                removed = await prune(connection, schema)
            log.debug("outbox_pruned", schema=schema, facts=removed)

    return every(PRUNE_SECONDS, prune_all, stopping)


async def depth(pool: "Pool | Connection", schema: str) -> int:
    """Returns the number of outbox facts that wait to be published for the first time."""
    return await _count(pool, schema, "NOT again")


async def depth_again(pool: "Pool | Connection", schema: str) -> int:
    """Returns the number of outbox facts that wait to be published again."""
    return await _count(pool, schema, "again")


async def _count(pool: "Pool | Connection", schema: str, which: str) -> int:
    question = f'SELECT count(*) FROM "{schema}".outbox_waiting WHERE {which}'  # noqa: S608  (as above)
    return int(await pool.fetchval(question))


async def oldest_age(pool: "Pool | Connection", schema: str) -> timedelta:
    """Returns the age in real time of the oldest outbox fact that waits; zero when none does."""
    age: timedelta = await pool.fetchval(
        f"""
        SELECT coalesce(clock_timestamp() - (
            SELECT created_at FROM "{schema}".outbox JOIN "{schema}".outbox_waiting USING (id)
            WHERE NOT again ORDER BY id LIMIT 1), interval '0')
        """  # noqa: S608  (as above)
    )
    return max(age, timedelta())
