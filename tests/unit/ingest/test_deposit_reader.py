"""Ingest notes a deposit that a portal wrote in clear though a key encrypts new files."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prometheus_client import CollectorRegistry

from services.ingest.deposit_reader import LOOK, DepositReader
from services.ops.status.questions import health_warnings, writing_key
from shared.content import spool
from shared.content.encryption import ReadingKey, WritingKey
from shared.content.keyring import IN_CLEAR, Keyring
from shared.content.spool import FormDeposit
from shared.platform.clock import SystemClock
from shared.platform.observability.health import Health

START = datetime(2026, 5, 11, 8, tzinfo=UTC)
KEY = ReadingKey.new("2026")
RING = Keyring({"2026": KEY}, KEY.writing)
HOUR = timedelta(hours=1)


class StoppedClock(SystemClock):
    """A clock that a test moves."""

    moment = START

    def now(self) -> datetime:
        return self.moment


def deposit_in(folder: Path, at: datetime, key: WritingKey | None) -> Path:
    what = FormDeposit(id=UUID(int=int(at.timestamp())), at=at, text="Bonjour,")
    folder.mkdir(exist_ok=True)
    spool.deposit(folder, what, key=key)
    return spool.waiting_folders(folder)[-1]


async def health_of(reader: DepositReader) -> tuple[str, Sequence[str]]:
    """What the process writes with, and what somebody should look at."""
    health = Health("ingest")
    health.add({"encryption": reader.check})
    answer = (await health.answer())[1]
    return writing_key(answer), health_warnings(answer)


@pytest.mark.parametrize(
    ("ring", "key", "after", "counted"),
    [
        (RING, None, 2 * HOUR, 1),
        (RING, KEY.writing, 2 * HOUR, 0),
        (RING, None, HOUR / 2, 0),  # the portal is restarted after ingest
        (IN_CLEAR, None, 2 * HOUR, 0),
    ],
)
async def test_a_deposit_in_clear_is_counted_and_said_for_a_day(
    tmp_path: Path, ring: Keyring, key: WritingKey | None, after: timedelta, counted: int
) -> None:
    clock, registry = StoppedClock(), CollectorRegistry()
    reader = DepositReader(registry, ring, clock)
    clock.moment = START + after
    what, _ = reader.read(deposit_in(tmp_path / "spool", clock.moment, key))
    assert isinstance(what, FormDeposit)
    assert what.text == "Bonjour,"
    assert registry.get_sample_value("vaguemestre_ingest_deposits_in_clear_total") == counted
    assert registry.get_sample_value("vaguemestre_encrypts_new_files") == (ring is RING)
    written = KEY.writing.id if ring is RING else "in clear"
    assert await health_of(reader) == (written, [LOOK] * counted)
    clock.moment += timedelta(days=1, seconds=1)
    assert await health_of(reader) == (written, [])
