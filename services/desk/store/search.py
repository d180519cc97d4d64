"""The search: items by number, by words, by words with typing errors, by filters alone.

Each answer goes on where the last one ended (`After`): page 500 costs what page 1 costs. Rights are
part of the question (`desk.known_to`, sql/0010): what somebody may not read matches nothing for
them, so that no answer lets them guess it.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from uuid import UUID

import asyncpg

from services.desk.domain import query
from services.desk.domain.query import Kind, Numbers
from services.desk.store.lists import Line, line_of
from services.desk.store.seen import Seen
from shared.database import Connection
from shared.facts.envelope import ItemId

OPEN, LATE = "open", "late"
"""States to ask for, beside those of `State`: all that wait for an answer, and those too late."""

MARKS = "\ue000", "\ue001"
"""Stand around a found word in what is shown; no indexed text has them."""

_NEAR = 0.25
"""Trigrams that a word must share with the typed one before its slips are counted."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: of what they may know, and whether they read whatever is réservé."""

    seen: Seen
    secrets: bool = False
    """The general secretary. Others may know of a réservé item and not read it."""

    @property
    def parameters(self) -> tuple[object, ...]:
        """As the queries below take them."""
        everything, known, persons, services, led = self.seen
        return (everything, self.secrets, persons, services, led, known)


@dataclass(frozen=True, slots=True)
class Filter:
    """What an item must be; `None` asks nothing. Days are local."""

    service: str | None = None
    state: str | None = None
    category: str | None = None
    channel: str | None = None
    received_from: date | None = None
    received_until: date | None = None

    def parameters(self, today: date) -> tuple[object, ...]:
        """As the queries below take them."""
        return (
            self.service,
            self.state,
            self.category,
            self.channel,
            self.received_from,
            self.received_until,
            today,
        )


@dataclass(frozen=True, slots=True)
class After:
    """The last item of a page."""

    at: datetime
    chrono: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A found item. Texts have `MARKS` around found words; they are empty where `sealed`."""

    item_id: ItemId
    at: datetime
    line: Line
    sealed: bool
    """Réservé: its reader may know of it, not read it."""
    read: bool
    """Its content was indexed; a moment after registration it is not yet."""
    sender: str
    subject: str
    extract: str


@dataclass(frozen=True, slots=True)
class Aside:
    """Found outside the items: what waits without item, or a line of an older register."""

    id: UUID
    kind: str
    """`set_aside`, `quarantine`, `history`, or `past`."""
    at: datetime
    number: str
    sender: str
    subject: str
    extract: str
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an answer."""

    hits: Sequence[Hit]
    after: After | None
    """Where the next page begins; `None`: there is none."""
    forgiven: bool = False
    """No item has these words; these have some that look like them."""
    asides: Sequence[Aside] = field(default=())


async def by_numbers(
    connection: Connection, reader: Reader, meant: Numbers, *, limit: int = 10
) -> Sequence[Hit]:
    """The items that a number names: chrono of arrival or departure, sticker."""
    rows = await connection.fetch(
        """
        SELECT i.*, s.sender, s.subject, '' AS extract, s.id IS NOT NULL AS read, i.registered_at AS at,
               NOT desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[]) AS sealed
        FROM (
            SELECT item_id FROM desk.items WHERE chrono = ANY($7::text[])
            UNION SELECT item_id FROM desk.departures WHERE chrono = ANY($7::text[])
            UNION SELECT item_id FROM desk.labels WHERE label = $8
        ) AS named
        JOIN desk.items i USING (item_id) LEFT JOIN desk.search s ON s.id = i.item_id
        WHERE desk.known_to(i, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
        ORDER BY array_position($7::text[], i.chrono) NULLS LAST LIMIT $9
        """,  # noqa: E501  (a query is read as it is sent)
        *reader.parameters,
        meant.chronos,
        meant.label,
        limit,
    )
    return [_hit(row) for row in rows]


async def by_words(
    connection: Connection,
    reader: Reader,
    asked: str,
    which: Filter,
    today: date,
    *,
    after: After | None = None,
    forgiving: bool = False,
    limit: int = 25,
) -> Found:
    """Items whose sender, subject or content has all these words, the newest first.

    `"…"` keeps words together, `-word` excludes. When no item has them, or `forgiving` (a later
    page of such an answer), words of senders and subjects that differ by a slip or two count too.
    """
    if not forgiving:
        exact = await _understood(connection, asked)
        hits = await _by_words(connection, reader, exact, which, today, after, limit + 1)
        if hits or after is not None or not exact:
            return _page(hits, limit)
    wide = await _forgiven(connection, asked)
    hits = await _by_words(connection, reader, wide, which, today, after, limit + 1)
    return _page(hits, limit, forgiven=bool(hits))


