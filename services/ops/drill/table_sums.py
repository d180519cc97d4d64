"""How many rows each table has, and one sum over their content that no order of rows changes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from shared.platform.database import Connection

_TABLES: Final = """
    SELECT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1
"""
_SUM: Final = """
    SELECT count(*), coalesce(sum(hashtextextended(one::text, 0)::numeric), 0)::text
    FROM {table} AS one
"""


@dataclass(frozen=True, slots=True)
class TableSum:
    """The number of a table's rows and the sum of their hashes."""

    rows: int
    content: str


async def table_sums(connection: Connection) -> Mapping[str, TableSum]:
    """Counts the rows of each table of a database and sums their hashes, by table name."""
    found = {}
    for row in await connection.fetch(_TABLES):
        count, content = await connection.fetchrow(_SUM.format(table=row["name"])) or (0, "0")
        found[row["name"]] = TableSum(count, content)
    return found


def differing_tables(live: Mapping[str, TableSum], copy: Mapping[str, TableSum]) -> Iterator[str]:
    """Yields a sentence for each table that differs between the database and its copy."""
    for name in sorted({*live, *copy}):
        one, other = live.get(name), copy.get(name)
        if one is None:
            yield f"{name}: in the copy alone"
        elif other is None:
            yield f"{name}: not in the copy"
        elif one.rows != other.rows:
            yield f"{name}: {one.rows} rows, {other.rows} in the copy"
        elif one != other:
            yield f"{name}: {one.rows} rows, of which some are others in the copy"
