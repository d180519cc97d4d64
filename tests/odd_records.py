"""Records that no client of ours would make: a header whose name is no text."""

import asyncio
import struct
from collections.abc import Callable, Sequence

from aiokafka import TopicPartition, codec
from aiokafka.client import AIOKafkaClient
from aiokafka.errors import NotLeaderForPartitionError
from aiokafka.protocol.produce import ProduceRequest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.util import calc_crc32c

_STANDS_FOR, _NO_TEXT = b"name-that-is-no-text", b"name\xff\xfe\xfdat-is-no-text"
_LENGTH, _CRC, _CHECKED, _RECORDS = 8, 17, 21, 61
"""Where a batch's length and checksum stand, what it is of, and the records (Kafka's format v2)."""
_COMPRESS: Sequence[Callable[[bytes], bytes]] = (
    bytes,
    codec.gzip_encode,
    codec.snappy_encode,
    codec.lz4_encode,
    codec.zstd_encode,
)


def odd_batch(values: Sequence[bytes], *, odd: Sequence[int], compression: int = 0) -> bytes:
    """One batch of records; those numbered in `odd` have a header whose name is no UTF-8."""
    builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 1_000_000)
    for number, value in enumerate(values):
        headers = [(_STANDS_FOR.decode(), b"x")] if number in odd else []
        assert builder.append(number, 0, b"odd", value, headers)
    plain = bytearray(bytes(builder.build()).replace(_STANDS_FOR, _NO_TEXT))
    batch = plain[:_RECORDS] + _COMPRESS[compression](bytes(plain[_RECORDS:]))
    struct.pack_into(">i", batch, _LENGTH, len(batch) - _LENGTH - 4)
    batch[_CHECKED + 1] |= compression
    struct.pack_into(">I", batch, _CRC, calc_crc32c(memoryview(batch)[_CHECKED:]))
    return bytes(batch)


async def publish_odd(
    kafka: str, place: TopicPartition, values: Sequence[bytes], *, odd: Sequence[int]
) -> int:
    """Puts such a batch into a partition; returns the offset of its first record."""
    batch = odd_batch(values, odd=odd)
    client = AIOKafkaClient(bootstrap_servers=kafka)
    await client.bootstrap()
    try:
        await client.set_topics([place.topic])
        while True:
            node = client.cluster.leader_for_partition(place)
            request = ProduceRequest(None, -1, 30_000, [(place.topic, [(place.partition, batch)])])
            answer = await client.send(node, request)
            ((_, ((_, error, offset, *_),)),) = answer.topics
            if error != NotLeaderForPartitionError.errno:  # as for a topic that was just made
                assert error == 0, answer
                return int(offset)
            await asyncio.sleep(0.1)
            await client.force_metadata_update()
    finally:
        await client.close()
