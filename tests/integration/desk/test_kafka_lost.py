"""Kafka's disk is lost with facts that nobody has heard, in every topic: one command heals it."""

import asyncio
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from click.testing import CliRunner
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

from deploy.embedded.kafka import KafkaServer
from services.__main__ import main
from services.desk import fact_memory
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from services.desk.handlers.notices import hears_notices
from services.notify import handlers as voice
from services.notify.clock_handler import hears_clocks
from services.sla.handlers import hears_items
from services.sla.metrics import SlaCounters
from services.sla.rulebook import Editions
from shared.calendar.working_days import working_calendar
from shared.facts.arrivals import ARRIVALS, Arrivals
from shared.facts.clocks import CLOCKS
from shared.facts.envelope import EventId, NoticeId, Topic
from shared.facts.items import ITEMS
from shared.facts.notices import NOTICES, NoticeSent
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.kafka import topics
from shared.platform.messaging import outbox
from shared.platform.messaging.crosscheck import checks
from shared.platform.messaging.relay import Relay
from shared.platform.messaging.subscription import Subscription
from shared.platform.settings import Settings
from shared.site import store
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.load import load_proposal
from shared.site.staff import people_store
from tests.desk_builders import GO_LIVE, SPACE, an_arrival, certain, digest
from tests.subscribing import consumers_of

pytestmark = pytest.mark.timeout(900)
INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"

PREFIX = "lost."
SCHEMAS = ("ingest", "desk", "sla", "notify")
PATIENCE = 400.0
LEDGER = "SELECT notice_id, item_id, occasion FROM notify.ledger WHERE kind = 'receipt'"


@pytest.fixture
def kafka(tmp_path: Path) -> Iterator[KafkaServer]:
    """A Kafka whose disk may be lost."""
    server = KafkaServer(tmp_path)
    server.start()
    yield server
    server.stop()


class House:
    """The four services on one database, each hearing or not as a test says."""

    def __init__(self, pool: Pool, url: str, kafka: str) -> None:
        self.pool, self.url, self.kafka = pool, url, kafka

    async def ears(self) -> dict[str, list[Subscription[Any]]]:
        rules = AppliedRules()
        editions, counts = Editions(), SlaCounters(CollectorRegistry())
        voices, hear = await applied_rules(self.pool), hears_arrivals(rules)
        return {
            "arrivals": [Subscription(Topic.ARRIVALS, ARRIVALS.validate_json, hear)],
            "desk": [
                Subscription(Topic.ARRIVALS, ARRIVALS.validate_json, hear),
                Subscription(Topic.CLOCKS, CLOCKS.validate_json, hear_clocks),
                Subscription(Topic.NOTICES, NOTICES.validate_json, hears_notices(rules)),
            ],
            "sla": [Subscription(Topic.ITEMS, ITEMS.validate_json, hears_items(editions, counts))],
            "notify": [
                Subscription(Topic.ITEMS, ITEMS.validate_json, voice.hears_items(voices)),
                Subscription(Topic.CLOCKS, CLOCKS.validate_json, hears_clocks()),
            ],
        }

    @asynccontextmanager
    async def telling(self) -> AsyncIterator[None]:
        """A block in which all that waits is told, until nothing does."""
        relays = [Relay(SecretStr(self.url), schema, self.kafka, PREFIX) for schema in SCHEMAS]
        tasks = [asyncio.create_task(relay.run()) for relay in relays]
        try:
            yield
            await self.until(self.all_told)
        finally:
            for relay in relays:
                relay.stop()
            await asyncio.gather(*tasks)

    @asynccontextmanager
    async def hearing(self, *names: str) -> AsyncIterator[None]:
        """A block in which these services hear what they hear."""
        ears = await self.ears()
        async with AsyncExitStack() as stack:
            for name in names:
                schema = "desk" if name == "arrivals" else name
                broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                stack.callback(broken.cancel)
                await stack.enter_async_context(
                    consumers_of(self.kafka, PREFIX, schema, self.pool, *ears[name], broken=broken)
                )
            yield

    async def tells(self, *arrivals: Arrivals) -> None:
        async with transaction(self.pool) as connection:
            await outbox.put(connection, "ingest", arrivals)

    async def count(self, question: str) -> int:
        return int(await self.pool.fetchval(f"SELECT count(*) FROM {question}"))  # noqa: S608  (a name of ours)

    async def all_told(self) -> bool:
        return not any([await self.count(f"{schema}.outbox_waiting") for schema in SCHEMAS])

    async def until(self, condition: Callable[[], Awaitable[object]]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not await condition():
            assert time.monotonic() < deadline, "nothing came of it"
            await asyncio.sleep(0.1)

    async def registered(self, number: int) -> None:
        async def are() -> bool:
            return await self.count("desk.items") == number

        await self.until(are)


@pytest.fixture
async def house(postgres_url: str, kafka: KafkaServer) -> AsyncIterator[House]:
    proposal = load_proposal(INDRE)
    calendar = proposal.site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    pool = await open_pool(SecretStr(postgres_url), "tests")
    async with transaction(pool) as connection:
        await store.keep(connection, proposal.site, days, "tests", "tests", GO_LIVE)
        await store.go_live(connection, GO_LIVE, "tests", "tests", GO_LIVE)
        await people_store.import_people(connection, proposal.people, "tests", GO_LIVE)
    await topics.provision(kafka.address, PREFIX, replication=1)
    yield House(pool, postgres_url, kafka.address)
    await pool.close()


@pytest.fixture
def crosscheck(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Awaitable[tuple[int, Sequence[str]]]]:
    """The command's exit code and what it says."""
    for name, value in {
        "DATABASE_URL": house.url, "KAFKA": house.kafka, "PREFIX": PREFIX,
    }.items():  # fmt: skip
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)

    async def ask() -> tuple[int, Sequence[str]]:
        result = await asyncio.to_thread(CliRunner().invoke, main, ["crosscheck"])
        return result.exit_code, result.output.splitlines()

    return ask


