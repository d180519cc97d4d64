"""What an antivirus says of the public's files: refused in a sentence, or kept and marked."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from shared.platform import antivirus
from shared.platform.clock import Clock
from shared.platform.database import Pool, open_pool
from tests.fake_clamd import EICAR, SIGNATURE, clamd
from tests.integration.portal.public_deposits import deposited
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf
from tests.portal_browser import HOME, Visitor, public_pages
from tests.roles import under_role
from tests.silent import silent, until_busy

pytestmark = pytest.mark.usefixtures("live_site")

HANGING = 8
"""More than the one connection that there is."""
LETTER = as_pdf([a_letter(TITRE_DE_SEJOUR)])


@pytest.fixture
async def narrow(postgres_url: str) -> AsyncIterator[Pool]:
    """A pool of one connection: who holds it is alone."""
    one = await open_pool(SecretStr(under_role(postgres_url, "portal")), "tests", size=1)
    yield one
    await one.close()


async def sent(browser: Visitor, content: bytes) -> httpx.Response:
    return await browser.client.post(
        "/formulaire",
        data={
            "depot": "3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a11",
            "page": "/formulaire",
            "nature": "demande",
            "message": "Voici ma pièce.",
        },
        files=[("fichiers", ("pièce.pdf", content, ""))],
        headers={"origin": HOME},
    )


async def test_an_infected_file_is_refused_and_nothing_typed_is_lost(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    async with clamd() as address:
        browser = Visitor(public_pages(pool, story_clock, tmp_path, clamd=address))
        refused = await sent(browser, LETTER + EICAR)
        assert refused.status_code == 422
        assert f"programme malveillant ({SIGNATURE})" in refused.text
        assert "Voici ma pièce." in refused.text
        assert deposited(tmp_path) == []
        assert (await sent(browser, LETTER)).status_code == 303
    ((file,),) = [form_deposit.files for form_deposit in deposited(tmp_path)]
    assert not file.unlooked


async def test_while_the_antivirus_is_away_a_file_is_kept_and_marked_once(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    browser = Visitor(public_pages(pool, story_clock, tmp_path, clamd=str(tmp_path / "nobody.ctl")))
    first = await sent(browser, LETTER)
    assert first.status_code == 303
    async with clamd() as address:
        there = Visitor(public_pages(pool, story_clock, tmp_path, clamd=address))
        assert (await sent(there, LETTER)).headers["location"] == first.headers["location"]
    ((file,),) = [form_deposit.files for form_deposit in deposited(tmp_path)]
    assert file.unlooked


async def deposit(browser: Visitor, n: int) -> httpx.Response:
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
        desk = public_pages(narrow, story_clock, tmp_path, clamd=address)
        monkeypatch.setattr(antivirus, "PATIENCE_SECONDS", 600.0)
        browser = Visitor(desk)
        hanging = [asyncio.create_task(deposit(browser, n)) for n in range(HANGING)]
        await until_busy(hanging)
        async with asyncio.timeout(60):
            assert (await browser.get("/formulaire")).status_code == 200
        assert not any(task.done() for task in hanging), "they wait for the antivirus"
        for task in hanging:
            task.cancel()
        await asyncio.wait(hanging)
        monkeypatch.setattr(antivirus, "PATIENCE_SECONDS", 0.2)
        assert (await deposit(browser, 20)).status_code == 303
        monkeypatch.setattr(antivirus, "PATIENCE_SECONDS", 600.0)
        async with asyncio.timeout(60):
            assert (await deposit(browser, 21)).status_code == 303
    assert [form_deposit.files[0].unlooked for form_deposit in deposited(tmp_path)] == [True, True]
