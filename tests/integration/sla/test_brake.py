"""A wave of rungs that no day has known waits for a person's word, and nothing else does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import date, datetime

import pytest

from services.sla import brake
from services.sla.steps import BatchContext
from shared.facts.clocks import RungReached
from shared.facts.envelope import Via
from shared.platform.clock import SystemClock
from shared.platform.database import transaction
from tests.integration.sla.conftest import Clocks
from tests.integration.sla.test_hearing_and_waking import a_mail, names
from tests.unit.sla.builders import paris

FALL = paris(15, 6)
"""Of the first rung of each mail of 11 May."""
MAILS = range(1, 5)


@pytest.fixture
async def four(clocks: Clocks, monkeypatch: pytest.MonkeyPatch) -> Clocks:
    """Four mails, where three rungs may always fall at once."""
    monkeypatch.setattr(brake, "AT_LEAST", 3)
    await clocks.hear([fact for n in MAILS for fact in a_mail(n).facts], paris(11))
    await clocks.new()
    return clocks


async def held(clocks: Clocks, now: datetime = FALL) -> bool:
    return await clocks.ticker().holds_back(now)


async def release(clocks: Clocks, now: datetime) -> tuple[brake.HeldWave | None, datetime]:
    async with transaction(clocks.pool) as connection:
        ground = BatchContext(await clocks.editions(connection), {}, now)
        return await brake.release(connection, ground, "A. Gent", "panne de trois jours")


async def busiest(clocks: Clocks, rungs: int, day: date) -> None:
    await clocks.pool.execute("INSERT INTO sla.rungs_of_day VALUES ($1, $2)", day, rungs)


async def test_more_than_any_day_has_known_waits_and_a_word_lets_it_go(four: Clocks) -> None:
    assert not await held(four, paris(11, 20))
    assert await held(four)
    async with transaction(four.pool) as connection:
        waits = await brake.held_wave(connection)
    assert waits is not None
    assert waits.sentence.startswith("4 items or more are due at once and 0 rungs were told")
    waited, until = await release(four, FALL)
    assert waited == waits
    assert until == paris(16, 0)
    assert not await held(four)
    await four.wake(FALL)
    told = await four.new()
    assert names(told) == [("RungReached", "-2")] * 4
    row = await four.pool.fetchrow("SELECT by, why, due FROM sla.releases")
    assert row is not None
    assert tuple(row) == ("A. Gent", "panne de trois jours", 4)
    reached = sum(isinstance(fact, RungReached) for fact in told)
    assert await four.pool.fetchval("SELECT rungs FROM sla.rungs_of_day") == reached


async def test_a_word_said_beforehand_holds_that_day_alone(four: Clocks) -> None:
    waited, _ = await release(four, paris(14, 12))
    assert waited is None
    assert await held(four), "it was said for the 14th"
    await release(four, paris(15, 5))
    assert not await held(four)


@pytest.mark.parametrize(
    ("rungs", "day", "waits"),
    [(1, 14, False), (0, 14, True), (1, 15, True)],
    ids=["ten times a day before", "not without rungs", "today is no measure"],
)
async def test_the_busiest_of_twenty_days_is_the_measure(
    four: Clocks, rungs: int, day: int, *, waits: bool
) -> None:
    await busiest(four, rungs, date(2026, 5, day))
    assert await held(four) is waits


async def test_a_day_more_than_twenty_jours_ouvres_ago_is_forgotten(four: Clocks) -> None:
    await busiest(four, 1, date(2026, 4, 13))
    assert await held(four)
    await busiest(four, 1, date(2026, 4, 14))  # 1, 8 and 14 May are holidays
    assert not await held(four)


async def test_what_was_imported_is_not_counted(
    clocks: Clocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(brake, "AT_LEAST", 3)
    for n in MAILS:
        facts = [fact.model_copy(update={"via": Via.IMPORT}) for fact in a_mail(n).facts]
        await clocks.hear(facts, paris(11))
    assert not await held(clocks)


async def test_what_stands_under_older_rules_is_not_counted(four: Clocks) -> None:
    await four.pool.execute("UPDATE sla.items SET edition = 0")
    assert not await held(four)


async def test_an_hour_that_was_wrong_and_is_right_again_leaves_nothing_held(
    four: Clocks,
) -> None:
    assert await held(four)
    assert not await held(four, paris(11, 12))
    async with transaction(four.pool) as connection:
        assert await brake.held_wave(connection) is None
    assert await four.told() == []


@asynccontextmanager
async def ticking(clocks: Clocks) -> AsyncIterator[None]:
    task = asyncio.create_task(clocks.ticker().run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(clocks: Clocks, question: str) -> None:
    async with asyncio.timeout(60):
        while not await clocks.pool.fetchval(question):  # noqa: ASYNC110  (rows)
            await asyncio.sleep(0.02)


async def test_the_ticker_tells_no_rung_while_it_is_held_and_all_once_it_is_let_go(
    four: Clocks,
) -> None:
    async with ticking(four):
        await until(four, "SELECT count(*) = 1 FROM sla.brake")
        await four.hear(a_mail(9).facts, paris(11))
        assert not any(isinstance(fact, RungReached) for fact in await four.told())
        await release(four, SystemClock().now())
        await until(four, "SELECT count(*) = 0 FROM sla.items WHERE wake_at <= clock_timestamp()")
    reached = {fact.item_id for fact in await four.told() if isinstance(fact, RungReached)}
    assert reached == {a_mail(n).item for n in (*MAILS, 9)}