async def by_filter(
    connection: Connection,
    reader: Reader,
    which: Filter,
    today: date,
    *,
    after: After | None = None,
    limit: int = 25,
) -> Found:
    """Items that pass a filter, the newest first."""
    rows = await connection.fetch(
        _BY_FILTER, *reader.parameters, *which.parameters(today), *_from(after), limit + 1
    )
    return _page([_hit(row) for row in rows], limit)


async def every(
    connection: Connection, reader: Reader, which: Filter, today: date
) -> AsyncIterator[Hit]:
    """All the items that pass a filter, the newest first, never all in memory."""
    cursor = connection.cursor(
        _BY_FILTER, *reader.parameters, *which.parameters(today), *_from(None), None, prefetch=500
    )
    async for row in cursor:
        yield _hit(row)


async def elsewhere(
    connection: Connection, reader: Reader, asked: str, *, limit: int = 10
) -> Sequence[Aside]:
    """What was found that is no item: for those who see to all mail; old lines by service."""
    words = await _understood(connection, asked)
    if not words or not (reader.seen.everything or reader.seen.services):
        return []
    rows = await connection.fetch(
        """
        SELECT found.*, ts_headline('desk.french', left(body, 8000), $1::tsquery, $5) AS extract
        FROM (
            SELECT s.id, s.at, s.sender, s.subject, s.body, coalesce(a.word, 'past') AS kind,
                   coalesce(p.number, '') AS number, p.answered_on
            FROM desk.search s
            LEFT JOIN desk.arrivals a ON a.arrival_id = s.id AND a.item_id IS NULL
            LEFT JOIN desk.past_lines p ON p.line_id = s.id
            WHERE s.kind <> 'item' AND s.words @@ $1::tsquery
              AND (a.arrival_id IS NOT NULL AND $2 OR p.line_id IS NOT NULL
                                                      AND ($2 OR p.service = ANY($3::text[])))
            ORDER BY s.at DESC, s.id DESC LIMIT $4
        ) AS found
        """,
        words,
        reader.seen.everything,
        reader.seen.services,
        limit,
        _SHORT,
    )
    return [Aside(**{name: row[name] for name in Aside.__slots__}) for row in rows]


async def _understood(connection: Connection, text: str) -> str:
    """The question as PostgreSQL counts words; empty when none of them means anything.

    Plans are made for the words at hand, for a rare word wants another index than a common one.
    """
    parts = query.parts(text)
    asked = await connection.fetchrow(
        """
        SELECT set_config('plan_cache_mode', 'force_custom_plan', true),
               string_agg(CASE WHEN kind = 'not' THEN '!' ELSE '' END || '(' || meant || ')',
                          ' & ') AS words
        FROM (
            SELECT number, kind, (
                SELECT string_agg(DISTINCT one::text, ' | ')
                FROM unnest(string_to_array(forms, E'\n')) AS form,
                     phraseto_tsquery('desk.french', form) AS one WHERE numnode(one) > 0
            ) AS meant
            FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS part (kind, forms, number)
        ) AS parts
        WHERE meant IS NOT NULL
        """,
        [part.kind.value for part in parts],
        ["\n".join(part.forms) for part in parts],
    )
    only_excludes = all(part.kind is Kind.NOT for part in parts)
    return "" if asked is None or only_excludes else str(asked["words"] or "")


async def _forgiven(connection: Connection, text: str) -> str:
    """Each word, or one that it may be a slip of."""
    if any(part.kind is not Kind.WORD for part in query.parts(text)):
        return ""  # who asks so precisely means it
    typed = [row["word"] for row in await connection.fetch(_FOLDED, query.words(text))]
    near: dict[str, list[str]] = {word: [] for word in typed}
    await connection.execute(
        "SELECT set_config('pg_trgm.similarity_threshold', $1, true)", f"{_NEAR}"
    )
    for row in await connection.fetch(_ALIKE, [word for word in typed if len(word) > 2]):  # noqa: PLR2004
        near[row["typed"]].append(row["word"])
    groups = [(*query.alike(word, known), *query.forms(word)) for word, known in near.items()]
    asked = await connection.fetchval(
        """
        SELECT string_agg('(' || either || ')', ' & ') FROM (
            SELECT (SELECT string_agg(meant::text, ' | ')
                    FROM unnest(string_to_array(grouped, ' ')) AS one,
                         to_tsquery('desk.french', one) AS meant WHERE numnode(meant) > 0) AS either
            FROM unnest($1::text[]) AS grouped
        ) AS groups WHERE either IS NOT NULL
        """,
        [" ".join(one) for one in groups],
    )
    return "" if asked is None else str(asked)


