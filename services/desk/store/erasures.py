"""What is condemned: written with the decision, erased from the disk once it is committed."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from services.desk.store import circuit_letters, parapheur_letters, secure_mails, waiting_lists
from shared.content.blobs import KEY
from shared.facts.envelope import ArrivalId, ItemId
from shared.platform.database import Connection

Why = Literal["withdrawn", "destroyed", "set_aside", "unnamed"]

_KEY = re.compile(rf'"({KEY.pattern})"')


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of the blob store, which holds all blobs of one owner (an arrival, a decision)."""

    year: int
    owner: UUID


async def copies_of(connection: Connection, arrival_id: ArrivalId) -> Sequence[ArrivalId]:
    """Returns the other arrivals of the same item that have the same content, octet for octet."""
    rows = await connection.fetch(
        """
        SELECT other.arrival_id FROM desk.arrivals one
        JOIN desk.arrivals other
            ON other.fingerprint = one.fingerprint AND other.item_id = one.item_id
        WHERE one.arrival_id = $1 AND other.arrival_id <> $1 ORDER BY other.arrival_id
        """,
        arrival_id,
    )
    return [ArrivalId(row["arrival_id"]) for row in rows]


async def arrivals_of(connection: Connection, item_id: ItemId) -> Sequence[ArrivalId]:
    """Returns the ids of all arrivals of an item, scanned departures included."""
    rows = await connection.fetch(
        "SELECT arrival_id FROM desk.arrivals WHERE item_id = $1 ORDER BY arrival_id", item_id
    )
    return [ArrivalId(row["arrival_id"]) for row in rows]


async def absorbed_by(connection: Connection, item_id: ItemId) -> Sequence[ItemId]:
    """Returns the items merged into this one, directly or through others."""
    rows = await connection.fetch(
        """
        WITH RECURSIVE absorbed (item_id, steps) AS (
            SELECT item_id, 1 FROM desk.items WHERE merged_into = $1
            UNION ALL
            SELECT i.item_id, steps + 1 FROM absorbed a
            JOIN desk.items i ON i.merged_into = a.item_id WHERE steps < 50
        )
        SELECT DISTINCT item_id FROM absorbed ORDER BY item_id
        """,
        item_id,
    )
    return [ItemId(row["item_id"]) for row in rows]


async def composed_for(connection: Connection, item_id: ItemId) -> Sequence[Folder]:
    """Returns the blob folders of texts composed for an item, which no arrival owns.

    A message that was split off belongs to its new item: the register says whose an arrival is.
    """
    rows = await connection.fetch(
        """
        SELECT payload AS said FROM desk.facts WHERE item_id = $1
        UNION ALL SELECT '"' || document || '"' FROM desk.notices
            WHERE item_id = $1 AND document IS NOT NULL
        UNION ALL SELECT told FROM desk.replies WHERE item_id = $1
        UNION ALL SELECT '"' || document || '"' FROM desk.parapheur_letters WHERE item_id = $1
        UNION ALL SELECT '"' || document || '"' FROM desk.secure_mails WHERE item_id = $1
        UNION ALL SELECT '"' || document || '"' FROM desk.circuit_letters
            WHERE item_id = $1 AND document IS NOT NULL
        UNION ALL SELECT concat('"', said, '" "', reason, '"') FROM desk.circuit_steps
            JOIN desk.circuit_letters USING (letter) WHERE item_id = $1
        """,
        item_id,
    )
    named = {folder(key) for row in rows for key in _KEY.findall(row["said"])}
    owned = await connection.fetch(
        "SELECT arrival_id FROM desk.arrivals WHERE arrival_id = ANY($1::uuid[])",
        [folder.owner for folder in named],
    )
    arrivals = {row["arrival_id"] for row in owned}
    return sorted(
        (folder for folder in named if folder.owner not in arrivals),
        key=lambda folder: folder.owner,
    )


