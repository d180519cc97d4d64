"""Topics of a prefix that was left are listed, and removed once nobody hears them."""

from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from shared import topics
from shared.errors import Refused
from shared.former_topics import others, remove


async def committed(kafka: str, prefix: str, schema: str) -> AIOKafkaConsumer:
    """A member of the group of a service on the items under a prefix, which has committed."""
    name = f"{prefix}items"
    consumer: AIOKafkaConsumer = AIOKafkaConsumer(
        name,
        bootstrap_servers=kafka,
        group_id=f"{prefix}{schema}.items",
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    await consumer.start()
    await consumer.commit({TopicPartition(name, 0): 0})
    return consumer


async def test_a_former_prefix_is_listed_and_removed_once_nobody_hears_it(
    kafka_address: str,
) -> None:
    former, ours = (f"t{uuid4().hex[:12]}{end}" for end in (".", ".2."))
    for prefix in (former, ours):
        await topics.provision(kafka_address, prefix, replication=1)
    groups = [f"{former}{schema}.items" for schema in ("notify", "sla")]
    consumers = [await committed(kafka_address, former, schema) for schema in ("notify", "sla")]
    try:
        found = (await others(kafka_address, ours))[former]
        assert len(found.topics) == len(topics.TABLE)
        assert found.groups == found.heard == groups
        with pytest.raises(Refused, match="stop what runs under"):
            await remove(kafka_address, ours, former)
    finally:
        for consumer in consumers:
            await consumer.stop()
    with pytest.raises(Refused, match="is the prefix in use"):
        await remove(kafka_address, ours, ours)
    gone = await remove(kafka_address, ours, former)
    assert sorted(gone.topics) == sorted(f"{former}{one.topic.value}" for one in topics.TABLE)
    assert gone.groups == groups
    assert former not in await others(kafka_address, ours)
    assert not await topics.missing(kafka_address, ours), "ours stay"
    with pytest.raises(Refused, match="no topics under"):
        await remove(kafka_address, ours, former)
