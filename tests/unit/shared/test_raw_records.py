"""Kafka's own octets are read as aiokafka reads them, also where aiokafka refuses to."""

from collections.abc import Sequence
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import CorruptRecordException
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from aiokafka.record.memory_records import MemoryRecords

from shared.platform.kafka.raw_records import batches
from tests.odd_records import odd_batch

PLACE = TopicPartition("items", 3)
NONE, GZIP, SNAPPY, LZ4, ZSTD = range(5)

RECORDS: Sequence[tuple[int, bytes | None, bytes | None, list[tuple[str, bytes | None]]]] = [
    (1_700_000_000_000, b"key", b"value", [("ce_type", b"Said"), ("é", b"\xff"), ("none", None)]),
    (1_700_000_000_005, None, b"", []),
    (1_699_999_999_000, b"", None, [("long", b"x" * 5_000)]),
]


def batch(compression: int) -> bytes:
    builder = DefaultRecordBatchBuilder(2, compression, 0, -1, -1, -1, 1_000_000)
    for number, (time, key, value, headers) in enumerate(RECORDS):
        assert builder.append(number, time, key, value, headers)
    return bytes(builder.build())


def read(octets: bytes) -> tuple[list[Any], int]:
    ((records, behind),) = batches(PLACE, octets)
    return records, behind


@pytest.mark.parametrize("compression", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_records_are_read_however_they_are_compressed(compression: int) -> None:
    records, behind = read(batch(compression))
    assert behind == 3
    assert [(r.timestamp, r.key, r.value, list(r.headers)) for r in records] == list(RECORDS)
    assert [(r.topic, r.partition, r.offset) for r in records] == [
        ("items", 3, n) for n in (0, 1, 2)
    ]
    assert [r.serialized_key_size for r in records] == [3, -1, 0]
    assert [r.serialized_value_size for r in records] == [5, 0, -1]


@pytest.mark.parametrize("compression", [NONE, GZIP, SNAPPY, LZ4, ZSTD])
def test_a_name_that_is_no_text_is_read_with_the_octets_that_it_has(compression: int) -> None:
    octets = odd_batch([b"one", b"two"], odd=[1], compression=compression)
    with pytest.raises((UnicodeDecodeError, CorruptRecordException)):
        list(MemoryRecords(octets).next_batch())
    records, behind = read(octets)
    assert behind == 2
    assert [(r.value, r.headers) for r in records] == [
        (b"one", ()),
        (b"two", ((r"name\xff\xfe\xfdat-is-no-text", b"x"),)),
    ]


def test_a_batch_that_the_answer_cuts_is_left_for_the_next_one() -> None:
    octets = batch(LZ4)
    assert [len(records) for records, _ in batches(PLACE, octets + octets[:-1])] == [3]
    assert list(batches(PLACE, octets[:7])) == []


def test_a_checksum_that_is_wrong_is_an_error() -> None:
    octets = bytearray(batch(NONE))
    octets[-1] ^= 1
    with pytest.raises(CorruptRecordException):
        list(batches(PLACE, bytes(octets)))
