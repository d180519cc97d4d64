"""A letter is prepared, read, corrected with its words shown, signed by who may, and leaves."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import httpx
import pytest
from bs4 import BeautifulSoup

from services.desk.store import erasures
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ItemId
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from tests.desk_browser import Browser
from tests.desk_builders import MONDAY
from tests.integration.desk.test_letters_pages import (
    ANSWER,
    CHRONO,
    a_prefecture,
    approved,
    facts,
    typed,
)
from tests.integration.desk.test_letters_pages import (
    field as field_of,
)

HERE: Final = f"/courrier/{CHRONO}"
AGENT, HEAD, OTHER, NEXT = "k.haddad", "c.aubry", "s.pinson", "i.fontaine"
"""Of the bureau: the head has a delegation and so has its director, the agents have none."""
REASON: Final = "Dites d’abord où se trouve le titre."


@dataclass
class Circuit:
    """The préfecture of the demo, whose agent prepares a letter and whose head reads it."""

    pool: Pool
    folder: Path
    site: Browser

    async def prepare(self, whom: str = HEAD, what: str = "lire") -> str:
        """Karima gives the letter to somebody; returns the address of its page."""
        page = await self.site.page(ANSWER)
        body = field_of(page, "body").replace("{précisions}\n\n", "Votre titre est prêt.\n\n")
        fields = {**typed(page, body=body), "faire": what, "whom": whom}
        answer = await self.site.send(ANSWER, ANSWER, fields)
        assert answer.status_code == 303, words(answer.text, ".refusal")
        letter = await self.pool.fetchval(
            "SELECT letter FROM desk.circuit_letters ORDER BY prepared_at DESC, letter LIMIT 1"
        )
        return f"{HERE}/lettre/{letter}"

    async def acts(
        self, url: str, does: str, page: str = "", body: str = "", **more: str
    ) -> httpx.Response:
        """Whoever is signed in presses a button of a letter's page, perhaps after a correction."""
        page = page or await self.site.page(url)
        fields = {name: field_of(page, name) for name in ("etape", "subject", "body")}
        typed_ = fields | ({"body": body} if body else {}) | more
        return await self.site.send(url, url, {**typed_, "faire": does})

    async def types(self) -> list[str]:
        return [fact.type for fact in await facts(self.pool)]

    async def state(self) -> tuple[str, str, int]:
        row = await self.pool.fetchrow("SELECT state, holder, step FROM desk.circuit_letters")
        assert row is not None
        return row["state"], row["holder"], row["step"]


def words(page: str, selector: str) -> str:
    """The words of a part of a page."""
    found = BeautifulSoup(page, "html.parser").select(selector)
    return " ".join(" ".join(tag.get_text().split()) for tag in found)


async def ordered(pool: Pool) -> NoticeOrdered:
    """The order by which the reply leaves."""
    found = [fact for fact in await facts(pool) if isinstance(fact, NoticeOrdered)]
    return next(order for order in found if order.kind is NoticeKind.REPLY)


@pytest.fixture
async def circuit(pool: Pool, postgres_url: str, tmp_path: Path) -> Circuit:
    site = await approved(await a_prefecture(pool, postgres_url, tmp_path))
    return Circuit(pool, tmp_path, site)


