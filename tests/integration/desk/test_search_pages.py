"""The search as people see it."""

from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.store import former_chronos, item_numbers
from services.desk.store.former_chronos import FormerChrono
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import SetAside
from shared.facts.envelope import Chrono
from shared.platform.clock import StoryClock, open_clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser, pages
from tests.desk_builders import MONDAY, certain
from tests.integration.desk.findings import a_mail, read, registered, wrote
from tests.migration_takes import takes
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    assert isinstance(clock, StoryClock)
    blobs = LocalBlobs(tmp_path / "blobs")
    hostile = wrote("<b>Ana</b>", "<script>alert(1)</script> carte", "Ma carte & <i>moi</i>")
    spam = wrote("Boutique", "Promotion sur la carte", "…")
    many = [
        await a_mail(
            blobs, f"n{n}", wrote("Nadia", "Passeport", "perdu"),
            at=MONDAY + timedelta(minutes=n), routing=certain("association", "dre"),
        )
        for n in range(1, 31)
    ]  # fmt: skip
    await registered(
        pool,
        await a_mail(blobs, "a", hostile, routing=certain()),
        *many,
        await a_mail(blobs, "s", spam, verdict=SetAside(reason="spam")),
    )
    await read(pool, tmp_path / "blobs")
    return Browser(pages(pool, clock, tmp_path))


def hits(page: str) -> list[str]:
    return [tag.text for tag in BeautifulSoup(page, "html.parser").select(".hit h3 a")]


async def test_found_words_are_marked_and_nothing_of_a_stranger_is_executed(
    browser: Browser,
) -> None:
    await browser.sign_in("c.head")
    page = await browser.page("/recherche?q=carte")
    assert hits(page) == ["36-2026-A-000001"]
    shown = BeautifulSoup(page, "html.parser")
    assert shown.select(".hit h3 a")[0]["href"] == "/courrier/36-2026-A-000001?mots=carte"
    what, extract = shown.select(".hit .what")[0], shown.select(".hit .extract")[0]
    assert what.text == "<script>alert(1)</script> carte — <b>Ana</b>"
    assert [mark.text for mark in what.find_all("mark")] == ["carte"]
    assert [tag.name for tag in extract.find_all()] == ["mark"]
    assert "Trouvé hors du registre" in page
    assert "Promotion sur la" in shown.select("#ailleurs")[0].parent.text  # type: ignore[union-attr]  # the page has it
    for nasty in ('"><script>', "' OR 1=1 --", "\ue000a\ue001", "&" * 300, "(|!<->", '"'):
        answer = await browser.get(f"/recherche?q={quote(nasty)}")
        assert answer.status_code == 200, nasty
        assert "<script>alert" not in answer.text


async def test_an_old_number_leads_to_the_item_that_has_another_since_a_restore(
    browser: Browser, pool: Pool, postgres_url: str
) -> None:
    old, new, unnamed = "36-2026-A-000077", "36-2026-A-000001", "36-2026-A-000078"
    async with one_transaction(postgres_url) as owner:
        await former_chronos.keep(
            owner,
            [FormerChrono(Chrono(chrono), None, "ItemRegistered") for chrono in (old, unnamed)],
        )
    async with transaction(pool) as connection:
        item = await item_numbers.by_chrono(connection, Chrono(new))
        assert item is not None
        assert await former_chronos.name(connection, Chrono(old), item, "c.lerk", MONDAY)
    await browser.sign_in("c.head")
    found = await browser.get(f"/recherche?q={old}")
    assert (found.status_code, found.headers["location"]) == (303, f"/courrier/{new}")
    for address in (new, old):
        page = BeautifulSoup(await browser.page(f"/courrier/{address}"), "html.parser")
        assert [tag.text for tag in page.select(".marks .chrono")] == [new]
        said = {
            row.dt.text: row.dd.text for row in page.select(".summary div") if row.dt and row.dd
        }
        assert said["Ancien numéro"] == old
    lost = await browser.get(f"/courrier/{unnamed}")
    assert lost.status_code == 404
    assert "on n’a pas encore dit sous quel numéro" in lost.text
    nothing = await browser.get("/courrier/36-2026-A-000079")
    assert "Aucun courrier ne porte le numéro 36-2026-A-000079" in nothing.text


async def test_pages_and_filters_stand_in_the_address(browser: Browser) -> None:
    await browser.sign_in("c.head")
    first = await browser.page("/recherche?q=passeport&service=dre")
    link = BeautifulSoup(first, "html.parser").select_one("a[rel=next]")
    assert link is not None
    second = await browser.page(str(link["href"]))
    found = [*hits(first), *hits(second)]
    assert found == [f"36-2026-A-{n:06d}" for n in range(31, 1, -1)]
    assert (len(hits(first)), len(hits(second))) == (25, 5)
    assert hits(await browser.page("/recherche?q=passeport&service=bmi")) == []
    assert hits(await browser.page("/recherche?service=bmi&du=2026-05-11")) == ["36-2026-A-000001"]
    assert (await browser.get("/recherche?du=hier")).status_code == 422
    assert "s’en approche" in await browser.page("/recherche?q=paseport")


