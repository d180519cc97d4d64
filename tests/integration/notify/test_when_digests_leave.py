"""A digest leaves once the rungs of its day were told, and what is told later is read that day."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from services.notify import digests as digest_rows
from services.notify.store import hearings
from shared.facts.clocks import ClockStarted, Holder
from shared.facts.envelope import PersonId, ServiceId
from shared.platform.database import transaction
from shared.site.staff.directory_cache import KeptDirectory
from tests.integration.notify.conftest import House
from tests.integration.notify.test_digests import (
    MORNING,
    OPENING,
    body,
    clock,
    digests,
    rung,
    whole,
)

DAY = date(2026, 5, 12)


async def hearings_left(house: House) -> int:
    async with house.pool.acquire() as connection:
        return await hearings.count_untold(connection)


async def test_a_digest_waits_fifteen_minutes_for_clocks_that_were_not_heard(
    house: House,
) -> None:
    yesterday = MORNING - timedelta(days=1)
    await house.hear(rung(1).model_copy(update={"recorded_at": yesterday}))
    house.clock.at = OPENING
    await house.waker().round()
    assert await house.states() == []
    (taken,) = await digests(house, 1, at=OPENING + timedelta(minutes=15), told=False)
    assert "11 mai 2026, 6 h 00" in body(taken)


async def test_only_sla_s_word_on_every_partition_lets_a_digest_leave_at_the_opening(
    house: House,
) -> None:
    await house.hear(rung(1), clock(ClockStarted, 2, commitment="c", day_zero=DAY, rules=1))
    house.clock.at = OPENING
    waker = house.waker()
    await waker.round()
    assert await house.states() == [], "any fact of the morning opened the gate"
    *most, last = whole()
    await house.hear(*most)
    await waker.round()
    assert await house.states() == [], "one partition may still hold a rung of the day"
    await house.hear(*whole(MORNING - timedelta(days=1)))
    await waker.round()
    assert await house.states() == [], "yesterday's word is not today's"
    await house.hear(last)
    await waker.round()
    assert await house.states() == [("digest", "planned", None)]


async def test_a_rung_of_the_day_told_after_the_digest_makes_a_supplement(house: House) -> None:
    await house.hear(rung(1))
    await digests(house, 1)
    late = OPENING + timedelta(minutes=20)
    today: dict[str, Any] = {"name": "+0", "limit": DAY}
    await house.hear(rung(2, recorded_at=late, **today))
    taken = await digests(house, 2, at=late)
    assert taken[1].recipient == "karima.haddad@indre.example"
    assert str(taken[1].message["Subject"]).startswith("Courrier : complément")
    assert "000002" in body(taken[1])
    assert "000001" not in body(taken[1])
    await house.hear(rung(3, recorded_at=late, **today))
    await digests(house, 2, at=late + timedelta(minutes=20))
    taken = await digests(house, 3, at=late + timedelta(minutes=45))
    assert "000003" in body(taken[2]), "one supplement an hour at most"
    evening = OPENING.replace(hour=20)
    await house.hear(rung(4, recorded_at=evening, **today))
    await digests(house, 3, at=evening)
    taken = await digests(house, 4, at=OPENING + timedelta(days=1))
    assert "000004" in body(taken[3]), "after closing it waits for the next digest"


async def test_a_rung_whose_hearers_have_all_gone_is_read_by_the_quality_officer(
    house: House,
) -> None:
    gone = Holder(service=ServiceId("bmi"), person=PersonId("p.parti"))
    await house.hear(rung(1, holder=gone))
    (taken,) = await digests(house, 1)
    assert taken.recipient == "helene.marchand@indre.example"
    assert "000001" in body(taken)
    assert await hearings_left(house) == 0


async def test_thousands_of_rungs_are_assigned_without_a_lock_on_those_that_wait(
    house: House,
) -> None:
    await house.hear(*(rung(number) for number in range(1, 2001)))
    async with house.pool.acquire() as handler, handler.transaction():
        await handler.execute(
            "SELECT FROM notify.hearings WHERE item_id = $1 FOR UPDATE", rung(7).item_id
        )
        await house.hear(*whole())
        house.clock.at = OPENING
        async with asyncio.timeout(60):
            await house.waker().round()
    assert await hearings_left(house) == 1, "it was in the hands of a handler, and waits"


async def test_a_digest_that_should_be_there_and_is_not_is_missing_until_it_left(
    house: House,
) -> None:
    people = KeptDirectory()

    async def missing(moment: datetime) -> int:
        async with transaction(house.pool) as connection:
            return await digest_rows.count_missing(connection, house.rules.applied, people, moment)

    await house.hear(await house.mail())
    await house.hear(rung(1))
    soon, late = OPENING + timedelta(minutes=14), OPENING + timedelta(minutes=16)
    assert (await missing(MORNING), await missing(soon), await missing(late)) == (0, 0, 1)
    # On a Sunday and on Ascension nobody should have one.
    assert await missing(datetime.fromisoformat("2026-05-17T11:00:00+02:00")) == 0
    assert await missing(datetime.fromisoformat("2026-05-14T11:00:00+02:00")) == 0
    await digests(house, 2)  # the receipt and the digest
    assert await missing(late) == 0


async def test_nobody_looks_again_while_nothing_that_digests_are_made_of_has_changed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = list[datetime]()

    async def look(*told: Any) -> int:
        looks.append(told[2])
        return 0

    monkeypatch.setattr(digest_rows, "make", look)
    await house.hear(rung(1))
    waker = house.waker()
    for second in range(0, 300, 5):
        house.clock.at = MORNING + timedelta(seconds=second)
        await waker.round()
    assert looks == [MORNING]
    await house.hear(rung(2))
    await waker.round()
    house.clock.at = OPENING
    await waker.round()
    assert looks == [MORNING, MORNING + timedelta(seconds=295), OPENING]


async def test_what_is_told_while_somebody_looks_is_looked_at_next_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks = list[int]()

    async def look(*_: Any) -> int:
        looks.append(await hearings_left(house))
        if len(looks) == 1:
            await house.hear(rung(1))
        return 0

    monkeypatch.setattr(digest_rows, "make", look)
    waker = house.waker()
    for _ in range(3):
        await waker.round()
    assert looks == [0, 1]