def letter(name: str) -> Arrivals:
    return an_arrival(name, correspondent=digest(name), routing=certain())


async def test_one_command_heals_a_lost_kafka_whatever_was_unread(
    house: House,
    kafka: KafkaServer,
    crosscheck: Callable[[], Awaitable[tuple[int, Sequence[str]]]],
) -> None:
    # The first letter is registered, timed and its receipt sent; the register hears of neither.
    async with house.telling():
        await house.tells(letter("first"))
        async with house.hearing("arrivals"):
            await house.registered(1)

        async def timed_and_planned() -> bool:
            clocks = await house.count("sla.outbox WHERE headers ->> 'ce_type' = 'ClockStarted'")
            return bool(clocks and await house.pool.fetchrow(LEDGER))

        async with house.hearing("sla", "notify"):
            await house.until(timed_and_planned)
        await receipt_leaves(house)
        # The second is registered and nobody else hears of it; the third reaches nobody.
        await house.tells(letter("second"))
        async with house.hearing("arrivals"):
            await house.registered(2)
        await house.tells(letter("third"))
    started = await house.count("sla.outbox WHERE headers ->> 'ce_type' = 'ClockStarted'")

    kafka.stop()
    shutil.rmtree(kafka.log.parent.parent / "kafka" / "data")
    kafka.start()
    await topics.provision(kafka.address, PREFIX, replication=1)

    async with house.telling(), house.hearing("desk", "sla", "notify"):
        code, lines = await crosscheck()
        assert code == 1, lines
        assert "desk: 1 facts of arrivals were told and never heard; they are told again." in lines
        for schema, topic in (
            ("desk", "clocks"), ("desk", "notices"), ("sla", "items"),
        ):  # fmt: skip
            assert any(f"{schema}: " in line and f"of {topic} were told" in line for line in lines)
        await house.registered(3)

        async def all_timed() -> bool:
            return await house.count("(SELECT DISTINCT item_id FROM desk.clocks) AS timed") == 3

        await house.until(all_timed)

        async def stated() -> bool:
            return bool(await house.count("desk.facts WHERE type = 'ReceiptSent'"))

        await house.until(stated)

        async def all_known() -> bool:
            return (await crosscheck())[0] == 0

        await house.until(all_known)

    assert await house.count("desk.facts WHERE type = 'ItemRegistered'") == 3
    assert await house.count("desk.facts WHERE type = 'ReceiptSent'") == 1
    told = "sla.outbox WHERE headers ->> 'ce_type' = 'ClockStarted'"
    assert await house.count(told) == 3 * started
    assert await house.count(f"({LEDGER}) AS receipts") == 3
    sent = "notify.outbox WHERE headers ->> 'ce_type' = 'NoticeSent'"
    assert await house.count(sent) == 1
    for schema in SCHEMAS:
        assert await house.count(f"{schema}.dead_letters") == 0


async def receipt_leaves(house: House) -> None:
    """As the sender does when a server has taken the mail."""
    row = await house.pool.fetchrow(LEDGER)
    assert row is not None
    now = SystemClock().now()
    sent = NoticeSent(
        event_id=EventId(uuid5(SPACE, "sent")), happened_at=now, recorded_at=now, revision=9,
        by="service:notify", notice_id=NoticeId(row["notice_id"]), item_ids=(row["item_id"],),
        kind=NoticeKind.RECEIPT, way=Way.MAIL, occasion=row["occasion"], message=digest("ours"),
    )  # fmt: skip
    async with transaction(house.pool) as connection:
        await connection.execute(
            "UPDATE notify.ledger SET state = 'sent', revision = 9 WHERE notice_id = $1",
            row["notice_id"],
        )
        await outbox.put(connection, "notify", [sent])


async def test_what_a_committed_offset_has_passed_is_found_and_told_again(
    house: House, crosscheck: Callable[[], Awaitable[tuple[int, Sequence[str]]]]
) -> None:
    """The end of a log was lost and new records took its place: the group stands behind them."""
    async with house.telling():
        await house.tells(letter("passed over"), letter("too"))
    await passed_over(house)
    async with house.telling(), house.hearing("desk", "sla", "notify"):
        code, lines = await crosscheck()
        assert (code, lines[0]) == (
            1, "desk: 2 facts of arrivals were told and never heard; they are told again.",
        )  # fmt: skip
        await house.registered(2)


async def passed_over(house: House) -> None:
    """The register's group stands behind all arrivals, and heard none of them."""
    consumer = AIOKafkaConsumer(bootstrap_servers=house.kafka, group_id=f"{PREFIX}desk.arrivals")
    await consumer.start()
    places = [TopicPartition(f"{PREFIX}arrivals", number) for number in range(12)]
    consumer.assign(places)
    await consumer.commit(await consumer.end_offsets(places))
    await consumer.stop()


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
    """One look of the job that each process of the register keeps."""
    address = SecretStr(house.url)
    settings = Settings(database_url=address, kafka=house.kafka, prefix=PREFIX)
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


async def test_what_a_reader_has_still_before_it_is_not_missing(
    house: House,
    crosscheck: Callable[[], Awaitable[tuple[int, Sequence[str]]]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("shared.platform.messaging.crosscheck.CATCH_UP_SECONDS", 2)
    async with house.telling():
        await house.tells(letter("on its way"))
    code, lines = await crosscheck()
    assert code == 1
    assert lines[0].startswith("desk: it has not heard yet all that Kafka holds of arrivals;")
    assert await house.count("ingest.outbox_waiting") == 0
