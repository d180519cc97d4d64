"""Topics of a prefix that was left are listed, and removed once nobody hears them."""

import asyncio
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from click.testing import CliRunner

from services.__main__ import main
from shared.errors import Refused
from shared.platform.database import Pool
from shared.platform.kafka import topics
from shared.platform.kafka.former_topics import others, remove


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
    kafka_address: str, postgres_url: str, pool: Pool, monkeypatch: pytest.MonkeyPatch
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
    names = [f"{former}{topic.topic.value}" for topic in topics.TABLE]
    kept = "INSERT INTO sla.offsets VALUES ($1, 0, 7), ($2, 0, 7)"
    await pool.execute(kept, f"{former}items", f"{ours}items")
    for name, value in (
        ("DATABASE_URL", postgres_url), ("KAFKA", kafka_address), ("PREFIX", ours),
    ):  # fmt: skip
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)
    words = ["former-topics", "--remove", former, "--yes"]
    result = await asyncio.to_thread(CliRunner().invoke, main, words)
    assert sorted(result.output.splitlines()) == sorted(
        f"removed {name}" for name in names + groups
    )
    rows = await pool.fetch("SELECT topic FROM sla.offsets")
    assert [row["topic"] for row in rows] == [f"{ours}items"]
    assert former not in await others(kafka_address, ours)
    assert not await topics.missing_topics(kafka_address, ours), "ours stay"
    with pytest.raises(Refused, match="no topics under"):
        await remove(kafka_address, ours, former)
