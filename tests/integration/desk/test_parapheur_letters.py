"""A letter goes to the parapheur, comes back signed or refused, leaves; none is lost or twice."""

import asyncio
from dataclasses import dataclass
from pathlib import Path

import httpx
import pypdfium2
import pytest
from pydantic import SecretStr

from services.desk.parapheur.job import ParapheurRounds
from services.desk.store import erasures
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import BlobKey, ItemId
from shared.facts.items.replies import ReplySent
from shared.facts.vocabulary import Proof
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.applied_rules import AppliedRules
from tests.desk_browser import Browser, desk_settings
from tests.desk_builders import MONDAY
from tests.fake_pastell import PLACE, FakePastell, Fault, signed
from tests.integration.desk.test_letters_pages import (
    ANSWER,
    CHRONO,
    a_prefecture,
    approved,
    facts,
    field,
    typed,
)
from tests.roles import under_role

BOOK = f"/courrier/{CHRONO}/parapheur"


@dataclass
class Desk:
    """A préfecture with a parapheur, and the rounds of its job."""

    browser: Browser
    pool: Pool
    fake: FakePastell
    rounds: ParapheurRounds
    blobs: LocalBlobs

    async def give(self, **files: tuple[str, bytes, str]) -> str:
        """Karima gives the letter to be signed by Catherine; returns our reference."""
        page = await self.browser.page(ANSWER)
        body = field(page, "body").replace("{précisions}\n\n", "")
        fields = {**typed(page, body=body), "faire": "parapheur", "signatory": "c.aubry"}
        answer = await self.browser.send(ANSWER, ANSWER, fields, files)
        said = await self.browser.to(answer)
        assert "La lettre est donnée au parapheur, à signer par Catherine Aubry." in said
        assert ("Ses pièces jointes y vont avec elle" in said) == bool(files)
        headers = {name: answer.request.headers[name] for name in ("origin", "content-type")}
        content = await answer.request.aread()
        again = await self.browser.client.post(ANSWER, content=content, headers=headers)
        assert again.headers["location"] == answer.headers["location"], "sent twice, once"
        return str(await self.pool.fetchval(NEWEST)).replace("-", "")

    async def round(self) -> None:
        """What is waited for is due now."""
        await self.pool.execute(
            "UPDATE desk.parapheur_letters SET due_at = clock_timestamp() WHERE due_at IS NOT NULL"
        )
        await self.rounds.round()

    async def state(self) -> tuple[str, str | None]:
        """Of the letter that was given last: its state, and the last failure."""
        row = await self.pool.fetchrow(
            "SELECT state, why FROM desk.parapheur_letters ORDER BY given_at DESC, due_at LIMIT 1"
        )
        assert row is not None
        return row["state"], row["why"]

    async def types(self) -> list[str]:
        """The facts of the item."""
        return [fact.type for fact in await facts(self.pool)]

    async def act(self, what: str) -> httpx.Response:
        """Presses a button of the page of the parapheur."""
        letter = await self.pool.fetchval(NEWEST)
        return await self.browser.send(BOOK, f"{BOOK}/{letter}/{what}")


NEWEST = "SELECT letter FROM desk.parapheur_letters ORDER BY given_at DESC, due_at LIMIT 1"


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> Desk:
    browser = await approved(await a_prefecture(pool, postgres_url, tmp_path, PLACE))
    fake, blobs = FakePastell(), LocalBlobs(tmp_path)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    rounds = ParapheurRounds(
        pool,
        AppliedRules(),
        blobs,
        clock,
        desk_settings(tmp_path),
        asyncio.Event(),
        book=lambda _, __: fake.client(),
    )
    return Desk(browser, pool, fake, rounds, blobs)


