"""What is handed in at the counter: its page says the number of each file as soon as it has one."""

import re
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from services.desk.retention.purge import forget
from shared.content import spool
from shared.content.spool import SOURCE
from shared.facts.arrivals import Quarantine, ScanMarks
from shared.facts.ids import arrival_id
from shared.platform.database import Pool, transaction
from tests.deposit_door import DESK, sites
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, a_scan, proposed
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import a_clerk, chrono
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf

pytestmark = pytest.mark.usefixtures("live_site")

COUNTER, HAND_IN = "/bureau/guichet", "/bureau/guichet/deposer"
SITE = "indre"


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def handed_in(browser: Browser, count: int) -> UUID:
    """Hands in so many scans at once; returns the id of their deposit."""
    pdf = as_pdf([a_letter(TITRE_DE_SEJOUR)])
    files = [("fichiers", (f"pile {n}.pdf", pdf, "application/pdf")) for n in range(count)]
    await browser.to(
        await browser.send(COUNTER, HAND_IN, {"channel": "letter"}, files)  # type: ignore[arg-type]  # several of one name
    )
    folder = max(spool.waiting_folders(browser.pages.settings.spool), key=lambda one: one.name)
    what, _ = spool.read(folder)
    return what.id


def said(page: str) -> list[str]:
    """Each deposit that the counter lists, the latest first."""
    found = BeautifulSoup(page, "html.parser").select("#depots li")
    return [re.sub(r"\s+", " ", line.text.replace("\u00a0", " ")).strip() for line in found]


async def test_each_file_gets_its_number_in_its_place(browser: Browser, pool: Pool) -> None:
    assert said(await browser.page(COUNTER)) == []
    deposit = await handed_in(browser, 3)
    page = await browser.page(COUNTER)
    (line,) = said(page)
    assert line.endswith("en cours de lecture, en cours de lecture, en cours de lecture")
    assert 'id="depots" class="deposits" data-live data-pending' in page
    ids = [arrival_id(SITE, SOURCE, f"{deposit}:{number}") for number in range(3)]
    unread = a_scan("u", arrival_id=ids[2], verdict=Quarantine(reason="unreadable"), pli=None)
    await registered(pool, a_scan("s", arrival_id=ids[1], routing=proposed()), unread)
    page = await browser.page(COUNTER)
    (line,) = said(page)
    assert line.endswith(f"en cours de lecture, {chrono(1)}, en quarantaine")
    assert f'href="/courrier/{chrono(1)}"' in page
    assert 'href="/bureau/attente/quarantaine"' in page
    await registered(pool, a_scan("t", arrival_id=ids[0], routing=proposed()))
    page = await browser.page(COUNTER)
    assert said(page)[0].endswith(f"{chrono(2)}, {chrono(1)}, en quarantaine")
    assert "data-pending" not in page, "nothing is waited for"


async def test_where_no_disk_is_shared_a_scan_lies_at_ingest_as_it_was_handed_in(
    browser: Browser, tmp_path: Path
) -> None:
    await handed_in(browser, 2)
    near = browser.pages.settings.spool
    (folder,) = spool.waiting_folders(near)
    as_it_was = spool.read(folder)
    async with sites(tmp_path / "ingest") as two:
        two.near = near
        await two.sender(DESK).round()
        (there,) = spool.waiting_folders(two.far)
        assert spool.read(there) == as_it_was
        assert spool.waiting_folders(near) == []
    assert said(await browser.page(COUNTER))[0].endswith("en cours de lecture, en cours de lecture")


async def test_a_pile_that_our_sheets_cut_has_a_number_for_each_letter(
    browser: Browser, pool: Pool
) -> None:
    deposit = await handed_in(browser, 2)
    cut = ScanMarks(batch="a" * 64)
    letters = [
        a_scan(at, arrival_id=arrival_id(SITE, SOURCE, f"{deposit}:{name}"), scan=cut)
        for at, name in (("p", "0"), ("q", "0.1"), ("r", "0.2"))
    ]
    await registered(pool, *letters)
    (line,) = said(await browser.page(COUNTER))
    assert line.endswith(f"{chrono(1)}, {chrono(2)}, {chrono(3)}, en cours de lecture")


async def test_a_colleagues_deposits_are_theirs_and_two_days_old_ones_are_forgotten(
    browser: Browser, pool: Pool
) -> None:
    await handed_in(browser, 1)
    await handed_in(browser, 1)
    assert len(said(await browser.page(COUNTER))) == 2
    colleague = await Browser(browser.pages).sign_in("c.head")
    assert said(await colleague.page(COUNTER)) == []
    for later, left in ((timedelta(days=1), 2), (timedelta(days=3), 0)):
        async with transaction(pool) as connection:
            await forget(connection, MONDAY + later)
        assert await pool.fetchval("SELECT count(*) FROM desk.counter_deposits") == left


async def test_sent_twice_it_is_listed_once(browser: Browser) -> None:
    pdf = as_pdf([a_letter(TITRE_DE_SEJOUR)])
    scan = {"fichiers": ("pile.pdf", pdf, "application/pdf")}
    for _ in range(2):
        answer = await browser.send(
            COUNTER, HAND_IN, {"channel": "letter"}, scan,
            decision="00000000-0000-4000-8000-00000000abcd",
        )  # fmt: skip
        assert answer.status_code == 303
    assert len(said(await browser.page(COUNTER))) == 1


async def test_what_could_not_be_read_is_said_to_be_refused_and_what_to_do(
    browser: Browser,
) -> None:
    deposit = await handed_in(browser, 1)
    (folder,) = spool.waiting_folders(browser.pages.settings.spool)
    apart = folder.parent / ".refused"
    apart.mkdir()
    folder.rename(apart / folder.name)
    page = await browser.page(COUNTER)
    (line,) = said(page)
    assert "refusé, car illisible : numérisez-le de nouveau et remettez-le" in line
    assert "data-pending" not in page, "nothing is waited for"
    assert str(deposit) not in page
