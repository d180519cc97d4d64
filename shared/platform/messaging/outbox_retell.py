"""Told facts are told again, with the same ids: for readers or topics that have lost them.

They leave when nothing fresh waits (relay.py).
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from shared.facts.envelope import Fact
from shared.platform.database import Connection, Pool, transaction
from shared.platform.messaging.outbox import channel, put

PAGE = 5_000


async def put_again(connection: Connection, schema: str, facts: Sequence[Fact]) -> None:
    """Inserts facts into the schema's outbox to be published again, behind those that are new.

    Facts that still wait to be published for the first time keep their place.

    Raises:
        PermanentFailure: see `put`.
    """
    new = await put(connection, schema, facts)
    await connection.execute(
        f'UPDATE "{schema}".outbox_waiting SET again = true WHERE id = ANY($1)',  # noqa: S608  (a schema is a name of our code, not input)
        new,
    )
    await retell_these(connection, schema, [fact.event_id for fact in facts])


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
