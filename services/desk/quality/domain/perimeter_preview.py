"""What a change of the label's perimeter would move, counted before anybody confirms it. Pure."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from services.desk.quality.domain.figures import FigureRow
from shared.facts.envelope import Digest, EventId, ItemId


@dataclass(frozen=True, slots=True)
class MovedPromises:
    """Promises of one month and figure that a perimeter change would move."""

    month: date
    code: str
    k: int
    """Kept."""
    n: int
    """Judged: kept, late, past the limit, closed without a reply."""
    waiting: int


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """A line of a perimeter change's preview: an open month's figure before and after."""

    month: date
    code: str
    before: FigureRow
    after: FigureRow


@dataclass(frozen=True, slots=True)
class PerimeterPreview:
    """The preview of all that a change of the label's perimeter would move."""

    leaving: Sequence[ItemId]
    """Items that would count no more."""
    coming: Sequence[ItemId]
    """Items that would count again."""
    merged: frozenset[ItemId]
    """Of both: what was merged into another item counts in nothing; its row follows."""
    late: int
    """Of those that leave: replies that are late, or past their limit without one."""
    unreadable: int
    """Items of which a fact can't be read: they stay as they are."""
    lines: Sequence[PreviewLine]
    closed: Sequence[tuple[date, int]]
    """By closed month: promises that would stand beside its figures as corrections."""

    @property
    def out(self) -> int:
        """The number of items that count in the rates and would no more."""
        return len(set(self.leaving) - self.merged)

    @property
    def back(self) -> int:
        """The number of items that would count in the rates again."""
        return len(set(self.coming) - self.merged)

    def digest(self, request: EventId) -> Digest:
        """Returns the digest of a preview as shown: the request, and each item that moves."""
        parts = [str(request), *map(str, sorted(self.leaving)), "", *map(str, sorted(self.coming))]
        return Digest(hashlib.sha256("\n".join(parts).encode()).hexdigest())
