"""The envelope of what one cause states about one item."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from shared.facts import ids
from shared.facts.authors import by_service
from shared.facts.envelope import ItemId
from shared.facts.origin import MACHINE, Origin

REGISTER: Final = by_service("desk")
"""The author of what follows by itself."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The maker of the fields that an item's new facts share: id, number, author, moment.

    Called with n = 1, 2, … for the first, second … of them.
    """

    item_id: ItemId
    after: int
    """The item's last `seq`."""
    cause: UUID
    """The arrival, notice or decision: the same cause gives the same event ids."""
    by: str
    now: datetime
    origin: Origin = MACHINE

    def __call__(self, n: int, happened_at: datetime | None = None) -> dict[str, Any]:
        """The envelope of the n-th fact, counted from 1."""
        return {
            "event_id": ids.event_id(self.cause, str(self.item_id), n),
            "item_id": self.item_id,
            "seq": self.after + n,
            "happened_at": happened_at or self.now,
            "recorded_at": self.now,
            "by": self.by,
            **self.origin.fields,
        }
