"""What is outside the perimeter, and so in no rate, counted by reason and by who put it out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class OutsideWay(StrEnum):
    """The way by which an item came to be outside the perimeter."""

    RULE = "rule"
    """A rule that the site marks certain."""
    PROPOSAL = "proposal"
    """A rule's proposal that nobody has confirmed."""
    PERSON = "person"
    UNKNOWN = "unknown"
    """No fact of it can be read."""


@dataclass(frozen=True, slots=True)
class OutsideCount:
    """The number of items outside for a reason, by a way, in a service and channel."""

    reason: str
    """A code of the site."""
    way: OutsideWay
    service: str
    channel: str
    n: int
    late: int
    """Of these, the reply was late already when it was put out."""


@dataclass(frozen=True, slots=True)
class OutsideRow:
    """The sums of one reason."""

    reason: str
    ways: tuple[tuple[OutsideWay, int], ...]
    """Each way with its number, in the order of `OutsideWay`."""
    n: int
    late: int


def by_reason(counts: Iterable[OutsideCount]) -> Sequence[OutsideRow]:
    """Sums by reason, the most frequent first, then in the order of their codes."""
    kept = list(counts)
    reasons = {count.reason for count in kept}
    rows = [_row(reason, [count for count in kept if count.reason == reason]) for reason in reasons]
    return sorted(rows, key=lambda row: (-row.n, row.reason))


def total(counts: Iterable[OutsideCount]) -> OutsideRow:
    """Sums over all reasons; the reason is empty."""
    return _row("", list(counts))


def _row(reason: str, counts: Sequence[OutsideCount]) -> OutsideRow:
    ways = tuple((way, sum(count.n for count in counts if count.way is way)) for way in OutsideWay)
    return OutsideRow(
        reason, ways, sum(count.n for count in counts), sum(count.late for count in counts)
    )
