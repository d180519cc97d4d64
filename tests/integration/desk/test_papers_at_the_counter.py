"""Papers keyed at the counter: what the register refuses, the récépissé, what is taken back."""

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pypdfium2
import pytest
from pydantic import SecretStr

from shared.content.follow_codes import follow_code
from shared.facts.envelope import Chrono
from shared.platform.database import Pool, open_pool
from tests.desk_browser import Browser, desk_settings
from tests.desk_builders import proposed
from tests.integration.desk.findings import read
from tests.integration.desk.offices import a_clerk, chrono, mails
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

PATIENCE = 120


@pytest.fixture
async def browser(pool: Pool, postgres_url: str, tmp_path: Path) -> Browser:
    return await a_clerk(pool, postgres_url, tmp_path)


def naming(folder: Path, name: bytes) -> list[Path]:
    kept = [path for path in folder.rglob("*") if path.is_file()]
    return [path for path in kept if name in path.read_bytes()]


async def test_of_a_paper_that_is_refused_no_word_is_kept(browser: Browser, tmp_path: Path) -> None:
    page, keep = "/bureau/guichet", "/bureau/guichet/enregistrer"
    typed = {"category": "association", "name": "Ana Silva", "subject": "Statuts"}
    for more, sentence in (
        ({"category": "nothing"}, "Cet objet n’existe pas"),
        ({"day": "2026-05-12"}, "est encore à venir"),
        ({"service": "nowhere"}, "Ce service n’existe pas"),
        ({"nature": "complaint", "theme": "nothing"}, "Ce thème n’existe pas"),
        ({"channel": "email"}, "ici se saisit ce qui est sur papier"),
    ):
        refused = await browser.send(page, keep, typed | more)
        assert refused.status_code == 422
        assert sentence in refused.text, more
    assert naming(tmp_path, b"Silva") == []
    assert (await browser.send(page, keep, typed)).status_code == 303
    assert len(naming(tmp_path, b"Silva")) == 1


async def test_a_day_long_ago_is_asked_for_twice_and_no_day_to_come_is_taken(
    browser: Browser,
) -> None:
    """With a day before the go-live of 1 May a letter is late at once, and gets no receipt."""
    page, keep = "/bureau/guichet", "/bureau/guichet/enregistrer"
    box = 'name="ancien"'
    typed = {"category": "association", "name": "Ana Silva", "day": "2025-05-11"}
    assert box not in await browser.page(page)
    refused = await browser.send(page, keep, typed)
    assert refused.status_code == 422
    assert "Le 11/05/2025 est passé depuis plus de deux mois" in refused.text
    assert box in refused.text
    assert 'value="Ana Silva"' in refused.text
    taken = await browser.to(await browser.send(page, keep, typed | {"ancien": "oui"}))
    assert f"Enregistré sous {chrono(1)}" in taken
    story = await browser.page(f"/courrier/{chrono(1)}")
    assert f"Enregistré sous le numéro {chrono(1)}, reçu avant la mise en service" in story
    late = await browser.send(page, keep, typed | {"day": "2026-05-12"})
    assert "Le 12/05/2026 est encore à venir" in late.text
    assert (await browser.send(page, keep, typed | {"day": "2026-03-12"})).status_code == 303
    assert "2 courriers enregistrés aujourd’hui" in await browser.page("/bureau")


async def test_a_registered_number_is_right_and_found_as_it_is_scanned(
    browser: Browser, pool: Pool, tmp_path: Path
) -> None:
    page, keep = "/bureau/guichet", "/bureau/guichet/enregistrer"
    typed = {"channel": "registered_letter", "category": "association", "day": "2026-05-11"}
    wrong = await browser.send(page, keep, typed | {"registered": "2C 123 456 7890 6"})
    assert "Un chiffre de ce numéro est faux" in wrong.text
    for number in ("2C 123 456 7890 5", "Poste italienne 12-34"):
        assert (await browser.send(page, keep, typed | {"registered": number})).status_code == 303
    await read(pool, tmp_path)
    assert chrono(1) in await browser.page("/recherche?q=2C12345678905")
    assert "Poste italienne 12-34" in await browser.page(f"/courrier/{chrono(2)}")


async def keyed(browser: Browser, **more: str) -> str:
    """Registers a letter that somebody hands over, and returns the page that follows."""
    page, keep = "/bureau/guichet", "/bureau/guichet/enregistrer"
    typed = {"channel": "hand_delivered", "category": "association", "day": "2026-05-11"}
    return await browser.to(await browser.send(page, keep, typed | more))


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


