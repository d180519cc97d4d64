"""Which items are done, as questions of the register say it: `domain.item.DONE`, in SQL.

The partial indexes of sql/ have the same words, in the same order, so that PostgreSQL finds a
question within them; a test holds the three together.
"""

from collections.abc import Collection
from typing import Final

from services.desk.domain.item import DONE, ItemStatus


def not_in(states: Collection[ItemStatus], column: str = "state") -> str:
    """Returns the SQL condition that an item's state is none of these."""
    return f"{column} NOT IN ({_listed(states)})"


def among(states: Collection[ItemStatus], column: str = "state") -> str:
    """Returns the SQL condition that an item's state is one of these."""
    return f"{column} IN ({_listed(states)})"


def _listed(states: Collection[ItemStatus]) -> str:
    return ", ".join(f"'{state}'" for state in ItemStatus if state in states)


NOT_DONE: Final = not_in(DONE)
"""Whether something is left to do about the item of this row."""