_FOLDED = """
    SELECT DISTINCT ON (word) word FROM unnest($1::text[]) AS typed,
        regexp_split_to_table(desk.folded(typed), '[^a-z0-9]+') AS word
    WHERE length(word) > 1
"""
_ALIKE = """
    SELECT typed, near.word FROM unnest($1::text[]) AS typed CROSS JOIN LATERAL (
        SELECT word FROM desk.vocabulary WHERE word % typed
        ORDER BY similarity(word, typed) DESC, items DESC LIMIT 40
    ) AS near
"""
_SELECTORS = f"StartSel={MARKS[0]}, StopSel={MARKS[1]}"
_SHORT = f"{_SELECTORS}, MaxWords=28, MinWords=12, MaxFragments=1"
_WHOLE = f"{_SELECTORS}, HighlightAll=true"


async def _by_words(
    connection: Connection,
    reader: Reader,
    words: str,
    which: Filter,
    today: date,
    after: After | None,
    limit: int,
) -> Sequence[Hit]:
    if not words:
        return []
    rows = await connection.fetch(
        """
        SELECT found.*, false AS sealed, true AS read,
               ts_headline('desk.french', found.said_by, $17::tsquery, $19) AS sender,
               ts_headline('desk.french', found.said_of, $17::tsquery, $19) AS subject,
               ts_headline('desk.french', left(found.body, 8000), $17::tsquery, $18) AS extract
        FROM (
            SELECT i.*, s.at, s.sender AS said_by, s.subject AS said_of, s.body
            FROM desk.search s JOIN desk.items i ON i.item_id = s.id
            WHERE s.words @@ $17::tsquery
              -- What is réservé to somebody is not found by its words by anybody else.
              AND desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[]) AND $6::bool IS NOT NULL
              AND ($7::text IS NULL OR i.service = $7)
              AND CASE $8::text
                  WHEN 'open' THEN i.state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred')
                  WHEN 'late' THEN i.state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred')
                                   AND i.due < $13
                  ELSE $8 IS NULL OR i.state = $8 END
              AND ($9::text IS NULL OR i.category = $9) AND ($10::text IS NULL OR i.channel = $10)
              AND ($11::date IS NULL OR i.received_on >= $11)
              AND ($12::date IS NULL OR i.received_on <= $12)
              AND ($14::timestamptz IS NULL OR (s.at, s.chrono) < ($14, $15::text))
            ORDER BY s.at DESC, s.chrono DESC LIMIT $16
        ) AS found ORDER BY found.at DESC, found.chrono DESC
        """,  # noqa: E501  (a query is read as it is sent)
        *reader.parameters,
        *which.parameters(today),
        *_from(after),
        limit,
        words,
        _SHORT,
        _WHOLE,
    )
    return [_hit(row) for row in rows]


_BY_FILTER = """
    SELECT i.*, i.registered_at AS at, s.sender, s.subject, '' AS extract, s.id IS NOT NULL AS read,
           NOT desk.known_to(i, $1, $2, $3::text[], $4::text[], $5::text[]) AS sealed
    FROM desk.items i LEFT JOIN desk.search s ON s.id = i.item_id
    WHERE desk.known_to(i, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
      AND ($7::text IS NULL OR i.service = $7)
      AND CASE $8::text
          WHEN 'open' THEN i.state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred')
          WHEN 'late' THEN i.state NOT IN ('destroyed', 'merged', 'closed', 'answered', 'transferred')
                           AND i.due < $13
          ELSE $8 IS NULL OR i.state = $8 END
      AND ($9::text IS NULL OR i.category = $9) AND ($10::text IS NULL OR i.channel = $10)
      AND ($11::date IS NULL OR i.received_on >= $11)
      AND ($12::date IS NULL OR i.received_on <= $12)
      AND ($14::timestamptz IS NULL OR (i.registered_at, i.chrono) < ($14, $15::text))
    ORDER BY i.registered_at DESC, i.chrono DESC LIMIT $16
"""  # noqa: E501  (a query is read as it is sent)


def _from(after: After | None) -> tuple[object, ...]:
    return (None, None) if after is None else (after.at, after.chrono)


def _page(hits: Sequence[Hit], limit: int, *, forgiven: bool = False) -> Found:
    shown = hits[:limit]
    more = len(hits) > limit
    return Found(shown, After(shown[-1].at, shown[-1].line.chrono) if more else None, forgiven)


def _hit(row: asyncpg.Record) -> Hit:
    sealed = row["sealed"]
    return Hit(
        item_id=ItemId(row["item_id"]),
        at=row["at"],
        line=line_of(row),
        sealed=sealed,
        read=row["read"],
        sender="" if sealed else row["sender"] or "",
        subject="" if sealed else row["subject"] or "",
        extract="" if sealed else row["extract"],
    )
