"""A service's declared handlers: checked when it starts, and called without Kafka."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from faststream.kafka import KafkaBroker, KafkaRouter
from faststream.kafka.subscriber.usecase import BatchSubscriber
from faststream.middlewares import AckPolicy

from shared.errors import PermanentFailure
from shared.platform.database import Connection
from shared.platform.kafka.topics import name_of
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.offsets import group_of
from shared.platform.messaging.subscription import Subscription


def subscriptions(group: ConsumerGroup, router: KafkaRouter) -> Mapping[str, Subscription[Any]]:
    """Returns a group's handlers by topic, to retry a dead letter without Kafka."""
    handlers: Mapping[str, Any] = {
        topic.name: subscriber.calls[0].handler
        for subscriber in router.subscribers
        for topic in subscriber.topics  # type: ignore[attr-defined]  # of every Kafka one
    }
    return {
        topic.value: Subscription(topic, intake.decode, _called(handlers[topic.value]))
        for topic, intake in group.intakes.items()
    }


def check(group: ConsumerGroup, broker: KafkaBroker) -> None:
    """Checks that each subscriber of the broker has the settings by which no fact is lost.

    Raises:
        PermanentFailure: one has others, or a topic of the group has none; it names the topic.
    """
    subscribers: Sequence[Any] = broker.subscribers
    groups = {
        name_of(topic, group.prefix): group_of(group.schema, topic, group.prefix)
        for topic in group.intakes
    }
    for subscriber in subscribers:
        name = ", ".join(subscriber.topic_names)
        wanted = {
            "batch": isinstance(subscriber, BatchSubscriber),
            "ack_policy": subscriber.ack_policy is AckPolicy.MANUAL,
            "group_id": groups.pop(name, None) == subscriber.group_id,
        }
        if wrong := [setting for setting, right in wanted.items() if not right]:
            raise PermanentFailure(f"The subscriber of {name} may lose facts: check {wrong}.")
    if groups:
        raise PermanentFailure(f"Nothing subscribes to {', '.join(groups)}.")


def _called(handler: Any) -> Any:
    async def handle(connection: Connection, facts: Sequence[Any], now: datetime) -> Any:
        return await handler(facts, connection, now)

    return handle
