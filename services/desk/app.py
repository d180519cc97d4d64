"""Where the parts of `desk keep` meet; those of `desk serve` do in page_process.py."""

from faststream.kafka import KafkaRouter

from services.desk.at_rest import EncryptionWatch
from services.desk.fact_memory import REMEMBERS
from services.desk.features import all_jobs
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.handlers.clocks import hear_clocks
from services.desk.handlers.notices import hears_notices
from services.desk.jobs import JobContext, Replanning
from services.desk.metrics import RegisterMetrics
from services.desk.settings import DeskSettings
from shared.content import encryption_metric
from shared.facts.arrivals import ARRIVALS, Arrivals
from shared.facts.clocks import CLOCKS, ClocksTopic
from shared.facts.envelope import Topic
from shared.facts.notices import NOTICES, Notices
from shared.platform.messaging.consumer_group import ConsumerGroup, Now, Rejected, Transaction
from shared.platform.service_life import Parts, ServiceCommand, ServiceContext
from shared.site.applied_rules import AppliedRules

SCHEMA = "desk"


def create_router(group: ConsumerGroup) -> KafkaRouter:
    """Builds the FastStream router: the handlers of `desk keep`, one for each topic."""
    router, rules = KafkaRouter(), AppliedRules()
    take_arrivals, take_notices = hears_arrivals(rules), hears_notices(rules)

    @router.subscriber("arrivals", **group.takes(Topic.ARRIVALS, ARRIVALS.validate_json))
    async def hear_arrivals(
        facts: list[Arrivals], connection: Transaction, now: Now
    ) -> Rejected[Arrivals]:
        """Decides what each arrival is, and states the first facts of an item that it opens."""
        return await take_arrivals(connection, facts, now)

    @router.subscriber("clocks", **group.takes(Topic.CLOCKS, CLOCKS.validate_json))
    async def hear_of_clocks(
        facts: list[ClocksTopic], connection: Transaction, now: Now
    ) -> Rejected[ClocksTopic]:
        """Keeps what sla says of limits and rungs, to show it and to warn."""
        return await hear_clocks(connection, facts, now)

    @router.subscriber("notices", **group.takes(Topic.NOTICES, NOTICES.validate_json))
    async def hear_notices(
        facts: list[Notices], connection: Transaction, now: Now
    ) -> Rejected[Notices]:
        """Records what left for each item's sender, was held, or came back."""
        return await take_notices(connection, facts, now)

    return router


def create_keep(settings: DeskSettings, replanning: Replanning) -> ServiceCommand:
    """Builds the process `desk keep`, which consumes the Kafka topics and writes the register.

    `replanning` plans deadlines again for the nightly verification of figures.
    """
    makers = all_jobs()  # imported before anything waits for the loop

    async def assemble(ground: ServiceContext) -> Parts:
        rules, blobs = AppliedRules(), settings.originals
        register = RegisterMetrics(ground.telemetry.registry, ground.glances, ground.clock, rules)
        for question in register.questions():
            ground.telemetry.on_scrape(question)
        parts = JobContext(
            ground.pool, rules, blobs, ground.clock, settings, replanning, ground.stopping
        )
        watch = EncryptionWatch(settings, ground.telemetry.registry)
        jobs = {name: made(parts) for name, made in makers.items()}
        return Parts(
            router=create_router(ground.group),
            remembers=REMEMBERS,
            tasks={**jobs, "encryption": watch.job(ground.stopping)},
            checks={
                "encryption": encryption_metric.key_check(
                    ground.telemetry.registry, settings.keys.current
                ),
                "at rest": watch.check,
                **settings.bucket_checks,
            },
        )

    return ServiceCommand("desk keep", SCHEMA, settings, assemble)