async def test_a_letter_is_signed_there_comes_back_and_leaves(desk: Desk) -> None:
    reference = await desk.give()
    assert "à déposer au parapheur" in await desk.browser.page(f"/courrier/{CHRONO}")
    assert (await desk.types())[-1] == "ReplyInSignature"
    await desk.round()
    assert "pas encore signée" in await desk.browser.page(BOOK)
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    await desk.round()
    assert (await desk.types())[-1] == "SignatureReturned"
    page = await desk.browser.page(BOOK)
    assert "signée, revenue le" in page
    assert "Signée, selon le parapheur, par" in page
    assert "relisez-le avant" not in page
    letter = await desk.pool.fetchval(NEWEST)
    given = await desk.browser.get(f"{BOOK}/{letter}/lettre.pdf")
    back = await desk.browser.get(f"{BOOK}/{letter}/signee.pdf")
    assert back.content == signed(given.content)
    assert back.headers["content-disposition"].startswith("attachment")
    left = await desk.browser.to(await desk.act("partie"))
    assert "départ enregistré sous le numéro 36-2026-D-000001" in left
    reply = (await facts(desk.pool))[-1]
    assert isinstance(reply, ReplySent)
    assert (reply.proof, reply.template) == (Proof.KEYED, "titre-de-sejour-suivi@1")
    assert reply.document is not None
    assert await desk.blobs.get(reply.document) == back.content
    assert (await desk.act("partie")).status_code == 422, "it leaves once"
    assert desk.fake.sent(reference) == 1


async def test_the_letter_is_over_the_name_of_whoever_signs(desk: Desk) -> None:
    await desk.give()
    use = await desk.pool.fetchrow("SELECT way, person FROM desk.letter_uses")
    assert use is not None
    assert tuple(use) == ("pdf", "k.haddad")
    row = await desk.pool.fetchrow("SELECT signatory, given_by FROM desk.parapheur_letters")
    assert row is not None
    assert tuple(row) == ("c.aubry", "k.haddad")
    given = await desk.browser.get(f"{BOOK}/{await desk.pool.fetchval(NEWEST)}/lettre.pdf")
    with pypdfium2.PdfDocument(given.content) as document:
        said = " ".join(page.get_textpage().get_text_bounded() for page in document)
    below = " ".join(said.split()).rpartition("considération distinguée")[2]
    assert ("Catherine Aubry" in below, "Karima Haddad" in below) == (True, False)


async def test_who_has_no_delegation_signs_nothing_there(desk: Desk) -> None:
    page = await desk.browser.page(ANSWER)
    body = field(page, "body").replace("{précisions}\n\n", "")
    fields = {**typed(page, body=body), "faire": "parapheur", "signatory": "k.haddad"}
    answer = await desk.browser.send(ANSWER, ANSWER, fields)
    assert answer.status_code == 422
    assert await desk.pool.fetchval("SELECT count(*) FROM desk.parapheur_letters") == 0


async def test_a_refusal_comes_back_with_its_reason_and_another_letter_may_follow(
    desk: Desk,
) -> None:
    reference = await desk.give()
    await desk.round()
    desk.fake.refuse(reference, "Le nom est mal écrit.")
    await desk.round()
    page = await desk.browser.page(BOOK)
    assert "Motif du refus" in page
    assert "Le nom est mal écrit." in page
    assert (await desk.types())[-1] == "SignatureReturned"
    assert (await desk.act("partie")).status_code == 422
    another = await desk.give()
    assert another != reference


@pytest.mark.parametrize("fault", [Fault.AFTER, Fault.SILENT, Fault.BEFORE, Fault.AWAY])
async def test_a_parapheur_that_is_down_loses_no_letter_and_signs_none_twice(
    desk: Desk, fault: Fault
) -> None:
    reference = await desk.give()
    desk.fake.fault = lambda request: fault if request.method != "GET" else None
    for _ in range(3):
        await desk.round()
        assert (await desk.state())[0] == "to_send"
    assert "Dernière tentative" in await desk.browser.page(BOOK)
    desk.fake.fault = lambda _: None
    await desk.round()
    desk.fake.sign(reference, "Catherine Aubry")
    desk.fake.fault = lambda _: fault
    await desk.round()
    assert (await desk.state())[0] == "sent"
    desk.fake.fault = lambda _: None
    await desk.round()
    assert await desk.state() == ("signed", None)
    assert desk.fake.sent(reference) == 1
    assert (await desk.types()).count("SignatureReturned") == 1


