"""The lanes of what leaves: each has its share of the site's rate, one for all processes.

Whatever waits in the ordinary lane, words of danger and what is awaited within the opening hour
have a worker, a connection and a tenth of the rate of their own (ADR 0030). The ordinary lane
serves the whole ledger, the urgent first, so that nothing urgent ever needs more than that tenth.
"""

from dataclasses import dataclass
from datetime import timedelta

from services.notify.domain.due import Urgency

SPAN = timedelta(seconds=0.25)
MOST = 32
"""Emails that a worker claims together at most."""


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane of outgoing email: the least urgency that it serves, its share of the rate limit."""

    name: str
    least: Urgency
    """The least urgent notice that it takes."""
    share: float
    """Of the rate of the site (notices.yaml: `outgoing_per_minute`)."""

    def every(self, per_minute: int) -> timedelta:
        """Returns the pause between two emails of the lane, for a site's limit per minute."""
        return timedelta(minutes=1) / (per_minute * self.share)

    def at_once(self, per_minute: int) -> int:
        """Returns how many emails of the lane a worker claims together, at least one.

        No more than leave within a quarter of a second: what is claimed is judged, and leaves.
        """
        return max(1, min(MOST, int(SPAN / self.every(per_minute))))


URGENT = Lane("urgent", Urgency.OPENING, 0.1)
ORDINARY = Lane("ordinary", Urgency.AUTOMATIC, 0.9)
