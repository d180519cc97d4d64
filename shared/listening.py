"""Listening: how a service takes facts from a topic, in batches, each in one transaction.

The reader's effect, its memory of the facts, what it tells and what it sets aside commit together;
only then is Kafka told. What can go wrong, and what follows:

a record can't be decoded          one dead letter, the rest goes on
the handler returns Poisoned       one dead letter, likewise
the handler or its SQL raises      rolled back, taken again key by key: what fails is set aside
PostgreSQL, Kafka, a disk is away  rolled back, not acknowledged, read again after 1 to 30 seconds
twenty keys in a row, no success   nothing of the batch is committed, the process ends, exit code 3:
                                   the fault is ours, and the world is not set aside for it
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Generic, TypeAlias, TypeVar

import asyncpg
from aiokafka import ConsumerRebalanceListener, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError
from faststream.kafka import KafkaBroker, KafkaMessage
from faststream.middlewares import AckPolicy
from pydantic import ValidationError

from shared import dead_letters
from shared.clock import Clock
from shared.database import Connection, Pool, transaction
from shared.dead_letters import DeadLetter
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import EventId, Fact, Topic
from shared.logs import Log
from shared.telemetry import Heard
from shared.topics import name_of

F = TypeVar("F", bound=Fact)

MAX_POLL_SECONDS = 300
"""A consumer that does not ask for records for so long is taken for dead; no pause comes near."""
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 30.0)
TOO_MANY = 20
"""Different keys set aside with no success between: then something else than they is wrong."""

log = Log("listening")


@dataclass(frozen=True)
class Poisoned(Generic[F]):
    """A fact that its handler can't take, and why: a code of ours, never a value of the fact."""

    fact: F
    reason: str


Handle: TypeAlias = Callable[[Connection, Sequence[F], datetime], Awaitable[Sequence[Poisoned[F]]]]
"""Takes facts inside a transaction that is not its own; returns those it sets aside."""


@dataclass(frozen=True)
class Ear(Generic[F]):
    """What a service hears on one topic."""

    topic: Topic
    decode: Callable[[bytes], F]
    """Reads one payload; raises ValueError when it is no fact of the topic."""
    handle: Handle[F]


class EverythingFails(PermanentFailure):
    """Twenty keys in a row can't be taken: stop, rather than set the world aside."""


@dataclass(frozen=True)
class _Read(Generic[F]):
    fact: F
    record: "ConsumerRecord[Any, Any]"