async def test_two_processes_and_answers_that_come_twice_state_one_return(desk: Desk) -> None:
    reference = await desk.give()
    await asyncio.gather(desk.round(), desk.round())
    desk.fake.sign(reference, "Catherine Aubry")
    await asyncio.gather(desk.round(), desk.round())
    await desk.round()
    assert desk.fake.sent(reference) == 1
    assert (await desk.types()).count("SignatureReturned") == 1


@pytest.mark.parametrize(
    ("document", "why"), [(b"<html>", "not-a-pdf"), (b"%PDF-1.7 sans", "unsigned")]
)
async def test_what_is_no_signed_pdf_is_kept_from_leaving(
    desk: Desk, document: bytes, why: str
) -> None:
    reference = await desk.give()
    await desk.round()
    desk.fake.sign(reference, "Catherine Aubry", document=document)
    await desk.round()
    assert await desk.state() == ("failed", why)
    assert "SignatureReturned" not in await desk.types()
    assert (await desk.act("partie")).status_code == 422
    desk.fake.sign(reference, "Catherine Aubry", document=signed(b"%PDF-1.7 autre"))
    await desk.browser.to(await desk.act("relancer"))
    await desk.round()
    assert await desk.state() == ("signed", None)
    assert desk.fake.sent(reference) == 1


async def test_a_signed_pdf_of_other_octets_is_shown_as_such(desk: Desk) -> None:
    reference = await desk.give()
    await desk.round()
    desk.fake.sign(reference, "Catherine Aubry", document=signed(b"%PDF-1.7 une autre"))
    await desk.round()
    assert "relisez-le avant de l’envoyer" in await desk.browser.page(BOOK)


async def test_a_letter_is_taken_back_while_it_is_unsigned_and_a_late_signature_is_none(
    desk: Desk,
) -> None:
    reference = await desk.give()
    await desk.round()
    await desk.browser.to(await desk.act("reprendre"))
    assert (await desk.types())[-1] == "SignatureReturned"
    await desk.round()
    assert await desk.state() == ("taken_back", "still-there")
    assert "demandez qu’il y soit refusé" in await desk.browser.page(BOOK)
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    assert (await desk.state())[0] == "taken_back"
    assert (await desk.act("partie")).status_code == 422
    assert (await desk.act("reprendre")).status_code == 422


async def test_a_letter_taken_back_while_it_is_on_its_way_is_withdrawn(desk: Desk) -> None:
    await desk.give()
    desk.fake.fault = lambda request: Fault.AWAY if "action" in request.url.path else None
    await desk.round()
    assert len(desk.fake.documents) == 1
    await desk.browser.to(await desk.act("reprendre"))
    desk.fake.fault = lambda _: None
    await desk.round()
    assert desk.fake.documents == {}
    assert await desk.state() == ("taken_back", None)


async def test_an_item_has_one_letter_there_at_a_time(desk: Desk) -> None:
    await desk.give()
    page = await desk.browser.page(ANSWER)
    body = field(page, "body").replace("{précisions}\n\n", "")
    fields = {**typed(page, body=body), "faire": "parapheur", "signatory": "c.aubry"}
    answer = await desk.browser.send(ANSWER, ANSWER, fields)
    assert answer.status_code == 422
    assert "reprenez-la avant" in answer.text


async def test_what_an_item_loses_goes_with_its_letters_there(desk: Desk) -> None:
    reference = await desk.give()
    await desk.round()
    desk.fake.sign(reference, "Catherine Aubry")
    await desk.round()
    row = await desk.pool.fetchrow("SELECT item_id, document FROM desk.parapheur_letters")
    assert row is not None
    async with transaction(desk.pool) as connection:
        await erasures.empty(connection, ItemId(row["item_id"]), "withdrawn", MONDAY)
        folder = erasures.folder(BlobKey(row["document"]))
        assert await erasures.is_condemned(connection, folder)
    kept = await desk.pool.fetchrow("SELECT signers, reason FROM desk.parapheur_letters")
    assert kept is not None
    assert tuple(kept) == ([], None)


async def test_without_a_parapheur_nothing_is_offered(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await approved(await a_prefecture(pool, postgres_url, tmp_path))
    assert "parapheur" not in await browser.page(ANSWER)
    assert "Aucune lettre" in await browser.page(BOOK)
