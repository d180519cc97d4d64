"""The checks by name, and one run of all of them.

Whoever has another chain adds a line to `CHECKS`: the run, the gauges, the page and the night's
task take it from here.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
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
from services.desk.evidence.verification.ground import ProofCheck, VerificationContext
from shared.errors import TemporaryFailure
from shared.platform.observability.logs import Log

CHECKS: Final[Mapping[str, ProofCheck]] = {
    "chains": chains.check,
    "counts": counts.check,
    "followed": counts.check_followed,
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

log = Log("verification")


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
    """Runs all checks of figures and evidence one after the other. Raises TemporaryFailure.

    A check that fails on unexpected data is reported as a difference; the other checks still run.
    """
    found, differ = list[Difference](), 0
    for name, check in CHECKS.items():
        async for difference in _made(name, check, ground):
            differ += 1
            if len(found) < SHOWN:
                found.append(difference)
    checked = dict(ground.checked)
    return Report(
        checked.pop("items", 0), checked.pop("clocks", 0), checked, differ, found, ground.said
    )


async def _made(
    name: str, check: ProofCheck, ground: VerificationContext
) -> AsyncIterator[Difference]:
    failed: Exception | None = None
    try:
        async for difference in check(ground):
            yield difference
    except TemporaryFailure:
        raise
    except Exception as error:  # noqa: BLE001  (whatever somebody wrote, the night says so)
        failed = error
    if failed is not None:
        log.error("check_failed", check=name, trace=failed)
        yield Difference("check", name, f"the check could not be made ({type(failed).__name__})")
