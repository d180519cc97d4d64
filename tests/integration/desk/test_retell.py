"""`vaguemestre retell`: whose facts, since when, and in one sentence each."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from click.testing import CliRunner

from services.__main__ import main
from shared.platform.database import Pool

Answer = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
def retell(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Answer:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", postgres_url)
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:1")

    async def retell(*words: str) -> tuple[int, str]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["retell", *words])
        return result.exit_code, result.output

    return retell


async def test_each_service_tells_again_what_it_told(pool: Pool, retell: Answer) -> None:
    for words in ((), ("sla", "--all")):
        code, output = await retell(*words)
        assert code == 2
        assert "Say whose facts are to be told again: one of ingest, desk, sla, notify" in output
    code, output = await retell("sla", "--since", "yesterday")
    assert (code, "'yesterday' is no moment with its offset" in output) == (1, True)
    assert await retell("--all", "--since", "2026-05-11T00:00+02:00") == (
        0,
        "".join(
            f"{name}: 0 facts are told again, after whatever is fresh.\n"
            for name in ("ingest", "desk", "sla", "notify")
        ),
    )
    assert await pool.fetchval("SELECT count(*) FROM desk.outbox_waiting") == 0
