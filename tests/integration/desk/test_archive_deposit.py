"""A package is deposited at the archive's own server: once, whatever goes wrong between."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from services.desk.archive.deposit_job import DepositRounds
from services.desk.store import figures
from shared.content.blobs import LocalBlobs
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from tests.archive_builders import TRANSFER, a_reply
from tests.desk_browser import Browser, desk_settings
from tests.desk_builders import DAYS, GO_LIVE
from tests.fake_asalae import DEPOSITING, FakeAsalae, an_acknowledgement, an_answer
from tests.fake_pastell import Fault
from tests.integration.desk.test_archive_transfers import (
    PAGE,
    House,
    a_site_with_an_archive,
    blobs,
    brings,
    house,
    outcomes,
    packed,
    pytestmark,
    says,
)
from tests.integration.desk.test_evidence_and_its_end import FIRST, done
from tests.roles import one_transaction, under_role

__all__ = ["blobs", "house", "pytestmark"]

SENDS = "POST /sedaMessages"
UNKNOWN = 3
"""Attempts in a row without an answer after which its gauge says so."""


@dataclass
class Road:
    """A transfer with its visa in a préfecture that has a server of the archive."""

    house: House
    pool: Pool
    rounds: DepositRounds
    secretary: Browser
    fake: FakeAsalae = field(default_factory=FakeAsalae)

    async def deposit(self) -> str:
        """Somebody presses the button of the page."""
        return await says(self.secretary, PAGE, "deposer")

    async def round(self) -> None:
        """What is waited for is due now."""
        await self.pool.execute(
            "UPDATE desk.archive_deposits SET due_at = clock_timestamp() WHERE due_at IS NOT NULL"
        )
        await self.rounds.round()

    async def state(self) -> tuple[str, str | None]:
        """Where the package is, and the last failure."""
        row = await self.pool.fetchrow("SELECT state, why FROM desk.archive_deposits")
        assert row is not None
        return row["state"], row["why"]

    async def counted(self) -> dict[str, int]:
        """Its gauge, without what is 0."""
        async with transaction(self.pool) as connection:
            counts = await figures.archive_deposits(connection)
        return {result: count for result, count in counts.items() if count}


@pytest.fixture
async def road(
    house: House, pool: Pool, postgres_url: str, blobs: LocalBlobs, tmp_path: Path
) -> Road:
    site = a_site_with_an_archive()
    identity = site.identity.model_copy(update={"archive": DEPOSITING})
    site = site.model_copy(update={"identity": identity})
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, site, DAYS, "q.officer", "tests", GO_LIVE)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    rounds = DepositRounds(
        pool,
        AppliedRules(),
        blobs,
        clock,
        desk_settings(tmp_path),
        asyncio.Event(),
        server=lambda _, __: made.fake.client(),
    )
    secretary = await house.person("s.general")
    made = Road(house, pool, rounds, secretary)
    await house.transfer(await house.person("q.officer"))
    return made


async def test_a_package_is_deposited_acknowledged_accepted_and_only_then_destroyed(
    road: Road,
) -> None:
    await road.rounds.round()
    assert road.fake.asked == [], "nothing leaves before somebody says so"
    assert "va être déposé" in await road.deposit()
    assert "est déjà en route" in await road.deposit()
    given = "SELECT count(*) FROM desk.journal WHERE about = $1 AND what = 'download'"
    assert await road.pool.fetchval(given, TRANSFER) == 1
    await road.rounds.round()
    assert (await road.state(), await road.counted()) == (("sent", None), {"sent": 1})
    (taken,) = road.fake.taken
    assert taken.files[f"content/{FIRST}/2.eml"] == b"original a"
    assert await outcomes(road.pool) == [("1", "packed"), ("2", "packed")]
    await road.round()
    page = await road.secretary.page(PAGE)
    assert "Accusé de réception noté le" in page
    kept = await road.secretary.get(f"{PAGE}/accuse-de-reception.xml")
    assert kept.content == an_acknowledgement(TRANSFER)
    assert FIRST not in await done("destroy", "--due"), "no reply yet"
    road.fake.answer(TRANSFER, "000", "Versement accepté")
    await road.round()
    page = await road.secretary.page(PAGE)
    assert "Pris en charge par le service d’archives" in page
    assert "reçue de son serveur" in page
    whole = await road.pool.fetchval("SELECT content FROM desk.archive_replies")
    assert whole == an_answer(TRANSFER, "000", "Versement accepté")
    assert FIRST in await done("destroy", "--due"), "proposed, as after a reply that was brought"
    asked = len(road.fake.asked)
    await road.round()
    assert (len(road.fake.asked), road.fake.asked.count(SENDS)) == (asked, 1), "it is over"
    assert await road.counted() == {}


async def test_whatever_goes_wrong_it_is_sent_once_or_a_person_says_again(road: Road) -> None:
    def sending(fault: Fault) -> None:
        road.fake.fault = lambda asked: fault if asked.method == "POST" else None

    await road.deposit()
    road.fake.fault = lambda _: Fault.AWAY
    for _ in range(UNKNOWN):
        await road.round()
    assert await road.state() == ("to_send", "unreachable")
    assert await road.counted() == {"open": 1, "unanswered": 1}
    assert "ne répond pas" in await road.secretary.page(PAGE)
    sending(Fault.AWAY)
    await road.round()
    assert await road.state() == ("to_send", "unreachable"), "nothing was taken"
    sending(Fault.BEFORE)
    await road.round()
    assert await road.state() == ("in_doubt", "http-500")
    assert "Erreur interne" in await road.secretary.page(PAGE)
    assert "a peut-être déjà ce paquet" in await says(road.secretary, PAGE, "abandonner")
    road.fake.fault = lambda _: None
    sent = road.fake.asked.count(SENDS)
    await road.round()
    assert (await road.state(), road.fake.asked.count(SENDS)) == (("in_doubt", "http-500"), sent)
    await road.pool.execute(
        "UPDATE desk.archive_deposits SET doubt_at = doubt_at - interval '1 day'"
    )
    await road.round()
    assert (await road.state(), await road.counted()) == (("failed", "not-there"), {"late": 1})
    assert road.fake.asked.count(SENDS) == sent, "a person asks the archive first"
    sending(Fault.SILENT)
    assert "va être déposé" in await road.deposit()
    await road.round()
    assert await road.state() == ("in_doubt", "too-slow")
    road.fake.fault = lambda _: None
    await road.round()
    assert await road.state() == ("sent", None), "it was taken, and not answered"
    assert road.fake.sent(TRANSFER) == 1


async def test_what_the_server_or_its_people_refuse_comes_back_with_its_reason(
    road: Road,
) -> None:
    await road.deposit()
    road.fake.fault = lambda asked: Fault.OBJECTS if asked.method == "POST" else None
    await road.round()
    assert await road.state() == ("failed", "http-400")
    page = await road.secretary.page(PAGE)
    assert "Le bordereau n&#39;est pas valide" in page
    road.fake.fault = lambda _: None
    await road.deposit()
    await road.round()
    for wrong in (a_reply(transfer="36-2029-V-0009"), b"<html/>"):
        road.fake.replies[TRANSFER] = wrong
        await road.round()
        assert (await road.state())[0] == "sent"
        assert await road.pool.fetchval("SELECT count(*) FROM desk.archive_replies") == 0
    assert await road.state() == ("sent", "protocol")
    road.fake.answer(TRANSFER, "300", "Le contrat CT-000001 est clos.")
    await road.round()
    page = await road.secretary.page(PAGE)
    assert ("Refusé par le service d’archives" in page, "est clos." in page) == (True, True)
    assert FIRST not in await done("destroy", "--due")
    assert "Versement établi" in await says(road.secretary, "/versement", "proposer")


async def test_what_was_carried_there_by_a_person_is_not_sent_again(
    road: Road, tmp_path: Path
) -> None:
    road.fake.acknowledge(TRANSFER)
    await road.deposit()
    await road.round()
    assert await road.state() == ("failed", "known-already"), "nothing of ours has left"
    await packed(road.secretary, tmp_path)
    await road.deposit()
    await road.round()
    assert await road.state() == ("sent", None)
    assert road.fake.asked.count(SENDS) == 0
    assert "a pris en charge" in await brings(road.secretary, a_reply("OK")), "as by hand"
    asked = len(road.fake.asked)
    await road.round()
    assert len(road.fake.asked) == asked


@pytest.mark.parametrize("house", ["reserved"], indirect=True)
async def test_a_reserved_item_is_deposited_by_who_may_read_it(road: Road) -> None:
    officer = await road.house.person("q.officer")
    answer: httpx.Response = await officer.send(PAGE, f"{PAGE}/deposer")
    assert answer.status_code == 403
    assert "va être déposé" in await road.deposit()
