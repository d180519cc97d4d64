"""Items by words, the newest first, at the cost of what is shown.

A word may stand in every second item or in one of a million, and PostgreSQL can't know which: of a
rare word its statistics say nothing. So the register is read backwards, a few weeks first and then
as many as should fill the page; its index holds words and weeks together (sql/0070). Where a week
is full of the word, or a narrow filter lets hardly any item through, the items that pass the filter
are walked instead and their words looked at.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Final
from uuid import UUID

import asyncpg

from services.desk.store.cursors import MomentCursor
from services.desk.store.search_bound import beginning
from services.desk.store.search_types import FILTERED, MARKS, Filter, SearchReader
from shared.platform.database import Connection

FEWEST: Final = 2
"""Weeks that are read first: the one that runs, and a whole one."""
AMPLE: Final = 2
"""Times what the page still lacks, that the next weeks should hold if they are like the last."""
NARROWER: Final = 8
"""Of weeks that hold too many, such a part is read."""
MANY: Final = 500
"""Items with the words that are read of some weeks; where the fewest weeks have more they are
walked."""
PATIENCE: Final = 1_000
"""Items with the words that are tried against the filter before it is taken for the narrower."""

_SELECTORS = f"StartSel={MARKS[0]}, StopSel={MARKS[1]}"
SHORT: Final = f"{_SELECTORS}, MaxWords=28, MinWords=12, MaxFragments=1"
WHOLE: Final = f"{_SELECTORS}, HighlightAll=true"

_FIRST = datetime(1, 1, 1, tzinfo=UTC)
"""A Monday: `desk.weeks` counts from it."""

# What is réservé to somebody is not found by its words by anybody else.
_PASSES: Final = f"""
    desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[]) AND $6::bool IS NOT NULL
    AND {FILTERED}
"""
# Each step by a plan that does not count on the limit, and no further than the limit asks.
_IN_WEEKS: Final = f"""
    WITH hits AS MATERIALIZED (
        SELECT id, at, chrono FROM desk.search
        WHERE words @@ $17::tsquery AND desk.weeks(at) && $18::int[] AND kind = 'item'
    ), read AS MATERIALIZED (SELECT * FROM hits LIMIT $19 + 1)
    SELECT (SELECT count(*) FROM read) AS seen, ARRAY(
        SELECT newest.id FROM (
            SELECT * FROM read WHERE (SELECT count(*) FROM read) <= $19
            AND (at, chrono) < ($14::timestamptz, $15::text)
            ORDER BY at DESC, chrono DESC
        ) AS newest CROSS JOIN LATERAL (
            SELECT FROM desk.items i WHERE i.item_id = newest.id AND {_PASSES} OFFSET 0
        ) AS passing
        ORDER BY newest.at DESC, newest.chrono DESC LIMIT $16
    ) AS ids
"""  # noqa: S608  (constants of this page)
_WALKED: Final = f"""
    SELECT i.item_id FROM desk.items i JOIN desk.search s ON s.id = i.item_id
    WHERE {_PASSES} AND s.words @@ $17::tsquery
      AND (i.registered_at, i.chrono) < ($14::timestamptz, $15::text)
    ORDER BY i.registered_at DESC, i.chrono DESC LIMIT $16
"""  # noqa: S608  (constants of this page)
_SHOWN: Final = """
    SELECT i.*, i.registered_at AS at, false AS sealed, s.id IS NOT NULL AS read,
           ts_headline('desk.french', s.sender, $2::tsquery, $4) AS sender,
           ts_headline('desk.french', s.subject, $2::tsquery, $4) AS subject,
           coalesce(ts_headline('desk.french', left(s.body, 8000), $2::tsquery, $3), '') AS extract
    FROM unnest($1::uuid[]) WITH ORDINALITY AS found (id, place)
    JOIN desk.items i ON i.item_id = found.id LEFT JOIN desk.search s ON s.id = found.id
    ORDER BY found.place
"""


async def rows(
    connection: Connection,
    reader: SearchReader,
    words: str,
    which: Filter,
    today: date,
    after: MomentCursor | None,
    limit: int,
) -> Sequence[asyncpg.Record]:
    """Returns the newest `limit` items that match a PostgreSQL text query (`words`)."""
    asked = (*reader.parameters, *which.parameters(today))
    place = await beginning(connection, which, after)
    ids = await _newest(connection, asked, words, place, limit)
    return await connection.fetch(_SHOWN, ids, words, SHORT, WHOLE) if ids else []


async def _newest(
    connection: Connection,
    asked: Sequence[object],
    words: str,
    after: MomentCursor | None,
    limit: int,
) -> Sequence[UUID]:
    """The ids of these items, by the weeks of their registration."""
    (bounds,) = await connection.fetch(
        "SELECT min(registered_at) AS oldest, max(registered_at) AS newest FROM desk.items"
    )
    if bounds["oldest"] is None:
        return []
    oldest = _week(bounds["oldest"])
    begun = week = _week(bounds["newest"] if after is None else min(bounds["newest"], after.key))
    found, tried, width = list[UUID](), 0, FEWEST
    while week >= oldest and len(found) < limit:
        width = min(width, week - oldest + 1)
        passing = (*asked, *_before(week, after), limit - len(found), words)
        if tried <= PATIENCE:
            weeks = list(range(week - width + 1, week + 1))
            (read,) = await connection.fetch(_IN_WEEKS, *passing, weeks, MANY)
            if read["seen"] <= MANY:
                found += read["ids"]
                tried += read["seen"]
                week -= width
                likely = AMPLE * (limit - len(found)) * (begun - week) // max(1, len(found))
                width = max(FEWEST, likely)
                continue
            if width > FEWEST:
                width = max(FEWEST, width // NARROWER)
                continue
        return [*found, *(row["item_id"] for row in await connection.fetch(_WALKED, *passing))]
    return found


def _week(at: datetime) -> int:
    return (at - _FIRST) // timedelta(weeks=1)


def _before(week: int, after: MomentCursor | None) -> tuple[datetime, str]:
    """Moment and chrono that come next after what was read already: the week's end, or a place."""
    end = (_FIRST + timedelta(weeks=week + 1), "")
    return end if after is None else min(end, (after.key, after.name))
