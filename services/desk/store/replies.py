"""Messages seen in Sent folders, and the items that they may answer."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Final

import asyncpg
from pydantic import TypeAdapter

from services.desk.domain.reply_matching import Awaiting
from services.desk.store.states import NOT_DONE
from shared.facts.envelope import ArrivalId, BlobKey, Chrono, Digest, ItemId, ServiceId
from shared.facts.observations import ReplySeen
from shared.platform.database import Connection
from shared.platform.postgres import rows

SEEN: Final = TypeAdapter(ReplySeen)


async def keep_new(connection: Connection, batch: Sequence[ReplySeen]) -> Sequence[ReplySeen]:
    """Stores messages seen in Sent folders that have no item yet; returns the new ones.

    In the order of sending.
    """
    if not batch:
        return []
    found = await connection.fetch(
        """
        INSERT INTO desk.replies (arrival_id, sent_at, addressees, told)
        SELECT arrival_id, sent_at, string_to_array(addressees, ' '), told
        FROM unnest($1::uuid[], $2::timestamptz[], $3::text[], $4::text[])
             AS seen (arrival_id, sent_at, addressees, told)
        ON CONFLICT (arrival_id) DO NOTHING RETURNING arrival_id
        """,
        [reply.arrival_id for reply in batch],
        [reply.sent_at for reply in batch],
        [" ".join(reply.to) for reply in batch],
        [reply.model_dump_json() for reply in batch],
    )
    new = {row["arrival_id"] for row in found}
    first = {reply.arrival_id: reply for reply in reversed(batch) if reply.arrival_id in new}
    return sorted(first.values(), key=lambda reply: (reply.sent_at, reply.arrival_id))


async def waiting_for(
    connection: Connection, correspondents: Sequence[Digest]
) -> Sequence[ReplySeen]:
    """Locks and returns stored Sent-folder messages to these people that still match no item.

    In the order of sending; unreadable rows are left out and stay.
    """
    if not correspondents:
        return []
    found = await connection.fetch(
        """
        SELECT arrival_id, told FROM desk.replies WHERE item_id IS NULL AND addressees && $1::text[]
        ORDER BY sent_at, arrival_id FOR UPDATE
        """,
        correspondents,
    )
    return rows.readable("desk.replies", found, itemgetter("arrival_id"), _seen)


def _seen(row: asyncpg.Record) -> ReplySeen:
    return SEEN.validate_json(row["told"])


async def original_of(connection: Connection, arrival_id: ArrivalId) -> BlobKey | None:
    """Returns the blob key of a sent message's original, or `None`. Raises UnreadableRow."""
    row = await connection.fetchrow(
        "SELECT told FROM desk.replies WHERE arrival_id = $1", arrival_id
    )
    if row is None:
        return None
    return rows.read("desk.replies", arrival_id, lambda: _seen(row)).original


async def forget(connection: Connection, before: datetime) -> Sequence[BlobKey]:
    """Deletes old Sent-folder messages that answered no item; returns their blob keys.

    Unreadable rows stay and are reported: nobody would know which blobs to delete with them.
    """
    found = await connection.fetch(
        "SELECT arrival_id, told FROM desk.replies WHERE item_id IS NULL AND sent_at < $1", before
    )
    seen = rows.readable("desk.replies", found, itemgetter("arrival_id"), _seen)
    gone = await connection.fetch(
        """
        DELETE FROM desk.replies WHERE item_id IS NULL AND arrival_id = ANY($1::uuid[])
        RETURNING arrival_id
        """,
        [reply.arrival_id for reply in seen],
    )
    forgotten = {row["arrival_id"] for row in gone}
    return [reply.original for reply in seen if reply.original and reply.arrival_id in forgotten]


async def assign(connection: Connection, answered: Mapping[ArrivalId, ItemId]) -> None:
    """Stores which item each of these Sent-folder messages answers."""
    if answered:
        await connection.execute(
            """
            UPDATE desk.replies SET item_id = found.item_id
            FROM unnest($1::uuid[], $2::uuid[]) AS found (arrival_id, item_id)
            WHERE replies.arrival_id = found.arrival_id
            """,
            list(answered),
            list(answered.values()),
        )


async def lock_awaiting(
    connection: Connection, correspondents: Sequence[Digest]
) -> Sequence[Awaiting]:
    """Returns the unanswered items of these people, locked in the order of id."""
    if not correspondents:
        return []
    found = await connection.fetch(
        f"""
        SELECT item_id, service, correspondent, received_at, chrono,
               array(SELECT message FROM desk.messages m WHERE m.item_id = i.item_id) AS messages,
               array(SELECT DISTINCT subject FROM desk.arrivals a
                     WHERE a.item_id = i.item_id AND subject IS NOT NULL) AS subjects
        FROM desk.items i
        WHERE correspondent = ANY($1::text[])
          AND {NOT_DONE}
        ORDER BY item_id FOR UPDATE
        """,  # noqa: S608  (a constant of states.py)
        correspondents,
    )
    return [
        Awaiting(
            item_id=ItemId(row["item_id"]),
            service=ServiceId(row["service"]),
            correspondent=Digest(row["correspondent"]),
            received=row["received_at"],
            chrono=Chrono(row["chrono"]),
            messages=frozenset(Digest(message) for message in row["messages"]),
            subjects=frozenset(Digest(subject) for subject in row["subjects"]),
        )
        for row in found
    ]
