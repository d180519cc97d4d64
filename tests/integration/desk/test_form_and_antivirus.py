"""What an antivirus says of the public's files: refused in a sentence, or kept and marked."""

from pathlib import Path

import httpx
import pytest

from shared import spool
from shared.clock import Clock
from shared.database import Pool
from shared.spool import FormDeposit
from tests.desk_browser import HOME, Browser, pages
from tests.fake_clamd import EICAR, SIGNATURE, clamd
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf

pytestmark = pytest.mark.usefixtures("live_site")

LETTER = as_pdf([a_letter(TITRE_DE_SEJOUR)])


async def sent(browser: Browser, content: bytes) -> httpx.Response:
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


def deposited(folder: Path) -> list[FormDeposit]:
    found = [spool.read(one)[0] for one in spool.waiting(folder / "spool")]
    return [one for one in found if isinstance(one, FormDeposit)]


async def test_an_infected_file_is_refused_and_nothing_typed_is_lost(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    async with clamd() as address:
        browser = Browser(pages(pool, story_clock, tmp_path, clamd=address))
        refused = await sent(browser, LETTER + EICAR)
        assert refused.status_code == 422
        assert f"programme malveillant ({SIGNATURE})" in refused.text
        assert "Voici ma pièce." in refused.text
        assert deposited(tmp_path) == []
        assert (await sent(browser, LETTER)).status_code == 303
    ((file,),) = [one.files for one in deposited(tmp_path)]
    assert not file.unlooked


async def test_while_the_antivirus_is_away_a_file_is_kept_and_marked_once(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    browser = Browser(pages(pool, story_clock, tmp_path, clamd=str(tmp_path / "nobody.ctl")))
    first = await sent(browser, LETTER)
    assert first.status_code == 303
    async with clamd() as address:
        there = Browser(pages(pool, story_clock, tmp_path, clamd=address))
        assert (await sent(there, LETTER)).headers["location"] == first.headers["location"]
    ((file,),) = [one.files for one in deposited(tmp_path)]
    assert file.unlooked
