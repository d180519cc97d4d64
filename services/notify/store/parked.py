"""Rows that this program can't read: set aside one by one with a dead letter, and read again later.

An item whose facts can't be read sleeps; a notice whose row can't be read leaves for nobody. What
stands beside them goes on.
"""

import asyncpg
import orjson

from services.notify.store import SCHEMA
from shared import dead_letters
from shared.database import Connection
from shared.dead_letters import DeadLetter
from shared.facts.envelope import ItemId
from shared.listening import reason_of

ITEM = "item"
"""What stands for the topic in the dead letter of an item that could not be decided."""
NOTICE = "notice"
"""And in that of a notice's row."""


async def item(connection: Connection, item_id: ItemId, error: Exception) -> None:
    """The item sleeps until a fact of it or a person wakes it."""
    await connection.execute(
        "UPDATE notify.items SET wake_at = NULL WHERE item_id = $1 AND wake_at IS NOT NULL", item_id
    )
    await _set_aside(connection, ITEM, str(item_id), {}, error)


async def notice(connection: Connection, row: asyncpg.Record, error: Exception) -> None:
    """The notice stands where nothing takes it; its letter remembers where it stood."""
    await connection.execute(
        "UPDATE notify.ledger SET state = 'parked' WHERE notice_id = $1", row["notice_id"]
    )
    stood = {"state": row["state"]}
    await _set_aside(connection, NOTICE, str(row["notice_id"]), stood, error)


async def back(connection: Connection, notice_id: str, payload: bytes) -> asyncpg.Record | None:
    """Puts a parked notice where it stood; its row, locked, if it is still there."""
    return await connection.fetchrow(
        """
        UPDATE notify.ledger SET state = $2 WHERE notice_id = $1::text::uuid AND state = 'parked'
        RETURNING *
        """,
        notice_id,
        orjson.loads(payload)["state"],
    )


async def _set_aside(
    connection: Connection, what: str, key: str, stood: dict[str, str], error: Exception
) -> None:
    now = await connection.fetchval("SELECT clock_timestamp()")
    letter = DeadLetter(
        topic=what,
        partition=None,
        offset=None,
        key=key.encode(),
        headers=(),
        payload=orjson.dumps(stood),
        reason=reason_of(error),
    )
    await dead_letters.put_once(connection, SCHEMA, [letter], now)
