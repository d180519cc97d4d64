"""Lines of the register that was kept before, and what was taken from it."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol
from uuid import UUID

from shared.facts.envelope import BlobKey, ItemId, ServiceId
from shared.facts.vocabulary import Category
from shared.platform.database import Connection


class PastLine(Protocol):
    """Interface of a closed line of an older register, whose text lies in a pli."""

    @property
    def item_id(self) -> ItemId: ...  # noqa: D102  (fields, see spreadsheet/lines.py)
    @property
    def named(self) -> str: ...  # noqa: D102  (a field, see the class that has it)
    @property
    def received(self) -> date: ...  # noqa: D102  (a field, see the class that has it)
    @property
    def answered(self) -> date | None: ...  # noqa: D102  (a field, see the class that has it)
    @property
    def service(self) -> ServiceId: ...  # noqa: D102  (a field, see the class that has it)
    @property
    def category(self) -> Category: ...  # noqa: D102  (a field, see the class that has it)


async def ids_in_use(connection: Connection, ids: Sequence[ItemId]) -> set[UUID]:
    """Returns those of these ids that already name items or past lines."""
    rows = await connection.fetch(
        """
        SELECT item_id AS id FROM desk.items WHERE item_id = ANY($1::uuid[])
        UNION SELECT line_id FROM desk.past_lines WHERE line_id = ANY($1::uuid[])
        """,
        ids,
    )
    return {row["id"] for row in rows}


async def keep(
    connection: Connection, lines: Sequence[tuple[PastLine, BlobKey]], by: str, now: datetime
) -> None:
    """Stores closed lines of an older register; a line stored before stays as it is."""
    if not lines:
        return
    await connection.execute(
        """
        INSERT INTO desk.past_lines
            (line_id, number, received_on, answered_on, service, category, pli, by, recorded_at)
        SELECT line.*, $8, $9 FROM unnest($1::uuid[], $2::text[], $3::date[], $4::date[],
                                          $5::text[], $6::text[], $7::text[]) AS line
        ON CONFLICT (line_id) DO NOTHING
        """,
        [line.item_id for line, _ in lines],
        [line.named for line, _ in lines],
        [line.received for line, _ in lines],
        [line.answered for line, _ in lines],
        [line.service for line, _ in lines],
        [line.category for line, _ in lines],
        [key for _, key in lines],
        by,
        now,
    )
