"""What waits for whoever has a page open, as its menu and its title count it: cheap, so bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.store.search_types import SearchReader
from services.desk.store.states import NOT_DONE
from shared.platform.database import Connection

MOST: Final = 99
"""What is more is said to be more, and not counted."""


@dataclass(frozen=True, slots=True)
class MenuCounts:
    """The counts of a person's open items and of the letters to qualify; at most `MOST` + 1."""

    held: int = 0
    to_qualify: int = 0


NOTHING: Final = MenuCounts()


async def menu_counts(
    connection: Connection,
    reader: SearchReader,
    holders: Sequence[str],
    heads: Sequence[str],
    *,
    sorts: bool,
) -> MenuCounts:
    """Counts what waits for a person in one query, which reads at most `MOST` + 1 of each kind.

    `holders`: themselves, and whom they stand in for; `heads`: services whose items without holder
    count as theirs; `sorts`: whether the letters to qualify are asked for.
    """
    row = await connection.fetchrow(
        f"""
        SELECT (SELECT count(*) FROM (
                    SELECT 1 FROM desk.items AS item
                    WHERE {NOT_DONE} AND coalesce(signatory, agent) = ANY($7::text[])
                      AND desk.known_to(item, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
                    UNION ALL
                    SELECT 1 FROM desk.items AS item
                    WHERE {NOT_DONE} AND coalesce(signatory, agent) IS NULL
                      AND service = ANY($8::text[])
                      AND desk.known_to(item, $1, $2 OR $6, $3::text[], $4::text[], $5::text[])
                    LIMIT $10) AS mine)::int AS held,
               CASE WHEN $9 THEN (SELECT count(*) FROM (
                    SELECT 1 FROM desk.items WHERE state = 'to_qualify' LIMIT $10) AS waiting)
               ELSE 0 END::int AS to_qualify
        """,  # noqa: S608  (a constant of states.py)
        *reader.parameters,
        holders,
        heads,
        sorts,
        MOST + 1,
    )
    return NOTHING if row is None else MenuCounts(row["held"], row["to_qualify"])
