"""What a process that hears or tells says of itself: the health and gauges of its transport."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from shared.platform.clock import Clock
from shared.platform.database import Pool, glance
from shared.platform.jobs import Jobs
from shared.platform.messaging import crosscheck, dead_letters, outbox_upkeep
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.consumer_lag import is_topic_gone, lag_of
from shared.platform.messaging.outbox_age import AGE, oldest_age
from shared.platform.messaging.relay import OutboxLane, OutboxPlace
from shared.platform.observability.health import Health, HealthCheck, State, Unwell, Well
from shared.platform.observability.metric_definitions import GaugeOf, Label, MetricDefinition
from shared.platform.observability.telemetry import Telemetry
from shared.platform.process_health import PING_SECONDS, ProcessVitals

DEPTH = GaugeOf("vaguemestre_outbox_facts", "Facts that wait to be told.", "facts", (Label.SCHEMA,))
AGAIN = GaugeOf(
    "vaguemestre_outbox_again_facts",
    "Facts that wait to be told again.",
    "facts",
    (Label.SCHEMA,),
)
DEAD = GaugeOf(
    "vaguemestre_dead_letters",
    "Records set aside until somebody decides.",
    "records",
    (Label.SCHEMA,),
)
UNHEARD = GaugeOf(
    "vaguemestre_crosscheck_missing_facts",
    "Facts that were told and never heard, at the last cross-check.",
    "facts",
    (Label.SCHEMA, Label.TOPIC),
)
CHECKED = GaugeOf(
    "vaguemestre_crosscheck_age_seconds",
    "For how long no cross-check was made.",
    "seconds",
    (Label.SCHEMA, Label.TOPIC),
)
LEADS = GaugeOf(
    "vaguemestre_relay_leads", "1 where the relay of the schema leads.", "", (Label.SCHEMA,)
)
TRANSPORT: Sequence[MetricDefinition] = (DEPTH, AGAIN, DEAD, UNHEARD, CHECKED, LEADS)
"""True of every process that hears or tells, and of its schema."""


@dataclass(frozen=True)
class ProcessHealth:
    """The health checks of a process that also uses Kafka."""

    schema: str
    pool: Pool
    glances: Pool
    """For what is asked at each scrape."""
    kafka: AIOKafkaAdminClient
    clock: Clock
    listeners: Sequence[Consumer[Any]]
    lane: OutboxLane
    jobs: Jobs

    def checks(self) -> Mapping[str, HealthCheck]:
        """Returns the health checks of a process that uses Kafka, by name."""
        own = ProcessVitals(self.pool, self.clock, self.jobs).checks()
        return {
            "database": own["database"],
            "kafka": self._kafka,
            "listening": self._listening,
            "relay": self._relay,
            **own,
        }

    async def _kafka(self) -> State:
        try:
            await asyncio.wait_for(self.kafka.describe_cluster(), PING_SECONDS)
        except (KafkaError, OSError, TimeoutError):
            return Unwell("Kafka does not answer.")
        return Well()

    async def _listening(self) -> State:
        """Whether Kafka said which partitions are ours, and how far behind we are on each topic."""
        if deaf := [listener.topic for listener in self.listeners if not listener.assigned]:
            return Unwell(f"Kafka has not said yet which partitions of {', '.join(deaf)} are ours.")
        if lost := [listener.topic for listener in self.listeners if is_topic_gone(listener)]:
            return Unwell(f"Kafka has no {', '.join(lost)} any more: run `vaguemestre topics`.")
        if waiting := [listener for listener in self.listeners if listener.failing]:
            return Unwell(" ".join(listener.failing for listener in waiting))
        return Well({listener.topic.value: await lag_of(listener) for listener in self.listeners})

    async def _relay(self) -> State:
        match self.lane.place:
            case OutboxPlace.AWAY:
                return Unwell("PostgreSQL or Kafka is away: what is told waits in the outbox.")
            case OutboxPlace.LEADER | OutboxPlace.FOLLOWER as place:
                return Well(place)

    def measure(self, telemetry: Telemetry, health: Health) -> None:
        """Registers the gauges of outbox, relay, consumers and dead letters, set at each scrape."""
        registry = telemetry.registry
        age, depth, again, dead, leads = (
            metric.on(registry).labels(self.schema) for metric in (AGE, DEPTH, AGAIN, DEAD, LEADS)
        )
        unheard, checked = UNHEARD.on(registry), CHECKED.on(registry)

        async def ask() -> None:
            leads.set(self.lane.place is OutboxPlace.LEADER)
            for listener in self.listeners:
                telemetry.heard.lag(listener.topic, await lag_of(listener))
            async with glance(self.glances) as connection:
                oldest = await oldest_age(connection, self.schema)
                waiting = await outbox_upkeep.depth(connection, self.schema)
                twice = await outbox_upkeep.depth_again(connection, self.schema)
                aside = await dead_letters.count(connection, self.schema)
                lacked = (
                    await crosscheck.last_findings(connection, self.schema)
                    if self.listeners
                    else {}
                )
            age.set(oldest.total_seconds())
            depth.set(waiting)
            again.set(twice)
            dead.set(aside)
            for topic, (facts, seconds) in lacked.items():
                unheard.labels(self.schema, topic).set(facts)
                checked.labels(self.schema, topic).set(seconds)

        # A question of its own: a server that is away must not keep us from saying so.
        ProcessVitals(self.pool, self.clock, self.jobs).measure(telemetry, health)
        telemetry.on_scrape(ask)
        telemetry.told_by(self.lane.told)