async def senders_of(connection: Connection, item_id: ItemId) -> Sequence[Folder]:
    """Returns the blob folders with the senders that people noted for an item."""
    rows = await connection.fetch(
        """
        SELECT payload::jsonb ->> 'pli' AS pli FROM desk.facts
        WHERE item_id = $1 AND type = 'SenderNoted' ORDER BY seq
        """,
        item_id,
    )
    return [folder(row["pli"]) for row in rows]


async def condemn(
    connection: Connection, arrivals: Collection[ArrivalId], why: Why, now: datetime
) -> None:
    """Schedules the deletion of arrivals' blobs; deletes their personal columns at once.

    The same text that arrives again is then new, not a copy.
    """
    for arrival_id in sorted(arrivals):
        row = await connection.fetchrow(
            "SELECT original, told FROM desk.arrivals WHERE arrival_id = $1 FOR UPDATE", arrival_id
        )
        if row is None:
            continue
        await connection.execute(
            """
            UPDATE desk.arrivals SET pli = NULL, correspondent = NULL, subject = NULL,
                fingerprint = NULL, told = $2, erased_at = $3
            WHERE arrival_id = $1
            """,
            arrival_id,
            waiting_lists.without_content(arrival_id, row["told"]),
            now,
        )
        await condemn_folders(connection, [folder(row["original"])], why, now)


async def condemn_folders(
    connection: Connection, folders: Iterable[Folder], why: Why, now: datetime
) -> None:
    """Schedules the deletion of these blob folders from the disk."""
    await connection.executemany(
        """
        INSERT INTO desk.erasures (year, owner, why, asked_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (year, owner) DO UPDATE SET done_at = NULL
        """,
        [(folder.year, folder.owner, why, now) for folder in folders],
    )


async def is_condemned(connection: Connection, folder: Folder) -> bool:
    """Whether a blob folder is scheduled for deletion from the disk, or was deleted."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT FROM desk.erasures WHERE (year, owner) = ($1, $2))",
            folder.year,
            folder.owner,
        )
    )


async def empty(connection: Connection, item_id: ItemId, why: Why, now: datetime) -> None:
    """Schedules the deletion of all content of an item, and of items merged into it."""
    for affected in [item_id, *await absorbed_by(connection, item_id)]:
        composed = await composed_for(connection, affected)
        brought = await arrivals_of(connection, affected)
        await condemn_folders(connection, composed, why, now)
        await condemn(connection, brought, why, now)
        await parapheur_letters.forget(connection, affected)
        await circuit_letters.forget(connection, affected)
        await secure_mails.forget(connection, affected)
        await forget_item(connection, affected)
        await search_anew(connection, affected)


async def withdraw(
    connection: Connection,
    item_id: ItemId,
    gone: Collection[ArrivalId],
    now: datetime,
    *,
    opening: bool,
) -> None:
    """Schedules the deletion of some arrivals of an item.

    `opening`: the arrival that opened the item is among them, so senders noted by people go too.
    """
    await condemn(connection, gone, "withdrawn", now)
    if opening:
        await condemn_folders(connection, await senders_of(connection, item_id), "withdrawn", now)
    await search_anew(connection, item_id)


async def forget_item(connection: Connection, item_id: ItemId) -> None:
    """Deletes the sender's pseudonym from an item whose content is all gone."""
    await connection.execute(
        "UPDATE desk.items SET correspondent = NULL WHERE item_id = $1", item_id
    )


async def search_anew(connection: Connection, item_id: ItemId) -> None:
    """Deletes an item's text from the search index and queues it to be indexed again."""
    await connection.execute("DELETE FROM desk.search WHERE id = $1", item_id)
    await connection.execute("INSERT INTO desk.to_index (id) VALUES ($1)", item_id)


def folder(key: str) -> Folder:
    """Splits a blob key (`year/owner/name`); returns the blob store's folder: year and owner."""
    year, owner, _ = key.split("/")
    return Folder(int(year), UUID(owner))
