"""What hangs slows its own page alone: an identity provider, somebody who uploads."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.desk.accounts import oidc
from services.desk.accounts.oidc import Provider
from shared.platform.clock import Clock
from shared.platform.database import Pool, open_pool
from shared.web import forms
from tests.desk_browser import HOME, Browser, pages
from tests.roles import under_role
from tests.silent import silent, until_busy

pytestmark = pytest.mark.usefixtures("live_site")

HANGING = 8
"""More than the one connection that there is."""


@pytest.fixture
async def narrow(postgres_url: str) -> AsyncIterator[Pool]:
    """A pool of one connection: who holds it is alone."""
    one = await open_pool(SecretStr(under_role(postgres_url, "web")), "tests", size=1)
    yield one
    await one.close()


async def test_a_provider_that_hangs_slows_no_other_page_and_is_not_asked_again_at_once(
    narrow: Pool, story_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with silent() as address:
        desk = pages(narrow, story_clock, tmp_path)
        desk = replace(desk, provider=Provider(f"http://{address}", "us", "secret", "openid"))
        monkeypatch.setattr(oidc, "TIMEOUT", 600.0)
        browser = Browser(desk)
        hanging = [
            asyncio.create_task(browser.get("/connexion/fournisseur")) for _ in range(HANGING)
        ]
        await until_busy(hanging)
        async with asyncio.timeout(60):
            assert (await browser.get("/connexion")).status_code == 200
        assert not any(task.done() for task in hanging), "they wait for the provider"
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)
        monkeypatch.setattr(oidc, "TIMEOUT", 0.2)
        assert (await browser.get("/connexion/fournisseur")).status_code == 503
        monkeypatch.setattr(oidc, "TIMEOUT", 600.0)
        async with asyncio.timeout(60):
            assert (await browser.get("/connexion/fournisseur")).status_code == 503
    assert await narrow.fetchval("SELECT count(*) FROM desk.signins") == 0, "nobody went there"


async def test_large_files_of_whom_we_do_not_know_are_not_read(
    narrow: Pool, story_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = Browser(pages(narrow, story_clock, tmp_path))
    monkeypatch.setattr(forms, "read", None)
    answer = await browser.client.post(
        "/bureau/guichet/deposer", files=[("documents", b"%PDF-")], headers={"origin": HOME}
    )
    assert answer.status_code == 403
    assert "Votre session est terminée" in answer.text
