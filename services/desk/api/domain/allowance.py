"""How often a key, or an address without one, may ask: a token bucket for each, in memory. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Final

MOST_KNOWN: Final = 20_000
"""Buckets at once; full ones are forgotten first, which changes nothing for them."""
MINUTE: Final = 60.0


@dataclass(slots=True)
class _Bucket:
    left: float
    at: datetime


@dataclass
class Allowances:
    """The rate limits of a process: each name may ask so often a minute, all of it at once too."""

    _buckets: dict[str, _Bucket] = field(default_factory=dict)

    def ask(self, name: str, per_minute: int, now: datetime) -> int:
        """Counts one request; returns 0 when it is allowed, else the seconds to wait.

        A request that is refused is not counted.
        """
        bucket = self._buckets.get(name)
        if bucket is None:
            self._forget(now)
            bucket = self._buckets[name] = _Bucket(per_minute, now)
        passed = max(0.0, (now - bucket.at).total_seconds())
        bucket.left = min(per_minute, bucket.left + passed * per_minute / MINUTE)
        bucket.at = now
        if bucket.left >= 1:
            bucket.left -= 1
            return 0
        return ceil((1 - bucket.left) * MINUTE / per_minute)

    def _forget(self, now: datetime) -> None:
        """Drops what has been idle for a minute, then the oldest, once too many are known."""
        if len(self._buckets) < MOST_KNOWN:
            return
        idle = [name for name, one in self._buckets.items() if _idle(one, now)]
        for name in idle or list(self._buckets)[: MOST_KNOWN // 10]:
            del self._buckets[name]


def _idle(bucket: _Bucket, now: datetime) -> bool:
    return (now - bucket.at).total_seconds() >= MINUTE
