"""Files that somebody is about to take over, how far they are, and what was taken from them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from services.desk.migration.spreadsheet.lines import LineRefusal
from shared.errors import Refused
from shared.facts.envelope import PersonId
from shared.platform.database import Connection


@dataclass(frozen=True, slots=True)
class Import:
    """An uploaded file of another register and how far its import is, without its content."""

    import_id: UUID
    name: str
    mapping: str
    next_number: int | None
    by: PersonId
    at: datetime
    asked_at: datetime | None = None
    """Since when it is being taken; `None`: nobody asked, or it was stopped."""
    asked_by: PersonId | None = None
    taken_at: datetime | None = None
    items: int | None = None
    past: int | None = None
    """Taken so far."""
    total: int | None = None
    trouble: str | None = None
    """Why it stopped by itself: a word of `Refused.why`, or the name of an error."""


_COLUMNS = ", ".join(Import.__slots__)


async def keep(connection: Connection, import_: Import, content: bytes) -> None:
    """Stores an uploaded import file, whose columns are still to be mapped."""
    await connection.execute(
        """
        INSERT INTO desk.imports (import_id, name, content, mapping, by, at)
        VALUES ($1, $2, $3, $4, $5, $6)
        """,
        import_.import_id,
        import_.name,
        content,
        import_.mapping,
        import_.by,
        import_.at,
    )


async def latest(connection: Connection, limit: int = 20) -> Sequence[Import]:
    """Returns the `limit` last imports of other registers, the newest first."""
    rows = await connection.fetch(
        f"SELECT {_COLUMNS} FROM desk.imports ORDER BY at DESC LIMIT $1",  # noqa: S608  (names of ours)
        limit,
    )
    return [Import(**row) for row in rows]


async def find(connection: Connection, import_id: UUID) -> Import | None:
    """Reads the state of an import of another register by its id, or `None`."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM desk.imports WHERE import_id = $1",  # noqa: S608  (names of ours)
        import_id,
    )
    return None if row is None else Import(**row)


async def content(connection: Connection, import_id: UUID) -> bytes | None:
    """Returns the bytes of an import file; `None` once it is imported or deleted."""
    found: bytes | None = await connection.fetchval(
        "SELECT content FROM desk.imports WHERE import_id = $1", import_id
    )
    return found


async def lock(connection: Connection, import_id: UUID) -> bool:
    """Locks an import whose file is still stored; returns whether there is one."""
    return bool(
        await connection.fetchval(
            """
            SELECT true FROM desk.imports WHERE import_id = $1 AND content IS NOT NULL FOR UPDATE
            """,
            import_id,
        )
    )


async def map_(
    connection: Connection, import_id: UUID, mapping: str, next_number: int | None
) -> None:
    """Stores an import's column mapping, as a person corrected it, and its next number."""
    await connection.execute(
        "UPDATE desk.imports SET mapping = $2, next_number = $3 WHERE import_id = $1",
        import_id,
        mapping,
        next_number,
    )


async def ask(
    connection: Connection,
    import_: Import,
    person: PersonId,
    now: datetime,
    lines: int,
    number: int,
) -> None:
    """Queues an import to be run: `lines` remain, `number` is the register's next chrono."""
    await connection.execute(
        """
        UPDATE desk.imports
        SET asked_at = $2, asked_by = $3, next_number = $5, trouble = NULL,
            items = coalesce(items, 0), past = coalesce(past, 0),
            total = coalesce(items, 0) + coalesce(past, 0) + $4
        WHERE import_id = $1
        """,
        import_.import_id,
        now,
        person,
        lines,
        number,
    )


async def next_import(connection: Connection) -> Import | None:
    """Returns the import of another register that has waited longest in the queue, or `None`."""
    import_id = await connection.fetchval(
        """
        SELECT import_id FROM desk.imports WHERE asked_at IS NOT NULL AND content IS NOT NULL
        ORDER BY asked_at LIMIT 1
        """
    )
    return None if import_id is None else await find(connection, import_id)


async def goes_on(connection: Connection, import_id: UUID) -> bool:
    """Returns whether an import is still queued, and locks it for this transaction."""
    return bool(
        await connection.fetchval(
            """
            SELECT true FROM desk.imports
            WHERE import_id = $1 AND asked_at IS NOT NULL AND content IS NOT NULL FOR UPDATE
            """,
            import_id,
        )
    )


async def took(connection: Connection, import_id: UUID, opened: int, closed: int) -> None:
    """Adds the open and closed lines imported by this transaction to an import's progress."""
    await connection.execute(
        "UPDATE desk.imports SET items = items + $2, past = past + $3 WHERE import_id = $1",
        import_id,
        opened,
        closed,
    )


async def stop(connection: Connection, import_id: UUID, trouble: str | None = None) -> None:
    """Stops an import until somebody queues it again; lines already imported stay."""
    await connection.execute(
        "UPDATE desk.imports SET asked_at = NULL, trouble = $2 WHERE import_id = $1",
        import_id,
        trouble,
    )


async def end_import(connection: Connection, import_id: UUID, now: datetime) -> None:
    """Marks an import as done and deletes its file, which names people."""
    await connection.execute(
        """
        UPDATE desk.imports SET content = NULL, taken_at = $2
        WHERE import_id = $1 AND asked_at IS NOT NULL AND content IS NOT NULL
        """,
        import_id,
        now,
    )


async def refuse(connection: Connection, import_id: UUID, refusals: Sequence[LineRefusal]) -> None:
    """Stores the lines of an import file that can't be imported, with their reasons."""
    await connection.execute(
        "UPDATE desk.imports SET refused = $2 WHERE import_id = $1",
        import_id,
        [[refusal.number, refusal.why.why, _kept(refusal.why.said)] for refusal in refusals],
    )


async def refused_lines(connection: Connection, import_id: UUID) -> Sequence[LineRefusal]:
    """Returns the lines of an import file that were not imported, in order."""
    rows = await connection.fetchval(
        "SELECT refused FROM desk.imports WHERE import_id = $1", import_id
    )
    return [
        LineRefusal(number, Refused(why, why, **_read(said))) for number, why, said in rows or ()
    ]


async def drop(connection: Connection, import_id: UUID) -> None:
    """Deletes an import of which no line was imported."""
    await connection.execute(
        "DELETE FROM desk.imports WHERE import_id = $1 AND taken_at IS NULL AND asked_at IS NULL",
        import_id,
    )


def _kept(said: Mapping[str, object]) -> Mapping[str, Any]:
    return {
        name: {"day": value.isoformat()} if isinstance(value, date) else value
        for name, value in said.items()
    }


def _read(said: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        name: date.fromisoformat(value["day"]) if isinstance(value, dict) else value
        for name, value in said.items()
    }
