"""A letter that came twice is proposed where it is sorted and on its page: one key joins it."""

from datetime import timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.desk.store import likenesses
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.vocabulary import Confidentiality
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, a_scan, proposed
from tests.integration.desk.findings import a_mail, read, registered, scanned, wrote
from tests.integration.desk.offices import QUEUE, a_clerk, chrono, state

pytestmark = pytest.mark.usefixtures("live_site")

ITEM = "/courrier"
LETTER = """J’ai déposé ma demande de titre le 3 mars et je n’ai reçu aucune réponse depuis.

Mon employeur me réclame ce document et menace de suspendre mon contrat de travail.

Je vous serais reconnaissant de bien vouloir me dire où en est mon dossier à ce jour.

Mes deux enfants sont scolarisés à Issoudun et l’aînée prépare son baccalauréat."""
PAPER = f"""Ana Ruiz
14 rue des Tanneurs
36100 Issoudun

Monsieur le Préfet,

{LETTER.replace("baccalauréat", "baccalaurèat").replace("Mon employeur", "Mon empIoyeur")}

Hier encore, le guichet m’a dit de revenir la semaine prochaine avec mon passeport."""


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


async def came_twice(
    pool: Pool,
    folder: Path,
    kept: Confidentiality = Confidentiality.NORMAL,
    service: str = "bmi",
) -> None:
    """A mail, and a week later the same letter on paper; the search has read both."""
    blobs = LocalBlobs(folder)
    mail = wrote("Ana Ruiz", "Mon titre", LETTER, address="ana@orange.example")
    routing = proposed(confidentiality=kept).model_copy(update={"service": ServiceId(service)})
    await registered(pool, await a_mail(blobs, "m", mail, routing=routing))
    paper = a_scan("p", routing=proposed(), at=MONDAY + timedelta(days=7))
    key = await plis.write(blobs, 2026, paper.arrival_id, scanned(PAPER))
    await registered(pool, paper.model_copy(update={"pli": key}))
    await read(pool, folder)


async def near(browser: Browser, number: int, where: str = QUEUE) -> str:
    page = BeautifulSoup(await browser.page(f"{where}/{chrono(number)}"), "html.parser")
    return " ".join(" ".join(part.text.split()) for part in page.select(".near"))


async def test_the_same_letter_on_paper_is_proposed_with_its_reason_and_joined_by_one_key(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await came_twice(pool, tmp_path)
    said = await near(browser, 2)
    came = "courriel, reçu le 11/05/2026, expéditeur : Ana Ruiz"
    assert f"Ressemble à {chrono(1)} ({came}) : 80 % des phrases de ce courrier s’y" in said
    assert "Ici seulement : Hier encore, le guichet" in said
    assert (await state(pool, 2))[0] == "to_qualify", "nothing is joined before a person's word"
    page = BeautifulSoup(await browser.page(f"{QUEUE}/{chrono(2)}"), "html.parser")
    button, into = page.select_one("button[form=meme]"), page.select_one("#meme [name=into]")
    assert button is not None
    assert into is not None
    assert (button["data-key"], into["value"]) == (")", chrono(1))
    sent = await browser.send(
        f"{QUEUE}/{chrono(2)}", f"{QUEUE}/{chrono(2)}/joindre", {"into": chrono(1)}
    )
    assert sent.status_code == 303, sent.text
    assert (await state(pool, 2))[0] == "merged"
    assert await near(browser, 1) == "", "what was joined is proposed no more"


async def test_the_items_page_proposes_it_as_well_and_joins_it(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await came_twice(pool, tmp_path)
    said = await near(browser, 2, ITEM)
    assert f"Ressemble à {chrono(1)} (courriel, reçu le 11/05/2026, expéditeur : Ana Ruiz)" in said
    page = BeautifulSoup(await browser.page(f"{ITEM}/{chrono(2)}"), "html.parser")
    joins = f"{ITEM}/{chrono(2)}/fusionner"
    form = page.select_one(f"#semblable ~ form[action='{joins}']")
    assert form is not None
    into = form.select_one("[name=into]")
    assert into is not None
    sent = await browser.send(f"{ITEM}/{chrono(2)}", joins, {"into": into["value"]})
    assert sent.status_code == 303, sent.text
    assert (await state(pool, 2))[0] == "merged"
    assert await near(browser, 1, ITEM) == await near(browser, 2, ITEM) == ""


async def test_the_items_page_names_nothing_that_its_reader_may_not_read_whole(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await came_twice(pool, tmp_path, service="juridique")
    assert chrono(1) in await near(browser, 2, ITEM), "the mail office reads both"
    await browser.sign_in("a.gent")
    page = await browser.page(f"{ITEM}/{chrono(2)}")
    assert "scolarisés à Issoudun" in page
    assert chrono(1) not in page
    await pool.execute("UPDATE desk.items SET state = 'closed' WHERE chrono = $1", chrono(1))
    await browser.sign_in("c.lerk")
    assert await near(browser, 2, ITEM) == "", "what is closed is proposed here no more than there"


async def test_what_is_closed_is_not_proposed_since_nothing_joins_it(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await came_twice(pool, tmp_path)
    await pool.execute("UPDATE desk.items SET state = 'closed' WHERE chrono = $1", chrono(1))
    assert await near(browser, 2) == ""


async def test_what_is_reserved_is_never_named(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await came_twice(pool, tmp_path, Confidentiality.RESERVE)
    assert await near(browser, 2) == await near(browser, 2, ITEM) == ""


async def test_a_sketch_goes_with_the_letters_text(pool: Pool, tmp_path: Path) -> None:
    await came_twice(pool, tmp_path)
    async with transaction(pool) as connection:
        (row,) = await connection.fetch(
            "SELECT item_id FROM desk.items WHERE chrono = $1", chrono(2)
        )
        (found,) = await likenesses.like(connection, ItemId(row["item_id"]), 3)
        assert found.chrono == chrono(1)
        await connection.execute("DELETE FROM desk.search WHERE id = $1", found.item_id)
        assert await likenesses.like(connection, ItemId(row["item_id"]), 3) == []
        assert await connection.fetchval("SELECT count(*) FROM desk.likenesses") == 1
