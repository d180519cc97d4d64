"""Taking a batch: one transaction for its effect, its memory, what it tells and sets aside.

And for how far it goes (offsets.py).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from types import MappingProxyType
from typing import Any, Generic

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaMessage

from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import EventId, Topic
from shared.platform.database import TRY_AGAIN, Connection, Pool, lost, transaction
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters, offsets, producers
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.offsets import Rows
from shared.platform.messaging.subscription import F, Handle, RejectedFact
from shared.platform.observability import tracing
from shared.platform.observability.logs import Log, where
from shared.platform.observability.telemetry import ConsumerMetrics

TOO_MANY = 20
"""Different keys set aside with no success between: then something else than they is wrong."""

log = Log("taking")


class TooManyFailures(PermanentFailure):
    """Raised when twenty record keys in a row failed (circuit breaker): the process must stop."""


@dataclass(frozen=True)
class ReadRecord(Generic[F]):
    """A Kafka record with the fact decoded from it, or the reason why it can't be decoded."""

    record: "ConsumerRecord[Any, Any]"
    headers: Mapping[str, str]
    """As text, whatever octets they have."""
    fact: F | None
    reason: str = ""


def headers_of(record: "ConsumerRecord[Any, Any]") -> dict[str, str]:
    """Returns a Kafka record's headers as text; octets that are not UTF-8 are replaced."""
    return {name: value.decode(errors="replace") for name, value in record.headers if value}


def reader(
    topic: Topic, decode: Callable[[bytes], F]
) -> Callable[[KafkaMessage], Awaitable[Sequence[ReadRecord[F]]]]:
    """Makes the batch decoder for FastStream: each record is decoded alone and may fail alone."""

    async def read(message: KafkaMessage) -> Sequence[ReadRecord[F]]:
        records = message.raw_message
        assert isinstance(records, tuple)  # noqa: S101  (a batch subscriber gets nothing else)
        return [read_record(topic, decode, record) for record in records]

    return read


def read_record(
    topic: Topic, decode: Callable[[bytes], F], record: "ConsumerRecord[Any, Any]"
) -> ReadRecord[F]:
    """Decodes one Kafka record into a fact, or into the reason why it can't be. Never raises."""
    headers = headers_of(record)
    try:
        fact = decode(record.value or b"")
        producers.check(topic, fact, headers)
    except producers.Foreign as foreign:
        return ReadRecord(record, headers, None, str(foreign))
    except (ValueError, RecursionError) as error:
        return ReadRecord(record, headers, None, f"unreadable: {reason_of(error)}")
    return ReadRecord(record, headers, fact)


