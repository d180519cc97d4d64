"""The benches of notify, small: that of its morning shows each turn as it ends, and how it went.

A turn of its usual size takes minutes; whoever waits sees which one has ended, and how it went.
"""

from pathlib import Path

import pytest

from tests.bench import morning, notify
from tests.bench.morning import bench, options
from tests.integration.notify.conftest import House

SPOKEN = "--mails 6 --turns 1 --rungs 80 --people 40 --asleep 1100"
SIZES = "--rungs 40 --mails 3 --turns 2 --scrapes 2"


async def test_the_bench_shows_each_turn_before_the_next_one_begins(
    postgres_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed, real = list[str](), morning.leaving

    async def leaving(house: House, name: int, mails: int) -> float:
        printed.append(capsys.readouterr().out)
        return await real(house, name, mails)

    monkeypatch.setattr(morning, "leaving", leaving)
    said = await bench(postgres_url, tmp_path, options(SIZES.split()))
    begun, *shown = [*printed, capsys.readouterr().out]
    assert "40 rungs of six o'clock are heard" in begun
    assert [text.partition(":")[0] for text in shown] == [
        *("turn 1 of 2", "turn 1 of 2"),
        *("turn 2 of 2", "turn 2 of 2"),
    ]
    assert "median of turns without scrapes" in shown[-1]
    assert said.goals == 2


async def test_the_bench_of_the_voice_counts_each_mail_and_each_digest(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = await notify.bench(postgres_url, tmp_path, notify.options(SPOKEN.split()))
    shown = capsys.readouterr().out
    for must in ("raw limit: bare aiosmtplib, four connections", "80 rungs become 40 digests"):
        assert must in shown
    assert said.goals == 3
