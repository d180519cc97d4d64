"""The folder of originals compared with every row: files without a row, rows without a file.

No list of columns is kept, which somebody would forget to lengthen: whatever text of whatever table
has the shape of a blob's key names that blob. What a decision erased, or is about to, is lawfully
away.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import UUID

from shared.content.blobs import KEY
from shared.errors import TemporaryFailure
from shared.platform import disk_space
from shared.platform.database import Connection

YOUNG: Final = timedelta(days=1)
"""A file so young may still get its row."""
_PAGE: Final = 5_000
_TABLES: Final = """
    SELECT DISTINCT format('%I.%I', n.nspname, c.relname) AS name
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND a.atttypid IN ('text'::regtype, 'text[]'::regtype, 'json'::regtype, 'jsonb'::regtype)
      AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1
"""
_KEYS: Final = """
    SELECT DISTINCT named.keys[1] AS key
    FROM {table} AS one, regexp_matches(one::text, '{pattern}', 'g') AS named (keys)
"""
_ERASED: Final = "SELECT DISTINCT owner FROM desk.erasures"


@dataclass(frozen=True, slots=True)
class Inventory:
    """The result of comparing stored originals with the database: counts, and what has no match."""

    named: int = 0
    files: int = 0
    octets: int = 0
    orphans: Sequence[Path] = ()
    """Files older than a day that no row names, below the folder of originals."""
    orphan_octets: int = 0
    away: Sequence[str] = field(default=())
    """Keys that a row names, whose file is away without a decision."""

    @property
    def agrees(self) -> bool:
        """Whether each stored file has its database row, and each row its file."""
        return not (self.orphans or self.away)


async def take(connection: Connection, folder: Path, now: datetime) -> Inventory:
    """Compares all rows of the database with all files of the folder of originals; changes nothing.

    The connection must be the database owner's, for all schemas are read, and without a short
    limit of time for a statement. Raises TemporaryFailure: the disk can't be read now.
    """
    # The files first: what is named afterwards was written before.
    before = await asyncio.to_thread(lambda: list(_files(folder)))
    named, away = set[int](), list[str]()
    async for keys in _named(connection):
        new = [key for key in keys if hash(key) not in named]
        named.update(map(hash, new))
        away += await asyncio.to_thread(_missing, folder, new)
    erased = {row["owner"] for row in await connection.fetch(_ERASED)}
    limit = (now - YOUNG).timestamp()
    orphans = [
        (path, size)
        for path, size, written in before
        if hash(str(path)) not in named and written < limit and _owner(str(path)) not in erased
    ]
    return Inventory(
        named=len(named),
        files=len(before),
        octets=sum(size for _, size, _ in before),
        orphans=[path for path, _ in orphans],
        orphan_octets=sum(size for _, size in orphans),
        away=sorted(key for key in away if _owner(key) not in erased),
    )


def remove(folder: Path, orphans: Sequence[Path]) -> int:
    """Removes stored files that no row names, and emptied folders; returns how many files.

    Blocks the calling thread.

    Raises:
        TemporaryFailure: the disk can't be written now.
    """
    removed = 0
    try:
        for path in orphans:
            (folder / path).unlink(missing_ok=True)
            removed += 1
            for above in list((folder / path).parents)[: len(path.parts) - 1]:
                with suppress(OSError):  # others are in it
                    above.rmdir()
    except OSError as error:
        raise TemporaryFailure(f"{folder}: {disk_space.advice(error)}.") from error
    return removed


async def _named(connection: Connection) -> AsyncIterator[list[str]]:
    for table in await connection.fetch(_TABLES):
        async with connection.transaction(readonly=True):
            question = _KEYS.format(table=table["name"], pattern=KEY.pattern)
            rows = await connection.cursor(question)
            while page := await rows.fetch(_PAGE):
                yield [row["key"] for row in page]


def _missing(folder: Path, keys: Sequence[str]) -> list[str]:
    return [key for key in keys if not (folder / key).is_file()]


def _files(folder: Path) -> Iterator[tuple[Path, int, float]]:
    try:
        for above, _, names in os.walk(folder, onerror=_raise):
            for name in names:
                path = Path(above) / name
                with suppress(FileNotFoundError):  # erased meanwhile
                    stat = path.stat(follow_symlinks=False)
                    yield path.relative_to(folder), stat.st_size, stat.st_mtime
    except OSError as error:
        raise TemporaryFailure(f"{folder}: {disk_space.advice(error)}.") from error


def _raise(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


def _owner(key: str) -> UUID | None:
    """Whose folder it is: an arrival's, or a decision's; `None` of what is no blob."""
    parts = key.split("/")
    try:
        return UUID(parts[1]) if len(parts) > 2 else None  # noqa: PLR2004  (year, owner, hash)
    except ValueError:
        return None
