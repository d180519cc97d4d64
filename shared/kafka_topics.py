"""What topics hold: how far they go, all of it read once, or copied to another topic."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from shared.kafka import Kafka, client_options

_TOGETHER = 1000
"""Records published before the next are read."""


async def ends(
    kafka: Kafka, names: Sequence[str], *, seconds: float
) -> Mapping[TopicPartition, int]:
    """The offset after the last record of each partition of these topics.

    Raises:
        TimeoutError: Kafka does not answer within `seconds`.
        KafkaError, OSError: it refuses, or is away.
    """
    consumer = AIOKafkaConsumer(*names, **client_options(kafka))
    try:
        # Inside: one that could not start, for want of time or of the topics, is open all the same.
        await asyncio.wait_for(consumer.start(), seconds)
        found: Mapping[TopicPartition, int] = await consumer.end_offsets(
            list(consumer.assignment())
        )
        return found
    finally:
        await consumer.stop()


async def held(kafka: Kafka, name: str) -> AsyncIterator["ConsumerRecord[Any, Any]"]:
    """All that a topic holds now, each partition in its order."""
    consumer: AIOKafkaConsumer[Any, Any] = AIOKafkaConsumer(
        name, **client_options(kafka), auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        # Inside: one that could not start is open all the same.
        await consumer.start()
        ends = await consumer.end_offsets(list(consumer.assignment()))
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            for partition, records in (await consumer.getmany(timeout_ms=500)).items():
                for record in records:
                    if record.offset < ends[partition]:
                        yield record
    finally:
        await consumer.stop()


async def copy(
    kafka: Kafka, old: str, new: str, keeps: Callable[["ConsumerRecord[Any, Any]"], bool]
) -> None:
    """Records into the same partition, in the same order, with key and headers."""
    producer = AIOKafkaProducer(**client_options(kafka), enable_idempotence=True)
    try:
        await producer.start()
        waiting: list[asyncio.Future[Any]] = []
        async for record in held(kafka, old):
            if keeps(record):
                waiting.append(
                    await producer.send(
                        new,
                        record.value,
                        key=record.key,
                        partition=record.partition,
                        headers=list(record.headers),
                    )
                )
            if len(waiting) >= _TOGETHER:
                await asyncio.gather(*waiting)
                waiting.clear()
        await asyncio.gather(*waiting)
    finally:
        await producer.stop()
