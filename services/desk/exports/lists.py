"""A filtered list into a file, beside the loop that answers others meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Final

from services.desk.columns import COLUMNS, Tongue, row
from services.desk.sheets import KINDS, MOST_ODS, ExportSheet, SheetCell
from services.desk.store.search_types import SearchHit
from shared.errors import Refused

LIST: Final = ExportSheet(
    "Courriers", [column.title for column in COLUMNS], [column.width for column in COLUMNS]
)
_AT_ONCE = 500


async def write(
    path: Path, hits: AsyncIterator[SearchHit], tongue: Tongue, most: int | None
) -> int:
    """Writes a list of items into a .xlsx, .ods or .csv file; returns the number of lines.

    Raises:
        Refused: the ending is another one, or there are more than `most` lines.
    """
    opens = KINDS.get(path.suffix)
    if opens is None:
        raise Refused(
            f"{path.suffix or 'No ending'} is no kind of file that is written: name it"
            f" {', '.join(KINDS)}.",
            "no-such-file",
        )
    most = min(most or MOST_ODS, MOST_ODS) if path.suffix == ".ods" else most
    count = 0
    with opens(path) as book:
        book.begin(LIST)
        async for rows in _in_hundreds(hits, tongue):
            count += len(rows)
            if most is not None and count > most:
                raise Refused(
                    f"The list has more than {most} lines: narrow it, or write .csv or .xlsx"
                    " with `vaguemestre desk export`.",
                    "list-too-long",
                    most=most,
                )
            await asyncio.to_thread(book.add, rows)
    return count


async def _in_hundreds(
    hits: AsyncIterator[SearchHit], tongue: Tongue
) -> AsyncIterator[Sequence[Sequence[SheetCell]]]:
    rows: list[Sequence[SheetCell]] = []
    async for hit in hits:
        rows.append(row(hit, tongue))
        if len(rows) == _AT_ONCE:
            yield rows
            rows = []
    yield rows
