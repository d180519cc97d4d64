r"""The draw of an auditor from a frozen list: chosen by the seed, and by nobody. Pure.

An item's rank is SHA-256 of the seed, a line feed and its chrono, in lower-case hexadecimal; of
each stratum the lowest ranks are drawn. Whoever has the list and the seed draws the same:
`printf '%s\n%s' SEED CHRONO | sha256sum`. So the auditor says the seed, once the list is frozen.

A stratum is a service and a channel; what is out of the perimeter is one, what is réservé is one:
drawn by its number, opened by somebody who may. What is not finished stands in the list, so that it
is whole, and is not drawn.

How many of each, of N in all: one of each stratum when N suffices; the rest in proportion to what
is left of each, along the strata in the order of SHA-256 of the seed, a line feed and the stratum.
With `m` left in all and `r` to draw, and `u` the SHA-256 of the seed modulo m, the strata up to one
that ends at `c` have (c*r + u) div m - u div m. It gives N exactly, and every item the same chance.
"""

import csv
import hashlib
import io
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from shared.errors import Refused
from shared.facts.quality import DrawMode

LONGEST_SEED = 100
MASKED: Final = "reserve"
"""The stratum of what is réservé, of which the list has the number alone."""
OUTSIDE: Final = "hors-perimetre"
UNFINISHED: Final = "non-termine"
UNPROMISED: Final = "sans-engagement"
"""In the perimeter, and no reply was ever due."""
UNDRAWN: Final = (UNFINISHED, UNPROMISED)
"""They stand in the list, which is whole, and are not drawn."""
NAMES: Final = (
    "numero", "strate", "service", "canal", "recu_le", "resultat", "limite", "jours_ouvres",
    "courrier",
)  # fmt: skip
"""The columns of a list."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item on the frozen list from which an auditor's sample is drawn; no personal data."""

    chrono: str
    stratum: str
    service: str
    """Empty of what is réservé, as all that follows but the id."""
    channel: str
    received_on: date | None
    result: str
    """In the codes that officers read (domain/codes.py)."""
    limit_day: date | None
    days: int
    """Jours ouvrés used; -1: no answer."""
    item_id: UUID

    @property
    def masked(self) -> bool:
        """Whether only the item's number may be shown, because it is réservé."""
        return not self.service


@dataclass(frozen=True, slots=True)
class Ranked:
    """An item of a frozen list with its rank in a draw, and whether it was drawn."""

    candidate: Candidate
    rank: str
    drawn: bool


@dataclass(frozen=True, slots=True)
class Wanted:
    """The parameters of a random draw: the auditor's seed, how many items, by which mode."""

    seed: str
    mode: DrawMode
    count: int
    """In all, or of each stratum at most."""


def write_list(candidates: Iterable[Candidate]) -> str:
    """Formats a list of items to draw from as CSV text, sorted by chrono, with a head."""
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\n")
    lines.writerow(NAMES)
    for candidate in sorted(candidates, key=lambda candidate: candidate.chrono):
        lines.writerow(
            (
                candidate.chrono,
                candidate.stratum,
                candidate.service,
                candidate.channel,
                candidate.received_on or "",
                candidate.result,
                candidate.limit_day or "",
                "" if candidate.days < 0 else candidate.days,
                candidate.item_id,
            )
        )
    return text.getvalue()


def read(text: str) -> Sequence[Candidate]:
    """Parses the CSV text of a frozen list of items to draw from."""
    return [
        Candidate(
            row["numero"],
            row["strate"],
            row["service"],
            row["canal"],
            date.fromisoformat(row["recu_le"]) if row["recu_le"] else None,
            row["resultat"],
            date.fromisoformat(row["limite"]) if row["limite"] else None,
            int(row["jours_ouvres"] or -1),
            UUID(row["courrier"]),
        )
        for row in csv.DictReader(io.StringIO(text))
    ]


def draw(candidates: Iterable[Candidate], wanted: Wanted) -> Sequence[Ranked]:
    """Ranks items by a seed and marks a random sample of them as drawn; returns them all.

    Strata from which nothing is drawn are left out. Raises Refused for a seed that can't be written
    on one line.
    """
    seed = wanted.seed
    if not seed or seed != seed.strip() or not seed.isprintable() or len(seed) > LONGEST_SEED:
        raise Refused(
            f"The seed is one line of 1 to {LONGEST_SEED} letters: let the auditor choose it.",
            "no-such-seed",
        )
    ranked = sorted(
        (candidate.stratum, _sha256(seed, candidate.chrono), candidate.chrono, candidate)
        for candidate in candidates
        if candidate.stratum not in UNDRAWN
    )
    sizes = Counter(stratum for stratum, *_ in ranked)
    shares = allocation(sizes, wanted)
    found, taken = list[Ranked](), Counter[str]()
    for stratum, rank, _, candidate in ranked:
        taken[stratum] += 1
        found.append(Ranked(candidate, rank, taken[stratum] <= shares[stratum]))
    return found


def allocation(sizes: Mapping[str, int], wanted: Wanted) -> Mapping[str, int]:
    """Returns how many items to draw from each stratum, by the mode that was asked for.

    Either at most `count` from each stratum, or `count` in all, in proportion to the strata.
    """
    seed, count = wanted.seed, wanted.count
    if wanted.mode is DrawMode.EACH:
        return {stratum: min(size, count) for stratum, size in sizes.items()}
    count = min(count, sum(sizes.values()))
    least = 1 if count >= len(sizes) else 0
    rest = {stratum: size - least for stratum, size in sizes.items()}
    left, more = sum(rest.values()), count - least * len(sizes)
    shares = dict.fromkeys(sizes, least)
    if more == 0:
        return shares
    start, end = int(_sha256(seed), 16) % left, 0
    for stratum in sorted(rest, key=lambda name: _sha256(seed, name)):
        before, end = end, end + rest[stratum]
        shares[stratum] += (end * more + start) // left - (before * more + start) // left
    return shares


def _sha256(*words: str) -> str:
    return hashlib.sha256("\n".join(words).encode()).hexdigest()
