"""Rehearsals that somebody kept, added once and never changed (desk.rehearsals)."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, Final

import asyncpg

from services.desk.domain.rehearsals import (
    KeptChange,
    KeptRehearsal,
    NewRehearsal,
    RehearsalKind,
    RehearsalSummary,
)
from shared.platform.database import Connection
from shared.platform.postgres import rows

TABLE: Final = "desk.rehearsals"
MOST_CHANGES: Final = 20_000
"""Changes of a rehearsal that are kept line by line; its summary counts all."""
COUNTED: Final = ("thing", "service", "cause")
"""Columns by which kept changes are counted."""
_ADD = """
    INSERT INTO desk.rehearsals
        (kind, author, why, recorded_at, as_of, month, applied, before_digest, after_digest,
         release, undeclared, summary, lines)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::text::jsonb, $13::text::jsonb)
    RETURNING rehearsal
"""
_COLUMNS = """
    rehearsal, kind, author, why, recorded_at, as_of, month, applied, before_digest, after_digest,
    release, undeclared, summary::text AS summary, lines::text AS lines
"""
_CHANGES = (
    "rehearsal", "number", "item_id", "chrono", "service", "reserved", "thing", "subject", "name",
    "was", "would", "ahead", "cause", "detail",
)  # fmt: skip


async def keep(
    connection: Connection, what: NewRehearsal, changes: Iterable[KeptChange], now: datetime
) -> int:
    """Stores a rehearsal (replay of items under other rules) and its changes; gives it a number."""
    number = int(
        await connection.fetchval(
            _ADD, what.kind.value, what.author, what.why, now, what.as_of, what.month, what.applied,
            what.before_digest, what.after_digest, what.release, what.undeclared,
            what.summary.model_dump_json(), json.dumps(list(what.lines)),
        )
    )  # fmt: skip
    await connection.copy_records_to_table(
        "rehearsed_changes",
        schema_name="desk",
        columns=_CHANGES,
        records=[
            (
                number, place, change.item_id, change.chrono, change.service, change.reserved,
                change.thing, change.subject, change.name, change.was, change.would, change.ahead,
                change.cause, change.detail,
            )
            for place, change in enumerate(changes, start=1)
        ],
    )  # fmt: skip
    return number


async def newest(connection: Connection, most: int) -> Sequence[KeptRehearsal]:
    """Reads the `most` rehearsals stored last, the newest first; leaves out unreadable ones."""
    found = await connection.fetch(
        f"SELECT {_COLUMNS} FROM desk.rehearsals ORDER BY rehearsal DESC LIMIT $1",  # noqa: S608  (names of ours)
        most,
    )
    return rows.readable(TABLE, found, itemgetter("rehearsal"), _kept)


async def read_rehearsal(connection: Connection, number: int) -> KeptRehearsal | None:
    """Reads a stored rehearsal by its number; `None`: there is none. Raises UnreadableRow."""
    row = await connection.fetchrow(
        f"SELECT {_COLUMNS} FROM desk.rehearsals WHERE rehearsal = $1",  # noqa: S608  (names of ours)
        number,
    )
    return None if row is None else rows.read(TABLE, number, lambda: _kept(row))


async def of_release(connection: Connection, release: str) -> KeptRehearsal | None:
    """Reads the last stored rehearsal of a release of the program; `None`: there is none."""
    number = await connection.fetchval(
        "SELECT max(rehearsal) FROM desk.rehearsals WHERE release = $1", release
    )
    return None if number is None else await read_rehearsal(connection, number)


async def changes(
    connection: Connection, number: int, filters: Mapping[str, str], after: int, most: int
) -> Sequence[tuple[int, KeptChange]]:
    """Reads at most `most` changes of a stored rehearsal, after change number `after`.

    Each comes with its number. `filters`: for some columns of `COUNTED`, the value that it must
    have.
    """
    asked = [filters.get(name) or None for name in COUNTED]
    found = await connection.fetch(
        """
        SELECT * FROM desk.rehearsed_changes
        WHERE rehearsal = $1 AND number > $2
          AND ($4::text IS NULL OR thing = $4) AND ($5::text IS NULL OR service = $5)
          AND ($6::text IS NULL OR cause = $6)
        ORDER BY number LIMIT $3
        """,
        number, after, most, *asked,
    )  # fmt: skip
    return [(row["number"], _change(row)) for row in found]


async def count_changes(
    connection: Connection, number: int, column: str
) -> Sequence[tuple[str, int]]:
    """Counts the changes of a stored rehearsal by a column (thing, service …), most first."""
    found = await connection.fetch(
        """
        SELECT CASE $2::text WHEN 'thing' THEN thing WHEN 'service' THEN service
                             ELSE cause END AS named, count(*) AS changes
        FROM desk.rehearsed_changes WHERE rehearsal = $1 GROUP BY 1 ORDER BY 2 DESC, 1
        """,
        number,
        column,
    )
    return [(row["named"], row["changes"]) for row in found]


async def rested_on(connection: Connection) -> Mapping[int, int]:
    """Returns, by rehearsal, the last version of the rules that was applied on its account."""
    found = await connection.fetch(
        "SELECT rehearsal, max(version) AS version FROM site.versions"
        " WHERE rehearsal IS NOT NULL GROUP BY 1"
    )
    return {row["rehearsal"]: row["version"] for row in found}


def _kept(row: asyncpg.Record) -> KeptRehearsal:
    what = NewRehearsal(
        kind=RehearsalKind(row["kind"]),
        lines=json.loads(row["lines"]),
        summary=RehearsalSummary.model_validate_json(row["summary"]),
        **{
            name: row[name]
            for name in (
                "author", "why", "as_of", "month", "applied", "before_digest", "after_digest",
                "release", "undeclared",
            )
        },
    )  # fmt: skip
    return KeptRehearsal(row["rehearsal"], row["recorded_at"], what)


def _change(row: asyncpg.Record) -> KeptChange:
    told: dict[str, Any] = {name: row[name] for name in _CHANGES[3:]}
    return KeptChange(item_id=str(row["item_id"]), **told)
