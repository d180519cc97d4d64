"""A letter that is signed at the parapheur leaves as mail sécurisé, by itself without a doubt."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.desk.domain.decisions.corrections import NoteSender
from services.desk.domain.decisions.replies import Declare
from services.desk.parapheur.job import ParapheurRounds
from services.desk.parapheur.mail_job import SecureMailRounds
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.facts.items.replies import ReplySent, SecureMailSent
from shared.facts.vocabulary import NoticeKind, Proof
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.applied_rules import AppliedRules
from shared.site.staff import delegations_store
from tests.desk_browser import desk_settings
from tests.desk_builders import MONDAY
from tests.fake_mailsec import PLACE as MAIL_PLACE
from tests.fake_mailsec import FakeMailsec
from tests.fake_pastell import PLACE, FakePastell, Fault, signed
from tests.integration.desk import test_parapheur_letters, test_secure_mails
from tests.integration.desk.test_letters_pages import (
    ANSWER,
    CHRONO,
    a_prefecture,
    approved,
    facts,
    field,
    typed,
)
from tests.integration.desk.test_parapheur_killed import CHILD as PARAPHEUR_CHILD
from tests.integration.desk.test_parapheur_killed import killed, speechless
from tests.integration.desk.test_parapheur_letters import BOOK, NEWEST
from tests.integration.desk.test_parapheur_warnings import karima
from tests.integration.desk.test_secure_mail_killed import CHILD as MAIL_CHILD
from tests.integration.desk.test_secure_mails import MAILS, TO
from tests.roles import one_transaction, under_role

PLAN: Final = b"%PDF-1.7 plan"
COPY: Final = "mairie@exemple.fr"


@dataclass
class Both:
    """A préfecture that signs at the parapheur and sends mails sécurisés, and both jobs."""

    book: test_parapheur_letters.Desk
    mail: test_secure_mails.Desk

    async def give(self, *, then: str = "oui") -> str:
        """Karima gives the letter, with a plan and a copy, to be signed, then mailed; our ref."""
        site = self.book.browser
        page = await site.page(ANSWER)
        body = field(page, "body").replace("{précisions}\n\n", "")
        fields = typed(page, body=body, copies=COPY, puis_securise=then)
        fields |= {"faire": "parapheur", "signatory": "c.aubry"}
        files = {"fichiers": ("plan.pdf", PLAN, "application/pdf")}
        said = await site.to(await site.send(ANSWER, ANSWER, fields, files))
        assert "Une fois signée, elle partira en mail sécurisé." in said
        return str(await self.book.pool.fetchval(NEWEST)).replace("-", "")

    async def sign(self, reference: str, name: str = "Catherine Aubry", **what: bytes) -> None:
        """Somebody signs it there, and the register hears of it."""
        await self.book.round()
        self.book.fake.sign(reference, name, **what)
        await self.book.round()
        await self.book.round()
        assert await self.book.state() == ("signed", None)

    @property
    def links(self) -> int:
        """How many links left, of any letter."""
        return self.mail.fake.sent("")

    async def mails(self) -> list[str]:
        """The states of its mails sécurisés, the first one first."""
        rows = await self.book.pool.fetch("SELECT state FROM desk.secure_mails ORDER BY given_at")
        return [row["state"] for row in rows]


@pytest.fixture
async def both(pool: Pool, postgres_url: str, tmp_path: Path) -> Both:
    site = await approved(await a_prefecture(pool, postgres_url, tmp_path, PLACE, MAIL_PLACE))
    fakes, blobs = (FakePastell(), FakeMailsec()), LocalBlobs(tmp_path)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    context = (pool, AppliedRules(), blobs, clock, desk_settings(tmp_path), asyncio.Event())
    book = ParapheurRounds(*context, book=lambda _, __: fakes[0].client())
    mail = SecureMailRounds(*context, mail=lambda _, __: fakes[1].mail_client())
    return Both(
        test_parapheur_letters.Desk(site, pool, fakes[0], book, blobs),
        test_secure_mails.Desk(site, pool, fakes[1], mail, blobs),
    )


async def test_signed_there_it_leaves_by_itself_with_its_signatures_and_stops_its_clock(
    both: Both,
) -> None:
    reference = await both.give()
    await both.book.round()
    page = await both.book.browser.page(BOOK)
    assert f"Une fois signée, elle partira en mail sécurisé à {TO}." in page
    assert await both.mails() == [], "nothing leaves unsigned"
    await both.sign(reference)
    assert await both.mails() == ["to_send"]
    page = await both.book.browser.page(BOOK)
    assert "Mail sécurisé\N{NO-BREAK SPACE}: à déposer dans Pastell" in page
    assert "Noter son départ" not in page
    assert (await both.book.act("partie")).status_code == 422, "it would leave twice"
    await both.mail.round()
    await both.mail.round()
    assert await both.mails() == ["sent"]
    reply, sent = (await facts(both.book.pool))[-2:]
    assert isinstance(reply, ReplySent)
    assert isinstance(sent, SecureMailSent)
    assert (reply.proof, reply.template) == (Proof.DELIVERED, "titre-de-sejour-suivi@1")
    (file,) = both.mail.fake.documents.values()
    assert (file.data["to"], file.data["cc"]) == (TO, COPY)
    assert "Catherine Aubry" in file.data["message"]
    letter, annex = (file.annexes[number] for number in (0, 1))
    (there,) = both.book.fake.documents.values()
    given = there.files["document_original"]
    assert letter == (f"courrier-{CHRONO}.pdf", signed(given)), "octet for octet"
    assert annex == ("annexe-1-plan.pdf", PLAN)
    assert reply.document is not None
    assert await both.book.blobs.get(reply.document) == signed(given)
    page = await both.book.browser.page(BOOK)
    assert "signée, partie le" in page
    assert "pas encore lu" in await both.book.browser.page(MAILS)
    assert (await both.book.act("securise")).status_code == 422, "it left"


@pytest.mark.parametrize("doubt", ["other", "name", "answered", "delegation", "changed"])
async def test_what_a_person_is_to_read_first_does_not_leave_by_itself(
    both: Both, postgres_url: str, doubt: str
) -> None:
    reference = await both.give()
    if doubt == "answered":
        item_id = await both.book.pool.fetchval("SELECT item_id FROM desk.items")
        async with transaction(both.book.pool) as connection:
            by = await karima(connection)
            await by.about(item_id, Declare(MONDAY.date()))
    if doubt == "changed":
        item_id = await both.book.pool.fetchval("SELECT item_id FROM desk.items")
        other = Correspondent(name="Jeanne Martin", address="jeanne.martin@exemple.fr")
        pli = Pli(kind="mail", sender=other, answer_to=other)
        key = await plis.write(both.book.blobs, 2026, uuid4(), pli)
        async with transaction(both.book.pool) as connection:
            await (await karima(connection)).about(item_id, NoteSender(key))
    if doubt == "delegation":
        async with one_transaction(postgres_url) as owner:
            numbers = await owner.fetch("SELECT id FROM site.delegations WHERE person = 'c.aubry'")
            for row in numbers:
                await delegations_store.end(owner, row["id"], "tests", MONDAY)
    octets = {"document": signed(b"%PDF-1.7 stamped")} if doubt == "other" else {}
    name = "Ingrid Fontaine" if doubt == "name" else "Catherine Aubry"
    await both.sign(reference, name, **octets)
    assert await both.mails() == []
    page = await both.book.browser.page(BOOK)
    assert ("attend que quelqu’un l’ait relue" in page) == (doubt != "answered")
    assert ("a eu une réponse entre-temps" in page) == (doubt == "answered")
    assert ("Envoyer par mail sécurisé" in page) == (doubt != "answered")
    item = await both.book.browser.page(f"/courrier/{CHRONO}")
    assert "à relire avant qu’elle parte" in item
    pressed = await both.book.act("securise")
    if doubt == "answered":
        assert pressed.status_code == 422
        assert await both.mails() == []
        return
    assert "La lettre est donnée à Pastell" in await both.book.browser.to(pressed)
    await both.mail.round()
    assert await both.mails() == ["sent"]
    assert both.links == 2, "the person's, and the copy's"


async def test_taken_back_from_pastell_it_leaves_on_paper_or_is_given_again(both: Both) -> None:
    await both.sign(await both.give())
    await both.mail.act("reprendre")
    await both.mail.round()
    assert await both.mails() == ["taken_back"]
    assert f'href="{BOOK}">Parapheur</a>' in await both.book.browser.page(MAILS)
    page = await both.book.browser.page(BOOK)
    assert "Noter son départ sur papier" in page
    assert (await both.book.act("securise")).status_code == 303
    assert (await both.book.act("securise")).status_code == 422, "one at a time"
    both.mail.fake.fault = lambda request: (
        Fault.AFTER if request.url.path.endswith("/envoi") else None
    )
    await both.mail.round()
    both.mail.fake.fault = lambda _: None
    await both.mail.round()
    assert await both.mails() == ["taken_back", "sent"]
    assert both.links == 2
    assert (await both.book.types()).count("ReplySent") == 1


async def test_a_letter_that_left_on_paper_by_its_code_takes_its_mail_back(both: Both) -> None:
    await both.sign(await both.give())
    item_id = await both.book.pool.fetchval("SELECT item_id FROM desk.items")
    async with transaction(both.book.pool) as connection:
        by = await karima(connection)
        await by.depart(item_id, NoticeKind.REPLY, None, None)
    assert await both.mails() == ["taken_back"]
    await both.mail.round()
    assert both.links == 0
    assert "Envoyer par mail sécurisé" not in await both.book.browser.page(BOOK)


async def test_one_that_an_older_process_noted_as_sent_is_not_sent_again(both: Both) -> None:
    """It knows nothing of the letter at the parapheur, which has not left as far as that says."""
    await both.sign(await both.give())
    await both.book.pool.execute("UPDATE desk.parapheur_letters SET kind = 'pieces'")
    await both.book.pool.execute(
        "UPDATE desk.secure_mails SET kind = 'pieces', state = 'sent', sent_at = given_at"
    )
    page = await both.book.browser.page(BOOK)
    assert "Noter son départ" not in page
    assert "Envoyer par mail sécurisé" not in page
    for what in ("securise", "partie"):
        assert (await both.book.act(what)).status_code == 422


async def test_refused_or_taken_back_at_the_parapheur_nothing_leaves(both: Both) -> None:
    reference = await both.give()
    await both.book.round()
    both.book.fake.refuse(reference, "Le titre n’est pas prêt.")
    await both.book.round()
    assert await both.book.state() == ("refused", None)
    assert "Le titre n’est pas prêt." in await both.book.browser.page(BOOK)
    reference = await both.give()
    await both.book.round()
    await both.book.act("reprendre")
    both.book.fake.sign(reference, "Catherine Aubry")
    await both.book.round()
    await both.mail.round()
    assert (await both.mails(), both.mail.fake.asked) == ([], [])


async def test_killed_between_any_two_steps_it_is_signed_and_sent_once(
    both: Both, environment: dict[str, str], tmp_path: Path
) -> None:
    """Once it was signed and not noted, deposited and not sent, sent and not noted."""
    reference = await both.give()
    url = environment["VAGUEMESTRE_DATABASE_URL"]

    async def dies(app: object, ending: str, code: str) -> None:
        """A process takes up what is due, and is killed after that question was answered."""
        for table in ("parapheur_letters", "secure_mails"):
            due = f"UPDATE desk.{table} SET due_at = now() WHERE due_at IS NOT NULL"  # noqa: S608  (two names)
            await both.book.pool.execute(due)
        async with speechless(app, ending) as (server, address):
            await killed(server, code, url, str(tmp_path), address)

    book, mail = both.book.fake, both.mail.fake
    await both.book.round()
    book.sign(reference, "Catherine Aubry")
    await dies(book.app, "/file/document", PARAPHEUR_CHILD)
    assert await both.mails() == [], "no signature was noted"
    await both.book.round()
    assert await both.mails() == ["to_send"]
    for ending in ("/file/document_attache/1", "/action/envoi"):
        await dies(mail.app, ending, MAIL_CHILD)
        assert await both.mails() == ["to_send"]
    await both.mail.round()
    await both.mail.round()
    assert await both.mails() == ["sent"]
    assert book.sent(reference) == 1
    assert (len(mail.documents), both.links) == (1, 2)
    types = await both.book.types()
    for name in ("SignatureReturned", "ReplySent", "SecureMailSent"):
        assert types.count(name) == 1, name


async def test_of_the_circuit_the_last_reader_gives_it_to_be_signed_and_mailed(both: Both) -> None:
    site, given = both.book.browser, await both.mail.fill("lire", "c.aubry")
    assert given.status_code == 303
    letter = await both.book.pool.fetchval("SELECT letter FROM desk.circuit_letters")
    url = f"/courrier/{CHRONO}/lettre/{letter}"
    await site.sign_in("c.aubry")
    page = await site.page(url)
    assert "une fois signée, l’envoyer en mail sécurisé à jeanne@exemple.fr" in page
    fields = {name: field(page, name) for name in ("etape", "subject", "body")}
    fields |= {"faire": "parapheur", "puis_securise": "oui", "copies": COPY}
    said = await site.to(await site.send(url, url, fields))
    assert "Une fois signée, elle partira en mail sécurisé." in said
    reference = str(await both.book.pool.fetchval(NEWEST)).replace("-", "")
    await both.sign(reference)
    await both.mail.round()
    assert await both.mails() == ["sent"]
    (file,) = both.mail.fake.documents.values()
    assert (file.data["to"], file.data["cc"]) == (TO, COPY)
