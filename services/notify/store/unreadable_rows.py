"""Rows that this program can't read: set aside one by one with a dead letter, and read again later.

An item whose facts can't be read sleeps; a notice whose row can't be read leaves for nobody; a rung
that can't be read is in no digest. What stands beside them goes on.
"""

from collections.abc import Mapping
from typing import TypeAlias
from uuid import UUID

import asyncpg
import orjson

from services.notify.store import SCHEMA
from shared.facts.envelope import ItemId, NoticeId
from shared.platform.database import Connection
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letters import DeadLetter

ITEM = "item"
"""What stands for the topic in the dead letter of an item that could not be decided."""
NOTICE = "notice"
"""And in that of a notice's row."""
RUNG = "rung"
"""And in that of a rung that stands."""

RowPlace: TypeAlias = tuple[ItemId, str, str]
"""Item, clock and rung."""


async def item(connection: Connection, item_id: ItemId, error: Exception) -> None:
    """Sets aside an item that can't be read, with a dead letter.

    Only a fact or a person wakes it.
    """
    await connection.execute(
        "UPDATE notify.items SET wake_at = NULL WHERE item_id = $1 AND wake_at IS NOT NULL", item_id
    )
    await _set_aside(connection, ITEM, str(item_id), {}, error)


async def notice(connection: Connection, notice_id: UUID, state: str, error: Exception) -> None:
    """Sets aside a notice that can't be read or planned; its dead letter remembers its state."""
    await connection.execute(
        "UPDATE notify.ledger SET state = 'parked' WHERE notice_id = $1", notice_id
    )
    await _set_aside(connection, NOTICE, str(notice_id), {"state": state}, error)


async def rungs(
    connection: Connection,
    unreadable: Mapping[RowPlace, Exception],
    untold_by: NoticeId | None = None,
) -> None:
    """Sets aside reminders whose rows can't be read; their dead letters say which they are.

    `untold_by`: the digest that was to list them and does not. Their items are locked first, in the
    order in which the handler of clocks locks them.
    """
    if not unreadable:
        return
    places = sorted(unreadable)
    ids = [item_id for item_id, _, _ in places]
    await connection.execute(
        "SELECT FROM notify.clocks WHERE item_id = ANY($1::uuid[]) ORDER BY item_id FOR UPDATE", ids
    )
    columns = (ids, [clock for _, clock, _ in places], [rung for _, _, rung in places])
    await connection.execute(_PARK_RUNGS, *columns)
    await connection.execute(_PARK_HEARINGS, *columns, untold_by)
    for place in places:
        item_id, clock, rung = place
        stood = {"item_id": str(item_id), "clock": clock, "rung": rung}
        await _set_aside(connection, RUNG, "/".join(stood.values()), stood, unreadable[place])


_PARK_RUNGS = """
    UPDATE notify.rungs AS told SET parked = true
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS bad (item_id, clock, rung)
    WHERE (told.item_id, told.clock, told.rung) = (bad.item_id, bad.clock, bad.rung)
"""
_PARK_HEARINGS = """
    UPDATE notify.hearings AS told SET parked = true, digests = array_remove(digests, $4::uuid)
    FROM unnest($1::uuid[], $2::text[], $3::text[]) AS bad (item_id, clock, rung)
    WHERE (told.item_id, told.clock, told.rung) = (bad.item_id, bad.clock, bad.rung)
"""


async def rung_back(connection: Connection, payload: bytes) -> asyncpg.Record | None:
    """Restores a reminder that was set aside as unreadable; returns its row, or `None`.

    The row may have changed meanwhile, so that its addressees are read anew.
    """
    stood = orjson.loads(payload)
    place = (UUID(stood["item_id"]), stood["clock"], stood["rung"])
    row = await connection.fetchrow(
        """
        UPDATE notify.rungs SET parked = false
        WHERE item_id = $1 AND clock = $2 AND rung = $3 AND parked
        RETURNING *
        """,
        *place,
    )
    await connection.execute(
        """
        UPDATE notify.hearings AS told
        SET parked = false, service = meant.service, holder = meant.holder, fell = meant.fell
        FROM notify.rungs AS stands, notify.meant(stands.fact, stands.rung) AS meant
        WHERE (told.item_id, told.clock, told.rung) = ($1, $2, $3) AND told.parked
          AND (stands.item_id, stands.clock, stands.rung) = ($1, $2, $3)
        """,
        *place,
    )
    return row


async def back(connection: Connection, notice_id: str, payload: bytes) -> asyncpg.Record | None:
    """Restores a notice that was set aside as unreadable; returns its row, locked, or `None`."""
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
