"""The pages on a real register: what they show, and what they never let through."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.desk.decider import Decider
from services.desk.domain.decisions import Reclassify
from services.desk.handlers.arrivals import hears_arrivals
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli, ScanText
from shared.facts.arrivals import Quarantine, SetAside
from shared.facts.vocabulary import Confidentiality, NoticeKind
from shared.platform.clock import StoryClock, open_clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import Browser, pages
from tests.desk_builders import (
    a_scan,
    a_scanned_departure,
    an_applied_site,
    an_arrival,
    certain,
    digest,
    rules,
)
from tests.papers import TITRE_DE_SEJOUR, a_letter, as_pdf, scanned
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
FIRST = "/courrier/36-2026-A-000001"
SQL = Path(__file__).parents[3] / "services/desk/sql"
HOSTILE = Pli(
    kind="mail",
    sender=Correspondent(name="<b>Ana</b>", address="ana@exemple.fr"),
    answer_to=Correspondent(),
    subject="<script>alert(1)</script>",
    html="<p>Bonjour</p><img src='http://ailleurs.example/x.png'><script>alert(1)</script>",
)


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    assert isinstance(clock, StoryClock)
    return await Browser(pages(pool, clock, tmp_path)).sign_in("c.head")


async def hear(pool: Pool, *batch: Any) -> None:
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, batch, TODAY)


async def test_an_empty_register_has_a_page(browser: Browser) -> None:
    page = await browser.page("/?tout")
    assert "mardi 12 mai 2026, 10 h 00" in page
    assert "Aucun courrier n’attend de réponse." in page


async def test_today_shows_what_came_what_waits_and_what_is_due(
    pool: Pool, browser: Browser
) -> None:
    await hear(
        pool,
        an_arrival("a", routing=certain()),
        an_arrival("b", correspondent=digest("b")),
        an_arrival("q", verdict=Quarantine(reason="mail-without-header"), pli=None),
    )
    page = await browser.page("/?tout")
    for words in (
        "courriers enregistrés",
        "en quarantaine",
        "à qualifier",
        FIRST,
        "sans en-tête lisible",
    ):
        assert words in page
    assert FIRST not in await browser.page("/service/dre")
    assert (await browser.get("/service/nowhere")).status_code == 404


async def test_answers_to_an_exercise_are_no_mail_that_was_set_aside(
    pool: Pool, browser: Browser
) -> None:
    newsletter, drill = SetAside(reason="newsletter"), SetAside(reason="exercise")
    await hear(
        pool,
        an_arrival("n", verdict=newsletter, at=TODAY),
        an_arrival("x", verdict=drill),  # of yesterday
        an_arrival("y", verdict=drill, at=TODAY),
    )
    page = await browser.page("/?tout")
    row = '<tr><th scope="row">{}</th><td class="n">{}</td><td class="n">{}</td></tr>'
    assert row.format("mis de côté", 1, 1) in page
    assert row.format("réponses à un exercice", 1, 2) in page


async def test_hostile_content_is_shown_as_text(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    arrival = an_arrival(routing=certain())
    key = await plis.write(LocalBlobs(tmp_path), 2026, arrival.arrival_id, HOSTILE)
    await hear(pool, arrival.model_copy(update={"pli": key}))
    page = await browser.page(FIRST)
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "&lt;b&gt;Ana&lt;/b&gt;" in page
    assert "<p>Bonjour</p>" in page
    assert "<script>" not in page
    assert "ailleurs.example" not in page
    marked = await browser.page(f'{FIRST}?mots=Alert "><script>')
    assert "&lt;<mark>script</mark>&gt;<mark>alert</mark>(1)&lt;/<mark>script</mark>&gt;" in marked
    assert "<script>" not in marked


async def test_a_scan_is_shown_page_by_page_as_pictures(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    blobs, arrival = LocalBlobs(tmp_path), a_scan(routing=certain())
    pli = Pli(
        kind="scan",
        sender=Correspondent(),
        answer_to=Correspondent(),
        scan=ScanText(pages=("Madame, Monsieur",), confidence=95),
    )
    paper = as_pdf([scanned(a_letter(TITRE_DE_SEJOUR))])
    keys = {
        "pli": await plis.write(blobs, 2026, arrival.arrival_id, pli),
        "original": await blobs.put(2026, arrival.arrival_id, paper),
    }
    await hear(pool, arrival.model_copy(update=keys))
    picture = f"{FIRST}/{arrival.arrival_id}/1.png"
    page = await browser.page(FIRST)
    (address,) = re.findall(rf"{picture}\?v=[0-9a-f]{{16}}\.\d-0", page)
    drawn = await browser.get(address)
    assert (drawn.headers["content-type"], drawn.content[:4]) == ("image/png", b"\x89PNG")
    assert drawn.headers["cache-control"] == "private, max-age=28800, immutable"
    again = await browser.get(address, **{"if-none-match": drawn.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for other in (picture, f"{picture}?v=0000000000000000.2-0"):
        assert (await browser.get(other)).headers["cache-control"] == "no-store"
    assert (await browser.get(f"{FIRST}/{arrival.arrival_id}/2.png")).status_code == 404
    assert (await browser.get(f"{FIRST}/{uuid4()}/1.png")).status_code == 404


async def test_a_long_scan_says_how_many_pages_it_has_and_which_nobody_read(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    arrival = a_scan()
    texts = tuple(f"mot{n}" if n <= 40 else "" for n in range(1, 301))
    pli = Pli(
        kind="scan",
        sender=Correspondent(),
        answer_to=Correspondent(),
        scan=ScanText(pages=texts, confidence=95, unread=(7, *range(41, 301))),
    )
    key = await plis.write(LocalBlobs(tmp_path), 2026, arrival.arrival_id, pli)
    await hear(pool, arrival.model_copy(update={"pli": key}))
    clerk = await Browser(browser.pages).sign_in("c.lerk")
    page = await clerk.page(FIRST)
    assert 'alt="Page 50 sur 300 du document numérisé"' in page
    assert 'alt="Page 51' not in page
    assert "Les 50 premières pages sur 300 sont montrées ici" in page
    assert "La machine n’a pas lu le texte : pages 7, 41 à 300." in page
    queue = await clerk.page("/bureau/a-qualifier/36-2026-A-000001")
    assert "Page 1 sur 300" in queue
    assert "Les 30 premières pages sur 300 sont montrées ici" in queue


async def test_a_scanned_departure_shows_its_paper_and_its_words(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    blobs = LocalBlobs(tmp_path)
    await hear(pool, an_arrival(routing=certain()))
    left = a_scanned_departure("36-2026-A-000001", NoticeKind.REPLY)
    pli = Pli(
        kind="scan",
        sender=Correspondent(),
        answer_to=Correspondent(),
        scan=ScanText(pages=("Votre titre est prêt.",), confidence=95),
    )
    keys = {
        "pli": await plis.write(blobs, 2026, left.arrival_id, pli),
        "original": await blobs.put(2026, left.arrival_id, as_pdf([scanned(a_letter())])),
    }
    await hear(pool, left.model_copy(update=keys))
    page = await browser.page(FIRST)
    picture = f"{FIRST}/{left.arrival_id}/1.png"
    assert picture in page
    assert "Votre titre est prêt." in page
    assert "n’a pas pu être lu" not in page
    assert (await browser.get(picture)).content[:4] == b"\x89PNG"
    assert (await browser.get(f"{FIRST}/{left.arrival_id}/original")).status_code == 200


async def test_departures_scanned_before_their_words_were_kept_are_shown_too(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await hear(pool, an_arrival(routing=certain()))
    left = a_scanned_departure("36-2026-A-000001", NoticeKind.REPLY)
    words = ScanText(pages=("Votre titre est prêt.",), confidence=95)
    pli = Pli(kind="scan", sender=Correspondent(), answer_to=Correspondent(), scan=words)
    key = await plis.write(LocalBlobs(tmp_path), 2026, left.arrival_id, pli)
    await hear(pool, left.model_copy(update={"pli": key}))
    await pool.execute("UPDATE desk.arrivals SET pli = NULL WHERE word = 'departure'")
    assert "Votre titre est prêt." not in await browser.page(FIRST)
    await pool.execute((SQL / "0136_departures_shown.sql").read_text())
    assert "Votre titre est prêt." in await browser.page(FIRST)


async def test_the_content_of_a_reserved_item_is_not_shown(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    arrival = an_arrival(routing=certain())
    secret = HOSTILE.model_copy(update={"subject": "état de santé"})
    key = await plis.write(LocalBlobs(tmp_path), 2026, arrival.arrival_id, secret)
    await hear(pool, arrival.model_copy(update={"pli": key}))
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        head = directory.person("b.head")
        assert head is not None
        item_id = await connection.fetchval("SELECT item_id FROM desk.items")
        by = Decider(connection, head, uuid4(), TODAY, an_applied_site(), directory)
        await by.about(item_id, Reclassify(confidentiality=Confidentiality.RESERVE))
    page = await browser.page(FIRST)
    assert "son contenu n’est pas montré" in page
    assert "état de santé" not in page
    assert (await browser.get(f"{FIRST}/{arrival.arrival_id}/1.png")).status_code == 404


async def test_every_answer_forbids_what_is_not_ours(browser: Browser) -> None:
    for url in ("/", "/static/desk.css", "/nowhere"):
        headers = (await browser.get(url)).headers
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] == "no-store"
        assert headers["x-content-type-options"] == "nosniff"


async def test_a_name_that_was_rebound_to_this_machine_gets_nothing(browser: Browser) -> None:
    answer = await browser.get("/", host="attaquant.example")
    assert answer.status_code == 400
    assert "Registre" not in answer.text


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("/nowhere", "Cette page n’existe pas."),
        ("/courrier/36-2026-A-000009", "Aucun courrier ne porte le numéro 36-2026-A-000009."),
        ("/courrier/demain", "Ce n’est pas un numéro de courrier."),
        ("/static/../settings.py", "Cette page n’existe pas."),
    ],
)
async def test_what_is_not_there_is_said_in_french(
    browser: Browser, url: str, sentence: str
) -> None:
    answer = await browser.get(url)
    assert (answer.status_code, sentence in answer.text) == (404, True)
