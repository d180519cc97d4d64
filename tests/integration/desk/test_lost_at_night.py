"""What Kafka lost is told again each night, without a hand, and once a night."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.desk import fact_memory
from shared.platform.messaging.crosscheck import checks
from shared.platform.settings import Settings
from tests.integration.desk.four_services import House, a_house, letter, passed_over

pytestmark = pytest.mark.timeout(900)


@pytest.fixture
async def house(postgres_url: str, kafka_address: str) -> AsyncIterator[House]:
    async with a_house(postgres_url, kafka_address, f"t{uuid4().hex[:12]}.") as made:
        yield made


async def test_each_night_what_was_lost_is_told_again_without_a_hand_and_once_a_night(
    house: House,
) -> None:
    await looks(house)
    assert await missing(house) == 0
    async with house.telling():
        await house.tells(letter("passed over"))
    await passed_over(house)
    await checked(house, "1 hour")
    await looks(house)
    assert await missing(house) == 0, "this night's was made"

    await checked(house, "-25 hours")
    async with house.telling():
        await looks(house)
    assert await missing(house) == 1
    first = await retold_at(house)
    assert first is not None
    # It is lost once more: a quarter of an hour later it is found, and left to a person.
    await passed_over(house)
    await checked(house, "-16 minutes")
    await looks(house)
    assert await missing(house) == 1
    assert await retold_at(house) == first
    assert await house.count("ingest.outbox_waiting") == 0

    await house.pool.execute(
        "UPDATE desk.crosschecks SET retold_at = retold_at - interval '21 hours'"
    )
    await checked(house, "-25 hours")
    async with house.telling(), house.hearing("desk"):
        await looks(house)
        await house.registered(1)
    assert await house.count("desk.facts WHERE type = 'ItemRegistered'") == 1


async def looks(house: House) -> None:
    """Looks of the job that each process of the register keeps, until one can say.

    On a busy machine Kafka may not say within 30 s how far a group has heard: `behind`, and the
    job looks again a quarter of an hour later.
    """
    await _looks(house)
    for _ in range(5):
        if not await house.count("desk.crosschecks WHERE behind"):
            return
        await checked(house, "-16 minutes")
        await _looks(house)


async def _looks(house: House) -> None:
    address = SecretStr(house.url)
    settings = Settings(database_url=address, kafka=house.kafka, prefix=house.prefix)
    stopping = asyncio.Event()
    job = checks(house.pool, settings, "desk", fact_memory.REMEMBERS, stopping)
    looking = asyncio.ensure_future(job())
    await asyncio.sleep(0)  # it has begun: what is in hand is done whatever stops
    stopping.set()
    await looking


async def checked(house: House, ago: str) -> None:
    """The last look was so long after now."""
    await house.pool.execute(
        "UPDATE desk.crosschecks SET checked_at = clock_timestamp() + $1::text::interval", ago
    )


async def missing(house: House) -> int:
    return await house.count("desk.crosschecks WHERE missing > 0")


async def retold_at(house: House) -> datetime | None:
    at: datetime | None = await house.pool.fetchval(
        "SELECT retold_at FROM desk.crosschecks WHERE topic = 'arrivals'"
    )
    return at
