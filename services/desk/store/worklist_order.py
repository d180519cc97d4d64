"""The orders in which the work list is read: a column that an index serves, either way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.desk.store.cursors import Cursor, DayCursor
from services.desk.store.lists import WorkLine


class WorklistColumn(StrEnum):
    """A column by which the work list is sorted; each has an index (sql/0060, sql/0590)."""

    DUE = "echeance"
    """What has no limit comes after all others."""
    RECEIVED = "recu"
    NUMBER = "numero"


@dataclass(frozen=True, slots=True)
class WorklistOrder:
    """The order of the work list: a column, and whether it goes backwards."""

    column: WorklistColumn = WorklistColumn.DUE
    backwards: bool = False

    def __str__(self) -> str:
        """As an address carries it: `recu`, backwards `-recu`."""
        return f"-{self.column}" if self.backwards else self.column.value

    def order_by(self, table: str) -> str:
        """Returns the terms of SQL's `ORDER BY` for the work list; `table` has their columns."""
        way = " DESC" if self.backwards else ""
        return ", ".join(f"{key.format(table)}{way}" for key in _KEYS[self.column])

    def behind(self, day: str, chrono: str) -> str:
        """Returns the SQL condition that an item comes after a cursor, given by two parameters."""
        keys = [key.format("item") for key in _KEYS[self.column]]
        places = (f"{day}::date", f"{chrono}::text")[-len(keys) :]
        return f"({', '.join(keys)}) {'<' if self.backwards else '>'} ({', '.join(places)})"

    def place(self, line: WorkLine) -> DayCursor:
        """Returns the pagination cursor that begins after a row."""
        day = line.received_on if self.column is WorklistColumn.RECEIVED else line.due or date.max
        return Cursor(day, line.chrono)


BY_DUE: Final = WorklistOrder()
_KEYS: Final[Mapping[WorklistColumn, Sequence[str]]] = {
    WorklistColumn.DUE: ("coalesce({0}.due, 'infinity'::date)", "{0}.chrono"),
    WorklistColumn.RECEIVED: ("{0}.received_on", "{0}.chrono"),
    WorklistColumn.NUMBER: ("{0}.chrono",),
}
