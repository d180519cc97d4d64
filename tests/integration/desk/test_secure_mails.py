"""A letter leaves as mail sécurisé: once; its departure is known when it left, and who read it."""

import asyncio
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import httpx
import pypdfium2
import pytest
from pydantic import SecretStr

from services.desk.parapheur.mail_job import SecureMailRounds
from services.desk.store import erasures, figures, secure_mails
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ItemId
from shared.facts.items.replies import ReplySent, SecureMailRead, SecureMailSent
from shared.facts.vocabulary import Proof
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.applied_rules import AppliedRules
from tests.desk_browser import Browser, desk_settings
from tests.desk_builders import MONDAY
from tests.fake_mailsec import PLACE, FakeMailsec
from tests.fake_pastell import Fault
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

MAILS = f"/courrier/{CHRONO}/mail-securise"
TO = "jeanne@exemple.fr"
NEWEST = "SELECT letter FROM desk.secure_mails ORDER BY given_at DESC LIMIT 1"


@dataclass
class Desk:
    """A préfecture that sends mails sécurisés, and the rounds of its job."""

    browser: Browser
    pool: Pool
    fake: FakeMailsec
    rounds: SecureMailRounds
    blobs: LocalBlobs

    async def fill(
        self, does: str, whom: str = "", /, **files: tuple[str, bytes, str]
    ) -> httpx.Response:
        """Karima writes her letter, and presses a button of its page."""
        page = await self.browser.page(ANSWER)
        body = field(page, "body").replace("{précisions}\n\n", "")
        fields = {**typed(page, body=body), "faire": does, "whom": whom}
        return await self.browser.send(ANSWER, ANSWER, fields, files)

    async def give(self, **files: tuple[str, bytes, str]) -> str:
        """The letter is given to Pastell; returns our reference."""
        said = await self.browser.to(await self.fill("securise", **files))
        assert "La lettre est donnée à Pastell" in said
        return str(await self.pool.fetchval(NEWEST)).replace("-", "")

    async def round(self) -> None:
        """What is waited for is due now."""
        await self.pool.execute(
            "UPDATE desk.secure_mails SET due_at = clock_timestamp() WHERE due_at IS NOT NULL"
        )
        await self.rounds.round()

    async def state(self) -> tuple[str, str | None]:
        """Its state, and the last failure."""
        row = await self.pool.fetchrow("SELECT state, why FROM desk.secure_mails")
        assert row is not None
        return row["state"], row["why"]

    async def types(self) -> list[str]:
        """The facts of the item."""
        return [fact.type for fact in await facts(self.pool)]

    async def act(self, what: str) -> httpx.Response:
        """Presses a button of the page of mails sécurisés."""
        return await self.browser.send(MAILS, f"{MAILS}/{await self.pool.fetchval(NEWEST)}/{what}")


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> Desk:
    browser = await approved(await a_prefecture(pool, postgres_url, tmp_path, PLACE))
    fake, blobs = FakeMailsec(), LocalBlobs(tmp_path)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    rounds = SecureMailRounds(
        pool, AppliedRules(), blobs, clock, desk_settings(tmp_path), asyncio.Event(),
        mail=lambda _, __: fake.mail_client(),
    )  # fmt: skip
    return Desk(browser, pool, fake, rounds, blobs)


async def test_a_letter_leaves_stops_its_clock_and_is_read(desk: Desk) -> None:
    plan = b"%PDF-1.7 plan"
    reference = await desk.give(fichiers=("plan.pdf", plan, "application/pdf"))
    assert "à déposer dans Pastell" in await desk.browser.page(f"/courrier/{CHRONO}")
    assert "ReplySent" not in await desk.types(), "a wish is no fact"
    await desk.round()
    reply, sent = (await facts(desk.pool))[-2:]
    assert isinstance(reply, ReplySent)
    assert isinstance(sent, SecureMailSent)
    assert (reply.proof, reply.template) == (Proof.DELIVERED, "titre-de-sejour-suivi@1")
    assert (sent.letter, sent.recipients, sent.happened_at) == (
        reply.event_id,
        1,
        reply.happened_at,
    )
    assert sent.remote in desk.fake.documents
    (file,) = desk.fake.documents.values()
    assert file.data["to"] == TO
    assert reference in file.data["objet"]
    assert CHRONO in file.data["objet"]
    (name, letter), (annex, octets) = desk.fake.annexes(reference)
    assert (name, annex, octets) == (f"courrier-{CHRONO}.pdf", "annexe-1-plan.pdf", plan)
    with pypdfium2.PdfDocument(letter) as document:
        assert "Karima Haddad" in document[0].get_textpage().get_text_bounded()
    page = await desk.browser.page(MAILS)
    assert "pas encore lu" in page
    assert TO in page
    desk.fake.read(reference, TO, "2036-05-14 09:30:00")
    await desk.round()
    await desk.round()
    (read,) = [fact for fact in await facts(desk.pool) if isinstance(fact, SecureMailRead)]
    assert (read.letter, read.recipient) == (reply.event_id, 0)
    assert "lu le 14" in await desk.browser.page(MAILS)
    assert "Mail sécurisé lu par la personne" in await desk.browser.page(f"/courrier/{CHRONO}")
    assert (await desk.types()).count("ReplySent") == 1
    assert desk.fake.sent(reference) == 1
    assert await desk.pool.fetchval("SELECT due_at FROM desk.secure_mails") is None
    assert (await desk.act("reprendre")).status_code == 422, "it left"


