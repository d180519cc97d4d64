"""Keyset pagination: where a list goes on, said by the last row of the page before.

A page that begins behind a row stays right while rows come and go before it, and costs the same
however far down it is; OFFSET does neither.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Generic, TypeAlias, TypeVar

K = TypeVar("K", date, datetime)

_LONGEST = 40
"""Characters of a chrono, or of an id."""
_NO_LIMIT = "sans"


@dataclass(frozen=True, slots=True)
class Cursor(Generic[K]):
    """A keyset pagination cursor: the sort key and id of a page's last row."""

    key: K
    name: str
    """A chrono, or an id."""

    def __str__(self) -> str:
        """As an address carries it: `2026-05-19~36-2026-A-000012`; `date.max` is no limit."""
        key = _NO_LIMIT if self.key == date.max else self.key.isoformat()
        return f"{key}~{self.name}"


DayCursor: TypeAlias = Cursor[date]
MomentCursor: TypeAlias = Cursor[datetime]


def day_cursor(text: str) -> DayCursor | None:
    """Parses a pagination cursor keyed by day; `None`, the start of the list, if it is invalid."""
    return _read(text, lambda key: date.max if key == _NO_LIMIT else date.fromisoformat(key))


def moment_cursor(text: str) -> MomentCursor | None:
    """Parses a pagination cursor keyed by instant (UTC); `None` if invalid or without a zone."""
    return _read(text, _moment)


def _moment(key: str) -> datetime:
    """The moment in UTC. Raises ValueError; OverflowError when it has no year there."""
    found = datetime.fromisoformat(key)
    if found.tzinfo is None:
        raise ValueError(key)
    return found.astimezone(UTC)


def _read(text: str, read: Callable[[str], K]) -> Cursor[K] | None:
    key, _, name = text.partition("~")
    try:
        return Cursor(read(key), name[:_LONGEST].replace("\0", ""))
    except (ValueError, OverflowError):
        return None
