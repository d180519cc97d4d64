"""What every check stands on, and what it says."""

from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from services.desk.domain.replan import Replan
from services.desk.evidence.domain.difference import Difference
from shared.content.blobs import Blobs
from shared.platform.database import Pool
from shared.platform.kafka.connection import KafkaAccess
from shared.site.tables.bundle import AppliedSite

SLICES = 30
"""In so many nights every blob was read once."""


@dataclass(frozen=True, slots=True)
class Documents:
    """The choice of blobs that one verification reads: recent ones, and a thirtieth of the others.

    Within thirty nights all are read.
    """

    since: datetime | None = None
    """`None`: no matter when."""
    part: int | None = None
    """From 0 to 29; `None`: none beside the recent ones, or all of them without `since`."""

    def includes(self, key: str, recorded_at: datetime) -> bool:
        """Returns whether this verification reads the blob with this key."""
        if self.since is None or recorded_at >= self.since:
            return True
        return self.part is not None and int(key[-8:], 16) % SLICES == self.part


WHOLE_STORE = Documents()


@dataclass(frozen=True)
class VerificationContext:
    """The context in which all checks of one verification run: database, rules, moment."""

    pool: Pool
    applied: AppliedSite
    replan: Replan
    blobs: Blobs
    documents: Documents
    now: datetime
    kafka: tuple[KafkaAccess, str] | None = None
    """Where the topics are, and the prefix of their names; `None`: they are not asked."""
    patience: float = 0.0
    """Seconds after which what differs is looked at again: readers may be a moment behind."""
    checked: Counter[str] = field(default_factory=Counter)
    """How many of what: `items`, `clocks`, `chains`, `roots`, `documents`, `months`."""
    said: list[str] = field(default_factory=list)
    """Checks that could not be made, one sentence each: no difference, and no proof."""


ProofCheck: TypeAlias = Callable[[VerificationContext], AsyncIterator[Difference]]
