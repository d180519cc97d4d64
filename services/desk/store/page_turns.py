"""How the pages of a document are turned on the screen, by the SHA-256 of its octets.

Page 0 stands for every page without a turn of its own. A turn is degrees, clockwise: 0, 90, 180 or
270. The octets themselves are never changed.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from shared.platform.database import Connection

EVERY_PAGE: Final = 0


async def of_documents(
    connection: Connection, documents: Sequence[str]
) -> Mapping[str, Mapping[int, int]]:
    """Returns by how many degrees pages of documents are turned, by SHA-256, then by page."""
    rows = await connection.fetch(
        "SELECT document, page, turn FROM desk.page_turns WHERE document = ANY($1::text[])",
        documents,
    )
    found = dict[str, dict[int, int]]()
    for row in rows:
        found.setdefault(row["document"], {})[row["page"]] = row["turn"]
    return found


async def keep(connection: Connection, document: str, page: int, turn: int, now: datetime) -> None:
    """Stores how a page is rotated on the screen; page 0: every page, in place of all before."""
    if page == EVERY_PAGE:
        await connection.execute("DELETE FROM desk.page_turns WHERE document = $1", document)
    await connection.execute(
        """
        INSERT INTO desk.page_turns (document, page, turn, turned_at) VALUES ($1, $2, $3, $4)
        ON CONFLICT (document, page) DO UPDATE SET turn = $3, turned_at = $4
        """,
        document,
        page,
        turn,
        now,
    )
