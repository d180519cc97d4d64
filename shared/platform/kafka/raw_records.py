"""Kafka's own octets as records, where aiokafka refuses to decode them.

aiokafka decodes the name of each header as UTF-8, and one that is none fails its whole batch, also
for whoever asks for a record behind it. The format (record batches, version 2) is Kafka's:
https://kafka.apache.org/documentation/#recordbatch
"""

import struct
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition, codec
from aiokafka.errors import CorruptRecordException
from aiokafka.record.memory_records import MemoryRecords
from aiokafka.record.util import decode_varint

_LENGTH = struct.Struct(">i")
_LENGTH_AT, _LENGTH_END = 8, 12
_BATCH = struct.Struct(">qiibIhiqqqhii")
_CODEC, _APPEND_TIME = 0x07, 0x08

_DECOMPRESS: Mapping[int, Callable[[bytes], bytes]] = {
    0: bytes,
    1: codec.gzip_decode,
    2: codec.snappy_decode,
    3: codec.lz4_decode,
    4: codec.zstd_decode,
}

Record: TypeAlias = "ConsumerRecord[Any, Any]"


def batches(place: TopicPartition, octets: bytes) -> Iterator[tuple[list[Record], int]]:
    r"""Yields the batches in Kafka's answer for a partition, each with the offset after it.

    A last batch that was cut is left out: the next request gets it. Octets of a header's name that
    are not UTF-8 are written as `\xff`.

    Raises:
        CorruptRecordException: a checksum or a length is wrong.
    """
    at = 0
    while at + _LENGTH_END <= len(octets):
        end = at + _LENGTH_END + _LENGTH.unpack_from(octets, at + _LENGTH_AT)[0]
        if end > len(octets):
            return  # the answer was cut: Kafka gives the rest of this batch to who asks again
        batch = MemoryRecords(octets[at:end]).next_batch()
        if batch is None or not batch.validate_crc():
            raise CorruptRecordException(f"Invalid batch in {place}")
        records = [] if batch.is_control_batch else list(_decoded(place, octets[at:end]))
        yield records, batch.next_offset
        at = end


def _decoded(place: TopicPartition, batch: bytes) -> Iterator[Record]:
    base, _, _, magic, _, attributes, _, first_time, max_time, *_, count = _BATCH.unpack_from(batch)
    if magic != 2:  # noqa: PLR2004  (older ones have no headers)
        raise CorruptRecordException(f"A batch of another format in {place}")
    octets = bytearray(_DECOMPRESS[attributes & _CODEC](batch[_BATCH.size :]))
    kind = int(bool(attributes & _APPEND_TIME))
    at = 0
    for _ in range(count):
        length, at = decode_varint(octets, at)
        fields = _Fields(octets, at + 1)  # behind the record's attributes, of which there are none
        at += length
        time, offset = fields.number(), base + fields.number()
        key, value = fields.octets(), fields.octets()
        headers = [
            ((fields.octets() or b"").decode(errors="backslashreplace"), fields.octets())
            for _ in range(fields.number())
        ]
        if fields.at != at:
            raise CorruptRecordException(f"A record of another length in {place}")
        yield ConsumerRecord(
            place.topic,
            place.partition,
            offset,
            max_time if kind else first_time + time,
            kind,
            key,
            value,
            None,
            -1 if key is None else len(key),
            -1 if value is None else len(value),
            tuple(headers),
        )


class _Fields:
    """The fields of one record, in their order."""

    def __init__(self, octets: bytearray, at: int) -> None:
        self._octets = octets
        self.at = at

    def number(self) -> int:
        """The next one, a number."""
        number, self.at = decode_varint(self._octets, self.at)
        return int(number)

    def octets(self) -> bytes | None:
        """The next one, octets behind their length; `None`: there are none."""
        length = self.number()
        if length < 0:
            return None
        begin, self.at = self.at, self.at + length
        return bytes(self._octets[begin : self.at])