class BatchProcessor(Generic[F]):
    """Runs a handler on batches of one topic's records, one transaction each, and dead-letters."""

    def __init__(self, topic: Topic, schema: str, pool: Pool, heard: ConsumerMetrics) -> None:
        self._topic = topic
        self._schema = schema
        self._pool = pool
        self._heard = heard
        self._in_a_row: set[bytes] = set()

    async def ask_at(self, records: Sequence["ConsumerRecord[Any, Any]"]) -> Rows:
        """Returns where the partitions of a batch are to be asked again, if before the batch."""
        async with transaction(self._pool) as connection:
            return await offsets.ask_at(connection, self._schema, records)

    async def take(
        self,
        batch: Sequence[ReadRecord[F]],
        handle: Handle[F],
        now: datetime,
        asked: Rows = MappingProxyType({}),
    ) -> Rows:
        """Hands a batch to the handler and commits; records that fail alone become dead letters.

        Returns the offsets stored before that lie ahead of the batch; `asked`, too, is as in
        offsets.keep.

        Raises:
            TemporaryFailure: a server is away; nothing was committed.
            TooManyFailures: twenty keys in a row; nothing was committed.
        """
        facts = [(read.fact, read.headers) for read in batch if read.fact is not None]
        with tracing.heard(self._schema, facts):
            return await self._take(batch, handle, now, asked)

    async def _take(
        self, batch: Sequence[ReadRecord[F]], handle: Handle[F], now: datetime, asked: Rows
    ) -> Rows:
        facts = [read.fact for read in batch if read.fact is not None]

        async def whole(connection: Connection) -> Sequence[RejectedFact[F]]:
            return await handle(connection, facts, now) if facts else ()

        async def parts(connection: Connection) -> Sequence[RejectedFact[F]]:
            return await self._one_by_one(connection, facts, handle, now)

        try:
            ahead, letters = await self._commit(batch, whole, now, asked)
        except (TemporaryFailure, TooManyFailures):
            raise
        except Exception as error:  # noqa: BLE001  (only what fails alone is set aside)
            log.warning(
                "batch_taken_apart",
                topic=self._topic,
                error=reason_of(error),
                where=where(error),
            )
            ahead, letters = await self._commit(batch, parts, now, asked)
        self._heard.facts(self._topic, len(batch) - len(letters))
        self._heard.poisoned(self._topic, len(letters))
        return ahead

    async def _commit(
        self,
        batch: Sequence[ReadRecord[F]],
        work: Callable[[Connection], Awaitable[Sequence[RejectedFact[F]]]],
        now: datetime,
        asked: Rows,
    ) -> tuple[Rows, Sequence[DeadLetter]]:
        """One transaction: how far the batch goes, its work, and what is set aside."""
        records = [read.record for read in batch]
        async with transaction(self._pool) as connection:
            ahead = await offsets.keep(connection, self._schema, records, asked)
            rejected = await work(connection)
            unreadable = [
                self._letter(read.record, read.reason) for read in batch if read.fact is None
            ]
            letters = [*unreadable, *self._letters(batch, rejected)]
            in_a_row = self._judge(records, letters)
            await self._set_aside(connection, letters, now)
        self._in_a_row = in_a_row
        return ahead, letters

    async def _one_by_one(
        self, connection: Connection, facts: Sequence[F], handle: Handle[F], now: datetime
    ) -> Sequence[RejectedFact[F]]:
        """Key by key, then fact by fact where a key fails; always in the order of the keys.

        Every process takes its locks in that order, so that two of them can't wait for each other.
        """
        apart: list[RejectedFact[F]] = []
        for _, group in groupby(sorted(facts, key=lambda fact: fact.key), lambda fact: fact.key):
            of_key = list(group)
            outcome = await _alone(connection, of_key, handle, now)
            if len(of_key) > 1 and isinstance(outcome, Exception):
                for fact in of_key:
                    alone = await _alone(connection, [fact], handle, now)
                    apart += _set_aside_if_failed(fact, alone)
            else:
                apart += _set_aside_if_failed(of_key[0], outcome)
        return apart

    def _judge(
        self, records: Sequence["ConsumerRecord[Any, Any]"], letters: Sequence[DeadLetter]
    ) -> set[bytes]:
        """The keys set aside in a row, this batch included."""
        if len(letters) < len(records):
            return set()
        keys = {letter.key or f"{letter.partition}/{letter.offset}".encode() for letter in letters}
        in_a_row = self._in_a_row | keys
        if len(in_a_row) >= TOO_MANY:
            raise TooManyFailures(
                f"{len(in_a_row)} different keys of topic {self._topic} in a row fail "
                f"(the last one: {letters[-1].reason}): nothing was set aside; "
                "correct the cause, then start again."
            )
        return in_a_row

    def _letters(
        self, batch: Sequence[ReadRecord[F]], poisoned: Sequence[RejectedFact[F]]
    ) -> Sequence[DeadLetter]:
        records: dict[EventId, ConsumerRecord[Any, Any]] = {
            read.fact.event_id: read.record for read in batch if read.fact is not None
        }
        return [
            self._letter(records[rejected.fact.event_id], rejected.reason) for rejected in poisoned
        ]

    def _letter(self, record: "ConsumerRecord[Any, Any]", reason: str) -> DeadLetter:
        return DeadLetter(
            topic=self._topic.value,
            partition=record.partition,
            offset=record.offset,
            key=record.key,
            # PostgreSQL keeps no NUL in a text.
            headers=[(name.replace("\0", r"\x00"), value or b"") for name, value in record.headers],
            payload=record.value,
            reason=reason,
        )

    async def _set_aside(
        self, connection: Connection, letters: Sequence[DeadLetter], now: datetime
    ) -> None:
        if letters:
            await dead_letters.put(connection, self._schema, letters, now)
            log.error("facts_set_aside", topic=self._topic, count=len(letters))


async def _alone(
    connection: Connection, facts: Sequence[F], handle: Handle[F], now: datetime
) -> Sequence[RejectedFact[F]] | Exception:
    try:
        async with connection.transaction():
            return await handle(connection, facts, now)
    except (TemporaryFailure, *TRY_AGAIN):
        raise
    except Exception as error:
        if lost(connection):
            raise
        return error


def _set_aside_if_failed(
    fact: F, outcome: Sequence[RejectedFact[F]] | Exception
) -> Sequence[RejectedFact[F]]:
    if isinstance(outcome, Exception):
        return [RejectedFact(fact, reason_of(outcome))]
    return outcome
