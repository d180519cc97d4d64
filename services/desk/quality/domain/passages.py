"""The way of letters through the house: registered, reassigned, answered net of pieces, proven."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

LAGS: Final = ("same_day", "next_day", "within_week", "later")
"""Days from receipt to registration: 0, 1, 2 to 7, more."""
PROOFS: Final = ("delivered", "seen", "scanned", "keyed", "declared")
"""Levels of proof of a reply, the surest first (shared/facts/vocabulary.py: Proof)."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The figures of how the items of a service and channel were registered and answered."""

    service: str | None
    """`None`: all services."""
    channel: str | None
    """`None`: all channels."""
    n: int = 0
    reassigned: int = 0
    """Given to another service after they were qualified."""
    same_day: int = 0
    next_day: int = 0
    within_week: int = 0
    later: int = 0
    lag_median: int | None = None
    """Days from receipt to registration; `None`: nothing came."""
    lag_ninth_decile: int | None = None
    net_n: int = 0
    """Replies of which the net delay is known."""
    net_median: int | None = None
    """Jours ouvrés, without the time that pieces were waited for."""
    net_ninth_decile: int | None = None
    delivered: int = 0
    seen: int = 0
    scanned: int = 0
    keyed: int = 0
    declared: int = 0

    @property
    def proofs(self) -> Sequence[int]:
        """The numbers of replies with each level of proof, in the order of `PROOFS`."""
        return [getattr(self, name) for name in PROOFS]

    @property
    def lags(self) -> Sequence[int]:
        """The numbers of items by days from receipt to registration, in the order of `LAGS`."""
        return [getattr(self, name) for name in LAGS]


@dataclass(frozen=True)
class PassageTable:
    """A table of how items were registered and answered, by service and channel, with totals."""

    rows: Sequence[Passage]
    _by_key: Mapping[tuple[str | None, str | None], Passage] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        found = {(row.service, row.channel): row for row in self.rows}
        object.__setattr__(self, "_by_key", found)

    def of(self, service: str | None = None, channel: str | None = None) -> Passage:
        """Returns the figures of a service and channel; empty ones if no item came.

        `None` stands for all of them.
        """
        return self._by_key.get((service, channel)) or Passage(service, channel)

    @property
    def services(self) -> Sequence[str]:
        """The ids of the services that received any item."""
        return sorted({row.service for row in self.rows if row.service is not None})

    @property
    def channels(self) -> Sequence[str]:
        """The channels by which items came."""
        return sorted({row.channel for row in self.rows if row.channel is not None})
