"""An exercise: its mails leave to the site's exercise list alone, and no item knows of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from pydantic import SecretStr

from services.desk.quality.event_service import EventDesk
from services.desk.quality.mass_service import MassGroup
from services.desk.quality.store import event_report
from shared.facts.notices import NoticeSent
from shared.facts.quality import QUALITY
from shared.facts.quality.events import EventPart
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import open_pool, transaction
from shared.site import store
from shared.site.applied_rules import applied_rules
from tests.integration.notify.conftest import GO_LIVE, House
from tests.integration.notify.mass import CABINET, REPLY, SECRETARY, Flood, returned
from tests.roles import one_transaction, under_role

LISTED = {
    "mairie@valroy.example",
    "secretariat@sainte-orse.example",
    "sidpc.exercice@indre.example",
}


@pytest.fixture
async def drill(house: House, postgres_url: str) -> AsyncIterator[Flood]:
    """A real mail waits for its receipt, and an exercise is open with its reply approved."""
    desk = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    flood = Flood(house, desk)
    await flood.arrive(1)
    async with transaction(desk) as connection:
        cabinet = EventDesk(connection, flood.author(CABINET))
        end = house.clock.now() + timedelta(days=1)
        await cabinet.ask("essai", end, exercise=True)
        secretary = EventDesk(connection, flood.author(SECRETARY))
        await secretary.open(1)
        await cabinet.write_reply(1, REPLY)
        await secretary.approve(1, EventPart.REPLY, 1)
    yield flood
    await desk.close()


async def ordered(drill: Flood) -> int:
    async with transaction(drill.desk) as connection:
        asks = await drill.mass(connection, CABINET)
        weighed = await asks.weigh(await asks.events.read(1), MassGroup())
        mass = await asks.ask(1, 1, MassGroup(), weighed.sha256, len(weighed.ids))
        await (await drill.mass(connection, SECRETARY)).order(1, mass.number, mass.n)
        return mass.n


async def heard(drill: Flood) -> None:
    """What the register told of quality is heard by notify, all of it, again and again."""
    rows = await drill.desk.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
    await drill.house.hear(*[QUALITY.validate_json(row["payload"]) for row in rows])


async def left(drill: Flood, count: int) -> None:
    async with drill.house.sending():
        await drill.house.until(*[("exercise", "sent", None)] * count)
    await drill.told()


async def test_an_exercise_writes_to_its_list_alone_once_each(drill: Flood) -> None:
    assert await ordered(drill) == 3
    assert await drill.turn() == 3
    for _ in range(2):
        await heard(drill)
    await left(drill, 3)
    taken = drill.house.sink.taken
    assert {mail.recipient for mail in taken} == LISTED
    assert len(taken) == 3
    for mail in taken:
        assert str(mail.message["Subject"]).startswith(
            "EXERCICE jusqu’au 12/05/2026, ceci n’est pas une alerte (essai)"
        )
        text = " ".join(str(mail.message.get_content()).split())
        assert " ".join(REPLY.split()) in text
        assert "il n’y a rien à faire ni à répondre" in text
    assert await drill.turn() == 0
    event = await drill.event()
    assert event.masses[1].ended_at is not None
    items = await drill.desk.fetch("SELECT item_id FROM desk.items")
    assert [row["item_id"] for row in items] == drill.items  # the real one, and no chrono besides
    assert await drill.desk.fetchval("SELECT count(*) FROM desk.mass_items") == 0


async def test_its_report_counts_what_notify_sent(drill: Flood) -> None:
    await ordered(drill)
    await drill.turn()
    await heard(drill)
    await left(drill, 3)
    told = [fact for fact in await drill.house.told() if isinstance(fact, NoticeSent)]
    assert {fact.kind for fact in told} == {NoticeKind.EXERCISE}
    async with transaction(drill.desk) as connection:
        mails = await event_report.mails(connection, await drill.event(), "indre")
    assert len([mail for mail in mails if mail.left_at is not None]) == len(told) == 3
    assert [mail.to for mail in mails] == ["mairie-de-sainte-orse", "mairie-de-valroy", "sidpc"]


async def test_a_mail_that_came_back_had_left(drill: Flood) -> None:
    await ordered(drill)
    await drill.turn()
    await heard(drill)
    await left(drill, 3)
    notice = await drill.house.pool.fetchval(
        "SELECT notice_id FROM notify.exercise_mails WHERE recipient = 'sidpc'"
    )
    await drill.house.hear(returned(notice))
    await drill.told()
    async with transaction(drill.desk) as connection:
        mails = await event_report.mails(connection, await drill.event(), "indre")
    assert {mail.to: mail.state for mail in mails}["sidpc"] == "bounced"
    assert len([mail for mail in mails if mail.left_at is not None]) == 3


async def test_who_was_taken_off_the_list_gets_nothing(drill: Flood, postgres_url: str) -> None:
    await ordered(drill)
    await drill.turn()
    await heard(drill)
    site = drill.house.rules.applied.site
    fewer = site.events.model_copy(update={"exercise": site.events.exercise[:1]})
    site = site.model_copy(update={"events": fewer})
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, site, drill.house.rules.applied.days, "tests", "tests", GO_LIVE)
    drill.house.rules = await applied_rules(drill.house.pool)
    async with drill.house.sending():
        await drill.house.sink.until(1)
        gone = "SELECT count(*) FROM notify.ledger WHERE state = 'withdrawn'"
        async with asyncio.timeout(60):
            while await drill.house.pool.fetchval(gone) < 2:  # noqa: ASYNC110  (rows)
                await asyncio.sleep(0.05)
    assert [mail.recipient for mail in drill.house.sink.taken] == ["mairie@valroy.example"]


async def test_closed_before_it_left_nothing_leaves(drill: Flood) -> None:
    await ordered(drill)
    await drill.turn()
    await heard(drill)
    async with transaction(drill.desk) as connection:
        await EventDesk(connection, drill.author(CABINET)).close(1)
    async with drill.house.sending():
        await drill.house.until(*[("exercise", "withdrawn", "taken_back")] * 3)
    assert drill.house.sink.taken == []
