"""A demo site lives by the moment of its story; a real site by the computer's clock."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import asyncpg
import pytest
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from shared.facts.envelope import Topic
from shared.platform.clock import StoryClock, SystemClock, WrongClock, open_clock, rest, sure
from shared.platform.database import Pool
from shared.platform.jobs import Jobs
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.consumer_group import Intake
from shared.platform.messaging.dead_letter_commands import retry_one
from shared.platform.messaging.relay import Relay
from shared.platform.messaging.subscription import Subscription
from shared.platform.observability.health import Health, Unwell
from shared.platform.observability.telemetry import ConsumerMetrics, Telemetry
from shared.platform.transport_health import ProcessHealth

MONDAY = datetime(2026, 5, 11, 6, tzinfo=UTC)
SOON = timedelta(seconds=60)


async def test_a_site_without_a_story_follows_the_computer(pool: Pool, postgres_url: str) -> None:
    clock = await open_clock(pool, SecretStr(postgres_url))
    assert isinstance(clock, SystemClock)
    assert clock.now().tzinfo is UTC


async def test_a_story_that_moves_is_seen_at_once_and_ends_pauses(
    pool: Pool, postgres_url: str
) -> None:
    await pool.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    clock = await open_clock(pool, SecretStr(postgres_url))
    assert isinstance(clock, StoryClock)
    assert clock.now() == MONDAY
    following = asyncio.create_task(clock.follow())
    try:
        pausing = asyncio.create_task(clock.pause(SOON))
        tuesday = MONDAY + timedelta(days=1)
        await pool.execute("UPDATE site.story SET moment = $1", tuesday)
        assert await clock.wait_for(tuesday, within=SOON)
        await asyncio.wait_for(pausing, SOON.total_seconds())
        assert clock.now() == tuesday
        assert not await clock.wait_for(tuesday + timedelta(days=1), within=timedelta(seconds=0.05))
    finally:
        following.cancel()
        await asyncio.wait({following})


async def test_a_story_never_goes_back(pool: Pool) -> None:
    await pool.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)
    with pytest.raises(asyncpg.RaiseError, match="can't go back"):
        await pool.execute("UPDATE site.story SET moment = $1", MONDAY - timedelta(seconds=1))


async def test_a_rest_ends_when_any_of_its_ends_is_set() -> None:
    never, end = asyncio.Event(), asyncio.Event()
    resting = asyncio.create_task(rest(SystemClock(), timedelta(hours=1), never, end))
    await asyncio.sleep(0)
    end.set()
    await asyncio.wait_for(resting, SOON.total_seconds())


class Ahead(SystemClock):
    """A computer whose clock is wrong by so much."""

    def __init__(self, by: timedelta) -> None:
        super().__init__()
        self.by = by

    def now(self) -> datetime:
        return super().now() + self.by


@pytest.mark.parametrize(
    ("by", "side"), [(timedelta(days=40), "ahead of"), (timedelta(seconds=-45), "behind")]
)
async def test_a_clock_that_differs_from_postgresqls_gives_nobody_the_time(
    pool: Pool, by: timedelta, side: str
) -> None:
    clock = Ahead(by)
    await clock.compare(pool)
    with pytest.raises(WrongClock, match=f"{abs(by).total_seconds():.0f} s {side} PostgreSQL's"):
        sure(clock)
    clock.by = timedelta()
    assert sure(clock).tzinfo is UTC, "right again, and trusted before the next comparison"


async def test_a_clock_that_differs_a_little_is_trusted(pool: Pool) -> None:
    clock = Ahead(timedelta(seconds=20))
    await clock.compare(pool)
    assert sure(clock) == pytest.approx(clock.now(), abs=timedelta(seconds=5))
    assert 15 < clock.offset.total_seconds() < 25


async def test_a_clock_that_jumps_between_two_comparisons_is_seen_at_once(pool: Pool) -> None:
    clock = Ahead(timedelta())
    await clock.compare(pool)
    sure(clock)
    clock.by = timedelta(hours=1)
    with pytest.raises(WrongClock):
        sure(clock)


async def test_no_handler_takes_a_batch_while_the_clock_is_wrong(pool: Pool) -> None:
    clock = Ahead(timedelta(hours=1))
    await clock.compare(pool)
    heard = ConsumerMetrics(CollectorRegistry())
    ear = Subscription(
        Topic.ITEMS, lambda _: pytest.fail("decoded"), lambda *_: pytest.fail("heard")
    )
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def not_asked() -> None:
        pytest.fail("decoded")

    listener = Consumer(Intake(ear.topic, ear.decode), "sla", pool, clock, heard, broken=broken)
    record = SimpleNamespace(topic="items", partition=0, offset=7, headers=(), key=b"", value=b"")
    given_back: list[int] = []
    consumer = SimpleNamespace(seek=lambda _, offset: given_back.append(offset))
    message = SimpleNamespace(raw_message=(record,), consumer=consumer, decode=not_asked)
    listener.stop()
    await listener.hear(message, ear.handle)  # type: ignore[arg-type]  # unpacked, each of its own type
    assert given_back == [7]
    assert "ahead of PostgreSQL's" in listener.failing
    assert not broken.done()


async def test_a_dead_letter_is_not_heard_again_while_the_clock_is_wrong(pool: Pool) -> None:
    clock = Ahead(timedelta(hours=1))
    await clock.compare(pool)
    with pytest.raises(WrongClock):
        await retry_one(pool, clock, "sla", {}, 1)


async def test_health_and_metrics_say_a_wrong_clock(pool: Pool) -> None:
    clock = Ahead(timedelta(days=40))
    await clock.compare(pool)
    telemetry = Telemetry("sla", None, "indre")
    unused: Any = None
    relay = Relay(SecretStr(""), ("sla",), unused, "")
    jobs = Jobs(asyncio.Event())
    vitals = ProcessHealth("sla", pool, pool, unused, clock, (), relay.lanes["sla"], jobs)
    state = await vitals.checks()["clock"]()
    assert isinstance(state, Unwell)
    assert "3456000 s ahead of PostgreSQL's" in state.why
    health = Health("sla")
    vitals.measure(telemetry, health)
    shown = (await telemetry.exposition())[0].decode()
    (line,) = [
        line for line in shown.splitlines() if line.startswith("vaguemestre_clock_offset_sec")
    ]
    assert float(line.split()[-1]) == pytest.approx(40 * 86400, abs=60)
    await telemetry.close()
