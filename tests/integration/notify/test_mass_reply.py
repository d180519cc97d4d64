"""A mass reply: one notice an item, each with its proof; stopped at once, killed without a double.

`make mass N=2000` plays the kill with so many; here a hundred.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid5

import pytest
from pydantic import SecretStr

from services.desk.decider import Decider
from services.desk.domain.decisions.closure import Close
from services.desk.quality.mass_job import order_of
from services.desk.quality.mass_service import MassGroup
from services.desk.quality.store import mass as rows
from services.desk.store import quality
from shared.errors import Refused, TemporaryFailure
from shared.facts.envelope import NoticeId
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.origin import SESSION
from shared.facts.vocabulary import Proof
from shared.platform.database import open_pool, transaction
from shared.site import store
from shared.site.applied_rules import applied_rules
from shared.site.staff import people_store
from tests.integration.notify.conftest import GO_LIVE, House
from tests.integration.notify.mass import CABINET, REPLY, SECRETARY, Flood, returned
from tests.roles import one_transaction, under_role
from tests.unit.notify.builders import NAMES

PROGRAM = Path(__file__).with_name("one_sender.py")
COUNT = int(os.environ.get("VAGUEMESTRE_MASS", "100"))
SPEED = 40
FASTEST = 600
"""Notices a minute, the most that events.yaml may say: two thousand leave in four rounds."""


async def quickly(house: House, postgres_url: str, per_minute: int) -> None:
    """Rules by which mass replies leave at a speed, and the server is not waited for."""
    site = house.rules.applied.site
    notices = site.notices.model_copy(update={"outgoing_per_minute": 60_000, "rows": ()})
    events = site.events.model_copy(update={"per_minute": per_minute})
    site = site.model_copy(update={"notices": notices, "events": events})
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, site, house.rules.applied.days, "tests", "tests", GO_LIVE)
    house.rules = await applied_rules(house.pool)


@pytest.fixture
async def flood(house: House, postgres_url: str) -> AsyncIterator[Flood]:
    """Rules of a flood: every receipt is held, so that only the mass reply is seen to leave."""
    await quickly(house, postgres_url, SPEED)
    desk = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    yield Flood(house, desk)
    await desk.close()


async def sent(flood: Flood, count: int) -> None:
    """Waits until so many replies have left, and the register has heard it."""
    sent_now = "SELECT count(*) FROM notify.ledger WHERE kind = 'reply' AND state = 'sent'"
    async with asyncio.timeout(300):
        while await flood.house.pool.fetchval(sent_now) < count:  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.05)
    await flood.told()


async def test_each_item_has_its_own_letter_reply_and_proof(flood: Flood) -> None:
    await flood.arrive(5)
    await flood.opened()
    assert await flood.ordered() == 5
    async with flood.house.sending():
        assert await flood.turn() == 5
        await flood.told()
        await sent(flood, 5)
    letters = flood.letters()
    assert sorted(flood.by_address().values()) == [1] * 5
    for taken in letters:
        text = taken.text
        assert " ".join(REPLY.split()) in " ".join(text.split())
        assert taken.message["Auto-Submitted"] is None
    replies = await flood.replies()
    assert {reply.item_id for reply in replies} == set(flood.items)
    assert {reply.proof for reply in replies} == {Proof.DELIVERED}
    assert len({reply.departure for reply in replies}) == 5
    assert all(reply.document for reply in replies)
    assert await flood.turn() == 0  # the round that finds nobody left ends it
    event = await flood.event()
    assert event.mass is None
    assert (await flood.count()).sent == 5
    subject = event.subject
    orders = [fact for fact in await flood.facts() if isinstance(fact, NoticeOrdered)]
    assert {fact.event_id for fact in orders} == {order_of(subject, 1, i) for i in flood.items}
    assert {(fact.by, fact.via) for fact in orders} == {(f"person:{SECRETARY}", "machine")}


async def test_stopped_nothing_more_is_ordered_and_resumed_it_goes_on(flood: Flood) -> None:
    await flood.arrive(SPEED + 20)
    await flood.opened()
    await flood.ordered()
    assert await flood.turn() == SPEED
    assert await flood.turn() == 0  # a minute's worth is on its way, and no more, while none leaves
    async with transaction(flood.desk) as connection:
        await (await flood.mass(connection, CABINET)).pause(1, 1)
    async with flood.house.sending():
        await flood.told()
        await sent(flood, SPEED)
        assert await flood.turn() == 0
        async with transaction(flood.desk) as connection:
            await (await flood.mass(connection, SECRETARY)).resume(1, 1)
        flood.house.clock.move(flood.house.clock.now() + timedelta(seconds=61))
        assert await flood.turn() == 20
        await flood.told()
        await sent(flood, SPEED + 20)
    assert sorted(flood.by_address().values()) == [1] * (SPEED + 20)


async def test_no_more_leave_in_a_minute_however_often_the_job_looks(flood: Flood) -> None:
    """Two processes, or rounds that follow each other at once, share one speed."""
    await flood.arrive(SPEED + 10)
    await flood.opened()
    await flood.ordered()
    async with flood.house.sending():
        assert await flood.turn() == SPEED
        await flood.told()
        await sent(flood, SPEED)
        assert await flood.turn() == 0
        flood.house.clock.move(flood.house.clock.now() + timedelta(seconds=61))
        assert await flood.turn() == 10
        await flood.told()
        await sent(flood, SPEED + 10)


async def test_a_disk_that_is_away_leaves_nobody_out(
    flood: Flood, monkeypatch: pytest.MonkeyPatch
) -> None:
    await flood.arrive(1)
    await flood.opened()
    await flood.ordered()

    async def away(*_: object) -> None:
        raise TemporaryFailure("The disk is away.")

    with monkeypatch.context() as broken:
        broken.setattr(type(flood.house.blobs), "put", away)
        with pytest.raises(TemporaryFailure):
            await flood.turn()
    assert (await flood.count()).waits == 1
    assert await flood.turn() == 1


async def test_ended_the_rest_stays_with_whoever_holds_it(flood: Flood) -> None:
    await flood.arrive(SPEED + 3)
    await flood.opened()
    await flood.ordered()
    await flood.turn()
    async with transaction(flood.desk) as connection:
        desk = await flood.mass(connection, CABINET)
        await desk.pause(1, 1)
        await desk.end(1, 1)
    assert await flood.turn() == 0
    mass = (await flood.event()).masses[1]
    assert mass.left_out_since == {"stopped": 3}


async def test_what_changed_since_is_left_out_with_its_reason(flood: Flood) -> None:
    await flood.arrive(3)
    await flood.opened()
    await flood.ordered()
    async with transaction(flood.desk) as connection:
        people = await people_store.people_at(connection, flood.house.clock.now())
        person = people.person(SECRETARY)
        assert person is not None
        by = Decider(
            connection, person, uuid5(NAMES, "close"), flood.house.clock.now(),
            flood.house.rules.applied, people, origin=SESSION, sees=lambda _: True,
        )  # fmt: skip
        await by.about(flood.items[0], Close("sans-suite"))
        await (await flood.mass(connection, SECRETARY)).events.leave(1, [flood.items[1]])
    assert await flood.turn() == 3
    count = await flood.count()
    assert (count.on_the_way, count.left_out) == (1, 2)
    assert await flood.turn() == 0
    await flood.told()
    async with flood.house.sending():
        await sent(flood, 1)
    await flood.turn()
    assert (await flood.event()).masses[1].left_out_since == {"answered": 1, "left": 1}


async def test_two_persons_and_what_was_shown_or_nothing(flood: Flood) -> None:
    await flood.arrive(2)
    await flood.opened()
    async with transaction(flood.desk) as connection:
        desk = await flood.mass(connection, SECRETARY)
        weighed = await desk.weigh(await desk.events.read(1), MassGroup())
        with pytest.raises(Refused, match="another one"):
            await desk.ask(1, 1, MassGroup(), weighed.sha256, 3)
        with pytest.raises(Refused, match="not the one that was shown"):
            await desk.ask(1, 1, MassGroup(), "0" * 64, 2)
        with pytest.raises(Refused, match="not the approved"):
            await desk.ask(1, 2, MassGroup(), weighed.sha256, 2)
        await desk.ask(1, 1, MassGroup(), weighed.sha256, 2)
        with pytest.raises(Refused, match="Two persons"):
            await desk.order(1, 1, 2)
    assert await flood.turn() == 0
    async with transaction(flood.desk) as connection:
        await (await flood.mass(connection, CABINET)).order(1, 1, 2)
    assert await flood.turn() == 2


async def test_a_bounce_reopens_the_item_and_no_second_mass_reply_answers_it(
    flood: Flood,
) -> None:
    await flood.arrive(1)
    await flood.opened()
    await flood.ordered()
    async with flood.house.sending():
        await flood.turn()
        await flood.told()
        await sent(flood, 1)
        notice = NoticeId(
            await flood.house.pool.fetchval(
                "SELECT notice_id FROM notify.ledger WHERE kind = 'reply'"
            )
        )
        await flood.house.hear(returned(notice))
        await flood.told()
    taken_back = [fact for fact in await flood.facts() if isinstance(fact, FactWithdrawn)]
    assert {fact.fact_type for fact in taken_back} == {"ReplySent", "NoticeOrdered"}
    assert (await flood.count()).returned == 1
    await flood.turn()
    async with transaction(flood.desk) as connection:
        desk = await flood.mass(connection, SECRETARY)
        weighed = await desk.weigh(await desk.events.read(1), MassGroup())
    assert (list(weighed.ids), weighed.left_out) == ([], {"answered": 1})


async def test_killed_within_each_address_hears_once_or_is_unknown(
    flood: Flood, postgres_url: str
) -> None:
    """`kill -9` of notify between the end of DATA and its answer, twice within each round."""
    house = flood.house
    await quickly(house, postgres_url, min(COUNT, FASTEST))
    await flood.arrive(COUNT)
    await flood.opened()
    assert await flood.ordered() == COUNT
    in_hand, left = set[str](), 0
    while left < COUNT:
        ordered, taken = await flood.turn(), len(house.sink.taken)
        assert ordered == min(COUNT - left, FASTEST)
        await flood.told()
        for part in (ordered // 3, 2 * ordered // 3):
            in_hand.add(await killed_after(flood, taken + part))
            house.clock.move(house.clock.now() + timedelta(minutes=2))
        left += ordered
        async with house.sending():
            # The one in hand at the second kill is unknown for a minute.
            await sent(flood, left - 1)
            house.clock.move(house.clock.now() + timedelta(minutes=2))
            await sent(flood, left)
    by_address = flood.by_address()
    assert by_address.keys() == {f"usager-{n}@exemple.fr" for n in range(COUNT)}
    twice = {address for address, n in by_address.items() if n > 1}
    assert twice <= in_hand
    assert max(by_address.values()) <= 2
    for address in twice:  # the one window of law 5: the same mail, under one name
        names = {taken.message["Message-ID"] for taken in house.sink.to(address)}
        assert len(names) == 1
    replies = await flood.replies()
    assert {reply.item_id for reply in replies} == set(flood.items)
    assert len(replies) == COUNT
    assert len({reply.departure for reply in replies}) == COUNT


async def killed_after(flood: Flood, taken: int) -> str:
    """A sender in a process of its own, killed with a mail in hand; returns its address."""
    house, reached, never = flood.house, asyncio.Event(), asyncio.Event()

    async def stop_there() -> None:
        if len(house.sink.taken) >= taken:
            reached.set()
            await never.wait()

    house.sink.before_answer = stop_there
    environment = os.environ | {
        "TEST_DATABASE": house.url.get_secret_value(),
        "TEST_BLOBS": str(house.blobs._folder),  # noqa: SLF001  (the same folder, elsewhere)
        "TEST_SMTP": f"{house.sink.host}:{house.sink.port}",
        "TEST_NOW": house.clock.now().isoformat(),
        "PYTHONPATH": str(Path(__file__).parents[3]),
    }
    process = await asyncio.create_subprocess_exec(sys.executable, str(PROGRAM), env=environment)
    async with asyncio.timeout(600):
        await reached.wait()
    address = house.sink.taken[-1].recipient
    process.send_signal(signal.SIGKILL)
    await process.wait()
    never.set()
    house.sink.before_answer = _at_once
    return address


async def _at_once() -> None:
    return


async def test_ending_it_waits_for_the_order_in_hand_and_never_the_other_way_round(
    flood: Flood,
) -> None:
    """Whoever orders has the item's row and asks for the chain; whoever ends has neither."""
    await flood.arrive(1)
    await flood.opened()
    await flood.ordered()
    event = await flood.event()
    async with transaction(flood.desk) as connection:
        await (await flood.mass(connection, CABINET)).pause(1, 1)

    async def ends() -> None:
        async with transaction(flood.desk) as connection:
            await (await flood.mass(connection, CABINET)).end(1, 1)

    async with transaction(flood.desk) as connection:
        assert await rows.lock_next(connection, event.subject, 1) is not None
        ending = asyncio.create_task(ends())
        waits = "SELECT count(*) FROM pg_locks WHERE NOT granted"
        async with asyncio.timeout(60):
            while not await flood.house.pool.fetchval(waits):  # noqa: ASYNC110  (a lock)
                await asyncio.sleep(0.02)
        async with asyncio.timeout(60):
            await quality.lock_chain(connection)
    await ending
    assert (await flood.event()).masses[1].left_out_since == {"stopped": 1}
