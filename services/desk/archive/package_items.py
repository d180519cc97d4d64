"""The items of a transfer as they go into its package: as they were proposed, or left out."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Final, TypeAlias

from services.desk import item_documents
from services.desk.archive.package import PackageWriter
from services.desk.archive.store.transfers import TransferLine
from services.desk.domain.retention import due
from services.desk.french.names import Names
from services.desk.item_documents import Dossier
from services.desk.store.archive_transfers import PACKED
from shared.content.blobs import Blobs
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.platform.postgres.rows import UnreadableRow

AT_ONCE: Final = 20
"""Items that are looked up in one go, before their files are read without the database."""
FoundLine: TypeAlias = tuple[TransferLine, Dossier | None]
"""A line with its item's documents; `None`: it is not as it was when it was proposed."""


def portions(lines: Sequence[TransferLine]) -> Iterator[Sequence[TransferLine]]:
    """Yields the lines of a transfer `AT_ONCE` at a time.

    Without those that lacked in a package before.
    """
    for start in range(0, len(lines), AT_ONCE):
        yield [line for line in lines[start : start + AT_ONCE] if not line.left_out]


async def find(
    connection: Connection, lines: Sequence[TransferLine], names: Names, today: date
) -> Sequence[FoundLine]:
    """Returns lines of a transfer with the documents of their items, read no further than rows."""
    return [(line, await _dossier(connection, line, names, today)) for line in lines]


async def pack(
    writer: PackageWriter, found: Sequence[FoundLine], blobs: Blobs
) -> Mapping[ItemId, str]:
    """Adds items to a package; returns what became of each: packed, or why it is left out.

    Each is read while the one before is written. Raises TemporaryFailure when the blobs can't be
    read now; nothing is written any more by then.
    """
    outcomes, writing = dict[ItemId, str](), None
    try:
        for line, dossier in found:
            item = None if dossier is None else await writer.read(dossier, blobs)
            if item is None:
                outcomes[line.item_id] = "reopened" if dossier is None else "unreadable"
                continue
            if writing is not None:
                await writing
            writing = asyncio.create_task(writer.write(item, blobs, line.ended_on))
            outcomes[line.item_id] = PACKED
    finally:
        if writing is not None:
            await writing
    return outcomes


async def _dossier(
    connection: Connection, line: TransferLine, names: Names, today: date
) -> Dossier | None:
    try:
        dossier = await item_documents.gather(connection, line.item_id, names)
    except UnreadableRow:
        return None
    now_due = due(dossier.sheet.item, dossier.sheet.facts, names.site, today)
    same = now_due is not None and now_due.to_archive and now_due.ended_on == line.ended_on
    return dossier if same else None