class Listener(Generic[F]):
    """One ear on one topic, for one group; made by `listen`."""

    def __init__(
        self,
        ear: Ear[F],
        schema: str,
        pool: Pool,
        clock: Clock,
        heard: Heard,
        *,
        broken: "asyncio.Future[None]",
    ) -> None:
        self.ear = ear
        self.subscriber: Any = None
        self.assigned = False
        """Whether Kafka has said which partitions are ours, be it none."""
        self.failing = ""
        """Why the last batch was given back; empty when it was taken."""
        self._schema = schema
        self._pool = pool
        self._clock = clock
        self._heard = heard
        self._broken = broken
        self._failures = 0
        self._in_a_row: set[bytes] = set()
        self._stopping = asyncio.Event()

    def stop(self) -> None:
        """Ends a pause at once."""
        self._stopping.set()

    async def lag(self) -> int:
        """Records that wait on the partitions that are ours, as far as Kafka last told."""
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
        """Takes one batch and acknowledges it, or gives it back and waits."""
        records = message.raw_message
        assert isinstance(records, tuple)  # noqa: S101  (a batch subscriber gets nothing else)
        try:
            with self._heard.timed(self.ear.topic):
                await self._take(records)
        except TemporaryFailure as failure:
            await self._give_back(message, failure)
        except Exception as error:  # noqa: BLE001  (whatever it is, the process ends with it)
            await message.nack()
            if not self._broken.done():
                self._broken.set_exception(error)
            # Nothing may be taken, and so acknowledged, behind what was given back.
            await self._stopping.wait()
        else:
            self._failures = 0
            self.failing = ""
            self._heard.records(self.ear.topic, len(records))
            # Committed: should Kafka not learn it (rebalance, outage), the inbox drops the
            # repetition.
            with suppress(KafkaError):
                await message.ack()

    async def _give_back(self, message: KafkaMessage, failure: TemporaryFailure) -> None:
        with suppress(KafkaError):
            await message.nack()
        pause = PAUSES[min(self._failures, len(PAUSES) - 1)]
        self._failures += 1
        self.failing = str(failure)
        log.warning(
            "batch_given_back", topic=self.ear.topic, why=str(failure), again_in_seconds=pause
        )
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), pause)

    async def _take(self, records: Sequence["ConsumerRecord[Any, Any]"]) -> None:
        now = self._clock.now()
        read, unreadable = self._decode(records)
        try:
            async with transaction(self._pool) as connection:
                poisoned = await self.ear.handle(connection, [one.fact for one in read], now)
                letters = [*unreadable, *self._letters(read, poisoned)]
                in_a_row = self._judge(records, letters)
                await self._set_aside(connection, letters, now)
        except (TemporaryFailure, EverythingFails):
            raise
        except Exception as error:  # noqa: BLE001  (only what fails alone is set aside)
            log.warning("batch_taken_apart", topic=self.ear.topic, error=reason_of(error))
            async with transaction(self._pool) as connection:
                apart = await self._one_by_one(connection, read, now)
                letters = [*unreadable, *self._letters(read, apart)]
                in_a_row = self._judge(records, letters)
                await self._set_aside(connection, letters, now)
        self._in_a_row = in_a_row
        self._heard.facts(self.ear.topic, len(records) - len(letters))
        self._heard.poisoned(self.ear.topic, len(letters))

    def _decode(
        self, records: Sequence["ConsumerRecord[Any, Any]"]
    ) -> tuple[Sequence[_Read[F]], Sequence[DeadLetter]]:
        read: list[_Read[F]] = []
        letters: list[DeadLetter] = []
        for record in records:
            try:
                read.append(_Read(self.ear.decode(record.value or b""), record))
            except (ValueError, RecursionError) as error:
                letters.append(self._letter(record, f"unreadable: {reason_of(error)}"))
        return read, letters

    async def _one_by_one(
        self, connection: Connection, read: Sequence[_Read[F]], now: datetime
    ) -> Sequence[Poisoned[F]]:
        """Key by key, then fact by fact where a key fails; always in the order of the keys.

        Every process takes its locks in that order, so that two of them can't wait for each other.
        """
        apart: list[Poisoned[F]] = []
        by_key = sorted(read, key=lambda one: one.fact.key)
        for _, group in groupby(by_key, key=lambda one: one.fact.key):
            facts = [one.fact for one in group]
            outcome = await self._alone(connection, facts, now)
            if len(facts) > 1 and isinstance(outcome, Exception):
                for fact in facts:
                    alone = await self._alone(connection, [fact], now)
                    apart += _set_aside_if_failed(fact, alone)
            else:
                apart += _set_aside_if_failed(facts[0], outcome)
        return apart

    async def _alone(
        self, connection: Connection, facts: Sequence[F], now: datetime
    ) -> Sequence[Poisoned[F]] | Exception:
        try:
            async with connection.transaction():
                return await self.ear.handle(connection, facts, now)
        except TemporaryFailure:
            raise
        except Exception as error:
            if connection.is_closed():
                raise
            return error

    def _judge(
        self, records: Sequence["ConsumerRecord[Any, Any]"], letters: Sequence[DeadLetter]
    ) -> set[bytes]:
        """The keys set aside in a row, this batch included."""
        if len(letters) < len(records):
            return set()
        keys = {letter.key or f"{letter.partition}/{letter.offset}".encode() for letter in letters}
        in_a_row = self._in_a_row | keys
        if len(in_a_row) >= TOO_MANY:
            raise EverythingFails(
                f"{len(in_a_row)} different keys of topic {self.ear.topic} in a row can't be taken "
                f"(the last one: {letters[-1].reason}): nothing was set aside; "
                "correct the cause, then start again."
            )
        return in_a_row

    def _letters(
        self, read: Sequence[_Read[F]], poisoned: Sequence[Poisoned[F]]
    ) -> Sequence[DeadLetter]:
        records: dict[EventId, ConsumerRecord[Any, Any]] = {
            one.fact.event_id: one.record for one in read
        }
        return [self._letter(records[one.fact.event_id], one.reason) for one in poisoned]

    def _letter(self, record: "ConsumerRecord[Any, Any]", reason: str) -> DeadLetter:
        return DeadLetter(
            topic=self.ear.topic.value,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            headers=[(name, value or b"") for name, value in record.headers],
            payload=record.value,
            reason=reason,
        )

    async def _set_aside(
        self, connection: Connection, letters: Sequence[DeadLetter], now: datetime
    ) -> None:
        if letters:
            await dead_letters.put(connection, self._schema, letters, now)
            log.error("facts_set_aside", topic=self.ear.topic, count=len(letters))


def _set_aside_if_failed(
    fact: F, outcome: Sequence[Poisoned[F]] | Exception
) -> Sequence[Poisoned[F]]:
    if isinstance(outcome, Exception):
        return [Poisoned(fact, reason_of(outcome))]
    return outcome


def reason_of(error: Exception) -> str:
    """What may be kept and shown of an exception: what it is and where, never its values."""
    match error:
        case ValidationError():
            first = error.errors(include_input=False, include_url=False, include_context=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            return f"{first['type']} at {where or 'the top'}"
        case asyncpg.PostgresError():
            where = error.constraint_name or error.column_name or error.table_name or ""
            return f"{type(error).__name__} {error.sqlstate} {where}".rstrip()
        case PermanentFailure():
            return str(error)
        case _:
            return type(error).__name__


class _Assignment(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka has no types
    def __init__(self, listener: Listener[Any]) -> None:
        self._listener = listener

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        del revoked
        self._listener.assigned = False

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        del assigned
        self._listener.assigned = True


def listen(
    broker: KafkaBroker, listener: Listener[Any], *, prefix: str, group: str, batch: int = 500
) -> None:
    """Subscribes a listener: at most `batch` records a transaction, from the oldest one on."""
    listener.subscriber = subscriber = broker.subscriber(
        name_of(listener.ear.topic, prefix),
        # A group a topic: one that hears several would stop them all to share each of them out.
        group_id=f"{prefix}{group}.{listener.ear.topic}",
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
