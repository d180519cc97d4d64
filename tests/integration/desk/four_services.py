"""The four services on one database and one Kafka, each hearing or not as a test says."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from prometheus_client import CollectorRegistry
from pydantic import SecretStr

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
from shared.facts.envelope import Topic
from shared.facts.items import ITEMS
from shared.facts.notices import NOTICES
from shared.platform.database import Pool, open_pool, transaction
from shared.platform.kafka import topics
from shared.platform.messaging import outbox
from shared.platform.messaging.relay import Relay
from shared.platform.messaging.subscription import Subscription
from shared.site import store
from shared.site.applied_rules import AppliedRules, applied_rules
from shared.site.load import load_proposal
from shared.site.staff import people_store
from tests.desk_builders import GO_LIVE, an_arrival, certain, digest
from tests.subscribing import consumers_of

INDRE = Path(__file__).parents[3] / "deploy" / "site" / "indre"
SCHEMAS = ("ingest", "desk", "sla", "notify")
PATIENCE = 400.0


class House:
    """The four services on one database, each hearing or not as a test says."""

    def __init__(self, pool: Pool, url: str, kafka: str, prefix: str) -> None:
        self.pool, self.url, self.kafka, self.prefix = pool, url, kafka, prefix

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
        relays = [
            Relay(SecretStr(self.url), (schema,), self.kafka, self.prefix) for schema in SCHEMAS
        ]
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
                    consumers_of(
                        self.kafka, self.prefix, schema, self.pool, *ears[name], broken=broken
                    )
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


@asynccontextmanager
async def a_house(url: str, kafka: str, prefix: str) -> AsyncIterator[House]:
    """Live, with its people and its topics."""
    proposal = load_proposal(INDRE)
    calendar = proposal.site.calendar
    days = working_calendar(calendar.territory, calendar.closures, 2025, 2028)
    pool = await open_pool(SecretStr(url), "tests")
    async with transaction(pool) as connection:
        await store.keep(connection, proposal.site, days, "tests", "tests", GO_LIVE)
        await store.go_live(connection, GO_LIVE, "tests", "tests", GO_LIVE)
        await people_store.import_people(connection, proposal.people, "tests", GO_LIVE)
    await topics.provision(kafka, prefix, replication=1)
    yield House(pool, url, kafka, prefix)
    await pool.close()


def letter(name: str) -> Arrivals:
    return an_arrival(name, correspondent=digest(name), routing=certain())


async def passed_over(house: House) -> None:
    """The register's group stands behind all arrivals, and heard none of them."""
    # Else its own places, those of before, would be committed over these when it stops.
    consumer = AIOKafkaConsumer(
        bootstrap_servers=house.kafka,
        group_id=f"{house.prefix}desk.arrivals",
        enable_auto_commit=False,
    )
    await consumer.start()
    places = [TopicPartition(f"{house.prefix}arrivals", number) for number in range(12)]
    consumer.assign(places)
    await consumer.commit(await consumer.end_offsets(places))
    await consumer.stop()
