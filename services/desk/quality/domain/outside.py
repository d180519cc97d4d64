"""What is outside the perimeter, and so in no rate, counted by reason and by who put it out."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class OutsideWay(StrEnum):
    """The way by which an item was put out of the perimeter: rule, person, label and so on."""

    RULE = "rule"
    """A rule that the site marks certain."""
    PROPOSAL = "proposal"
    """A rule's proposal that nobody has confirmed."""
    PERSON = "person"
    LABEL = "label"
    """Two persons left its service out of the label's perimeter, from a day on."""
    UNKNOWN = "unknown"
    """No fact of it can be read."""


@dataclass(frozen=True, slots=True)
class OutsideCount:
    """The number of items out of the perimeter for one reason, by way, service and channel."""

    reason: str
    """A code of the site, or `service-hors-label`."""
    way: OutsideWay
    service: str
    channel: str
    n: int
    late: int
    """Of these, the reply was late already when it was put out."""


@dataclass(frozen=True, slots=True)
class OutsideRow:
    """The number of items out of the perimeter for one reason, by way, and those late."""

    reason: str
    ways: tuple[tuple[OutsideWay, int], ...]
    """Each way with its number, in the order of `OutsideWay`."""
    n: int
    late: int


def by_reason(counts: Iterable[OutsideCount]) -> Sequence[OutsideRow]:
    """Adds up counts of items out of the perimeter by reason, the most frequent first."""
    kept = list(counts)
    reasons = {count.reason for count in kept}
    rows = [_row(reason, [count for count in kept if count.reason == reason]) for reason in reasons]
    return sorted(rows, key=lambda row: (-row.n, row.reason))


def total(counts: Iterable[OutsideCount]) -> OutsideRow:
    """Adds up all counts of items out of the perimeter; the reason is empty."""
    return _row("", list(counts))


def _row(reason: str, counts: Sequence[OutsideCount]) -> OutsideRow:
    ways = tuple((way, sum(count.n for count in counts if count.way is way)) for way in OutsideWay)
    return OutsideRow(
        reason, ways, sum(count.n for count in counts), sum(count.late for count in counts)
    )