async def test_a_letter_is_read_corrected_sent_back_with_a_reason_and_taken_up_again(
    circuit: Circuit,
) -> None:
    url = await circuit.prepare()
    assert (await circuit.types())[-1] == "ReplyInSignature"
    page = await circuit.site.page(HERE)
    assert "à relire, chez Catherine Aubry" in page
    assert "vous attend" not in words(page, "#lettre-preparee")
    assert url in await circuit.site.page("/signatures")
    await circuit.site.sign_in(HEAD)
    assert "1 lettre est à relire" in words(await circuit.site.page("/courriers"), ".notice")
    assert "Une lettre préparée vous attend" in await circuit.site.page(HERE)
    page = await circuit.site.page(url)
    body = field_of(page, "body").replace("Votre titre est prêt.", "Votre titre vous attend.")
    refused = await circuit.acts(url, "renvoyer", body=body)
    assert "Dites pourquoi" in words(refused.text, ".refusal")
    assert "vous attend" in field_of(refused.text, "body"), "nothing typed is lost"
    sent = await circuit.acts(url, "renvoyer", body=body, reason=REASON)
    assert "renvoyée à Karima Haddad" in await circuit.site.to(sent)
    assert (await circuit.types())[-1] == "SignatureReturned"
    assert await circuit.state() == ("returned", AGENT, 2)

    await circuit.site.sign_in(AGENT)
    assert "1 lettre est" in words(await circuit.site.page("/courriers"), ".notice")
    page = await circuit.site.page(url)
    assert REASON in words(page, ".seen")
    changes = BeautifulSoup(page, "html.parser").select_one("section[aria-labelledby=corrige]")
    assert changes is not None
    assert [tag.get_text() for tag in changes.select("del")] == [
        " [retiré\N{NO-BREAK SPACE}: est prêt.\n\n] "
    ]
    assert [tag.get_text() for tag in changes.select("ins")] == [
        " [ajouté\N{NO-BREAK SPACE}: vous attend.\n\n] "
    ]
    again = await circuit.acts(url, "lire", whom=HEAD)
    assert "donnée à relire à Catherine Aubry" in await circuit.site.to(again)
    assert await circuit.state() == ("reading", HEAD, 3)
    said = [fact.model_dump_json() for fact in await facts(circuit.pool)]
    assert not [text for text in said if REASON in text or "vous attend" in text]


async def test_only_who_has_a_delegation_signs_and_what_leaves_is_what_they_corrected(
    circuit: Circuit,
) -> None:
    page = await circuit.site.page(ANSWER)
    body = field_of(page, "body").replace("{précisions}\n\n", "")
    fields = {**typed(page, body=body), "faire": "signer", "whom": OTHER}
    refused = await circuit.site.send(ANSWER, ANSWER, fields)
    assert "délégation" in words(refused.text, ".refusal")
    url = await circuit.prepare(OTHER)
    await circuit.site.sign_in(OTHER)
    assert "Signer et envoyer" not in await circuit.site.page(url)
    assert (await circuit.acts(url, "courriel")).status_code == 422
    passed = await circuit.acts(url, "signer", whom=HEAD)
    assert "donnée à signer à Catherine Aubry" in await circuit.site.to(passed)
    await circuit.site.sign_in(HEAD)
    page = await circuit.site.page(url)
    assert "Signer et envoyer par courriel" in page
    body = field_of(page, "body").replace("est prêt", "vous attend")
    left = await circuit.site.to(await circuit.acts(url, "courriel", body=body))
    assert "La lettre est signée et part par courriel." in left
    order = await ordered(circuit.pool)
    assert (order.by, order.way, order.template) == (
        f"person:{HEAD}",
        Way.MAIL,
        "titre-de-sejour-suivi@1",
    )
    assert order.pli is not None
    text = (await plis.read(LocalBlobs(circuit.folder), order.pli)).text
    assert "Votre titre vous attend." in text
    assert "Catherine Aubry" in text.split("Votre titre vous attend.")[1]
    assert "Karima" in text, "who prepared it is the agent that it names"
    assert (await circuit.state())[0] == "signed"
    assert (await circuit.types())[-1] == "SignatureReturned"
    assert (await circuit.acts(url, "courriel", page=page)).status_code == 422, "it leaves once"


