"""A service that hears with given subscriptions, for tests that have no whole process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from faststream.kafka import KafkaRouter

from shared.platform.clock import SystemClock
from shared.platform.database import Pool
from shared.platform.kafka.broker import create_broker
from shared.platform.kafka.connection import Kafka
from shared.platform.messaging.batch_middleware import BatchMiddleware, subscribe
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.consumer_group import ConsumerGroup, Now, Rejected, Transaction
from shared.platform.messaging.handler_declarations import check
from shared.platform.messaging.offsets import OffsetGuard
from shared.platform.messaging.subscription import Subscription
from shared.platform.observability.telemetry import Telemetry


def router_of(group: ConsumerGroup, *ears: Subscription[Any]) -> KafkaRouter:
    """A router on which these are declared."""
    router = KafkaRouter()
    for ear in ears:
        _declare(router, group, ear)
    return router


def _declare(router: KafkaRouter, group: ConsumerGroup, ear: Subscription[Any]) -> None:
    @router.subscriber(ear.topic.value, **group.takes(ear.topic, ear.decode))
    async def hear(facts: list[Any], connection: Transaction, now: Now) -> Rejected[Any]:
        return await ear.handle(connection, facts, now)


@asynccontextmanager
async def consumers_of(
    kafka: Kafka,
    prefix: str,
    schema: str,
    pool: Pool,
    *ears: Subscription[Any],
    broken: "asyncio.Future[None]",
    offsets: OffsetGuard | None = None,
) -> AsyncIterator[Sequence[Consumer[Any]]]:
    """A block in which a service hears; `broken` ends as in its process."""
    telemetry, group = Telemetry("test"), ConsumerGroup(schema, prefix)
    router = router_of(group, *ears)
    consumers = [
        Consumer[Any](
            intake, schema, pool, SystemClock(), telemetry.heard, broken=broken, offsets=offsets
        )
        for intake in group.intakes.values()
    ]
    taking = BatchMiddleware(consumers, prefix)
    broker = create_broker(kafka, "test", [*telemetry.middlewares(), taking], broken=broken)
    broker.include_router(router, prefix=prefix)
    check(group, broker)
    subscribe(broker, consumers, prefix)
    try:
        await broker.start()
        yield consumers
    finally:
        for consumer in consumers:
            consumer.stop()
        await broker.stop()
