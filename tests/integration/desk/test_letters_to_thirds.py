"""A service writes to a third party from its letters, and chases them with what it said before."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from services.desk.handlers.arrivals import hears_arrivals
from services.desk.letters.domain import letter_file
from services.desk.letters.library import LetterLibrary
from services.desk.store import letter_uses
from services.desk.store.letter_uses import Use
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import Arrivals
from shared.facts.envelope import ItemId, PersonId
from shared.facts.items import ITEMS
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import AwaitingThird
from shared.facts.origin import SESSION
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from shared.site.staff import people_store
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY, a_scanned_departure, an_arrival, certain, digest
from tests.integration.desk.test_letters_pages import CHRONO, INDRE, a_prefecture, typed

HERE: Final = f"/courrier/{CHRONO}"
ASK: Final = f"{HERE}/repondre/lettre-a-un-tiers"
CHASE: Final = f"{HERE}/repondre/relance-d-un-tiers"
LETTERS: Final = ("lettre-a-un-tiers", "relance-d-un-tiers")
SAID: Final = {
    "administration": "ofii",
    "date_réponse": "2026-05-26",
    "précisions": "Avez-vous son dossier ?",
    "courriel_tiers": "guichet@ofii.example",
}


@pytest.fixture
async def agent(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    """Karima Haddad, of the service of one mail, with both letters approved."""
    browser = await a_prefecture(pool, postgres_url, tmp_path)
    async with transaction(pool) as connection:
        people = await people_store.people_at(connection, MONDAY)
        applied = await store.current(connection)
        for name in LETTERS:
            file = letter_file.read((INDRE / "letters" / f"{name}.md").read_text())
            for who in ("h.marchand", "f.lemoine"):
                person = people.person(who)
                assert person is not None
                by = LetterLibrary(connection, person, MONDAY, applied, people, SESSION)
                if who == "h.marchand":
                    await by.write(file.letter, file.service, file.content)
                    await by.submit(file.letter)
                else:
                    await by.approve(file.letter)
    await browser.sign_in("k.haddad")
    yield browser
    await browser.client.aclose()


async def orders(pool: Pool) -> list[NoticeOrdered]:
    rows = await pool.fetch("SELECT payload FROM desk.facts WHERE type = 'NoticeOrdered'")
    facts = [ITEMS.validate_json(row["payload"]) for row in rows]
    return [fact for fact in facts if isinstance(fact, NoticeOrdered)]


async def hear(pool: Pool, arrival: Arrivals) -> None:
    async with transaction(pool) as connection:
        await hears_arrivals(AppliedRules())(connection, [arrival], MONDAY)


def words(page: str, selector: str) -> str:
    tag = BeautifulSoup(page, "html.parser").select_one(selector)
    return "" if tag is None else " ".join(tag.get_text().split())


async def test_a_letter_to_a_third_party_is_ordered_to_their_address_which_no_fact_holds(
    agent: Browser, pool: Pool, tmp_path: Path
) -> None:
    assert "Demande à un tiers" in await agent.page(f"{HERE}/repondre?genre=third")
    page = await agent.page(ASK)
    assert "Donnez l’adresse électronique du tiers" in page
    checked = await agent.send(ASK, ASK, {**typed(page), **SAID, "faire": "verifier"})
    filled = checked.text
    assert "À : guichet@ofii.example" in words(filled, "section[aria-labelledby=envoi]")
    await agent.to(await agent.send(ASK, ASK, {**typed(filled), **SAID, "faire": "envoyer"}))
    (order,) = await orders(pool)
    assert (order.kind, order.addressee) == (NoticeKind.THIRD, "ofii")
    assert str(order.until) == "2026-05-26"
    assert "guichet" not in order.model_dump_json()
    assert order.pli is not None
    pli = await plis.read(LocalBlobs(tmp_path), order.pli)
    assert pli.answer_to.address == "guichet@ofii.example"
    assert "jeanne" not in pli.text.lower()


async def test_the_item_says_whom_it_waits_for_and_the_chase_knows_them(
    agent: Browser,
) -> None:
    page = await agent.page(ASK)
    filled = (await agent.send(ASK, ASK, {**typed(page), **SAID, "faire": "verifier"})).text
    await agent.to(await agent.send(ASK, ASK, {**typed(filled), **SAID, "faire": "envoyer"}))
    assert words(await agent.page(HERE), "section[aria-labelledby=tiers]") == ""
    noted = {"who": "ofii", "expected": "2026-05-26"}
    there = await agent.to(await agent.send(f"{HERE}/tiers", f"{HERE}/tiers", noted))
    said = words(there, "section[aria-labelledby=tiers]")
    assert "(OFII)" in said
    assert "réponse attendue pour le mardi 26 mai 2026" in said
    assert "en retard" not in said
    link = BeautifulSoup(there, "html.parser").select_one("section[aria-labelledby=tiers] a")
    assert link is not None
    assert str(link["href"]) == f"{HERE}/repondre?genre=third"
    chase = BeautifulSoup(await agent.page(CHASE), "html.parser")
    assert chase.select_one("#administration option[selected]")["value"] == "ofii"  # type: ignore[index]  # the page has it
    assert chase.select_one("#courriel_tiers")["value"] == "guichet@ofii.example"  # type: ignore[index]  # the page has it
    assert "Nous vous avons écrit le" in chase.select_one("#body").text  # type: ignore[union-attr]  # the page has it
    after = await agent.to(await agent.send(HERE, f"{HERE}/tiers-repondu", {}))
    assert words(after, "section[aria-labelledby=tiers]") == ""


async def test_a_letter_taken_before_a_merger_is_told_of_the_survivor_and_of_nobody_waits(
    agent: Browser, pool: Pool
) -> None:
    """Scanned, neither is a word to the sender."""
    await hear(pool, an_arrival("b", routing=certain(), correspondent=digest("bob")))
    survivor = await pool.fetchval("SELECT chrono FROM desk.items WHERE chrono <> $1", CHRONO)
    item_id = ItemId(
        await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", CHRONO)
    )
    use = Use(
        item_id, "lettre-a-un-tiers@1", NoticeKind.THIRD, "pdf", PersonId("k.haddad"), MONDAY,
        until=date(2026, 5, 26), addressee="ofii",
    )  # fmt: skip
    async with transaction(pool) as connection:
        await letter_uses.keep_use(connection, uuid4(), use)
    await agent.to(await agent.send(HERE, f"{HERE}/fusionner", {"into": survivor}))
    for code, name in ((CHRONO, "to ofii"), (survivor, "to nobody")):
        await hear(pool, a_scanned_departure(code, NoticeKind.THIRD, name))
    seen = await pool.fetch("SELECT type FROM desk.facts WHERE type = 'ReplyObserved'")
    assert not seen
    waits = await pool.fetchval("SELECT payload FROM desk.facts WHERE type = 'AwaitingThird'")
    fact = ITEMS.validate_json(waits)
    assert isinstance(fact, AwaitingThird)
    assert (fact.who, str(fact.expected), fact.item_id == item_id) == ("ofii", "2026-05-26", False)
    reason = "SELECT reason FROM desk.arrivals WHERE word = 'quarantine'"
    assert await pool.fetchval(reason) == "not-judged"


async def test_of_two_papers_for_two_third_parties_no_code_says_which_one_leaves(
    agent: Browser, pool: Pool
) -> None:
    """Until one of them is said to have left: then the other is the one that is scanned."""
    item_id = ItemId(
        await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", CHRONO)
    )
    for addressee, day in (("ofii", date(2026, 5, 26)), ("mairie", date(2026, 5, 28))):
        use = Use(
            item_id, "lettre-a-un-tiers@1", NoticeKind.THIRD, "pdf", PersonId("k.haddad"), MONDAY,
            until=day, addressee=addressee,
        )  # fmt: skip
        async with transaction(pool) as connection:
            await letter_uses.keep_use(connection, uuid4(), use)
    waits = "SELECT payload FROM desk.facts WHERE type = 'AwaitingThird' ORDER BY seq"
    await hear(pool, a_scanned_departure(CHRONO, NoticeKind.THIRD, "one of two"))
    assert await pool.fetch(waits) == [], "the last one that was taken is a guess"
    reason = "SELECT reason FROM desk.arrivals WHERE word = 'quarantine'"
    assert await pool.fetchval(reason) == "not-judged"
    said = {"who": "mairie", "expected": "2026-05-28"}
    await agent.to(await agent.send(f"{HERE}/tiers", f"{HERE}/tiers", said))
    await hear(pool, a_scanned_departure(CHRONO, NoticeKind.THIRD, "the other one"))
    facts = [ITEMS.validate_json(row["payload"]) for row in await pool.fetch(waits)]
    assert [
        (fact.who, str(fact.expected)) for fact in facts if isinstance(fact, AwaitingThird)
    ] == [
        ("mairie", "2026-05-28"),
        ("ofii", "2026-05-26"),
    ]