async def test_two_persons_at_once_overwrite_nothing(circuit: Circuit) -> None:
    url = await circuit.prepare()
    await circuit.site.sign_in(HEAD)
    early = await circuit.site.page(url)
    await circuit.acts(
        url, "renvoyer", body=field_of(early, "body") + "\n\nUn mot de plus.", reason="Voyez."
    )
    await circuit.site.sign_in(AGENT)
    await circuit.acts(url, "lire", whom=HEAD)
    await circuit.site.sign_in(HEAD)
    mine = field_of(early, "body") + "\n\nUn autre mot."
    late = await circuit.acts(url, "renvoyer", page=early, body=mine, reason="Voyez encore.")
    assert late.status_code == 422
    assert "corrigé ou transmis" in words(late.text, ".refusal")
    assert field_of(late.text, "body").endswith("Un autre mot.")
    clash = words(late.text, "section[aria-labelledby=ecart]")
    assert "autre" in clash
    assert await circuit.state() == ("reading", HEAD, 3)
    assert field_of(late.text, "etape") == "3", "sent again, it is sent with eyes open"


async def test_an_absent_signatory_s_letter_goes_to_the_next_who_has_a_delegation(
    circuit: Circuit,
) -> None:
    url = await circuit.prepare(what="signer")
    assert await circuit.state() == ("signing", HEAD, 1)
    async with transaction(circuit.pool) as connection:
        day = MONDAY.date()
        absence = Absence(person=HEAD, first=day, last=day + timedelta(days=4))
        await people_store.add_absence(connection, absence, "tests", MONDAY)
    page = await circuit.site.page(url)
    assert "Catherine Aubry, qui n’est pas là aujourd’hui" in page
    assert "Isabelle Fontaine a aussi une délégation" in words(page, ".notice")
    await circuit.site.sign_in("f.lemoine")
    assert "lettre" not in words(await circuit.site.page("/"), ".notice"), "the next one alone"
    await circuit.site.sign_in(NEXT)
    assert "1 lettre est" in words(await circuit.site.page("/courriers"), ".notice")
    left = await circuit.site.to(await circuit.acts(url, "courriel"))
    assert "part par courriel" in left
    order = await ordered(circuit.pool)
    assert order.by == f"person:{NEXT}"
    # Chosen while away, the letter goes to whoever is there at once.
    await circuit.site.sign_in(AGENT)
    await circuit.site.send(HERE, f"{HERE}/annuler", {"seq": str(order.seq)})
    await circuit.prepare(what="signer")
    holder = await circuit.pool.fetchval(
        "SELECT holder FROM desk.circuit_letters WHERE state = 'signing'"
    )
    assert holder == NEXT


async def test_on_paper_the_signed_letter_is_kept_with_its_code(circuit: Circuit) -> None:
    url = await circuit.prepare(what="signer")
    await circuit.site.sign_in(HEAD)
    page = await circuit.site.to(await circuit.acts(url, "papier"))
    assert f"{url}/lettre.pdf" in page
    pdf = await circuit.site.get(f"{url}/lettre.pdf")
    assert pdf.content.startswith(b"%PDF")
    assert (await circuit.types())[-1] == "SignatureReturned"


async def test_what_is_written_goes_with_the_item_and_who_may_not_read_it_sees_nothing(
    circuit: Circuit,
) -> None:
    url = await circuit.prepare()
    await circuit.site.sign_in(HEAD)
    await circuit.acts(url, "renvoyer", body="Autre chose.\n\nCordialement.", reason=REASON)
    await circuit.site.sign_in("d.charron")
    assert (await circuit.site.get(url)).status_code == 404
    item = ItemId(await circuit.pool.fetchval("SELECT item_id FROM desk.items"))
    keys = await circuit.pool.fetch("SELECT said, reason FROM desk.circuit_steps")
    folders = {key.split("/")[1] for row in keys for key in (row["said"], row["reason"]) if key}
    async with transaction(circuit.pool) as connection:
        await erasures.empty(connection, item, "destroyed", MONDAY)
    condemned = await circuit.pool.fetch("SELECT owner FROM desk.erasures")
    assert folders <= {str(row["owner"]) for row in condemned}
    assert await circuit.pool.fetchval("SELECT count(*) FROM desk.circuit_letters") == 0
    assert await circuit.pool.fetchval("SELECT count(*) FROM desk.circuit_steps") == 0
