"""One short play of `make chaos`: two instances of everything, and everything may break."""

from tests.chaos.faults import FAULTS
from tests.chaos.play import Plan, play

SECONDS = 45
LEAST = 5
"""Faults, on a machine that has little time for us."""


async def test_what_came_in_is_counted_told_once_and_timed_whatever_broke() -> None:
    said: list[str] = []
    outcome = await play(Plan(seed=20, seconds=SECONDS), said.append)
    assert outcome.ledger.wrong == [], "\n".join([*said, *outcome.ledger.wrong])
    assert len(outcome.done) >= LEAST
    assert outcome.ledger.receipts > 0
    assert set(outcome.not_done) < {fault.__name__ for fault in FAULTS}
