"""The root of a night: one SHA-256 that stands for every chain as it was that night.

Only the chains that grew since the root before are listed; the root hashes that list, the day, and
the root before. So a root stands for all heads ever sealed at a cost of one night's work, and one
root in a mailbox out of our reach shows whether anything before it was rewritten.

    list  = SHA-256 of the lines `<item id> <seq> <link>`, sorted, each ended by a line feed
    root  = SHA-256 of `<root before>`, `<day>`, `<list>`, each ended by a line feed
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from services.desk.domain.evidence import GENESIS
from shared.facts.envelope import Digest


@dataclass(frozen=True, slots=True)
class Head:
    """The last link of a chain when it was sealed."""

    item_id: UUID
    seq: int
    link: str


@dataclass(frozen=True, slots=True)
class Root:
    """One night."""

    night: int
    """Counted from 1."""
    day: date
    heads: str
    """SHA-256 of the night's list."""
    root: Digest
    chains: int


def digest_of(heads: Iterable[Head]) -> str:
    """The SHA-256 of a list, whatever its order."""
    lines = sorted(f"{one.item_id} {one.seq} {one.link}\n" for one in heads)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def root_of(before: str, day: date, heads: str) -> Digest:
    """The root of a night; `before` is GENESIS for the first."""
    return Digest(hashlib.sha256(f"{before}\n{day.isoformat()}\n{heads}\n".encode()).hexdigest())


def next_root(last: Root | None, day: date, heads: Iterable[Head]) -> Root:
    """The root that follows."""
    listed = list(heads)
    digest = digest_of(listed)
    before = GENESIS if last is None else last.root
    night = 1 if last is None else last.night + 1
    return Root(night, day, digest, root_of(before, day, digest), len(listed))


def broken(roots: Iterable[Root]) -> str | None:
    """The first place at which the chain of roots does not hold; `None` when it does."""
    before = GENESIS
    for expected, one in enumerate(roots, start=1):
        if one.night != expected:
            return f"night {expected} is missing"
        if root_of(before, one.day, one.heads) != one.root:
            return f"the root of {one.day} does not follow from the one before"
        before = one.root
    return None
