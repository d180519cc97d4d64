"""A deposit that nobody takes in is noticed, by whoever asks the portal how it is."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from services.portal import metrics
from shared.content import spool
from shared.content.spool import FormDeposit
from shared.errors import TemporaryFailure
from shared.platform.observability.health import State, Unwell, Well

NOW = datetime(2026, 5, 11, 9, tzinfo=UTC)


@dataclass(frozen=True)
class MachineClock:
    """The clock of a machine, at one moment."""

    def now(self) -> datetime:
        return NOW

    async def pause(self, longest: timedelta) -> None:
        raise AssertionError(longest)


def deposited(folder: Path, number: int, age: timedelta) -> None:
    spool.deposit(folder, FormDeposit(id=UUID(int=number), at=NOW - age, text="Bonjour."))
    (made,) = folder.glob(f"*-{UUID(int=number)}")
    moment = (NOW - age).timestamp()
    os.utime(made, (moment, moment))


async def said(folder: Path) -> tuple[State, float | None]:
    """What /health says, and the gauge."""
    registry = CollectorRegistry()
    await metrics.question(registry, folder, MachineClock())()
    state = await metrics.taken_in(folder, MachineClock())()
    return state, registry.get_sample_value("vaguemestre_portal_spool_oldest_seconds")


async def test_an_empty_spool_and_one_just_filled_are_well(tmp_path: Path) -> None:
    assert await said(tmp_path / "none yet") == (Well(), 0)
    deposited(tmp_path, 1, timedelta(minutes=10))
    assert await said(tmp_path) == (Well(), 600)
    deposited(tmp_path, 2, timedelta(seconds=-2))  # the share's clock is ahead
    spool.remove(spool.waiting(tmp_path)[0])
    assert await said(tmp_path) == (Well(), 0)


async def test_after_ten_minutes_it_is_said_that_nobody_takes_it_in(tmp_path: Path) -> None:
    deposited(tmp_path, 1, timedelta(minutes=11))
    deposited(tmp_path, 2, timedelta(minutes=1))
    state, age = await said(tmp_path)
    assert age == 660
    assert isinstance(state, Unwell)
    assert f"{tmp_path}: a deposit has waited for 11 minutes" in state.why
    assert "is the share mounted?" in state.why


async def test_a_spool_that_can_not_be_read_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("no folder")
    with pytest.raises(TemporaryFailure):
        await metrics.taken_in(tmp_path / "spool", MachineClock())()
