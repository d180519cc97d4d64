"""The checks by name, and one run of all of them.

Whoever has another chain adds a line to `CHECKS`: the run, the gauges, the page and the night's
task take it from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.verification import (
    books,
    chains,
    copies,
    counts,
    months,
    quality,
    roots,
    surveys,
    writings,
)
from services.desk.evidence.verification.ground import Check, VerificationContext

CHECKS: Final[Mapping[str, Check]] = {
    "chains": chains.check,
    "counts": counts.check,
    "followed": counts.followed,
    "months": months.check,
    "roots": roots.check,
    "copies": copies.check,
    "quality": quality.check,
    "books": books.check,
    "writings": writings.check,
    "surveys": surveys.check,
}
SHOWN = 1000
"""Differences that are kept; all of them are counted."""


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one run of all checks of figures and evidence."""

    items: int
    clocks: int
    checked: Mapping[str, int]
    differ: int
    differences: Sequence[Difference]
    """The first `SHOWN` of them."""
    said: Sequence[str] = ()

    @property
    def holds(self) -> bool:
        """Whether the verification found no difference."""
        return not self.differ

    @property
    def line(self) -> str:
        """The result of the verification as one line of text."""
        return f"{self.items} items refolded, {self.clocks} clocks replanned, {self.differ} differ"


async def verify(ground: VerificationContext) -> Report:
    """Runs all checks of figures and evidence one after the other. Raises TemporaryFailure."""
    found, differ = list[Difference](), 0
    for check in CHECKS.values():
        async for difference in check(ground):
            differ += 1
            if len(found) < SHOWN:
                found.append(difference)
    checked = dict(ground.checked)
    return Report(
        checked.pop("items", 0), checked.pop("clocks", 0), checked, differ, found, ground.said
    )
