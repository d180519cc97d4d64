"""The bordereaux d'élimination as they stand, which evidence and books read beside retention."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import asyncpg

from shared.facts.envelope import Chrono, ItemId
from shared.platform.database import Connection

DESTROYED = "destroyed"
"""The outcome of a line whose content is gone; any other says why it was left."""


@dataclass(frozen=True, slots=True)
class Slip:
    """A bordereau d'élimination (list of items to destroy) with its approval and outcome."""

    slip: str
    proposed_by: str
    proposed_at: datetime
    digest: str
    """SHA-256 of the CSV that the archivist was shown."""
    visa: str | None
    archivist: str | None
    visa_on: date | None
    visa_by: str | None
    """Archivist who noted the visa; `None` too where nobody kept their name."""
    done_by: str | None
    done_at: datetime | None
    dropped_by: str | None
    dropped_at: datetime | None


@dataclass(frozen=True, slots=True)
class SlipLine:
    """A line of a bordereau d'élimination: one item and what became of it.

    `outcome`: `destroyed`, a code why it was left, or `None` while undone.
    """

    item_id: ItemId
    chrono: Chrono
    category: str
    ended_on: date
    due_on: date
    outcome: str | None


async def content_of(connection: Connection, slip: str) -> bytes | None:
    """Returns the CSV table of a bordereau as it was proposed; `None` if it was not stored."""
    content = await connection.fetchval("SELECT content FROM desk.slips WHERE slip = $1", slip)
    return None if content is None else bytes(content)


async def every(connection: Connection) -> Sequence[tuple[Slip, int]]:
    """Returns all bordereaux d'élimination with their number of lines, newest first."""
    found = await connection.fetch(
        """
        SELECT s.*, (SELECT count(*) FROM desk.slip_items i WHERE i.slip = s.slip)::int AS lines
        FROM desk.slips s ORDER BY proposed_at DESC, slip DESC
        """
    )
    return [(slip_of(row), row["lines"]) for row in found]


async def lines_of(connection: Connection, slip: str) -> Sequence[SlipLine]:
    """Returns the lines of a bordereau d'élimination, by chrono."""
    found = await connection.fetch(
        """
        SELECT item_id, chrono, category, ended_on, due_on, outcome
        FROM desk.slip_items WHERE slip = $1 ORDER BY chrono
        """,
        slip,
    )
    return [
        SlipLine(
            ItemId(row["item_id"]),
            Chrono(row["chrono"]),
            row["category"],
            row["ended_on"],
            row["due_on"],
            row["outcome"],
        )
        for row in found
    ]


def slip_of(row: asyncpg.Record) -> Slip:
    """Makes a bordereau d'élimination of its row in `desk.slips`."""
    return Slip(**{name: row[name] for name in Slip.__slots__})
