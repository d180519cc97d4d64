"""Where the parts of sla meet."""

from faststream.kafka import KafkaRouter

from services.sla import brake
from services.sla.fact_memory import REMEMBERS
from services.sla.handlers import hears_items
from services.sla.metrics import SlaCounters, gauges
from services.sla.readings import hears_readings
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.steps import SCHEMA
from services.sla.ticker import Ticker
from shared.facts.arrivals import ARRIVALS, Arrivals
from shared.facts.envelope import Topic
from shared.facts.items import ITEMS, Items
from shared.platform.database import glance
from shared.platform.messaging.consumer_group import ConsumerGroup, Now, Rejected, Transaction
from shared.platform.observability.health import State, Unwell, Well
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext


def create_app(settings: SlaSettings) -> ServiceCommand:
    """Builds the process `sla run`: consumes facts, wakes items in time, publishes clock facts."""

    async def assemble(ground: ServiceContext) -> Parts:
        editions = Editions()
        counts = SlaCounters(ground.telemetry.registry)
        ticker = Ticker(ground.pool, ground.clock, editions, counts, settings)
        ground.telemetry.on_scrape(
            gauges(ground.telemetry.registry, ground.glances, ground.clock, editions)
        )

        async def rules() -> State:
            async with glance(ground.pool) as connection:
                rules = (await editions(connection)).rulebook.last
            return Well({"version": rules.version, "digest": rules.applied.digest[:12]})

        async def braked() -> State:
            async with glance(ground.pool) as connection:
                held = await brake.held_wave(connection)
            return Well() if held is None else Unwell(held.sentence)

        return Parts(
            router=create_router(ground.group, editions, counts),
            remembers=REMEMBERS,
            tasks={
                "ticker": ticker.run,
                "wakes": lambda: ticker.watch.listen(settings.database_url),
            },
            checks={"rules": rules, "brake": braked},
        )

    return ServiceCommand("sla", SCHEMA, settings, assemble)


def create_router(group: ConsumerGroup, editions: Editions, counts: SlaCounters) -> KafkaRouter:
    """Builds the FastStream router of sla, with one handler for each Kafka topic."""
    router = KafkaRouter()
    take_items, take_readings = hears_items(editions, counts), hears_readings(editions)

    @router.subscriber("items", **group.takes(Topic.ITEMS, ITEMS.validate_json))
    async def hear_items(facts: list[Items], connection: Transaction, now: Now) -> Rejected[Items]:
        """Plans each item anew with what was said of it, and tells what follows for its clocks."""
        return await take_items(connection, facts, now)

    @router.subscriber("arrivals", **group.takes(Topic.ARRIVALS, ARRIVALS.validate_json))
    async def hear_arrivals(
        facts: list[Arrivals], connection: Transaction, now: Now
    ) -> Rejected[Arrivals]:
        """Keeps until when each source was read: no rung above the holder comes before."""
        return await take_readings(connection, facts, now)

    return router
