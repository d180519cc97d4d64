"""Pictures of letters that a real browser keeps: shown again to whoever may see them, alone."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.async_api import Browser, Page

from services.desk.accounts.store import sessions
from services.desk.pages import originals
from services.desk.pages.signin import cookies
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli, ScanText
from shared.facts.envelope import PersonId
from shared.platform.database import Pool, transaction
from tests.desk_builders import a_scan, certain
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import a_clerk, chrono
from tests.integration.desk.windows import Windows, windows
from tests.papers import as_pdf

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.fixture
async def desk(
    pool: Pool, postgres_url: str, tmp_path: Path, chrome: Browser
) -> AsyncIterator[Windows]:
    """A scanned letter of a service."""
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    blobs, arrival = LocalBlobs(tmp_path), a_scan(routing=certain())
    scan = ScanText(pages=("a",), confidence=95)
    pli = Pli(kind="scan", sender=Correspondent(), answer_to=Correspondent(), scan=scan)
    octets = as_pdf([Image.new("L", (1240, 1754), 255)])
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, octets),
    }
    await registered(pool, arrival.model_copy(update=keys))
    async with windows(pool, clerk.pages.clock, tmp_path, chrome, "neutral") as opened:
        yield opened


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The pages that were drawn for whoever asked."""
    pages, real = list[int](), originals.page

    async def page(octets: bytes, number: int, turn: int, *, small: bool = False) -> bytes:
        pages.append(number)
        return await real(octets, number, turn, small=small)

    monkeypatch.setattr(originals, "page", page)
    return pages


async def test_a_picture_is_shown_again_to_nobody_but_its_reader(
    desk: Windows, drawn: list[int]
) -> None:
    async with desk.of("c.lerk") as page:
        letter = f"{desk.home}/courrier/{chrono(1)}"
        picture = await pictured(page, letter)
        assert (await status(page, picture), await status(page, picture)) == (200, 200)
        assert drawn == [1], "its reader's browser keeps it"
        async with transaction(desk.desk.pool) as connection:
            other = await sessions.begin(connection, PersonId("r.gent"), "local")
        seat = {"name": cookies.SESSION, "value": other, "url": desk.home}
        await page.context.add_cookies([seat])  # type: ignore[list-item]  # three words
        assert await status(page, picture) == 404, "who sits there next may not see the letter"


async def test_a_picture_is_gone_with_the_sign_out(desk: Windows, drawn: list[int]) -> None:
    async with desk.of("c.lerk") as page:
        letter = f"{desk.home}/courrier/{chrono(1)}"
        picture = await pictured(page, letter)
        assert (await status(page, picture), drawn) == (200, [1])
        own = await page.context.cookies()
        await page.goto(letter)
        await page.click("form[action='/deconnexion'] button")
        await page.wait_for_url("**/connexion*")
        await page.context.add_cookies([{**cookie} for cookie in own])  # type: ignore[typeddict-item]  # as it gave them
        await page.goto(picture)
        assert "/connexion" in page.url, "not even by the cookie of before"


async def pictured(page: Page, letter: str) -> str:
    """The address of the first picture of a letter, once it is shown."""
    await page.goto(letter)
    picture = page.locator(".viewer .sheets img").first
    await picture.wait_for()
    await picture.evaluate("shown => shown.decode()")
    return str(await picture.evaluate("shown => shown.src"))


async def status(page: Page, url: str) -> int:
    """The status that the browser has for an address, from its store or from the register."""
    answer = await page.goto(url)
    assert answer is not None
    return answer.status
