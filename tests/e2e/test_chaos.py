"""One short play of `make chaos`: two instances of everything, and each kind of fault once."""

from pathlib import Path

import pytest

from tests.chaos.faults import one_of_each
from tests.chaos.play import Plan, may_mount, play

SEED = 20
PATIENCE = 300.0
"""Seconds in which all faults must have happened, however busy the machine is."""


@pytest.mark.timeout(1200)
async def test_what_came_in_is_counted_told_once_and_timed_whatever_broke(
    embedded_data: Path, tmp_path: Path
) -> None:
    said: list[str] = []
    faults = one_of_each(SEED)
    plan = Plan(SEED, PATIENCE, faults, again=False, mails_a_minute=45, at_once=3)
    outcome = await play(plan, said.append, embedded_data)
    story = "\n".join([*said, *outcome.ledger.wrong])
    assert outcome.ledger.wrong == [], story
    assert outcome.not_done == ([] if await may_mount(tmp_path) else ["disk_full"]), story
    assert outcome.ledger.receipts > 0
