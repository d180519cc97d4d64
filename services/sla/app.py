"""Where the parts of sla meet."""

from services.sla import brake
from services.sla.fact_memory import REMEMBERS
from services.sla.handlers import hears_items, hears_readings
from services.sla.metrics import SlaCounters, gauges
from services.sla.rulebook import Editions
from services.sla.settings import SlaSettings
from services.sla.steps import SCHEMA
from services.sla.ticker import Ticker
from shared.facts.arrivals import ARRIVALS
from shared.facts.envelope import Topic
from shared.facts.items import ITEMS
from shared.platform.database import glance
from shared.platform.messaging.subscription import Subscription
from shared.platform.observability.health import State, Unwell, Well
from shared.platform.process import Parts, ServiceCommand, ServiceContext


def create_app(settings: SlaSettings) -> ServiceCommand:
    """Builds the process `sla run`: it hears facts, watches the time and tells clocks."""

    async def assemble(ground: ServiceContext) -> Parts:
        editions = Editions()
        counts = SlaCounters(ground.telemetry.registry)
        ground.telemetry.on_scrape(
            gauges(ground.telemetry.registry, ground.pool, ground.clock, editions)
        )

        async def rules() -> State:
            async with glance(ground.pool) as connection:
                rules = (await editions(connection)).rulebook.last
            return Well({"version": rules.version, "digest": rules.applied.digest[:12]})

        async def braked() -> State:
            async with glance(ground.pool) as connection:
                held = await brake.held(connection)
            return Well() if held is None else Unwell(held.sentence)

        return Parts(
            ears=[
                Subscription(Topic.ITEMS, ITEMS.validate_json, hears_items(editions, counts)),
                Subscription(Topic.ARRIVALS, ARRIVALS.validate_json, hears_readings(editions)),
            ],
            remembers=REMEMBERS,
            tasks={"ticker": Ticker(ground.pool, ground.clock, editions, counts, settings).run},
            checks={"rules": rules, "brake": braked},
        )

    return ServiceCommand("sla", SCHEMA, settings, assemble)
