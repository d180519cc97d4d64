"""A letter comes back: the clock that it stopped stays stopped, and its holder reads a line."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.desk.decider import Decider
from services.desk.domain.decisions.letter_returns import TakeBack
from shared.facts.clocks import Outcome
from shared.facts.items.replies import LetterReturned
from shared.facts.vocabulary import NoticeKind, ReturnReason
from shared.platform.database import open_pool, transaction
from shared.site.staff import people_store
from tests.desk_builders import a_scan, certain
from tests.integration.notify.conftest import House
from tests.integration.notify.prefecture import Prefecture
from tests.roles import under_role
from tests.unit.notify.builders import MONDAY, event

HOLDER, HEAD = "karima.haddad", "catherine.aubry"


NPAI = TakeBack(ReturnReason.UNKNOWN_AT_ADDRESS)


def paris(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+02:00")


@pytest.fixture
async def answered(house: House, postgres_url: str) -> AsyncIterator[Prefecture]:
    """A letter of the Monday, given to an agent, answered on paper on the Tuesday."""
    desk = await open_pool(SecretStr(under_role(postgres_url, "desk")), "tests")
    sla = await open_pool(SecretStr(under_role(postgres_url, "sla")), "tests")
    there = Prefecture(house, desk, sla)
    await there.arrive(a_scan("a", routing=certain(agent="k.haddad")))
    house.clock.move(paris("2026-05-12T10:00:00"))
    await decided(there, NPAI, leaves=True)
    yield there
    await desk.close()
    await sla.close()


async def decided(there: Prefecture, command: TakeBack, *, leaves: bool = False) -> None:
    """The reply leaves, or comes back; everybody has heard of it."""
    now = there.house.clock.now()
    async with transaction(there.desk) as connection:
        item = await connection.fetchval("SELECT item_id FROM desk.items")
        people = await people_store.people_at(connection, now)
        by = Decider(
            connection, people.somebody("v.noel"), uuid4(), now, there.house.rules.applied, people
        )
        if leaves:
            await by.depart(item, NoticeKind.REPLY, None, None)
        else:
            await by.take_back(item, None, command)
    await there.told()


async def reads(there: Prefecture, at: str, who: str, count: int) -> str:
    """What somebody reads that morning, when so many digests have left in all."""
    there.house.clock.move(paris(at))
    async with there.house.sending():
        await there.house.waker().round()
        await there.house.sink.until(count)
    mail = there.house.sink.to(f"{who}@indre.example")[-1]
    return " ".join(mail.text.split())


async def test_a_letter_that_comes_back_reopens_no_clock_and_is_read_until_it_leaves_again(
    answered: Prefecture,
) -> None:
    (kept,) = await answered.stopped()
    assert (kept.outcome, kept.raw) == (Outcome.KEPT, 1)
    answered.house.clock.move(paris("2026-05-18T10:00:00"))
    await decided(answered, NPAI)
    assert await answered.stopped() == [kept]
    line = (
        "Lettres revenues : à renvoyer, ou à clore - 36-2026-A-000001, titre de séjour :"
        " lettre revenue (réponse) le 18 mai 2026 N’habite pas à l’adresse indiquée."
    )
    assert line in await reads(answered, "2026-05-19T09:20:00", HOLDER, 1)
    assert line in await reads(answered, "2026-05-22T09:20:00", HEAD, 3)
    answered.house.clock.move(paris("2026-05-22T10:00:00"))
    await decided(answered, NPAI, leaves=True)
    assert await answered.stopped() == [kept]
    answered.house.clock.move(paris("2026-05-26T09:20:00"))
    await answered.house.waker().round()
    kinds = [kind for kind, _, _ in await answered.house.states()]
    assert kinds.count("digest") == 3  # none of this morning; it is also the day of the weekly page


async def test_a_letter_that_is_heard_of_before_its_item_waits_for_it(house: House) -> None:
    registration = await house.mail()
    back = LetterReturned(
        event_id=event("back"), item_id=registration.item_id, seq=9, happened_at=MONDAY,
        recorded_at=MONDAY, by="person:v.noel", letter=registration.event_id,
        kind=NoticeKind.REPLY, reason=ReturnReason.REFUSED,
    )  # fmt: skip
    known = "SELECT returned FROM notify.items"
    await house.hear(back)
    assert await house.pool.fetchval(known) is False
    await house.hear(registration)
    assert await house.pool.fetchval(known) is True
