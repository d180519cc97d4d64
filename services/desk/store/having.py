"""Items by words, by whichever way is short for the words at hand.

A word may stand in every second item or in one of a million, and PostgreSQL can't know which: of a
rare word its statistics say nothing. So the newest rows are looked at first. They are enough for a
common word, and say how common it is: then a rare one is asked of the index of words, and a common
one whose filter is narrow of the items that pass it.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import asyncpg

from services.desk.store.found import FILTERED, MARKS, After, Filter, Reader
from shared.database import Connection

NEWEST: Final = 2_000
SOME: Final = 200
"""Of those that have the words, that are tried against the filter."""
COMMON: Final = 1 / 100
"""Of the newest rows: from then on a word is common."""

_SELECTORS = f"StartSel={MARKS[0]}, StopSel={MARKS[1]}"
SHORT: Final = f"{_SELECTORS}, MaxWords=28, MinWords=12, MaxFragments=1"
WHOLE: Final = f"{_SELECTORS}, HighlightAll=true"

_LOOK = """
    SELECT count(*) AS seen, count(*) FILTER (WHERE has) AS having,
           coalesce((array_agg(id) FILTER (WHERE has))[:$5], '{}') AS ids
    FROM (SELECT id, words @@ $1::tsquery AS has FROM desk.search
          WHERE kind = 'item' AND ($2::timestamptz IS NULL OR (at, chrono) < ($2, $3::text))
          ORDER BY at DESC, chrono DESC LIMIT $4) AS newest
"""

# What is réservé to somebody is not found by its words by anybody else.
_PASSES: Final = f"""
    desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[]) AND $6::bool IS NOT NULL
    AND {FILTERED}
"""
_AMONG_NEWEST = "SELECT id, at, chrono FROM desk.search WHERE id = ANY($20::uuid[])"
_BY_INDEX = """
    SELECT id, at, chrono FROM desk.search
    WHERE words @@ $17::tsquery AND kind = 'item' AND $20::uuid[] IS NOT NULL
      AND ($14::timestamptz IS NULL OR (at, chrono) < ($14, $15::text))
"""
_BY_FILTER = f"""
    SELECT s.id, s.at, s.chrono FROM desk.items i JOIN desk.search s ON s.id = i.item_id
    WHERE {_PASSES} AND s.words @@ $17::tsquery AND $20::uuid[] IS NOT NULL
      AND ($14::timestamptz IS NULL OR (i.registered_at, i.chrono) < ($14, $15::text))
    ORDER BY i.registered_at DESC, i.chrono DESC LIMIT $16
"""  # noqa: S608  (constants of this page)


def _shown(source: str) -> str:
    return f"""
        WITH source AS MATERIALIZED ({source}), found AS (
            SELECT i.*, source.at FROM source JOIN desk.items i ON i.item_id = source.id
            WHERE {_PASSES} AND ($14::timestamptz IS NULL OR $15::text IS NOT NULL)
            ORDER BY source.at DESC, source.chrono DESC LIMIT $16
        )
        SELECT found.*, false AS sealed, true AS read,
               ts_headline('desk.french', s.sender, $17::tsquery, $19) AS sender,
               ts_headline('desk.french', s.subject, $17::tsquery, $19) AS subject,
               ts_headline('desk.french', left(s.body, 8000), $17::tsquery, $18) AS extract
        FROM found JOIN desk.search s ON s.id = found.item_id
        ORDER BY found.at DESC, found.chrono DESC
    """  # noqa: S608  (constants of this page)


_ASKED: Final[Mapping[str, str]] = {
    source: _shown(source) for source in (_AMONG_NEWEST, _BY_INDEX, _BY_FILTER)
}


async def rows(
    connection: Connection,
    reader: Reader,
    words: str,
    which: Filter,
    today: date,
    after: After | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """The newest `limit` items that have the words; `words`: as `wording` understood them."""
    at, chrono = (None, None) if after is None else (after.at, after.chrono)
    asked = (*reader.parameters, *which.parameters(today), at, chrono, limit, words, SHORT, WHOLE)
    (looked,) = await connection.fetch(_LOOK, words, at, chrono, NEWEST, SOME)
    seen, having, ids = looked
    whole = seen < NEWEST and having <= SOME
    if len(ids) >= limit or whole:
        found = await connection.fetch(_ASKED[_AMONG_NEWEST], *asked, ids)
        if len(found) == limit or whole:
            return found
    common = having > seen * COMMON
    return await connection.fetch(_ASKED[_BY_FILTER if common else _BY_INDEX], *asked, [])
