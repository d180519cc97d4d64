"""How far a consumer is behind, and whether its topic is still there: what health and metrics ask.

Both by what its client knows itself: nothing is asked of Kafka.
"""

from typing import Any

from shared.platform.messaging.consumer import Consumer


def is_topic_gone(listener: Consumer[Any]) -> bool:
    """Whether Kafka no longer has the consumer's topic, by its last metadata."""
    consumer = listener.subscriber.consumer
    return consumer is not None and not consumer.partitions_for_topic(
        listener.subscriber.topic_names[0]
    )


async def lag_of(listener: Consumer[Any]) -> int:
    """Returns the consumer lag: the number of records that wait on the assigned partitions."""
    consumer = listener.subscriber.consumer
    if consumer is None:
        return 0
    lag = 0
    for partition in consumer.assignment():
        end = consumer.highwater(partition)
        if end is not None:
            lag += max(0, end - await consumer.position(partition))
    return lag