async def test_a_number_opens_its_item_and_a_list_leaves_as_a_file(browser: Browser) -> None:
    await browser.sign_in("c.head")
    answer = await browser.get("/recherche?q=7")
    assert (answer.status_code, answer.headers["location"]) == (303, "/courrier/36-2026-A-000007")
    answer = await browser.get("/recherche/export/csv?q=passeport")
    assert (
        answer.headers["content-disposition"] == 'attachment; filename="courriers-2026-05-11.csv"'
    )
    assert len(answer.text.splitlines()) == 31
    assert (await browser.get("/recherche/export/exe?q=passeport")).status_code == 404
    stranger = await Browser(browser.pages).sign_in("a.gent")
    assert hits(await stranger.page("/recherche?q=passeport")) == []
    assert (await stranger.get("/recherche/export/csv")).text.count("\n") == 2


async def test_who_finds_what_is_reserved_has_read_it(pool: Pool, browser: Browser) -> None:
    await pool.execute(
        "UPDATE desk.items SET confidentiality = 'reserve', was_reserved = true"
        " WHERE chrono = '36-2026-A-000001'"
    )
    for person, finds in (("b.head", True), ("c.head", False)):
        await browser.sign_in(person)
        assert bool(hits(await browser.page("/recherche?q=carte"))) is finds
    rows = await pool.fetch("SELECT person FROM desk.readings")
    assert [row["person"] for row in rows] == ["b.head"]


async def test_a_register_is_taken_over_by_its_pages(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await browser.sign_in("c.head")
    lines = (
        "Numéro;Arrivée le;Qui;Objet;Bureau\r\n"
        "112;20/04/2026;Zoé Martin;=1+1;BMI\r\n"
        "113;21/04/2026;Yves;Permis;Étrangers\r\n"
        "114;demain;Xavier;?;BMI\r\n"
    )
    upload = {"fichier": ("registre.csv", lines.encode(), "text/csv")}
    answer = await browser.send("/reprise", "/reprise", files=upload)
    here = answer.headers["location"]
    page = await browser.page(here)
    # « Qui » says nothing to a machine; « Étrangers » is none of our services.
    assert "Le service «\u00a0Étrangers\u00a0» n’est pas connu" in page
    assert "«\u00a0demain\u00a0» n’est pas une date." in page
    taken = "SELECT chrono FROM desk.items WHERE received_on < '2026-05-01' ORDER BY chrono"
    assert await pool.fetch(taken) == []

    columns = {
        "colonne-0": "number", "colonne-1": "received", "colonne-2": "sender",
        "colonne-3": "subject", "colonne-4": "service",
    }  # fmt: skip
    twice = await browser.send(here, here, {**columns, "colonne-3": "sender", "que": "garder"})
    assert twice.status_code == 422
    assert "est choisi deux fois" in twice.text
    words = {"genre-0": "service", "leur-0": "Étrangers", "notre-0": "bmi", "suite": "200"}
    await browser.send(here, here, {**columns, **words, "que": "garder"})
    page = await browser.page(here)
    assert "Reprendre 2 lignes" in page
    assert "=1+1" in page
    page = await browser.to(await browser.send(here, here, {"que": "reprendre"}))
    assert "<strong>0</strong> lignes reprises sur <strong>2</strong>" in page
    assert "«\u00a0demain\u00a0» n’est pas une date." in page
    assert await takes(browser.pages).next()
    assert "<strong>2</strong> courriers en cours" in await browser.page(here)
    assert "n’est pas une date." in await browser.page(here), "what is to be corrected stays said"
    assert "2 courriers, 0 ligne close" in await browser.page("/reprise")
    chronos = [row["chrono"] for row in await pool.fetch(taken)]
    assert chronos == ["36-2026-A-000112", "36-2026-A-000113"]
    assert await pool.fetchval("SELECT count(*) FROM desk.imports WHERE content IS NOT NULL") == 0
    assert not await takes(browser.pages).next()
    await read(pool, tmp_path)
    assert "Zoé" in await browser.page("/recherche?q=zoe+martin&service=bmi")


async def test_a_file_that_is_no_table_is_refused_beside_its_field(browser: Browser) -> None:
    await browser.sign_in("c.head")
    upload = {"fichier": ("photo.xlsx", b"\x89PNG not a table", "image/png")}
    answer = await browser.send("/reprise", "/reprise", files=upload)
    assert answer.status_code == 422
    assert "Le fichier ne se lit pas" in answer.text
