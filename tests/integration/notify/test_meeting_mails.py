"""Members of the users' committee hear of a meeting by mail: once each, and nobody keeps where."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import asyncpg
import pytest
from pydantic import SecretStr

from services.desk.quality.committee_invitation_service import InvitingDesk, MeetingView
from services.desk.quality.committee_service import CommitteeDesk
from services.desk.quality.domain.committee_invitations import InvitationPlan
from services.desk.quality.store.member_contacts import MemberContact
from services.desk.store.quality import Author
from shared.facts.origin import SESSION
from shared.facts.quality import QUALITY
from shared.facts.quality.committee import AgendaPoint, College
from shared.platform.database import open_pool, transaction
from shared.site import store
from shared.site.staff.people_store import people_at
from tests.contract.smtp.sink import Taken
from tests.integration.notify.conftest import House
from tests.integration.notify.mass import Flood, returned
from tests.roles import one_transaction, under_role

AT = datetime(2026, 5, 28, 12, 30, tzinfo=UTC)
"""14 h 30 in Paris."""
ODETTE, GASPARD = "odette@familles.example", "gaspard.roux@exemple.fr"
POSTAL = "3, rue Haute\n36000 Châteauroux"


@dataclass
class Called:
    """A meeting of three members: two reached by mail, one by letter."""

    flood: Flood

    @asynccontextmanager
    async def acts(self) -> AsyncIterator[InvitingDesk]:
        house = self.flood.house
        author = Author("indre", "person:h.marchand", house.clock.now(), SESSION)
        async with transaction(self.flood.desk) as connection:
            applied, people = (
                await store.current(connection),
                await people_at(connection, author.now),
            )
            yield InvitingDesk(CommitteeDesk(connection, author, applied, people))

    async def view(self) -> MeetingView:
        async with self.acts() as desk:
            return await desk.view(1)

    async def invited(self) -> InvitationPlan:
        async with self.acts() as desk:
            return await desk.invite(1, (await desk.view(1)).ready.everyone)

    async def heard(self) -> None:
        """All that the register told of quality is heard by notify, twice."""
        rows = await self.flood.desk.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
        for _ in range(2):
            await self.flood.house.hear(*[QUALITY.validate_json(row["payload"]) for row in rows])

    async def until(self, *states: str) -> None:
        """Waits until the ledger's mails are these, in whatever order they were planned."""
        async with asyncio.timeout(300):
            while (  # noqa: ASYNC110  (rows)
                sorted(state for _, state, _ in await self.flood.house.states()) != sorted(states)
            ):
                await asyncio.sleep(0.05)

    async def left(self, *states: str) -> list[Taken]:
        """Once the ledger is this, the register hears of it; the mails that left since."""
        before = len(self.flood.house.sink.taken)
        await self.heard()
        async with self.flood.house.sending():
            await self.until(*states)
        await self.flood.told()
        return self.flood.house.sink.taken[before:]


@pytest.fixture
async def called(house: House, postgres_url: str) -> AsyncIterator[Called]:
    desk = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    called = Called(Flood(house, desk))
    async with called.acts() as acts:
        for name, contact in (
            ("Odette Vannier", MemberContact(ODETTE, POSTAL)),
            ("Gaspard Roux", MemberContact(GASPARD)),
            ("Lucie Ferrand", MemberContact("", POSTAL)),
        ):
            await acts.appoint(name, "", College.USERS, contact)
        await acts.desk.call(AT, "Salle Balsan, rez-de-chaussée")
        await acts.desk.agenda(1, [AgendaPoint.SURVEY, AgendaPoint.QUESTIONS])
    yield called
    await desk.close()


def calendar(mail: Taken) -> list[str]:
    part = next(mail.message.iter_attachments())
    assert part.get_content_type() == "text/calendar"
    assert part.get_filename() == "reunion.ics"
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    lines = payload.decode().replace("\r\n ", "").split("\r\n")
    assert f"METHOD:{part.get_param('method')}" in lines
    return lines


def subject(mail: Taken) -> str:
    return " ".join(str(mail.message["Subject"]).split())


def text(mail: Taken) -> str:
    body = mail.message.get_body(("plain",))
    assert body is not None
    return " ".join(body.get_content().split())


async def test_each_member_is_told_once_with_an_event_for_the_diary(called: Called) -> None:
    assert await called.invited() == InvitationPlan([1, 2], [3], [])
    mails = await called.left("sent", "sent")
    assert {mail.recipient for mail in mails} == {ODETTE, GASPARD}
    for mail in mails:
        assert subject(mail) == "Invitation : comité local des usagers, 28 mai 2026"
        assert mail.message["To"] == mail.recipient
        assert "Auto-Submitted" not in mail.message  # a person invites
        for words in (
            "le 28 mai 2026, à 14 h 30",
            "Salle Balsan, rez-de-chaussée",
            "L’enquête de satisfaction",
            "effacées à la fin de votre mandat",
        ):
            assert words in text(mail)
        assert "La labellisation" not in text(mail)
        lines = calendar(mail)
        assert "METHOD:PUBLISH" in lines
        assert "DTSTART:20260528T123000Z" in lines
        assert "LOCATION:Salle Balsan\\, rez-de-chaussée" in lines
        assert "ORGANIZER:mailto:pref-courrier@indre.example" in lines
        assert not any(line.startswith(("SEQUENCE", "STATUS", "ATTENDEE")) for line in lines)
    view = await called.view()
    assert view.counted == [("sent", 2), ("to_post", 1)]
    assert view.ready.everyone == []
    async with called.acts() as acts:
        assert await acts.record_posting(1) == 1
    assert (await called.view()).counted == [("posted", 1), ("sent", 2)]


