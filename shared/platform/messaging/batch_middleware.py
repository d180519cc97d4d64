"""FastStream's middleware between a subscriber and its handler: a batch becomes a transaction.

The handler is called with the facts that could be read, and, where the batch fails, once more with
those of each key (batch.py): FastStream injects the connection and the moment each time.
"""

from collections.abc import Mapping, Sequence
from copy import copy
from datetime import datetime
from typing import Any

from faststream import BaseMiddleware, ContextRepo
from faststream.kafka import KafkaBroker, KafkaMessage

from shared.platform.database import Connection
from shared.platform.kafka.topics import name_of
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.consumer_group import CONNECTION, NOW
from shared.platform.messaging.subscription import RejectedFact


class BatchMiddleware:
    """FastStream middleware that hands each batch of records to the consumer of its topic.

    It must be the innermost of the broker's middlewares.
    """

    def __init__(self, consumers: Sequence[Consumer[Any]], prefix: str) -> None:
        self._consumers = {name_of(consumer.topic, prefix): consumer for consumer in consumers}

    def __call__(self, msg: Any, /, *, context: ContextRepo) -> BaseMiddleware[Any, Any]:
        """Called by FastStream for each batch."""
        return _Batch(msg, context=context, consumers=self._consumers)


class _Batch(BaseMiddleware[Any, Any]):
    def __init__(
        self, msg: Any, /, *, context: ContextRepo, consumers: Mapping[str, Consumer[Any]]
    ) -> None:
        super().__init__(msg, context=context)
        self._consumers = consumers

    async def consume_scope(self, call_next: Any, msg: Any) -> None:
        async def handle(
            connection: Connection, facts: Sequence[Any], now: datetime
        ) -> Sequence[RejectedFact[Any]]:
            async def read(message: KafkaMessage) -> Sequence[Any]:
                del message
                return facts

            part = copy(msg)
            part.set_decoder(read)
            with self.context.scope(CONNECTION, connection), self.context.scope(NOW, now):
                rejected: Sequence[RejectedFact[Any]] = await call_next(part)
            return rejected

        await self._consumers[msg.raw_message[0].topic].hear(msg, handle)


def subscribe(broker: KafkaBroker, consumers: Sequence[Consumer[Any]], prefix: str) -> None:
    """Hands each consumer the FastStream subscriber of its topic, which the broker has already."""
    subscribers: Mapping[str, Any] = {
        name: subscriber
        for subscriber in broker.subscribers
        for name in subscriber.topic_names  # type: ignore[attr-defined]  # of every Kafka one
    }
    for consumer in consumers:
        consumer.subscriber = subscribers[name_of(consumer.topic, prefix)]
