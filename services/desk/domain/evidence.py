"""The evidence: one hash chain per item, so that nothing of its past can be changed unseen.

Each link hashes the link before, the SHA-256 of the fact as it was told, its author, its moment and
the SHA-256 of every document that it names. No text enters it: a destroyed content leaves the chain
whole.
"""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

GENESIS = "0" * 64
"""Predecessor of the first link."""

_BLOB = re.compile(r'"\d{4}/[0-9a-f-]{36}/([0-9a-f]{64})"')


@dataclass(frozen=True, slots=True)
class Link:
    """A stored fact of an item with its link: the hash that chains it to the fact before."""

    seq: int
    payload: str
    """The JSON that was told, byte for byte."""
    by: str
    recorded_at: datetime
    link: str
    """Hash computed when the fact was kept."""


@dataclass(frozen=True, slots=True)
class BrokenLink:
    """The first fact at which an item's hash chain does not hold, and why."""

    seq: int
    why: str


def link(previous: str, payload: str, by: str, recorded_at: datetime) -> str:
    """Returns the hash of the next link of an evidence chain, 64 lower-case hexadecimal digits."""
    fact = hashlib.sha256(payload.encode()).hexdigest()
    moment = recorded_at.astimezone(UTC).isoformat(timespec="microseconds")
    documents = sorted(_BLOB.findall(payload))
    return hashlib.sha256("\n".join((previous, fact, by, moment, *documents)).encode()).hexdigest()


def verify(links: Iterable[Link], last_seq: int | None = None) -> BrokenLink | None:
    """Verifies an item's hash chain from its first fact; returns `None` when it holds.

    `last_seq` is the number of facts that the item's row knows of, where there is one.
    """
    previous, expected = GENESIS, 0
    for kept in links:
        expected += 1
        if kept.seq != expected:
            return BrokenLink(expected, f"fact {expected} is missing")
        previous = link(previous, kept.payload, kept.by, kept.recorded_at)
        if previous != kept.link:
            return BrokenLink(expected, f"fact {expected} is not what was kept")
    if last_seq is not None and last_seq != expected:
        return BrokenLink(expected + 1, f"the item has {last_seq} facts, {expected} are kept")
    return None
