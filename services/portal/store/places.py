"""Which hours of places differ on which days, as the register lets the public know."""

from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Final

import asyncpg

from shared.platform.database import Connection
from shared.platform.postgres import rows
from shared.site.place_hours import HoursException
from shared.site.tables.places import Slots
from shared.values import Table

VIEW: Final = "portal.place_exceptions"


class ToldHours(Table):
    """A reception place's exceptional hours as the database view gives them."""

    number: int
    place: str
    first: date
    last: date
    slots: Slots


async def exceptions(connection: Connection, today: date) -> Sequence[HoursException]:
    """Returns reception places' exceptional hours that hold from a local day on.

    Raises UnreadableRow: one that is left out would hide a closing.
    """
    found = await connection.fetch("SELECT told FROM portal.place_exceptions")
    told = [rows.read(VIEW, row["told"].get("number"), partial(_exception, row)) for row in found]
    return [exception for exception in told if exception.last >= today]


def _exception(row: asyncpg.Record) -> HoursException:
    told = ToldHours.model_validate(row["told"])
    return HoursException(told.number, told.place, told.first, told.last, told.slots)
