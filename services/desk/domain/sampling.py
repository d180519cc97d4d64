r"""The draw of an auditor: so many items of each service and channel, chosen by nobody. Pure.

An item's rank is SHA-256 of the seed, a line feed and its chrono, in lower-case hexadecimal; of
each service and channel the lowest ranks are drawn. Whoever has the list and the seed draws the
same: `printf '%s\n%s' SEED CHRONO | sha256sum`. So the auditor says the seed, once the list stands.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from shared.errors import Refused

LONGEST_SEED = 100
MASKED = "reserve"
"""Stands for the service, channel and result of an item that whoever draws may not see: it is drawn
by its number, among its like, and opened by somebody who may."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item of which a reply was promised; no personal data."""

    chrono: str
    item_id: UUID
    service: str
    channel: str
    received_on: date | None
    result: str
    """As desk.judged says it: kept, late, overdue, open, observed or closed; `MASKED`."""
    limit_day: date | None
    days: int
    """Jours ouvrés used; -1: no answer."""

    @property
    def masked(self) -> bool:
        """Whether nothing but its number may be shown to whoever draws."""
        return self.result == MASKED


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate, its rank, and whether it was drawn."""

    candidate: Candidate
    rank: str
    drawn: bool


def draw(candidates: Iterable[Candidate], seed: str, each: int) -> Sequence[Ranked]:
    """All of them by service, channel and rank; of each group the first `each` are drawn.

    Raises Refused for a seed that can't be written on one line.
    """
    if not seed or seed != seed.strip() or not seed.isprintable() or len(seed) > LONGEST_SEED:
        raise Refused(
            f"The seed is one line of 1 to {LONGEST_SEED} letters: let the auditor choose it.",
            "no-such-seed",
        )
    ranked = sorted(
        (one.service, one.channel, _rank(seed, one.chrono), one.chrono, one) for one in candidates
    )
    found, group, taken = list[Ranked](), ("", ""), 0
    for service, channel, rank, _, one in ranked:
        taken = taken + 1 if (service, channel) == group else 1
        group = (service, channel)
        found.append(Ranked(one, rank, taken <= each))
    return found


def population(candidates: Iterable[Candidate]) -> str:
    """A digest of the list that is drawn from: SHA-256 of `chrono;service;channel`, a line each."""
    told = hashlib.sha256()
    for one in sorted(candidates, key=lambda one: one.chrono):
        told.update(f"{one.chrono};{one.service};{one.channel}\n".encode())
    return told.hexdigest()


def _rank(seed: str, chrono: str) -> str:
    return hashlib.sha256(f"{seed}\n{chrono}".encode()).hexdigest()
