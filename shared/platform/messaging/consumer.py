"""Listening: how a service takes facts from a topic, in batches, each in one transaction.

The reader's effect, its memory of the facts, what it tells and what it sets aside commit together;
only then is Kafka told. What can go wrong, and what follows:

a record can't be decoded          one dead letter, the rest goes on
the handler returns RejectedFact   one dead letter, likewise
the handler or its SQL raises      rolled back, taken again key by key: what fails is set aside
a batch begins behind what is known looked into: did the database go back? (offsets.py)
PostgreSQL, Kafka, a disk is away  rolled back, not acknowledged, read again after 1 to 5 seconds
twenty keys in a row, no success   nothing of the batch is committed, the process ends, exit code 3:
                                   the fault is ours, and the world is not set aside for it
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Generic

from aiokafka import ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.middlewares import AckPolicy

from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform.backoff import pause_after
from shared.platform.clock import Clock, sure
from shared.platform.database import Pool
from shared.platform.jobs import pause_or
from shared.platform.kafka.topics import name_of
from shared.platform.messaging import offsets
from shared.platform.messaging.batch import BatchProcessor
from shared.platform.messaging.offsets import Gap, OffsetGuard
from shared.platform.messaging.subscription import F, Subscription
from shared.platform.observability.logs import Log
from shared.platform.observability.telemetry import ConsumerMetrics

MAX_POLL_SECONDS = 300
"""A consumer that does not ask for records for so long is taken for dead; no pause comes near."""
LOOK_SECONDS = 5.0
LOOPS = 20
"""A loop that was started so often again fails whenever it asks."""

log = Log("listening")


class Consumer(Generic[F]):
    """The consumer of one topic, in one consumer group; made by `listen`."""

    def __init__(
        self,
        ear: Subscription[F],
        schema: str,
        pool: Pool,
        clock: Clock,
        heard: ConsumerMetrics,
        *,
        broken: "asyncio.Future[None]",
        offsets: OffsetGuard | None = None,
    ) -> None:
        self.ear = ear
        self.subscriber: Any = None
        self.assigned = False
        """Whether Kafka has said which partitions are ours, be it none."""
        self.failing = ""
        """Why the last batch was given back; empty when it was taken."""
        self._taker = BatchProcessor(ear, schema, pool, heard)
        self._clock = clock
        self._heard = heard
        self._broken = broken
        self._offsets = offsets
        self._failures = 0
        self._revoked = 0
        self._telling: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ends a pause at once, because the process stops."""
        self._stopping.set()

    def revoked(self) -> None:
        """Called in a rebalance: offsets of earlier batches are not committed any more.

        A commit that waits for Kafka to come back would be sent in the name of the new group, and
        if Kafka lost its disk meanwhile, say of the new log how far the old one was heard.
        """
        self.assigned = False
        self._revoked += 1
        if self._telling is not None:
            self._telling.cancel()

    def deaf(self) -> bool:
        """Whether the consumer has stalled: it fetches no more, though nobody stopped it.

        FastStream starts a loop that fails again at once and says nothing; aiokafka, after an error
        that it did not expect, takes part in the group no more and says so to that loop alone.
        """
        loops, consumer = self.subscriber.tasks, self.subscriber.consumer
        if consumer is None or not loops:
            return False
        in_group = consumer._coordinator._coordination_task  # noqa: SLF001  (shown nowhere else)
        return in_group.done() or len(loops) > LOOPS or all(loop.done() for loop in loops)

    def missing(self) -> bool:
        """Whether Kafka no longer has the topic, as far as it last said."""
        consumer = self.subscriber.consumer
        return consumer is not None and not consumer.partitions_for_topic(
            self.subscriber.topic_names[0]
        )

    async def lag(self) -> int:
        """The lag: records that wait on our partitions, as far as Kafka last said."""
        consumer = self.subscriber.consumer
        if consumer is None:
            return 0
        lag = 0
        for partition in consumer.assignment():
            end = consumer.highwater(partition)
            if end is not None:
                lag += max(0, end - await consumer.position(partition))
        return lag

    async def hear(self, message: KafkaMessage) -> None:
        """Handles one batch and acknowledges it, or gives it back and waits."""
        records = message.raw_message
        assert isinstance(records, tuple)  # noqa: S101  (a batch subscriber gets nothing else)
        revoked = self._revoked
        try:
            with self._heard.timed(self.ear.topic):
                ahead = await self._taker.take(records, sure(self._clock))
        except Gap as gap:
            await self._look_into(message, gap)
        except TemporaryFailure as failure:
            await self._give_back(message, failure)
        except Exception as error:  # noqa: BLE001  (whatever it is, the process ends with it)
            await self._break(message, error)
        else:
            self._failures = 0
            self.failing = ""
            self._heard.records(self.ear.topic, len(records))
            # Committed: should Kafka not learn it (rebalance, outage), the inbox drops the
            # repetition.
            if revoked == self._revoked:
                with suppress(KafkaError):
                    await self._tell(offsets.told(records), ahead)

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
            if self._offsets is not None:
                await self._offsets.settle()
        except TemporaryFailure as failure:
            await self._give_back(message, failure)
        except Exception as error:  # noqa: BLE001  (as in `hear`)
            await self._break(message, error)
        else:
            await self._give_back(message, gap)

    async def _break(self, message: KafkaMessage, error: Exception) -> None:
        if not self._broken.done():
            self._broken.set_exception(error)
        _rewind(message)
        # Nothing may be taken, and so acknowledged, behind what was given back.
        await self._stopping.wait()

    async def _give_back(self, message: KafkaMessage, failure: TemporaryFailure) -> None:
        _rewind(message)
        self._failures += 1
        pause = pause_after(self._failures)
        self.failing = str(failure)
        log.warning(
            "batch_given_back", topic=self.ear.topic, why=str(failure), again_in_seconds=pause
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)


