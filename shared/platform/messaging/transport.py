"""Transport of a process: its Kafka consumers, its outbox's relay, and how far it has heard."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker, KafkaRouter

from shared.errors import TemporaryFailure
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.platform.jobs import Job
from shared.platform.kafka.broker import create_broker
from shared.platform.messaging import handler_declarations, inbox, outbox_upkeep, trigger_counts
from shared.platform.messaging.batch_middleware import BatchMiddleware, subscribe
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.offset_check import OffsetCheck
from shared.platform.messaging.relay import Relay
from shared.platform.messaging.stall_watch import keep_hearing
from shared.platform.observability.telemetry import Telemetry
from shared.platform.settings import Settings

BATCH_GRACE = 5.0
"""Seconds that the batch in hand may still take when the process ends."""


@dataclass(frozen=True)
class Connected:
    """The parts of a process (name, schema, settings, pool, clock) that its `Transport` needs."""

    name: str
    schema: str
    settings: Settings
    pool: Pool
    clock: Clock
    telemetry: Telemetry


@dataclass(frozen=True)
class Transport:
    """The Kafka side of a process: consumers, outbox relay and offset check; made by `connect`."""

    process: Connected
    kafka: AIOKafkaAdminClient
    """A client of its own: /health must ask Kafka even when no record moves."""
    offsets: OffsetCheck
    listeners: Sequence[Consumer[Any]]
    broker: KafkaBroker
    relay: Relay
    has_own_relay: bool
    """Whether the relay is this service's alone, and starts and ends with it."""

    def jobs(self, stopping: asyncio.Event) -> dict[str, Job]:
        """Returns the background jobs for outbox, inbox, offsets and consumers, by name."""
        pool, schema = self.process.pool, self.process.schema
        jobs: dict[str, Job] = {
            "fold": trigger_counts.folds(pool, schema, stopping),
            "told": outbox_upkeep.prunes(pool, schema, stopping),
            "offsets": partial(self.offsets.keep_watched, stopping),
        }
        if self.has_own_relay:
            jobs["relay"] = self.relay.run
        if self.listeners:
            jobs["ears"] = lambda: keep_hearing(self.listeners, stopping)
            jobs["prune"] = inbox.prunes(pool, schema, stopping)
        return jobs

    async def start(self) -> None:
        """Starts the Kafka consumers.

        Raises TemporaryFailure when Kafka stopped answering meanwhile.
        """
        try:
            await self.broker.start()
        except KafkaError as error:
            raise TemporaryFailure(
                f"Kafka stopped answering while we started ({type(error).__name__}): start again."
            ) from error

    def stop(self) -> None:
        """Stops the Kafka consumers, and the relay if it is this service's alone.

        The current batch goes on until the broker is stopped.
        """
        for listener in self.listeners:
            listener.stop()
        if self.has_own_relay:
            self.relay.stop()


async def connect(
    process: Connected,
    kafka: AIOKafkaAdminClient,
    group: ConsumerGroup,
    router: KafkaRouter | None,
    broken: "asyncio.Future[None]",
    common_relay: Relay | None = None,
) -> Transport:
    """Makes the Kafka consumers and the relay of a process, not started; checks the stored offsets.

    `broken` is a future that gets an error which must end the process. `common_relay` carries the
    outboxes of several services, this one's among them; without one it has its own. Raises
    TemporaryFailure when Kafka or PostgreSQL do not say in time how far topics were read.
    """
    settings, schema = process.settings, process.schema
    topics = tuple(group.intakes)
    offsets = OffsetCheck(process.pool, settings.broker, kafka, settings.prefix, schema, topics)
    await offsets.begin(settings.start_wait)
    consumers = [
        Consumer(
            intake,
            schema,
            process.pool,
            process.clock,
            process.telemetry.heard,
            broken=broken,
            offsets=offsets,
        )
        for intake in group.intakes.values()
    ]
    broker = create_broker(
        settings.broker,
        process.name.replace(" ", "-"),
        [*process.telemetry.middlewares(), BatchMiddleware(consumers, settings.prefix)],
        broken=broken,
        graceful_seconds=BATCH_GRACE,
    )
    if router is not None:
        broker.include_router(router, prefix=settings.prefix)
    handler_declarations.check(group, broker)
    subscribe(broker, consumers, settings.prefix)
    own = common_relay is None
    relay = common_relay or Relay(
        settings.database_url, (schema,), settings.broker, settings.prefix
    )
    return Transport(process, kafka, offsets, consumers, broker, relay, own)
