"""What hangs slows its own page alone: an antivirus, an identity provider, somebody who uploads."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.desk import antivirus, oidc
from services.desk.oidc import Provider
from shared.clock import Clock
from shared.database import Pool, open_pool
from shared.web import forms
from tests.desk_browser import HOME, Browser, pages
from tests.integration.desk.public_deposits import deposited
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf
from tests.roles import under_role
from tests.silent import silent

pytestmark = pytest.mark.usefixtures("live_site")

HANGING = 8
"""More than the one connection that there is."""


@pytest.fixture
async def narrow(postgres_url: str) -> AsyncIterator[Pool]:
    """A pool of one connection: who holds it is alone."""
    one = await open_pool(SecretStr(under_role(postgres_url, "web")), "tests", size=1)
    yield one
    await one.close()


async def deposit(browser: Browser, n: int) -> httpx.Response:
    letter = ("lettre.pdf", as_pdf([a_letter(TITRE_DE_SEJOUR)]), "application/pdf")
    said = {
        "depot": f"3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a{n:02}",
        "page": "/formulaire",
        "nature": "demande",
        "message": f"Message {n}.",
    }
    return await browser.client.post(
        "/formulaire", data=said, files=[("fichiers", letter)], headers={"origin": HOME}
    )


async def test_an_antivirus_that_hangs_slows_no_other_page_and_one_message_once(
    narrow: Pool, story_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with silent() as address:
        desk = pages(narrow, story_clock, tmp_path, clamd=address)
        monkeypatch.setattr(antivirus, "PATIENCE_SECONDS", 600.0)
        browser = Browser(desk)
        hanging = [asyncio.create_task(deposit(browser, n)) for n in range(HANGING)]
        await _until_busy(hanging)
        async with asyncio.timeout(60):
            assert (await browser.get("/formulaire")).status_code == 200
            assert (await browser.get("/connexion")).status_code == 200
        assert not any(one.done() for one in hanging), "they wait for the antivirus"
        for one in hanging:
            one.cancel()
        await asyncio.wait(hanging)
        monkeypatch.setattr(antivirus, "PATIENCE_SECONDS", 0.2)
        assert (await deposit(browser, 20)).status_code == 303
        monkeypatch.setattr(antivirus, "PATIENCE_SECONDS", 600.0)
        async with asyncio.timeout(60):
            assert (await deposit(browser, 21)).status_code == 303
    assert [one.files[0].unlooked for one in deposited(tmp_path)] == [True, True]


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
        await _until_busy(hanging)
        async with asyncio.timeout(60):
            assert (await browser.get("/formulaire")).status_code == 200
            assert (await browser.get("/connexion")).status_code == 200
        assert not any(one.done() for one in hanging), "they wait for the provider"
        for one in hanging:
            one.cancel()
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


async def _until_busy(tasks: list[asyncio.Task[httpx.Response]]) -> None:
    """Until each has asked the register what it asks first, and waits for something else."""
    async with asyncio.timeout(60):
        while not all(_parted(one) for one in tasks):
            assert not any(one.done() for one in tasks)
            await asyncio.sleep(0.02)


def _parted(task: asyncio.Task[httpx.Response]) -> bool:
    """Whether a request stands in `apart`: its innermost frame of ours waits elsewhere."""
    awaited, names = task.get_coro(), list[str]()
    while awaited is not None:
        frame = getattr(awaited, "cr_frame", None) or getattr(awaited, "ag_frame", None)
        names += [] if frame is None else [frame.f_code.co_name]
        awaited = getattr(awaited, "cr_await", None) or getattr(awaited, "ag_await", None)
    return bool({"looked_at", "_discovered"} & set(names))
