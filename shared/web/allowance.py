"""How often a key, or an address without one, may ask: a token bucket for each, in memory. Pure."""

from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Final

MOST_KNOWN: Final = 20_000
"""Buckets at once; full ones are forgotten first, which changes nothing for them."""
FORGOTTEN: Final = MOST_KNOWN // 10
MINUTE: Final = 60.0


@dataclass(slots=True)
class _Bucket:
    most: int
    left: float
    at: datetime

    @property
    def debt(self) -> float:
        return self.most - self.left


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
            bucket = self._buckets[name] = _Bucket(per_minute, per_minute, now)
        seconds = _wait(bucket, now)
        if not seconds:
            bucket.left -= 1
        return seconds

    def wait(self, name: str, now: datetime) -> int:
        """Returns the seconds that a name must wait before it may ask; counts nothing."""
        bucket = self._buckets.get(name)
        return 0 if bucket is None else _wait(bucket, now)

    def _forget(self, now: datetime) -> None:
        """Drops what has been idle for a minute, else who asked least, once too many are known."""
        if len(self._buckets) < MOST_KNOWN:
            return
        idle = [name for name, one in self._buckets.items() if _idle(one, now)]
        by_debt = sorted(self._buckets, key=lambda name: self._buckets[name].debt)
        for name in idle or by_debt[:FORGOTTEN]:
            del self._buckets[name]


def _wait(bucket: _Bucket, now: datetime) -> int:
    """Fills a bucket for the time that passed; returns the seconds until it holds a request."""
    passed = max(0.0, (now - bucket.at).total_seconds())
    bucket.left = min(bucket.most, bucket.left + passed * bucket.most / MINUTE)
    bucket.at = now
    return 0 if bucket.left >= 1 else ceil((1 - bucket.left) * MINUTE / bucket.most)


def _idle(bucket: _Bucket, now: datetime) -> bool:
    return (now - bucket.at).total_seconds() >= MINUTE