async def test_who_was_invited_hears_of_a_new_day_and_of_the_end(called: Called) -> None:
    await called.invited()
    first = await called.left("sent", "sent")
    async with called.acts() as acts:
        await acts.move(AT + timedelta(days=1), "Salle Balsan", 1)
    moved = await called.left(*["sent"] * 4)
    async with called.acts() as acts:
        await acts.cancel(1)
    ended = await called.left(*["sent"] * 6)
    for mails, said in (
        (moved, "Réunion déplacée : comité local des usagers, 29 mai 2026"),
        (ended, "Réunion annulée : comité local des usagers, 29 mai 2026"),
    ):
        assert {mail.recipient for mail in mails} == {ODETTE, GASPARD}
        assert {subject(mail) for mail in mails} == {said}
    uid = {next(line for line in calendar(mail) if line.startswith("UID")) for mail in first}
    assert len(uid) == 1
    for mail, sequence, method in (
        *((mail, "SEQUENCE:1", "METHOD:PUBLISH") for mail in moved),
        *((mail, "SEQUENCE:2", "METHOD:CANCEL") for mail in ended),
    ):
        assert uid | {sequence, method} <= set(calendar(mail))
        assert ("STATUS:CANCELLED" in calendar(mail)) == (method == "METHOD:CANCEL")
    assert (await called.view()).counted == [("sent", 2), ("to_post", 1)]


async def test_what_has_not_left_says_no_day_that_has_changed(called: Called) -> None:
    await called.invited()
    await called.heard()
    async with called.acts() as acts:
        await acts.cancel(1)
    mails = await called.left("withdrawn", "withdrawn", "sent", "sent")
    assert {subject(mail).partition(" :")[0] for mail in mails} == {"Réunion annulée"}


async def test_what_could_not_leave_for_days_waits_for_a_person_until_the_meeting_has_passed(
    called: Called,
) -> None:
    house = called.flood.house
    await called.invited()
    await called.heard()
    house.clock.move(house.clock.now() + timedelta(days=4, minutes=1))
    assert await called.left("held", "held") == []
    assert {why for _, _, why in await house.states()} == {"stale"}
    assert (await called.view()).counted == [("held", 2), ("to_post", 1)]


async def test_what_could_not_leave_before_the_meeting_waits_for_nobody(called: Called) -> None:
    await called.invited()
    await called.heard()
    called.flood.house.clock.move(AT)
    assert await called.left("withdrawn", "withdrawn") == []


async def test_where_a_member_is_reached_goes_with_the_mandate(called: Called) -> None:
    await called.invited()
    await called.heard()
    async with called.acts() as acts:
        await acts.desk.end(1, date(2026, 5, 11))
    (mail,) = await called.left("withdrawn", "sent")
    assert mail.recipient == GASPARD
    kept = await called.flood.desk.fetch("SELECT mail, postal FROM desk.member_contacts")
    assert sorted((row["mail"], row["postal"]) for row in kept) == [("", POSTAL), (GASPARD, "")]


async def test_a_mail_that_came_back_is_followed_by_a_letter(called: Called) -> None:
    await called.invited()
    await called.left("sent", "sent")
    ledger = await called.flood.house.pool.fetch("SELECT notice_id FROM notify.ledger")
    sent = await called.flood.desk.fetch("SELECT notice_id, number FROM desk.meeting_mails")
    assert {row["notice_id"] for row in ledger} == {row["notice_id"] for row in sent}
    for row in sent:
        await called.flood.house.hear(returned(row["notice_id"]))
    await called.flood.told()
    view = await called.view()
    assert view.counted == [("bounced", 2), ("to_post", 1)]
    assert view.ready == InvitationPlan([2], [1], [])  # no postal address of the second is known
    await called.invited()
    await called.heard()
    async with called.flood.house.sending():
        await called.until("bounced", "bounced", "withdrawn")
    why = [why for _, state, why in await called.flood.house.states() if state == "withdrawn"]
    assert why == ["address_bounced"]


async def test_an_address_is_in_no_other_table_and_read_by_no_other_role(
    called: Called, postgres_url: str
) -> None:
    await called.invited()
    await called.left("sent", "sent")
    async with one_transaction(postgres_url) as owner:
        names = await owner.fetch(
            """
            SELECT c.oid::regclass::text AS name FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p') AND n.nspname = ANY ($1::text[])
            """,
            ["desk", "ingest", "notify", "portal", "site", "sla"],
        )
        having = [
            row["name"]
            for row in names
            if await owner.fetchval(
                f"SELECT EXISTS (SELECT FROM {row['name']} t WHERE t::text LIKE $1)",  # noqa: S608  (a table)
                "%odette@%",
            )
        ]
    assert having == ["desk.member_contacts"]
    for role in ("ingest", "sla", "notify", "portal", "status", "grafana", "public", "rehearsal"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with one_transaction(under_role(postgres_url, role)) as connection:
                await connection.fetch("SELECT mail FROM desk.member_contacts")
        if role == "notify":
            continue
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with one_transaction(under_role(postgres_url, role)) as connection:
                await connection.fetch(
                    "SELECT * FROM desk.meeting_mail((SELECT gen_random_uuid()))"
                )
