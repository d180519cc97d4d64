"""The day of receipt of a scanned batch is asked once, and each of its letters gets it."""

import asyncio
from contextvars import Context
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.desk.pages.office import receipt_batches
from services.desk.store.receipt_batches import ReceiptBatch, undated_batches
from shared.facts.arrivals import Routing, ScanMarks
from shared.facts.envelope import On
from shared.platform.database import Connection, Pool
from tests.desk_browser import Browser
from tests.desk_builders import a_scan, certain, digest, proposed
from tests.integration.desk.findings import registered
from tests.integration.desk.offices import QUEUE, a_clerk, chrono

pytestmark = pytest.mark.usefixtures("live_site")

DAYS = "/bureau/dates"
FILE, OTHER = "f" * 64, "e" * 64


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def scanned(pool: Pool, batch: str | None, *routing: Routing) -> None:
    """Letters that came together on the Monday, without a sheet of the day."""
    await registered(
        pool,
        *[
            a_scan(
                f"{batch} {n}",
                provisional=True,
                routing=one,
                fingerprint=digest(f"{batch} {n}"),
                scan=ScanMarks(batch=batch),
            )
            for n, one in enumerate(routing)
        ],
    )


async def days(pool: Pool) -> dict[str, date]:
    """On which day each letter that waits for no date any more was received."""
    rows = await pool.fetch(
        "SELECT chrono, received_on FROM desk.items i WHERE NOT EXISTS"
        " (SELECT FROM desk.waits w WHERE w.id = i.item_id AND w.waiting = 'receipt_to_confirm')"
    )
    return {row["chrono"]: row["received_on"] for row in rows}


async def test_one_answer_dates_the_whole_batch_those_to_qualify_as_well(
    pool: Pool, browser: Browser
) -> None:
    await scanned(pool, FILE, certain(), proposed(), certain())
    await scanned(pool, OTHER, certain())
    await scanned(pool, None, certain())
    shown = BeautifulSoup(await browser.page(DAYS), "html.parser")
    (lot,) = shown.select("form[action='/bureau/dates/lot']")
    numbers = [str(tag["value"]) for tag in lot.select("input[name=courrier]")]
    assert numbers == [chrono(1), chrono(2), chrono(3)]
    assert "3 courriers, numérisation courrier, vus le 11/05/2026" in shown.text
    assert "(1 à qualifier)" in shown.text
    sent = {"lot": FILE, "courrier": numbers, "day": "2026-05-07"}
    said = await browser.to(await browser.send(DAYS, f"{DAYS}/lot", sent))
    assert "3 courriers\N{NO-BREAK SPACE}: reçus le 07/05/2026." in said
    assert await days(pool) == dict.fromkeys(numbers, date(2026, 5, 7))
    assert BeautifulSoup(said, "html.parser").select("form[action='/bureau/dates/lot']") == []
    stated = await pool.fetch(
        "SELECT by, payload::jsonb ->> 'reason' AS why FROM desk.facts"
        " WHERE type = 'ReceiptCorrected'"
    )
    assert [tuple(row) for row in stated] == [("person:c.lerk", "tampon")] * 3


async def test_what_came_after_the_page_was_shown_waits_for_its_own_answer(
    pool: Pool, browser: Browser
) -> None:
    await scanned(pool, FILE, certain(), certain(), certain())
    sent = {"lot": FILE, "courrier": [chrono(1), chrono(2)], "day": "2026-05-11"}
    await browser.send(DAYS, f"{DAYS}/lot", sent)
    assert set(await days(pool)) == {chrono(1), chrono(2)}


async def test_a_letter_of_another_batch_is_dated_by_no_lot(pool: Pool, browser: Browser) -> None:
    await scanned(pool, FILE, certain(), certain())
    await scanned(pool, OTHER, certain())
    sent = {"lot": FILE, "courrier": [chrono(1), chrono(3)], "day": "2026-05-07"}
    said = await browser.to(await browser.send(DAYS, f"{DAYS}/lot", sent))
    assert set(await days(pool)) == {chrono(1)}
    assert "1 courrier\N{NO-BREAK SPACE}: reçu le 07/05/2026. 1 reste à dater." in said


@pytest.mark.parametrize("day", ["2026-05-12", "", "hier"])
async def test_no_batch_is_dated_without_a_day_that_has_been(
    pool: Pool, browser: Browser, day: str
) -> None:
    await scanned(pool, FILE, certain(), certain())
    sent = {"lot": FILE, "courrier": [chrono(1), chrono(2)], "day": day}
    assert (await browser.send(DAYS, f"{DAYS}/lot", sent)).status_code == 422
    assert await days(pool) == {}


async def test_a_letter_dated_already_leaves_its_batch(pool: Pool, browser: Browser) -> None:
    await scanned(pool, FILE, certain(), certain(), certain())
    await browser.send(DAYS, f"{DAYS}/{chrono(2)}", {"day": "2026-05-06"})
    sent = {"lot": FILE, "courrier": [chrono(1), chrono(2), chrono(3)], "day": "2026-05-07"}
    said = await browser.to(await browser.send(DAYS, f"{DAYS}/lot", sent))
    assert await days(pool) == {
        chrono(1): date(2026, 5, 7),
        chrono(2): date(2026, 5, 6),
        chrono(3): date(2026, 5, 7),
    }
    assert "2 courriers\N{NO-BREAK SPACE}: reçus le 07/05/2026. 1 avait déjà une date." in said
    assert "à dater" not in said


async def test_what_a_colleague_dates_at_the_same_moment_keeps_that_date(
    pool: Pool, browser: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    await scanned(pool, FILE, certain(), certain())
    sent = {"lot": FILE, "courrier": [chrono(1), chrono(2)]}
    colleague = list[str]()

    async def found_just_before(
        connection: Connection, batch: str | None = None
    ) -> list[ReceiptBatch]:
        found = await undated_batches(connection, batch)
        if batch is not None and not colleague:
            colleague.append("sends the same lot with the day before")
            theirs = browser.send(DAYS, f"{DAYS}/lot", sent | {"day": "2026-05-06"})
            # In a context of its own: the connection here is not in the colleague's hands.
            await asyncio.create_task(theirs, context=Context())
        return found

    monkeypatch.setattr(receipt_batches, "undated_batches", found_just_before)
    await browser.send(DAYS, f"{DAYS}/lot", sent | {"day": "2026-05-07"})
    assert await days(pool) == dict.fromkeys([chrono(1), chrono(2)], date(2026, 5, 6))


async def test_who_sorts_a_letter_is_told_how_many_of_its_batch_want_a_day(
    pool: Pool, browser: Browser
) -> None:
    await scanned(pool, FILE, proposed(), proposed(), certain())
    page = " ".join((await browser.page(f"{QUEUE}/{chrono(1)}")).split())
    assert "2 autres courriers du même lot</a> attendent aussi une date" in page
    await registered(pool, a_scan("alone", routing=proposed(), receipt=On(day=date(2026, 5, 11))))
    assert "du même lot" not in await browser.page(f"{QUEUE}/{chrono(4)}")
