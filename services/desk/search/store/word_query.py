"""A question in the words of PostgreSQL: as typed, or with its typing errors forgiven."""

from services.desk.domain import query
from services.desk.domain.query import QueryPartKind
from shared.platform.database import Connection

_NEAR = 0.25
"""Trigrams that a word must share with the typed one before its slips are counted."""


async def plan_for_the_case(connection: Connection) -> None:
    """Makes PostgreSQL plan each search query for its actual words, in this transaction.

    A rare word wants another index than a common one.
    """
    await connection.execute("SET LOCAL plan_cache_mode = force_custom_plan")


async def exact_query(connection: Connection, text: str) -> str:
    """Converts typed words into a PostgreSQL text query; empty if nothing is to be found.

    So it is for words that mean nothing, and for excluded words alone. From then on the transaction
    plans each query for its actual words: a rare word wants another index than a common one.
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
    only_excludes = all(part.kind is QueryPartKind.NOT for part in parts)
    return "" if asked is None or only_excludes else str(asked["words"] or "")


async def tolerant_query(connection: Connection, text: str) -> str:
    """Converts typed words into a PostgreSQL text query that tolerates typing errors.

    Empty when the text has phrases or excluded words.
    """
    if any(part.kind is not QueryPartKind.WORD for part in query.parts(text)):
        return ""  # who asks so precisely means it
    typed = [row["word"] for row in await connection.fetch(_FOLDED, query.words(text))]
    near: dict[str, list[str]] = {word: [] for word in typed}
    await connection.execute(
        "SELECT set_config('pg_trgm.similarity_threshold', $1, true)", f"{_NEAR}"
    )
    for row in await connection.fetch(_ALIKE, [word for word in typed if len(word) > 2]):  # noqa: PLR2004  (letters of a word)
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
        [" ".join(forms) for forms in groups],
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
