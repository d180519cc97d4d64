"""What is urgent leaves before thousands of receipts, whatever the rate and the relay."""

import asyncio
from datetime import datetime, timedelta

from pydantic import SecretStr

from services.notify.lanes import ORDINARY, URGENT
from services.notify.store import pace
from shared.facts.vocabulary import Nature, SenderKind
from shared.platform.database import open_pool
from tests.contract.smtp.sink import Taken
from tests.integration.notify.conftest import House
from tests.unit.notify.builders import MONDAY

WAITING = 20_000
CLOSED = datetime.fromisoformat("2026-05-15T21:00:00+02:00")
"""A Friday evening."""
OPENED = datetime.fromisoformat("2026-05-18T09:00:00+02:00")


def is_alert(taken: Taken) -> bool:
    return taken.recipient.endswith("@indre.example")


async def test_words_of_danger_are_the_first_mail_behind_thousands_of_receipts(
    house: House,
) -> None:
    await house.receipts_wait(WAITING)
    house.clock.move(MONDAY + timedelta(minutes=10))
    await house.hear(await house.mail("2", "danger@exemple.fr", at=house.clock.at, danger=True))
    async with house.sending():
        first = (await house.sink.until(1))[0]
    assert is_alert(first), "the ordinary worker serves what is urgent first"


async def test_words_of_danger_leave_while_the_relay_keeps_a_receipt_waiting(
    house: House,
) -> None:
    in_data, answers = asyncio.Event(), asyncio.Event()

    async def slow_for_receipts() -> None:
        if not is_alert(house.sink.taken[-1]):
            in_data.set()
            await answers.wait()

    house.sink.before_answer = slow_for_receipts
    await house.receipts_wait(500)
    async with house.sending(ORDINARY), house.sending(URGENT):
        await in_data.wait()
        await house.hear(await house.mail("2", "danger@exemple.fr", danger=True))
        receipt, alert = await house.sink.until(2)
        answers.set()
    assert not is_alert(receipt)
    assert is_alert(alert)


async def test_the_urgent_lane_takes_nothing_else(house: House) -> None:
    await house.receipts_wait(10)
    await house.hear(await house.mail("2", "danger@exemple.fr", danger=True))
    async with house.sending(URGENT):
        await house.until(
            ("alert", "sent", None),
            *[("receipt", "planned", None)] * 11,
        )
    assert [is_alert(taken) for taken in house.sink.taken] == [True]


async def test_a_used_up_rate_leaves_its_tenth_to_what_is_urgent(house: House) -> None:
    hour = timedelta(hours=1)
    first = await pace.turns(house.pool, ORDINARY.name, hour, 1)
    second = await pace.turns(house.pool, ORDINARY.name, hour, 1)
    assert first == timedelta()
    assert second > timedelta(minutes=59)
    assert await pace.turns(house.pool, URGENT.name, hour, 1) == timedelta()
    assert ORDINARY.every(600) == timedelta(minutes=1) / 540
    assert URGENT.every(600) == timedelta(seconds=1)


async def test_two_processes_share_one_rate(house: House) -> None:
    other = await open_pool(SecretStr(house.url.get_secret_value()), "another process")
    hour = timedelta(hours=1)
    for pool in (house.pool, other, house.pool, other):
        await pace.turns(pool, ORDINARY.name, hour, 1)
    await other.close()
    ahead = await house.pool.fetchval("SELECT next_at - clock_timestamp() FROM notify.pace")
    assert timedelta(hours=3, minutes=59) < ahead <= timedelta(hours=4)


async def test_a_turn_left_by_a_clock_that_ran_ahead_holds_up_no_more_than_a_hundred(
    house: House,
) -> None:
    await house.pool.execute(
        "INSERT INTO notify.pace VALUES ('ordinary', clock_timestamp() + interval '40 days')"
    )
    minute = timedelta(minutes=1)
    assert await pace.turns(house.pool, ORDINARY.name, minute, 1) <= pace.AHEAD * minute


async def test_what_comes_on_a_friday_evening_is_told_on_monday_and_not_held_as_stale(
    house: House,
) -> None:
    house.clock.move(CLOSED)
    appeal = await house.mail(nature=Nature.APPEAL, sender=SenderKind.LAWYER, at=CLOSED)
    await house.hear(appeal)
    async with house.sending():
        house.clock.move(OPENED)
        await house.until(("alert", "sent", None), ("receipt", "held", "recours"))
    (alert,) = house.sink.taken
    assert alert.recipient == "elise.carpentier@indre.example"


async def test_words_of_danger_planned_in_time_leave_however_long_the_relay_was_away(
    house: House,
) -> None:
    await house.hear(await house.mail(danger=True))
    house.clock.move(MONDAY + timedelta(hours=13))
    async with house.sending(URGENT):
        await house.until(("alert", "sent", None), ("receipt", "planned", None))


async def test_an_alert_that_was_held_and_released_leaves(house: House) -> None:
    appeal = await house.mail(nature=Nature.APPEAL, sender=SenderKind.LAWYER)
    await house.hear(appeal)
    house.clock.move(MONDAY + timedelta(hours=13))
    async with house.sending():
        await house.until(("alert", "held", "stale"), ("receipt", "held", "recours"))
    await house.pool.execute(
        "UPDATE notify.ledger SET state = 'planned', why = NULL, released_by = 'm.perrot'"
        " WHERE kind = 'alert'"
    )
    async with house.sending():
        await house.until(("alert", "sent", None), ("receipt", "held", "recours"))
