"""Each way into the register has the database role that it needs, and no more."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import pages
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")


async def test_status_under_the_role_of_a_service_answers_in_a_sentence(
    postgres_url: str, kafka_address: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", kafka_address)
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    said = {}
    for role in ("sla", "status"):
        monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, role))
        done = await _says("status")
        said[role] = done
    assert "Traceback" not in said["sla"]
    assert "give the address of the role that ends in _status" in said["sla"]
    assert "Préfecture" in said["status"]


async def test_a_command_under_a_role_that_may_not_answers_in_a_sentence(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", under_role(postgres_url, "sla"))
    said = await _says("site", "go-live", "--by", "x", "--why", "y", "--yes")
    assert "PostgreSQL does not let the role of VAGUEMESTRE_DATABASE_URL do that" in said


async def test_pages_that_are_tested_ask_under_the_role_of_pages(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    asked = pages(pool, story_clock, tmp_path).pool
    assert await asked.fetchval("SELECT current_user") == "vaguemestre_indre_web"
    assert await pool.fetchval("SELECT current_user") == "vaguemestre_indre_desk"


async def _says(*words: str) -> str:
    """What a command prints, in a thread: it has an event loop of its own."""
    done = await asyncio.to_thread(CliRunner().invoke, main, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output
