"""Items by words in what colleagues noted of them: asked for people, never for a program's key."""

from collections.abc import Sequence

from services.desk.search.store.by_words import SHORT
from services.desk.search.store.word_query import exact_query
from services.desk.store.search_types import NoteHit, SearchReader
from shared.facts.envelope import Chrono
from shared.platform.database import Connection

MOST = 10


async def find_in_notes(
    connection: Connection, reader: SearchReader, asked: str, *, limit: int = MOST
) -> Sequence[NoteHit]:
    """Finds typed words in the notes of items that the reader may read: the `limit` newest items.

    Never in those of an item that is réservé, or was.
    """
    words = await exact_query(connection, asked)
    if not words:
        return []
    rows = await connection.fetch(
        """
        SELECT found.chrono, found.sender, found.subject,
               ts_headline('desk.french', left(found.notes, 8000), $7::tsquery, $9) AS extract
        FROM (
            SELECT s.* FROM desk.search s JOIN desk.items i ON i.item_id = s.id
            WHERE s.note_words @@ $7::tsquery AND s.kind = 'item'
              AND desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[])
              AND $6::bool IS NOT NULL  -- no right: it gives a type to what is not asked here
              AND i.confidentiality = 'normal' AND NOT i.was_reserved
            ORDER BY s.at DESC, s.chrono DESC LIMIT $8
        ) AS found ORDER BY found.at DESC, found.chrono DESC
        """,
        *reader.parameters,
        words,
        limit,
        SHORT,
    )
    return [
        NoteHit(Chrono(row["chrono"]), row["sender"], row["subject"], row["extract"])
        for row in rows
    ]
