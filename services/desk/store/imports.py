"""Files that somebody is about to take over, and what was taken from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from shared.database import Connection
from shared.facts.envelope import PersonId


@dataclass(frozen=True, slots=True)
class Import:
    """One file. `content` is asked for apart."""

    import_id: UUID
    name: str
    mapping: str
    next_number: int | None
    by: PersonId
    at: datetime
    taken_at: datetime | None
    items: int | None
    past: int | None


async def keep(connection: Connection, one: Import, content: bytes) -> None:
    """Keeps a file to be mapped."""
    await connection.execute(
        """
        INSERT INTO desk.imports (import_id, name, content, mapping, by, at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        one.import_id,
        one.name,
        content,
        one.mapping,
        one.by,
        one.at,
    )


async def latest(connection: Connection, limit: int = 20) -> Sequence[Import]:
    """The last ones, the newest first."""
    rows = await connection.fetch(
        """
        SELECT import_id, name, mapping, next_number, by, at, taken_at, items, past
        FROM desk.imports ORDER BY at DESC LIMIT $1
        """,
        limit,
    )
    return [Import(**row) for row in rows]


async def locked(connection: Connection, import_id: UUID) -> tuple[Import, bytes] | None:
    """A file that waits, locked until the transaction ends; `None` once it is taken or gone."""
    row = await connection.fetchrow(
        """
        SELECT import_id, name, mapping, next_number, by, at, taken_at, items, past, content
        FROM desk.imports WHERE import_id = $1 AND content IS NOT NULL FOR UPDATE
        """,
        import_id,
    )
    if row is None:
        return None
    content = row["content"]
    return Import(**{name: row[name] for name in Import.__slots__}), content


async def map_(
    connection: Connection, import_id: UUID, mapping: str, next_number: int | None
) -> None:
    """What each column says, as a person corrected it."""
    await connection.execute(
        "UPDATE desk.imports SET mapping = $2, next_number = $3 WHERE import_id = $1",
        import_id,
        mapping,
        next_number,
    )


async def taken(
    connection: Connection, import_id: UUID, now: datetime, *, items: int, past: int
) -> None:
    """Its lines are in the register: the file, which names people, goes."""
    await connection.execute(
        """
        UPDATE desk.imports SET content = NULL, taken_at = $2, items = $3, past = $4
        WHERE import_id = $1
        """,
        import_id,
        now,
        items,
        past,
    )


async def drop(connection: Connection, import_id: UUID) -> None:
    """The file goes, nothing was taken."""
    await connection.execute(
        "DELETE FROM desk.imports WHERE import_id = $1 AND taken_at IS NULL", import_id
    )
