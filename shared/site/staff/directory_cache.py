"""The people, as each transaction must see them."""

from datetime import datetime

from shared.platform.database import Connection
from shared.site.staff import people_store
from shared.site.staff.directory import Directory

_VERSION = """
    SELECT (SELECT count(*) FROM site.people WHERE valid_from <= $1) AS people,
           (SELECT count(*) FROM site.absences WHERE valid_from <= $1) AS absences,
           (SELECT count(*) FROM site.opening_hours WHERE valid_from <= $1) AS hours,
           (SELECT count(*) FROM site.delegations WHERE valid_from <= $1) AS delegations
"""
"""Rows are only added: as many rows in force are the same rows."""


class KeptDirectory:
    """A cache of the staff directory, which each transaction checks for changes.

    If a row can't be read, the directory is read from the database each time, until it can.
    """

    def __init__(self) -> None:
        self._kept: tuple[tuple[object, ...], Directory] | None = None

    async def __call__(self, connection: Connection, now: datetime) -> Directory:
        """Who works where at this moment, and who is away."""
        row = await connection.fetchrow(_VERSION, now)
        version = (*(row or ()), now.date())
        if self._kept is None or self._kept[0] != version or self._kept[1].unreadable:
            self._kept = version, await people_store.people_at(connection, now)
        return self._kept[1]
