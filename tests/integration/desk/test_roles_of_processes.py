"""Each way into the register has the database role that it needs, and no more."""

import asyncio
from pathlib import Path

import pytest
from click.testing import CliRunner
from pydantic import SecretStr
from starlette.responses import PlainTextResponse, Response

from services.__main__ import main
from services.desk.pages.page import Page
from services.desk.pages.rights import Right
from services.desk.pages.serve import Pages
from services.desk.pages.visit import Visit
from shared.blobs import LocalBlobs
from shared.clock import open_clock
from shared.database import open_pool
from shared.site.applied_rules import AppliedRules
from tests.desk_browser import Browser, desk_settings
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")


async def who(visit: Visit) -> Response:
    """The role under which a page asks; and whether a letter's words are open to it."""
    role: str = await visit.connection.fetchval("SELECT current_user")
    may: bool = await visit.connection.fetchval(
        "SELECT has_table_privilege('desk.search', 'SELECT')"
    )
    return PlainTextResponse(f"{role} {may}")


async def test_the_pages_of_the_public_go_on_as_the_public(
    postgres_url: str, tmp_path: Path
) -> None:
    url = under_role(postgres_url, "web")
    pool = await open_pool(SecretStr(url), "tests")
    try:
        clock = await open_clock(pool, SecretStr(url))
        blobs, settings = LocalBlobs(tmp_path), desk_settings(tmp_path)
        table = (
            Page("/public", who, Right.OPEN, without_register=True),
            Page("/ouverte", who, Right.OPEN),
        )
        browser = Browser(Pages(pool, clock, AppliedRules(), blobs, settings, table=table))
        assert (await browser.get("/public")).text == "vaguemestre_indre_public False"
        assert (await browser.get("/ouverte")).text == "vaguemestre_indre_web True"
        assert (await browser.get("/public")).text == "vaguemestre_indre_public False"
    finally:
        await pool.close()


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


async def _says(*words: str) -> str:
    """What a command prints, in a thread: it has an event loop of its own."""
    done = await asyncio.to_thread(CliRunner().invoke, main, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.output
