"""The search: items by number, by words, by words with typing errors, by filters alone.

Each answer goes on where the last one ended (`Cursor`): page 500 costs what page 1 costs. Rights
are part of the question (`desk.known_to`, sql/0010): what somebody may not read matches nothing for
them, so that no answer lets them guess it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import date

import asyncpg

from services.desk.domain import query
from services.desk.domain.query import Numbers
from services.desk.search.store import by_words as search_by_words
from services.desk.search.store import word_query
from services.desk.store.cursors import Cursor, MomentCursor
from services.desk.store.lists import line_of
from services.desk.store.search_bound import beginning
from services.desk.store.search_types import (
    FILTERED,
    Filter,
    SearchHit,
    SearchPage,
    SearchQuery,
    SearchReader,
    UnregisteredHit,
)
from shared.facts.envelope import ItemId
from shared.platform.database import Connection


async def find(
    connection: Connection,
    asked: SearchQuery,
    *,
    after: MomentCursor | None = None,
    forgiving: bool = False,
    limit: int = 25,
) -> SearchPage:
    """Returns a page of search results: by number first, then by words, then other hits."""
    if not asked.text:
        return await by_filter(
            connection, asked.reader, asked.which, asked.today, after=after, limit=limit
        )
    found = await by_words(
        connection, asked.reader, asked.text, asked.which, asked.today,
        after=after, forgiving=forgiving, limit=limit,
    )  # fmt: skip
    if after is not None:
        return found
    meant = query.numbers(asked.text, asked.department, asked.today.year)
    named = await by_numbers(connection, asked.reader, meant) if meant.chronos else ()
    known = {hit.item_id for hit in named}
    return replace(
        found,
        hits=[*named, *(hit for hit in found.hits if hit.item_id not in known)],
        asides=await elsewhere(connection, asked.reader, asked.text),
    )


async def all_found(connection: Connection, asked: SearchQuery) -> AsyncIterator[SearchHit]:
    """Yields all results of a search, page after page, never all in memory."""
    found = await find(connection, asked, limit=500)
    while True:
        for hit in found.hits:
            yield hit
        if found.after is None:
            return
        found = await find(
            connection, asked, after=found.after, forgiving=found.forgiven, limit=500
        )


async def by_numbers(
    connection: Connection, reader: SearchReader, meant: Numbers, *, limit: int = 10
) -> Sequence[SearchHit]:
    """Finds the items that a typed number names: by chrono, former chrono or sticker number.

    At most `limit`. A chrono may be that of an arrival or of a departure. The item that has the
    number comes before the one that had it before a restore.
    """
    rows = await connection.fetch(
        """
        SELECT i.*, s.sender, s.subject, '' AS extract, s.id IS NOT NULL AS read, i.registered_at AS at,
               NOT desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[]) AS sealed
        FROM (
            SELECT item_id, min(place) AS place FROM (
                SELECT item_id, 0 AS place FROM desk.items WHERE chrono = ANY($7::text[])
                UNION ALL SELECT item_id, 0 FROM desk.departures WHERE chrono = ANY($7::text[])
                UNION ALL SELECT item_id, 0 FROM desk.labels WHERE label = $8
                UNION ALL SELECT item_id, 1 FROM desk.former_chronos WHERE chrono = ANY($7::text[])
            ) AS numbered GROUP BY item_id
        ) AS named
        JOIN desk.items i USING (item_id) LEFT JOIN desk.search s ON s.id = i.item_id
        WHERE desk.known_to(i, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
        ORDER BY named.place, array_position($7::text[], i.chrono) NULLS LAST LIMIT $9
        """,  # noqa: E501  (a query is read as it is sent)
        *reader.parameters,
        meant.chronos,
        meant.label,
        limit,
    )
    return [replace(_hit(row), named=True) for row in rows]


async def by_words(
    connection: Connection,
    reader: SearchReader,
    asked: str,
    which: Filter,
    today: date,
    *,
    after: MomentCursor | None = None,
    forgiving: bool = False,
    limit: int = 25,
) -> SearchPage:
    """Finds a page of items with all these words in sender, subject or content, newest first.

    `"…"` keeps words together, `-word` excludes. When no item has them, or `forgiving` (a later
    page of such an answer), words of senders and subjects that differ by a slip or two count too.
    """
    if not forgiving:
        exact = await word_query.exact_query(connection, asked)
        hits = await _having(connection, reader, exact, which, today, after, limit + 1)
        if hits or after is not None or not exact:
            return _page(hits, limit)
    wide = await word_query.tolerant_query(connection, asked)
    hits = await _having(connection, reader, wide, which, today, after, limit + 1)
    return _page(hits, limit, forgiven=bool(hits))


async def by_filter(
    connection: Connection,
    reader: SearchReader,
    which: Filter,
    today: date,
    *,
    after: MomentCursor | None = None,
    limit: int = 25,
) -> SearchPage:
    """Finds the items that pass a filter by fields, the newest first (a page)."""
    await word_query.plan_for_the_case(connection)
    after = await beginning(connection, which, after)
    rows = await connection.fetch(
        _BY_FILTER, *reader.parameters, *which.parameters(today), *_from(after), limit + 1
    )
    return _page([_hit(row) for row in rows], limit)


async def elsewhere(
    connection: Connection, reader: SearchReader, asked: str, *, limit: int = 10
) -> Sequence[UnregisteredHit]:
    """Finds text in arrivals without item and lines of an older register: the `limit` newest."""
    words = await word_query.exact_query(connection, asked)
    if not words or not (reader.seen.everything or reader.seen.services):
        return []
    rows = await connection.fetch(
        """
        SELECT found.*, ts_headline('desk.french', left(body, 8000), $1::tsquery, $5) AS extract
        FROM (
            SELECT s.id, s.at, s.sender, s.subject, s.body, known.*
            FROM desk.search s CROSS JOIN LATERAL (
                SELECT word AS kind, '' AS number, NULL::date AS answered_on FROM desk.arrivals
                WHERE arrival_id = s.id AND item_id IS NULL AND $2
                UNION ALL
                SELECT 'past', number, answered_on FROM desk.past_lines
                WHERE line_id = s.id AND ($2 OR service = ANY($3::text[]))
            ) AS known
            WHERE s.kind <> 'item' AND s.words @@ $1::tsquery
            ORDER BY s.at DESC, s.id DESC LIMIT $4
        ) AS found
        """,
        words,
        reader.seen.everything,
        reader.seen.services,
        limit,
        search_by_words.SHORT,
    )
    return [
        UnregisteredHit(**{name: row[name] for name in UnregisteredHit.__slots__}) for row in rows
    ]


async def _having(
    connection: Connection,
    reader: SearchReader,
    words: str,
    which: Filter,
    today: date,
    after: MomentCursor | None,
    limit: int,
) -> Sequence[SearchHit]:
    if not words:
        return []
    found = await search_by_words.rows(connection, reader, words, which, today, after, limit)
    return [_hit(row) for row in found]


_BY_FILTER = f"""
    SELECT i.*, i.registered_at AS at, s.sender, s.subject, '' AS extract, s.id IS NOT NULL AS read,
           NOT desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[]) AS sealed
    FROM desk.items i LEFT JOIN desk.search s ON s.id = i.item_id
    WHERE desk.known_to(i, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
      AND {FILTERED}
      AND ($14::timestamptz IS NULL OR (i.registered_at, i.chrono) < ($14, $15::text))
    ORDER BY i.registered_at DESC, i.chrono DESC LIMIT $16
"""  # noqa: S608  (a constant of store/search_types.py)


def _from(after: MomentCursor | None) -> tuple[object, ...]:
    return (None, None) if after is None else (after.key, after.name)


def _page(hits: Sequence[SearchHit], limit: int, *, forgiven: bool = False) -> SearchPage:
    shown = hits[:limit]
    more = len(hits) > limit
    return SearchPage(
        shown, Cursor(shown[-1].at, shown[-1].line.chrono) if more else None, forgiven
    )


def _hit(row: asyncpg.Record) -> SearchHit:
    sealed = row["sealed"]
    return SearchHit(
        item_id=ItemId(row["item_id"]),
        at=row["at"],
        line=line_of(row),
        sealed=sealed,
        reserved=row["was_reserved"] and not sealed,
        read=row["read"],
        sender="" if sealed else row["sender"] or "",
        subject="" if sealed else row["subject"] or "",
        extract="" if sealed else row["extract"],
    )
