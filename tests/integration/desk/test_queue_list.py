"""The queue as a list: who wrote what, who has it open; filtered, page by page, beside a letter."""

from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag

from services.desk.pages.office import queue_list
from shared.content.blobs import LocalBlobs
from shared.facts.vocabulary import Confidentiality, Priority
from shared.platform.database import Pool
from shared.platform.postgres.migrate import read as read_migrations
from shared.site.tables.routing import UNRECOGNISED
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, proposed
from tests.integration.desk.findings import a_mail, read, registered, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, mails
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

LIST = "/bureau/file"


@pytest.fixture
async def clerk(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


def lines(page: str, rows: str = ".queue tbody tr") -> list[str]:
    found = BeautifulSoup(page, "html.parser").select(rows)
    return [" ".join(row.get_text(" ").split()) for row in found]


def numbers(page: str) -> list[str]:
    links = BeautifulSoup(page, "html.parser").select(".queue tbody th a")
    return [link.text for link in links]


def beside(page: str) -> tuple[list[str], str]:
    """The letters of the list beside one, and the one that is marked."""
    shown = BeautifulSoup(page, "html.parser")
    links = [str(link["href"]) for link in shown.select(".queue-rows a")]
    here = shown.select_one(".queue-rows [aria-current]")
    assert isinstance(here, Tag)
    return [link.partition("?")[0].rpartition("/")[2] for link in links], str(here["href"])


async def test_the_urgent_first_with_sender_subject_rule_and_who_has_it_open(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    urgent = proposed(priority=Priority.URGENTE)
    sealed = proposed(confidentiality=Confidentiality.RESERVE)
    await mails(pool, tmp_path, proposed(), urgent, sealed)
    await read(pool, tmp_path)
    head = await Browser(clerk.pages).sign_in("c.head")
    await head.page(f"{QUEUE}/{chrono(1)}")
    page = await clerk.page(LIST)
    assert numbers(page) == [chrono(2), chrono(1), chrono(3)]
    second, first, third = lines(page)
    assert "Mon récépissé 1 Ana urgent" in second
    assert "titre de sejour (règle « words »)" in first
    assert "Ouvert par : Camille C.head" in first
    assert "réservé" in third
    assert "récépissé" not in third
    assert "3 courriers à qualifier" in page


async def test_a_letter_that_no_rule_recognised_is_found_among_those(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    nobody = proposed().model_copy(update={"rule": UNRECOGNISED})
    await mails(pool, tmp_path, proposed(), nobody)
    chosen = await clerk.page(f"{LIST}?regle=-")
    assert numbers(chosen) == [chrono(2)]
    assert "aucune règle" in lines(chosen)[0]
    assert UNRECOGNISED not in chosen
    assert "Aucune règle ne l’a reconnu" in await clerk.page(f"{QUEUE}/{chrono(2)}")


async def test_a_filter_stays_in_the_address_from_letter_to_letter(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    other = proposed().model_copy(update={"rule": "guichet"})
    await mails(pool, tmp_path, proposed(), other, proposed(), other)
    chosen = await clerk.page(f"{LIST}?regle=guichet")
    assert numbers(chosen) == [chrono(2), chrono(4)]
    assert "2 courriers de ce choix, sur 4 à qualifier" in chosen
    assert numbers(await clerk.page(f"{LIST}?service=bmi&regle=words")) == [chrono(1), chrono(3)]
    assert numbers(await clerk.page(f"{LIST}?service=dre")) == []
    assert len(numbers(await clerk.page(f"{LIST}?source=nowhere"))) == 4, "it asks nothing"
    assert numbers(await clerk.page(f"{LIST}?source=spool")) == []
    first = f"{QUEUE}/{chrono(2)}?regle=guichet"
    assert (await clerk.get(f"{QUEUE}?regle=guichet")).headers["location"] == first
    answer = await clerk.send(first, f"{QUEUE}/{chrono(2)}/confirmer")
    following = f"{QUEUE}/{chrono(4)}?regle=guichet&dernier={chrono(2)}"
    assert answer.headers["location"] == following
    page = await clerk.to(answer)
    assert beside(page) == ([chrono(4)], f"{QUEUE}/{chrono(4)}?regle=guichet")
    end = await clerk.to(await clerk.send(following, f"{QUEUE}/{chrono(4)}/confirmer"))
    assert "Aucun autre courrier de ce choix n’attend." in end


async def test_a_page_goes_on_behind_its_last_letter_though_that_was_sorted(
    pool: Pool, clerk: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_list, "A_PAGE", 2)
    monkeypatch.setattr(queue_list, "BESIDE", 2)
    blobs = LocalBlobs(tmp_path)
    await registered(
        pool,
        *[
            await a_mail(
                blobs,
                f"m{n}",
                wrote("Ana", f"Objet {n}", "Bonjour."),
                at=MONDAY + timedelta(minutes=n),
                routing=proposed(),
            )
            for n in range(5)
        ],
    )
    page = await clerk.page(LIST)
    assert numbers(page) == [chrono(1), chrono(2)]
    onward = BeautifulSoup(page, "html.parser").select_one("a[rel=next]")
    assert isinstance(onward, Tag)
    await clerk.send(f"{QUEUE}/{chrono(2)}", f"{QUEUE}/{chrono(2)}/confirmer")
    assert numbers(await clerk.page(str(onward["href"]))) == [chrono(3), chrono(4)]
    last = f"{QUEUE}/{chrono(5)}"
    assert beside(await clerk.page(last)) == ([chrono(5)], last), "the list stands at the letter"


async def kept(pool: Pool) -> list[tuple[str | None, str | None]]:
    """What the rows keep for the filters of the queue: source, rule."""
    rows = await pool.fetch("SELECT queue_source, queue_rule FROM desk.items ORDER BY chrono")
    return [tuple(row) for row in rows]


async def test_a_letter_has_its_source_and_rule_in_its_row_as_long_as_it_waits(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    waits, sorted_ = ("mailbox:bmi", "words"), (None, None)
    await mails(pool, tmp_path, proposed(), proposed())
    assert await kept(pool) == [waits, waits]
    await clerk.send(f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(1)}/confirmer")
    assert await kept(pool) == [sorted_, waits]
    page = f"{QUEUE}/{chrono(2)}?dernier={chrono(1)}"
    await clerk.send(page, f"{QUEUE}/{chrono(1)}/annuler")
    assert await kept(pool) == [waits, waits]


async def test_the_program_before_writes_neither_and_the_queue_finds_its_letters(
    pool: Pool, clerk: Browser, tmp_path: Path
) -> None:
    other = proposed().model_copy(update={"rule": "guichet"})
    await mails(pool, tmp_path, proposed(), other)
    async with pool.acquire() as connection:
        await connection.execute("CREATE TEMP TABLE written AS SELECT * FROM desk.items")
        await connection.execute("UPDATE written SET queue_source = NULL, queue_rule = NULL")
        await connection.execute("DELETE FROM desk.items")
        await connection.execute("INSERT INTO desk.items SELECT * FROM written")
    assert await kept(pool) == [("mailbox:bmi", "words"), ("mailbox:bmi", "guichet")]
    await pool.execute("UPDATE desk.items SET state = 'open' WHERE chrono = $1", chrono(1))
    assert await kept(pool) == [(None, None), ("mailbox:bmi", "guichet")]
    await pool.execute("UPDATE desk.items SET state = 'to_qualify' WHERE chrono = $1", chrono(1))
    assert numbers(await clerk.page(f"{LIST}?regle=words")) == [chrono(1)]


async def test_what_waits_when_the_columns_come_is_found_by_them(
    pool: Pool, postgres_url: str, clerk: Browser, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed(), proposed())
    await clerk.send(f"{QUEUE}/{chrono(1)}", f"{QUEUE}/{chrono(1)}/confirmer")
    filled = next(file for file in read_migrations()["desk"] if file.name.startswith("0471"))
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute("UPDATE desk.items SET queue_source = NULL, queue_rule = NULL")
    async with one_transaction(postgres_url) as owner:
        await owner.execute(filled.sql)
    assert await kept(pool) == [(None, None), ("mailbox:bmi", "words")]
