"""Which hours of places differ on which days, as the register lets the public know."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Final

import asyncpg

from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.place_hours import HoursException
from shared.site.tables.places import OpenSlot

VIEW: Final = "portal.place_exceptions"


async def exceptions(connection: Connection, today: date) -> Sequence[HoursException]:
    """Returns the other hours that stand from a local day on.

    Raises UnreadableRow: one that is left out would hide a closing.
    """
    found = await connection.fetch(
        """
        SELECT number, place, first_day, last_day, slots FROM portal.place_exceptions
        WHERE last_day >= $1 ORDER BY number
        """,
        today,
    )
    return [rows.read(VIEW, row["number"], partial(_exception, row)) for row in found]


def _exception(row: asyncpg.Record) -> HoursException:
    return HoursException(
        row["number"],
        row["place"],
        row["first_day"],
        row["last_day"],
        tuple(OpenSlot.model_validate(slot) for slot in row["slots"]),
    )