async def test_whoever_hands_a_letter_over_takes_a_recepisse_home(
    browser: Browser, postgres_url: str, tmp_path: Path
) -> None:
    page = await keyed(browser, name="Ana Silva", subject="Statuts")
    receipt = f"/bureau/guichet/{chrono(1)}/recepisse.pdf"
    assert f'href="{receipt}"' in page
    assert "Ana Silva" in page
    plain = text_of((await browser.get(receipt)).content)
    for said in ("Récépissé de dépôt", chrono(1), "lundi 11 mai 2026", "Ana Silva"):
        assert said in plain
    assert "Statuts" not in plain, "what was keyed for lists is cited in no paper"
    assert "Code" not in plain, "nobody answers to a code without a portal"
    # Where a portal answers, the paper says the code, and the database its digest alone.
    settings = desk_settings(tmp_path, portal_url="https://courrier.example")
    served = await open_pool(SecretStr(under_role(postgres_url, "web")), "tests", size=1)
    with_portal = Browser(replace(browser.pages, settings=settings, pool=served))
    await with_portal.sign_in("c.lerk")
    told = text_of((await with_portal.get(receipt)).content)
    await served.close()
    code = follow_code(settings.site_keys, Chrono(chrono(1)))
    assert code.shown in told
    assert "courrier.example/suivi" in told
    async with one_transaction(postgres_url) as owner:
        given = await owner.fetch("SELECT digest, state FROM portal.followed_letters")
    assert [tuple(row) for row in given] == [(code.digest, "registered")]


async def test_what_came_otherwise_or_is_reserved_has_no_recepisse(
    browser: Browser, pool: Pool, tmp_path: Path
) -> None:
    await mails(pool, tmp_path, proposed())
    await keyed(browser, channel="letter")
    page = await keyed(browser, channel="hand_delivered")
    assert f"{chrono(3)}/recepisse.pdf" in page
    assert f"{chrono(2)}/recepisse.pdf" not in page
    item = f"/courrier/{chrono(3)}"
    await browser.send(item, f"{item}/reclasser", {"confidentiality": "reserve"})
    for n in (1, 2, 3):
        answer = await browser.get(f"/bureau/guichet/{chrono(n)}/recepisse.pdf")
        assert answer.status_code == 404, n


async def test_what_was_keyed_by_mistake_is_taken_back_by_who_keyed_it(
    browser: Browser, pool: Pool
) -> None:
    await keyed(browser)
    back = f"/bureau/guichet/{chrono(1)}/annuler"
    colleague = await Browser(browser.pages).sign_in("c.head")
    assert chrono(1) not in await colleague.page("/bureau/guichet")
    refused = await colleague.to(await colleague.send("/bureau/guichet", back))
    assert "ne s’annule plus ici" in refused
    said = await browser.to(await browser.send("/bureau/guichet", back))
    assert f"{chrono(1)} : enregistrement annulé." in said.replace("\u00a0", " ")
    assert "annulé ou classé" in said
    row = await pool.fetchrow("SELECT state, perimeter FROM desk.items")
    assert row is not None
    assert tuple(row) == ("closed", False), "it counts in no rate"
    again = await browser.to(await browser.send("/bureau/guichet", back))
    assert "ne s’annule plus ici" in again


async def test_what_others_acted_upon_or_joined_is_not_taken_back(
    browser: Browser, pool: Pool
) -> None:
    for _ in range(4):
        await keyed(browser, category="titre-de-sejour")
    agent = await Browser(browser.pages).sign_in("a.gent")
    taken, joined = f"/courrier/{chrono(1)}", f"/courrier/{chrono(3)}"
    assert (await agent.send(taken, f"{taken}/prendre")).status_code == 303
    merged = await browser.send(joined, f"{joined}/fusionner", {"into": chrono(2)})
    assert merged.status_code == 303
    for n, sentence in ((1, "ne s’annule plus"), (2, "ne s’annule plus"), (4, "enregistrement an")):
        answer = await browser.send("/bureau/guichet", f"/bureau/guichet/{chrono(n)}/annuler")
        assert sentence in await browser.to(answer), n
    rows = await pool.fetch("SELECT state, perimeter FROM desk.items ORDER BY chrono")
    assert [tuple(row) for row in rows] == [
        ("open", True),
        ("open", True),
        ("merged", True),
        ("closed", False),
    ]


async def test_only_what_may_be_taken_back_offers_it(browser: Browser) -> None:
    await keyed(browser, category="titre-de-sejour")
    await keyed(browser, category="titre-de-sejour")
    agent = await Browser(browser.pages).sign_in("a.gent")
    taken = f"/courrier/{chrono(1)}"
    assert (await agent.send(taken, f"{taken}/prendre")).status_code == 303
    page = await browser.page("/bureau/guichet")
    assert f"/bureau/guichet/{chrono(2)}/annuler" in page
    assert f"/bureau/guichet/{chrono(1)}/annuler" not in page, "its undo would be refused"