def _rewind(message: KafkaMessage) -> None:
    """Has each partition of the batch read again from its first record.

    One that went to another process meanwhile is that process's to read, and hinders no other.
    """
    first: dict[TopicPartition, int] = {}
    for record in message.raw_message:
        partition = TopicPartition(record.topic, record.partition)
        first[partition] = min(record.offset, first.get(partition, record.offset))
    for partition, offset in first.items():
        with suppress(KafkaError):
            message.consumer.seek(partition, offset)


async def keep_hearing(listeners: Sequence[Consumer[Any]], stopping: asyncio.Event) -> None:
    """Watches the consumers until the process ends.

    Raises:
        PermanentFailure: one has gone deaf; a process that starts again hears again.
    """
    while not stopping.is_set():
        if deaf := [listener.ear.topic.value for listener in listeners if listener.deaf()]:
            raise PermanentFailure(
                f"Nothing asks Kafka for {', '.join(deaf)} any more: start again."
            )
        await pause_or(stopping, LOOK_SECONDS)


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, listener: Consumer[Any]) -> None:
        self._listener = listener

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        del revoked
        self._listener.revoked()

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        del assigned
        self._listener.assigned = True


def listen(
    broker: KafkaBroker,
    listener: Consumer[Any],
    *,
    prefix: str,
    group: str,
    instance: str | None = None,
    batch: int = 500,
) -> None:
    """Subscribes a consumer: at most `batch` records a transaction, from the oldest one on.

    `instance` is the process's name of shared/platform/settings.py.
    """
    listener.subscriber = subscriber = broker.subscriber(
        name_of(listener.ear.topic, prefix),
        group_id=offsets.group_of(group, listener.ear.topic, prefix),
        group_instance_id=instance,
        batch=True,
        max_records=batch,
        # FastStream sleeps as long again when nothing came: short, for the sake of latency.
        batch_timeout_ms=50,
        auto_offset_reset="earliest",
        ack_policy=AckPolicy.MANUAL,
        max_poll_interval_ms=MAX_POLL_SECONDS * 1000,
        listener=_Assignment(listener),
        decoder=_as_it_is,
        no_reply=True,
    )
    subscriber(listener.hear)


async def _as_it_is(message: KafkaMessage) -> KafkaMessage:
    return message
