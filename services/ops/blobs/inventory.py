"""The folder of originals compared with every row: files without a row, rows without a file.

No list of columns is kept, which somebody would forget to lengthen: whatever text of whatever table
has the shape of a blob's key names that blob. What a decision erased, or is about to, is lawfully
away; a file of it that stands a day after is one too many.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from shared.content.blob_files import BlobFiles
from shared.content.blobs import KEY
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
_ERASED: Final = """
    SELECT owner, bool_and(coalesce(done_at < $1, false)) AS long_done
    FROM desk.erasures GROUP BY owner
"""
"""Owners whose files a decision erased, or is about to; `long_done`: none has stood for a day."""


@dataclass(frozen=True, slots=True)
class Inventory:
    """The result of comparing stored originals with the database: counts, and what has no match."""

    named: int = 0
    files: int = 0
    octets: int = 0
    orphans: Sequence[str] = ()
    """Names of files older than a day that no row names, below the folder of originals."""
    orphan_octets: int = 0
    away: Sequence[str] = field(default=())
    """Keys that a row names, whose file is away without a decision."""

    @property
    def agrees(self) -> bool:
        """Whether each stored file has its database row, and each row its file."""
        return not (self.orphans or self.away)


async def take(connection: Connection, stored: BlobFiles, now: datetime) -> Inventory:
    """Compares all rows of the database with all files of a blob store; changes nothing.

    The connection must be the database owner's, for all schemas are read, and without a short
    limit of time for a statement. Raises TemporaryFailure: the store can't be read now.
    """
    # The files first: what is named afterwards was written before.
    before = [file async for file in stored.files()]
    there = {hash(file.name) for file in before}
    named, away = set[int](), list[str]()
    async for keys in _named(connection):
        new = [key for key in keys if hash(key) not in named]
        named.update(map(hash, new))
        away += await stored.find_missing(key for key in new if hash(key) not in there)
    erasures = await connection.fetch(_ERASED, now - YOUNG)
    erased = {row["owner"] for row in erasures}
    going = {row["owner"] for row in erasures if not row["long_done"]}
    limit = (now - YOUNG).timestamp()
    orphans = [
        file
        for file in before
        if hash(file.name) not in named and file.written < limit and _owner(file.name) not in going
    ]
    return Inventory(
        named=len(named),
        files=len(before),
        octets=sum(file.size for file in before),
        orphans=[file.name for file in orphans],
        orphan_octets=sum(file.size for file in orphans),
        away=sorted(key for key in away if _owner(key) not in erased),
    )


async def _named(connection: Connection) -> AsyncIterator[list[str]]:
    for table in await connection.fetch(_TABLES):
        async with connection.transaction(readonly=True):
            question = _KEYS.format(table=table["name"], pattern=KEY.pattern)
            rows = await connection.cursor(question)
            while page := await rows.fetch(_PAGE):
                yield [row["key"] for row in page]


def _owner(key: str) -> UUID | None:
    """Whose folder it is: an arrival's, or a decision's; `None` of what is no blob."""
    parts = key.split("/")
    try:
        return UUID(parts[1]) if len(parts) > 2 else None  # noqa: PLR2004  (year, owner, hash)
    except ValueError:
        return None
