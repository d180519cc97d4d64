"""Which key leads to a partition: for the few facts that concern all of a topic, not one key."""

from collections.abc import Sequence
from itertools import count

from aiokafka.partitioner import DefaultPartitioner

from shared.facts.envelope import Topic
from shared.platform.kafka.topics import TABLE


def keys_of(topic: Topic) -> Sequence[str]:
    """Returns one record key for each partition of a large topic, in the order of the partitions.

    Together they also reach each partition of a small one.
    """
    partitions = next(list(range(plan.partitions)) for plan in TABLE if plan.topic is topic)
    choose, keys = DefaultPartitioner(), dict[int, str]()
    for number in count():
        key = f"partition-{number}"
        keys.setdefault(choose(key.encode(), partitions, partitions), key)
        if len(keys) == len(partitions):
            return [keys[partition] for partition in partitions]
    raise AssertionError