async def test_a_paper_gets_its_sticker_as_it_gets_its_number(browser: Browser, pool: Pool) -> None:
    page = await keyed(browser, etiqueter="oui")
    plain = page.replace("\u00a0", " ")
    assert f"Enregistré sous {chrono(1)}, étiquette 000001." in plain
    sticker = "/bureau/guichet/etiquette/1.pdf"
    assert f'href="{sticker}"' in page
    assert "checked" in page, "the next paper wants one too"
    document = pypdfium2.PdfDocument((await browser.get(sticker)).content)
    try:
        wide, high = document[0].get_size()
        assert (len(document), round(wide), round(high)) == (1, 130, 60), "45.7 by 21.2 mm"
        assert "000001" in document[0].get_textpage().get_text_bounded()
    finally:
        document.close()
    bound = await pool.fetch(
        "SELECT label, chrono FROM desk.labels JOIN desk.items USING (item_id)"
    )
    assert [tuple(row) for row in bound] == [("000001", chrono(1))]
    assert (await browser.get("/bureau/guichet/etiquette/2.pdf")).status_code == 404
    keep = "/bureau/guichet/enregistrer"
    typed = {"category": "association", "label": "7", "etiqueter": "oui"}
    refused = await browser.send("/bureau/guichet", keep, typed)
    assert refused.status_code == 422
    assert "porte déjà une étiquette" in refused.text
    await keyed(browser, etiqueter="")
    assert await pool.fetchval("SELECT max(last) FROM desk.printed_labels") == 1


async def test_what_is_acted_upon_in_the_same_moment_is_not_taken_back(
    browser: Browser, pool: Pool, postgres_url: str
) -> None:
    await keyed(browser, category="titre-de-sejour")
    agent = await Browser(browser.pages).sign_in("a.gent")
    here, back = f"/courrier/{chrono(1)}", f"/bureau/guichet/{chrono(1)}/annuler"
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SELECT FROM desk.items FOR UPDATE")
        taking = asyncio.create_task(agent.send(here, f"{here}/prendre"))
        await waiting(pool, 1)
        undoing = asyncio.create_task(browser.send("/bureau/guichet", back))
        await waiting(pool, 2)
    assert (await taking).status_code == 303
    assert "ne s’annule plus" in await browser.to(await undoing)
    assert await pool.fetchval("SELECT state FROM desk.items") == "open"


async def waiting(pool: Pool, sessions: int) -> None:
    """Waits until so many sessions wait for a row that another one holds."""
    deadline = time.monotonic() + PATIENCE
    asked = (
        "SELECT count(DISTINCT pid) FROM pg_locks JOIN pg_stat_activity USING (pid)"
        " WHERE NOT granted AND datname = current_database()"
    )
    while await pool.fetchval(asked) != sessions:
        assert time.monotonic() < deadline, "nobody waits"
        await asyncio.sleep(0.02)


async def test_of_what_was_taken_back_no_recepisse_is_printed_and_each_print_is_noted(
    browser: Browser, pool: Pool
) -> None:
    await keyed(browser)
    receipt = f"/bureau/guichet/{chrono(1)}/recepisse.pdf"
    assert (await browser.get("/bureau/guichet/1/recepisse.pdf")).status_code == 200
    await browser.send("/bureau/guichet", f"/bureau/guichet/{chrono(1)}/annuler")
    assert (await browser.get(receipt)).status_code == 404
    noted = await pool.fetch(
        "SELECT what, person, page, about FROM desk.journal WHERE page LIKE '%recepisse%'"
        " ORDER BY id"
    )
    page = "/bureau/guichet/{chrono}/recepisse.pdf"
    assert [tuple(row) for row in noted] == [
        ("download", "c.lerk", page, chrono(1)),
        ("refusal", "c.lerk", page, chrono(1)),
    ]


async def test_of_what_was_taken_over_from_a_file_no_recepisse_is_printed(
    browser: Browser, postgres_url: str
) -> None:
    await keyed(browser)
    receipt = f"/bureau/guichet/{chrono(1)}/recepisse.pdf"
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.facts DISABLE TRIGGER USER")
        await owner.execute(
            "UPDATE desk.facts SET payload = jsonb_set(payload::jsonb, '{via}', '\"import\"')::text"
        )
        await owner.execute("ALTER TABLE desk.facts ENABLE TRIGGER USER")
    assert (await browser.get(receipt)).status_code == 404


async def test_the_counter_shows_the_last_ten(browser: Browser) -> None:
    for n in range(11):
        page = await keyed(browser, name=f"Personne {n}")
    assert "Vos 10 derniers enregistrements" in page
    assert "Personne 0" not in page
    assert page.index("Personne 10") < page.index("Personne 9") < page.index("Personne 1<")