async def test_a_lost_answer_and_a_form_sent_twice_make_one_mail_and_one_departure(
    desk: Desk,
) -> None:
    reference = await desk.give()
    assert (await desk.fill("securise")).status_code == 422, "one at a time"
    assert (await desk.fill("envoyer")).status_code == 422, "nor by mail meanwhile"
    desk.fake.fault = lambda request: Fault.SILENT if request.url.path.endswith("/envoi") else None
    await desk.round()
    assert await desk.state() == ("to_send", "too-slow")
    assert "ReplySent" not in await desk.types()
    desk.fake.fault = lambda _: None
    await desk.round()
    await desk.round()
    assert await desk.state() == ("sent", None)
    assert desk.fake.sent(reference) == 1
    assert (await desk.types()).count("SecureMailSent") == 1


async def test_a_refusal_is_said_and_the_letter_can_leave_otherwise(desk: Desk) -> None:
    reference = await desk.give()
    desk.fake.fault = lambda _: Fault.OBJECTS
    for _ in range(8):
        await desk.round()
    assert await desk.state() == ("failed", "http-400")
    async with transaction(desk.pool) as connection:
        seen = await figures.secure_mails(connection)
    assert seen == {"open": 0, "sent": 0, "late": 1, "unanswered": 0}
    page = await desk.browser.page(MAILS)
    assert "Pastell refuse la demande" in page
    assert "répondre autrement" in page
    desk.fake.fault = lambda _: None
    assert (await desk.act("relancer")).status_code == 303
    desk.fake.breaks_after = 0
    for _ in range(8):
        await desk.round()
    assert await desk.state() == ("failed", "half-sent")
    page = await desk.browser.page(MAILS)
    assert "Pastell a commencé l’envoi" in page
    assert "on ne sait pas s’il est parti" in page
    assert (await desk.act("reprendre")).status_code == 303
    for _ in range(8):
        assert (await desk.fill("envoyer")).status_code == 422, "it may leave until Pastell says"
        await desk.round()
    assert await desk.state() == ("taken_back", "still-there")
    assert "peut-être parti" in await desk.browser.page(MAILS)
    assert desk.fake.sent(reference) == 0
    sent = await desk.browser.to(await desk.fill("envoyer"))
    assert "La lettre part par courriel" in sent


async def test_what_nobody_reads_waits_on_the_list_of_returns(desk: Desk) -> None:
    reference = await desk.give()
    await desk.round()
    async with transaction(desk.pool) as connection:
        day = await connection.fetchval("SELECT unread_from FROM desk.secure_mails")
        assert isinstance(day, date)
        assert await secure_mails.unread(connection, day - timedelta(days=1)) == []
        (found,) = await secure_mails.unread(connection, day)
    assert (found.chrono, found.reminders, found.returned) == (CHRONO, 0, False)
    desk.fake.remind(reference)
    desk.fake.give_back(reference, TO)
    await desk.round()
    async with transaction(desk.pool) as connection:
        (found,) = await secure_mails.unread(connection, day - timedelta(days=1))
    assert (found.reminders, found.returned) == (1, True)
    page = await desk.browser.page(MAILS)
    assert "Relances de Pastell" in page
    assert "Ce lien est revenu" in page
    old = "UPDATE desk.secure_mails SET sent_at = sent_at - interval '101 days'"
    again = """INSERT INTO desk.notices (notice_id, item_id, kind, way, state, at)
               SELECT gen_random_uuid(), item_id, kind, 'paper', 'planned', sent_at + interval '1 h'
               FROM desk.secure_mails"""
    for ended in ("UPDATE desk.items SET state = 'closed'", again, old):
        async with transaction(desk.pool) as connection:
            await connection.execute("UPDATE desk.items SET state = 'answered'")
            await connection.execute("DELETE FROM desk.notices")
            assert len(await secure_mails.unread(connection, day)) == 1
            await connection.execute(ended)
            assert await secure_mails.unread(connection, day) == [], ended


async def test_emptied_it_is_taken_back_and_its_addresses_go(desk: Desk) -> None:
    await desk.give()
    item_id = ItemId(await desk.pool.fetchval("SELECT item_id FROM desk.secure_mails"))
    async with transaction(desk.pool) as connection:
        await erasures.empty(connection, item_id, "destroyed", MONDAY)
        condemned = await connection.fetch("SELECT owner FROM desk.erasures")
    letter = await desk.pool.fetchval(NEWEST)
    assert letter in {row["owner"] for row in condemned}
    await desk.round()
    assert await desk.state() == ("taken_back", None)
    assert desk.fake.documents == {}


async def test_where_no_place_is_named_nothing_is_offered(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await approved(await a_prefecture(pool, postgres_url, tmp_path))
    assert "mail sécurisé" not in await browser.page(ANSWER)
    assert "Aucune lettre" in await browser.page(MAILS)
