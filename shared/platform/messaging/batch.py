"""Taking a batch: one transaction for its effect, its memory, what it tells and sets aside.

And for how far it goes (offsets.py).
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any, Generic

from aiokafka import ConsumerRecord
from faststream.kafka import KafkaMessage

from shared.errors import TemporaryFailure
from shared.facts.envelope import EventId, Topic
from shared.platform.database import Connection, Pool, transaction
from shared.platform.failures import reason_of
from shared.platform.messaging import offsets, poison, producers
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.offsets import Rows
from shared.platform.messaging.poison import TooManyFailures
from shared.platform.messaging.subscription import F, Handle, RejectedFact
from shared.platform.observability import tracing
from shared.platform.observability.logs import Log, where
from shared.platform.observability.telemetry import ConsumerMetrics

log = Log("taking")


@dataclass(frozen=True)
class ReadRecord(Generic[F]):
    """A Kafka record with the fact decoded from it, or the reason why it can't be decoded."""

    record: "ConsumerRecord[Any, Any]"
    fact: F | None
    reason: str = ""


def headers_of(headers: Iterable[tuple[str, bytes]]) -> Mapping[str, str]:
    """Returns a record's headers as text; octets that are not UTF-8 are replaced."""
    return {name: value.decode(errors="replace") for name, value in headers if value}


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
    # Of the other headers only a trace has need.
    told_by = headers_of([header for header in record.headers if header[0] == producers.HEADER])
    try:
        fact = decode(record.value or b"")
        producers.check(topic, fact, told_by)
    except producers.Foreign as foreign:
        return ReadRecord(record, None, str(foreign))
    except (ValueError, RecursionError) as error:
        return ReadRecord(record, None, f"unreadable: {reason_of(error)}")
    return ReadRecord(record, fact)


class BatchProcessor(Generic[F]):
    """The runner of a topic's handler: a transaction a batch; failing records are set aside."""

    def __init__(self, topic: Topic, schema: str, pool: Pool, heard: ConsumerMetrics) -> None:
        self._topic = topic
        self._schema = schema
        self._pool = pool
        self._heard = heard
        self._in_a_row: AbstractSet[bytes] = frozenset()

    async def ask_at(self, records: Sequence["ConsumerRecord[Any, Any]"]) -> Rows:
        """Returns the offsets from which a batch's partitions must be read again (a gap)."""
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

        `asked` and the result are those of `offsets.keep`: the stored offsets that are further than
        the batch.

        Raises:
            TemporaryFailure: a server is away; nothing was committed.
            TooManyFailures: twenty keys in a row; nothing was committed.
        """
        heard = ((r.fact, headers_of(r.record.headers)) for r in batch if r.fact is not None)
        facts = [read.fact for read in batch if read.fact is not None]

        async def whole(connection: Connection) -> Sequence[RejectedFact[F]]:
            return await handle(connection, facts, now) if facts else ()

        async def parts(connection: Connection) -> Sequence[RejectedFact[F]]:
            return await poison.one_by_one(connection, facts, handle, now)

        with tracing.tracing_handled(self._schema, heard):
            try:
                ahead, letters = await self._commit(batch, whole, now, asked)
            except (TemporaryFailure, TooManyFailures):
                raise
            except Exception as error:  # noqa: BLE001  (only what fails alone is set aside)
                why, place = reason_of(error), where(error)
                log.warning("batch_taken_apart", topic=self._topic, error=why, where=place)
                ahead, letters = await self._commit(batch, parts, now, asked)
        self._heard.facts(self._topic, len(batch) - len(letters))
        self._heard.count_poisoned(self._topic, len(letters))
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
                poison.letter_of(self._topic, read.record, read.reason)
                for read in batch
                if read.fact is None
            ]
            letters = [*unreadable, *(self._letters(batch, rejected) if rejected else ())]
            in_a_row = poison.in_a_row(self._in_a_row, self._topic, records, letters)
            await poison.set_aside(connection, self._schema, self._topic, letters, now)
        self._in_a_row = in_a_row
        return ahead, letters

    def _letters(
        self, batch: Sequence[ReadRecord[F]], poisoned: Sequence[RejectedFact[F]]
    ) -> Sequence[DeadLetter]:
        records: dict[EventId, ConsumerRecord[Any, Any]] = {
            read.fact.event_id: read.record for read in batch if read.fact is not None
        }
        return [
            poison.letter_of(self._topic, records[rejected.fact.event_id], rejected.reason)
            for rejected in poisoned
        ]
