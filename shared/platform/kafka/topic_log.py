"""What topics hold: how far they go, how far they were heard, and all of it read once."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError, for_code
from aiokafka.protocol.commit import OffsetFetchRequest
from aiokafka.structs import OffsetAndMetadata

from shared.errors import TemporaryFailure
from shared.platform.kafka.connection import Kafka, client_options
from shared.platform.kafka.record_consumer import RecordConsumer

T = TypeVar("T")

SILENCE = 60.0
"""Seconds without an answer after which a reading is given up. Longer than aiokafka waits for one
request (40 seconds) before it connects anew: a Kafka that was restarted costs no reading."""


async def spans(
    kafka: Kafka, names: Sequence[str], *, seconds: float
) -> Mapping[TopicPartition, tuple[int, int]]:
    """Returns the first offset and the one after the last record, for each partition of the topics.

    Raises:
        TemporaryFailure: Kafka refuses, is away, or does not answer within `seconds`.
    """
    consumer = AIOKafkaConsumer(*names, **client_options(kafka))
    try:
        async with asyncio.timeout(seconds):
            # Inside: one that could not start, for want of time or of topics, is open all the same.
            await consumer.start()
            partitions = list(consumer.assignment())
            consumer.pause(*partitions)  # asked, never read: whoever asks may have no right to
            starts = await consumer.beginning_offsets(partitions)
            ends = await consumer.end_offsets(partitions)
    except (KafkaError, OSError, TimeoutError) as error:
        raise TemporaryFailure("Kafka does not say how far its topics go.") from error
    else:
        return {partition: (starts[partition], ends[partition]) for partition in partitions}
    finally:
        await consumer.stop()


async def committed_offsets(
    client: AIOKafkaAdminClient, group: str
) -> Mapping[TopicPartition, OffsetAndMetadata]:
    """Returns the offsets that a consumer group committed to Kafka; empty for an unknown group.

    Raises:
        KafkaError, OSError: Kafka refuses, does not know yet, or is away.
    """
    node = await client.find_coordinator(group)
    # The client's own word for it takes an error about the whole group for a group without offsets.
    answer = await client._send_request(OffsetFetchRequest(group, None), node)  # noqa: SLF001  (as said)
    codes = [answer.error_code, *(place[3] for _, places in answer.topics for place in places)]
    if wrong := next(filter(None, codes), None):
        raise for_code(wrong)
    return {
        TopicPartition(topic, place): OffsetAndMetadata(offset, metadata)
        for topic, places in answer.topics
        for place, offset, metadata, _ in places
    }


async def held_records(kafka: Kafka, name: str) -> AsyncIterator["ConsumerRecord[Any, Any]"]:
    """Yields every record that a Kafka topic holds now; those of one partition come in order.

    Raises:
        TemporaryFailure: Kafka refuses, is away, or answers nothing for `SILENCE` seconds; what was
            yielded before is only a part.
    """
    consumer = RecordConsumer(
        name, **client_options(kafka), auto_offset_reset="earliest", enable_auto_commit=False
    )
    try:
        # Inside: one that could not start is open all the same.
        ends = await _answered(name, _started(consumer))
        for place, end in sorted(ends.items()):
            while records := await _answered(name, _next(consumer, place, end)):
                for record in records:
                    yield record
    finally:
        await consumer.stop()


async def _answered(name: str, question: Awaitable[T]) -> T:
    try:
        async with asyncio.timeout(SILENCE):
            return await question
    except TimeoutError as error:
        raise TemporaryFailure(
            f"Kafka answered nothing about {name} for {SILENCE:.0f} seconds: look whether its"
            " servers run, and begin again."
        ) from error
    except (KafkaError, OSError) as error:
        raise TemporaryFailure(
            f"Kafka does not say what {name} holds ({type(error).__name__})."
        ) from error


async def _started(consumer: RecordConsumer) -> Mapping[TopicPartition, int]:
    """Each partition, and the offset after its last record."""
    await consumer.start()
    ends: Mapping[TopicPartition, int] = await consumer.end_offsets(list(consumer.assignment()))
    return ends


async def _next(
    consumer: RecordConsumer, place: TopicPartition, end: int
) -> Sequence["ConsumerRecord[Any, Any]"]:
    """The next records of a partition before an offset; none where no more stand there."""
    while await consumer.position(place) < end:
        if records := (await consumer.getmany(place, timeout_ms=500)).get(place):
            return [record for record in records if record.offset < end]
    return ()
