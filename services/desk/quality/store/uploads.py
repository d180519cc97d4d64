"""Documents that are put on the disk before a fact names them: written down first, swept after."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.desk.store import erasures
from services.desk.store.erasures import Folder
from shared.platform.database import Connection

_PAGE = 100


async def announce(connection: Connection, folder: Folder, now: datetime) -> bool:
    """Records, before it is stored, that a document will be put into a folder.

    Returns False where the folder was swept: the form is too old, and its folder goes or is gone.
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
    """Orders the erasure of document folders announced before a moment that no fact names.

    Forgets the others, and whatever is a letter's. Returns the owners of what is erased, at most a
    hundred at once.
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
