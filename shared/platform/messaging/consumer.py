"""Listening: how a service takes facts from a topic, in batches, each in one transaction.

The reader's effect, its memory of the facts, what it tells and what it sets aside commit together;
only then is Kafka told. What can go wrong, and what follows:

a record can't be decoded          one dead letter, the rest goes on
the handler returns RejectedFact   one dead letter, likewise
the handler or its SQL raises      rolled back, taken again key by key: what fails is set aside
a batch begins behind what is known looked into: did the database go back? (offsets.py) If it did
                                   not, read again from what is known: what then comes is taken
PostgreSQL, Kafka, a disk is away  rolled back, not acknowledged, read again after 1 to 5 seconds
twenty keys in a row, no success   nothing of the batch is committed, the process ends, exit code 3:
                                   the fault is ours, and the world is not set aside for it
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import MappingProxyType
from typing import Any, Generic

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaMessage

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.backoff import pause_after, pause_or
from shared.platform.clock import Clock, sure
from shared.platform.database import Pool
from shared.platform.messaging import offsets
from shared.platform.messaging.batch import BatchProcessor, ReadRecord
from shared.platform.messaging.consumer_group import Intake
from shared.platform.messaging.gap_search import GapSearch
from shared.platform.messaging.offsets import Gap, OffsetGuard, Rows
from shared.platform.messaging.subscription import F, Handle
from shared.platform.observability.logs import Log
from shared.platform.observability.telemetry import ConsumerMetrics

log = Log("listening")


class Consumer(Generic[F]):
    """The Kafka consumer of one topic in one consumer group; handles records batch by batch."""

    def __init__(
        self,
        intake: Intake[F],
        schema: str,
        pool: Pool,
        clock: Clock,
        heard: ConsumerMetrics,
        *,
        broken: "asyncio.Future[None]",
        offsets: OffsetGuard | None = None,
    ) -> None:
        self.topic = intake.topic
        self.subscriber: Any = None
        """FastStream's; see shared/platform/messaging/batch_middleware.py."""
        self.failing = ""
        """Why the last batch was given back; empty when it was taken."""
        self._processor = BatchProcessor[F](intake.topic, schema, pool, heard)
        self._assignment = intake.assignment
        self._assignment.when_revoked = self._withdraw
        self._clock = clock
        self._heard = heard
        self._broken = broken
        self._offsets = offsets
        self._gaps = GapSearch(self._processor.ask_at, self._assignment, offsets)
        self._failures = 0
        self.in_hand = False
        """Whether a batch is being handled now."""
        self.batches = 0
        """How many were taken in hand."""
        self._telling: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    @property
    def assigned(self) -> bool:
        """Whether Kafka has assigned this consumer its partitions, even if it got none."""
        return self._assignment.known

    def stop(self) -> None:
        """Tells the Kafka consumer that the process stops, which ends its pause before a retry."""
        self._stopping.set()

    def _withdraw(self) -> None:
        """Called in a rebalance: offsets of earlier batches are not committed any more.

        A commit that waits for Kafka to come back would be sent in the name of the new group, and
        if Kafka lost its disk meanwhile, say of the new log how far the old one was heard.
        """
        if self._telling is not None:
            self._telling.cancel()

    async def hear(self, message: KafkaMessage, handle: Handle[F]) -> None:
        """Handles one batch and commits its offsets; after a failure pauses and reads it again."""
        self.in_hand = True
        self.batches += 1
        try:
            await self._hear(message, handle)
        finally:
            self.in_hand = False

    async def _hear(self, message: KafkaMessage, handle: Handle[F]) -> None:
        records = message.raw_message
        assert isinstance(records, tuple)  # noqa: S101  (a batch subscriber gets nothing else)
        revoked = self._assignment.revocations
        try:
            with self._heard.timed(self.topic):
                now = sure(self._clock)
                batch = await self._decoded(message, len(records))
                asked = await self._gaps.answer(self.subscriber.consumer, message.raw_message)
                ahead = await self._processor.take(batch, handle, now, asked)
        except Gap as gap:
            await self._look_into(message, gap)
        except TemporaryFailure as failure:
            await self._give_back(message, failure)
        except Exception as error:  # noqa: BLE001  (whatever it is, the process ends with it)
            await self._break(message, error)
        else:
            self._failures = 0
            self.failing = ""
            self._heard.records(self.topic, len(records))
            # Committed: should Kafka not learn it (rebalance, outage), the inbox drops the
            # repetition.
            if revoked == self._assignment.revocations:
                with suppress(KafkaError):
                    await self._tell(offsets.offsets_after(records), ahead)

    async def _decoded(self, message: KafkaMessage, records: int) -> Sequence[ReadRecord[F]]:
        batch: Any = await message.decode() or ()
        if len(batch) != records:
            raise PermanentFailure(
                f"The decoder of {self.topic} made {len(batch)} of {records} records: nothing is "
                "taken of them."
            )
        decoded: Sequence[ReadRecord[F]] = batch
        return decoded

    async def _tell(
        self, reached: Mapping[TopicPartition, tuple[int, str]], ahead: offsets.Rows
    ) -> None:
        """Of partitions that are still ours: what went to another process is its to read again."""
        consumer = self.subscriber.consumer
        ours = consumer.assignment()
        if word := {place: at for place, at in reached.items() if place in ours}:
            shorter = {
                place: at
                for place, (at, _) in word.items()
                if ahead.get(place, 0) > (consumer.highwater(place) or 0)
            }
            self._telling = asyncio.create_task(self._say(consumer, word, shorter))
            try:
                await asyncio.wait({self._telling})
            finally:
                self._telling.cancel()
            if not self._telling.cancelled():
                self._telling.result()

    async def _say(
        self,
        consumer: Any,
        word: Mapping[TopicPartition, tuple[int, str]],
        shorter: Mapping[TopicPartition, int],
    ) -> None:
        if shorter and self._offsets is not None:
            await self._offsets.follow(consumer, shorter)
        await consumer.commit(word)

    async def _look_into(self, message: KafkaMessage, gap: Gap) -> None:
        """The database may have gone back under us: nothing is taken before that is known."""
        try:
            at = await self._gaps.look_into(message.raw_message)
        except TemporaryFailure as failure:
            await self._give_back(message, failure)
        except Exception as error:  # noqa: BLE001  (as in `hear`)
            await self._break(message, error)
        else:
            await self._give_back(message, gap, at)

    async def _break(self, message: KafkaMessage, error: Exception) -> None:
        if not self._broken.done():
            self._broken.set_exception(error)
        _rewind(message)
        # Nothing may be taken, and so acknowledged, behind what was given back.
        await self._stopping.wait()

    async def _give_back(
        self, message: KafkaMessage, failure: TemporaryFailure, at: Rows = MappingProxyType({})
    ) -> None:
        _rewind(message, at)
        self._failures += 1
        pause = pause_after(self._failures)
        self.failing = str(failure)
        log.warning("batch_given_back", topic=self.topic, why=str(failure), again_in_seconds=pause)
        await pause_or(self._stopping, pause)


def _rewind(message: KafkaMessage, at: Rows = MappingProxyType({})) -> None:
    """Has each partition of the batch read again: from where `at` says, or its first record.

    One that went to another process meanwhile is that process's to read, and hinders no other.
    """
    first: dict[TopicPartition, int] = {}
    for record in message.raw_message:
        partition = TopicPartition(record.topic, record.partition)
        first[partition] = min(record.offset, first.get(partition, record.offset))
    for partition, offset in first.items():
        with suppress(KafkaError):
            message.consumer.seek(partition, at.get(partition, offset))
