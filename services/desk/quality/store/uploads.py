"""Documents that are put on the disk before a fact names them: written down first, swept after."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.desk.store import erasures
from services.desk.store.erasures import Folder
from shared.platform.database import Connection

_PAGE = 100


async def announce(connection: Connection, folder: Folder, now: datetime) -> bool:
    """Records that a document is about to be put into a folder; returns whether it may be.

    False if the folder was ordered to be erased: the form of the document was opened too long ago.
    """
    # The row first: it waits for a sweep of this very folder, and then sees what that condemned.
    await connection.execute(
        """
        INSERT INTO desk.quality_uploads (owner, year, announced_at) VALUES ($1, $2, $3)
        ON CONFLICT (owner) DO UPDATE SET announced_at = excluded.announced_at
        """,
        folder.owner,
        folder.year,
        now,
    )
    return not await connection.fetchval(
        "SELECT EXISTS (SELECT FROM desk.erasures WHERE (year, owner) = ($1, $2))",
        folder.year,
        folder.owner,
    )


async def sweep(connection: Connection, before: datetime, now: datetime) -> Sequence[UUID]:
    """Orders the erasure of announced document folders that no fact names, if older than a moment.

    Deletes the records of these, of older folders that a fact names, and of folders that belong to
    an arrival. Returns the owners of the folders to erase. A hundred records at once.
    """
    rows = await connection.fetch(
        """
        DELETE FROM desk.quality_uploads WHERE owner IN (
            SELECT owner FROM desk.quality_uploads WHERE announced_at < $1
            ORDER BY announced_at LIMIT $2 FOR UPDATE)
        RETURNING owner, year,
            EXISTS (SELECT FROM desk.quality_facts
                    WHERE position('/' || owner::text || '/' IN payload::text) > 0)
            OR EXISTS (SELECT FROM desk.arrivals WHERE arrival_id = owner) AS named
        """,
        before,
        _PAGE,
    )
    left = [Folder(row["year"], row["owner"]) for row in rows if not row["named"]]
    await erasures.condemn_folders(connection, left, "unnamed", now)
    return [folder.owner for folder in left]
