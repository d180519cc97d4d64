"""A consumer that goes on where aiokafka can't decode a record.

aiokafka raises before anybody sees the record, for its whole batch and for whoever asks for what
stands behind it; and what it had taken of other partitions for the same answer is lost, their
positions have moved. So after any error the positions go back to what the group has committed.
After one of decoding, Kafka's own octets are read (raw_records.py) until what could not be decoded
lies behind; after any other, each partition is asked alone until none fails.
"""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    LeaderNotAvailableError,
    OffsetOutOfRangeError,
    for_code,
)
from aiokafka.protocol.fetch import FetchRequest

from shared.platform.kafka import raw_records
from shared.platform.observability.logs import Log
from shared.platform.turn_rate import TurnRate

AT_ONCE = 500
"""Records of one answer, where nobody says how many."""
WAIT_MS, MOST_OCTETS = 500, 1_048_576
_NO_SERVER = (None, -1)
"""What aiokafka names a leader that is away."""

RecordList = list["ConsumerRecord[Any, Any]"]

log = Log("record_consumer")


class RecordConsumer(AIOKafkaConsumer):  # type: ignore[misc]  # aiokafka has no types
    """aiokafka's consumer that also gives records whose headers aiokafka can't decode.

    For groups that commit what they have taken and nothing beyond it.
    """

    _astray = False
    """Whether a record ahead of our positions can't be decoded."""
    _apart = False
    """Whether records of other partitions may have been lost behind our positions."""

    def __init__(self, *topics: str, idle_ms: int = 0, gather_ms: int = 0, **options: Any) -> None:
        """Nothing is connected.

        Args:
            topics: as aiokafka's.
            idle_ms: how long `getmany` waits for a first record, where it is to wait at all: the
                first one ends it, so that waiting long costs no time and asking often only work.
            gather_ms: how far apart `getmany` gives records that follow one another, where it is
                to wait at all (shared/platform/turn_rate.py); a full batch is followed at once.
            options: as aiokafka's.
        """
        super().__init__(*topics, **options)
        self._idle_ms = idle_ms
        self._turns = TurnRate(gather_ms / 1000)

    async def start(self) -> None:
        """Starts as aiokafka does; what it raises is raised.

        While a record lies here that nobody has taken, aiokafka asks after a tenth of a second for
        the other partitions alone, and what follows that record is not asked for before that
        answer: a whole wait later. It lies for as long as a batch is in hand.
        """
        await super().start()
        if self._idle_ms:
            self._fetcher._prefetch_backoff = self._idle_ms / 1000  # noqa: SLF001  (no option of aiokafka's)

    async def getmany(
        self,
        *partitions: TopicPartition,
        timeout_ms: int = 0,
        max_records: int | None = None,
    ) -> dict[TopicPartition, RecordList]:
        """Takes the next records, as aiokafka does.

        A consumer without a group must name one partition: it has no committed offset to which
        the others could be reset after an error.

        Raises:
            KafkaError: as aiokafka's; what was not given yet is given the next time.
        """
        if timeout_ms and (early := self._turns.wait(time.monotonic())):
            await asyncio.sleep(early)
        taken = await self._next(*partitions, timeout_ms=timeout_ms, max_records=max_records)
        if 0 < sum(map(len, taken.values())) < (max_records or AT_ONCE):
            self._turns.note(time.monotonic())
        return taken

    async def _next(
        self, *partitions: TopicPartition, timeout_ms: int, max_records: int | None
    ) -> dict[TopicPartition, RecordList]:
        if not self._astray:
            try:
                taken: dict[TopicPartition, RecordList]
                if self._apart and len(partitions) != 1:
                    await self._go_back()
                    taken = await self._one_by_one(partitions, timeout_ms, max_records or AT_ONCE)
                else:
                    longest = max(timeout_ms, self._idle_ms) if timeout_ms else 0
                    taken = await super().getmany(
                        *partitions, timeout_ms=longest, max_records=max_records
                    )
            except Exception as error:
                self._apart = True
                if not _of_decoding(error):
                    raise
                self._astray = True
                log.warning("records_read_raw", topics=sorted(self.subscription()))
            else:
                return taken
        if len(partitions) != 1:
            await self._go_back()
        taken = await self._raw(sorted(partitions or self.assignment()), max_records or AT_ONCE)
        self._astray = self._apart = False
        return taken

    async def _go_back(self) -> None:
        """All at once, so that no partition stays ahead when Kafka stops answering."""
        committed = {place: await self.committed(place) for place in self.assignment()}
        ours = {place: at for place, at in committed.items() if place in self.assignment()}
        for place, at in ours.items():
            if at is not None:
                self.seek(place, at)
        if unheard := [place for place, at in ours.items() if at is None]:
            await self.seek_to_beginning(*unheard)

    async def _one_by_one(
        self, places: Sequence[TopicPartition], timeout_ms: int, limit: int
    ) -> dict[TopicPartition, RecordList]:
        """So that the one that fails costs no other a record; raises if there is nothing else."""
        taken: dict[TopicPartition, RecordList] = {}
        failed: Exception | None = None
        for place in sorted(places or self.assignment()):
            if left := limit - sum(map(len, taken.values())):
                try:
                    taken |= await super().getmany(place, timeout_ms=timeout_ms, max_records=left)
                except IllegalStateError:
                    continue  # as in `_raw`
                except (KafkaError, UnicodeDecodeError) as error:
                    failed = error
        if failed is None:
            self._apart = False
        elif not taken:
            raise failed
        return taken

    async def _raw(
        self, places: Sequence[TopicPartition], limit: int
    ) -> dict[TopicPartition, RecordList]:
        taken: dict[TopicPartition, RecordList] = {}
        try:
            for place in places:
                left = limit - sum(map(len, taken.values()))
                if left and await self._waits(place):
                    records, behind = await self._raw_of(place, left)
                    self.seek(place, behind)
                    if records:
                        taken[place] = records
        except IllegalStateError:
            pass  # a partition went to another process: it begins where we have committed
        return taken

    async def _waits(self, place: TopicPartition) -> bool:
        """Whether Kafka has a record for us there, as it last said."""
        end = self.highwater(place) if place in self.assignment() else None
        return end is not None and await self.position(place) < end

    async def _raw_of(self, place: TopicPartition, limit: int) -> tuple[RecordList, int]:
        """The next records of a partition, and the offset behind them."""
        begin = await self.position(place)
        try:
            octets = await self._octets(place, begin)
        except OffsetOutOfRangeError:  # retention has passed it: as aiokafka does (`earliest`)
            begin = (await self.beginning_offsets([place]))[place]
            octets = await self._octets(place, begin)
        records, behind = RecordList(), begin
        for batch, after in raw_records.batches(place, octets):
            for record in batch:
                if len(records) == limit:
                    return records, behind
                if record.offset >= begin:
                    records.append(record)
                    behind = record.offset + 1
            behind = after
        return records, behind

    async def _octets(self, place: TopicPartition, begin: int) -> bytes:
        """Kafka's answer for a partition, from an offset on; none where it asks us to wait."""
        leader = self._client.cluster.leader_for_partition(place)
        if leader in _NO_SERVER:
            raise LeaderNotAvailableError(f"{place} has no leader")
        asked = [(place.topic, [(place.partition, begin, MOST_OCTETS)])]
        request = FetchRequest(WAIT_MS, 1, MOST_OCTETS, 0, asked)
        topics = (await self._client.send(leader, request)).topics
        if not topics:  # a quota: nothing was looked for
            return b""
        ((_, ((_, code, _, *answer),)),) = topics
        if code:
            raise for_code(code)
        octets: bytes = answer[-1] or b""
        return octets


def _of_decoding(error: Exception) -> bool:
    """Whether text can't be decoded; a checksum that is wrong says nothing of single records.

    aiokafka's compiled code raises the error itself, its Python code wraps it.
    """
    return UnicodeDecodeError in {type(error), type(error.__cause__)}
