"""Taking a batch: one transaction for its effect, its memory, what it tells and sets aside.

And for how far it goes (offsets.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Generic

from aiokafka import ConsumerRecord

from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import EventId
from shared.platform.database import TRY_AGAIN, Connection, Pool, lost, transaction
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters, offsets, producers
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.offsets import Rows
from shared.platform.messaging.subscription import F, RejectedFact, Subscription
from shared.platform.observability import tracing
from shared.platform.observability.logs import Log, where
from shared.platform.observability.telemetry import ConsumerMetrics

TOO_MANY = 20
"""Different keys set aside with no success between: then something else than they is wrong."""

log = Log("taking")


class TooManyFailures(PermanentFailure):
    """Twenty keys in a row failed (circuit breaker): the process must stop."""


@dataclass(frozen=True)
class _Read(Generic[F]):
    fact: F
    record: "ConsumerRecord[Any, Any]"

    @property
    def headers(self) -> dict[str, str]:
        """The headers as text, whatever octets they have."""
        return {
            name: value.decode(errors="replace") for name, value in self.record.headers if value
        }


class BatchProcessor(Generic[F]):
    """Handles batches of records of one topic: decodes, decides, sets failures aside."""

    def __init__(
        self, ear: Subscription[F], schema: str, pool: Pool, heard: ConsumerMetrics
    ) -> None:
        self._ear = ear
        self._schema = schema
        self._pool = pool
        self._heard = heard
        self._in_a_row: set[bytes] = set()

    async def take(self, records: Sequence["ConsumerRecord[Any, Any]"], now: datetime) -> Rows:
        """Handles a batch and commits it, whole or without the records that fail alone.

        Returns the rows that it lies behind (offsets.keep).

        Raises:
            TemporaryFailure: a server is away; nothing was committed.
            TooManyFailures: twenty keys in a row; nothing was committed.
        """
        read, unreadable = self._decode(records)
        with tracing.heard(self._schema, [(record.fact, record.headers) for record in read]):
            return await self._take(records, read, unreadable, now)

    async def _take(
        self,
        records: Sequence["ConsumerRecord[Any, Any]"],
        read: Sequence[_Read[F]],
        unreadable: Sequence[DeadLetter],
        now: datetime,
    ) -> Rows:
        try:
            async with transaction(self._pool) as connection:
                ahead = await offsets.keep(connection, self._schema, records)
                facts = [record.fact for record in read]
                poisoned = await self._ear.handle(connection, facts, now) if facts else ()
                letters = [*unreadable, *self._letters(read, poisoned)]
                in_a_row = self._judge(records, letters)
                await self._set_aside(connection, letters, now)
        except (TemporaryFailure, TooManyFailures):
            raise
        except Exception as error:  # noqa: BLE001  (only what fails alone is set aside)
            log.warning(
                "batch_taken_apart",
                topic=self._ear.topic,
                error=reason_of(error),
                where=where(error),
            )
            async with transaction(self._pool) as connection:
                ahead = await offsets.keep(connection, self._schema, records)
                apart = await self._one_by_one(connection, read, now)
                letters = [*unreadable, *self._letters(read, apart)]
                in_a_row = self._judge(records, letters)
                await self._set_aside(connection, letters, now)
        self._in_a_row = in_a_row
        self._heard.facts(self._ear.topic, len(records) - len(letters))
        self._heard.poisoned(self._ear.topic, len(letters))
        return ahead

    def _decode(
        self, records: Sequence["ConsumerRecord[Any, Any]"]
    ) -> tuple[Sequence[_Read[F]], Sequence[DeadLetter]]:
        read: list[_Read[F]] = []
        letters: list[DeadLetter] = []
        for record in records:
            try:
                one = _Read(self._ear.decode(record.value or b""), record)
                producers.check(self._ear.topic, one.fact, one.headers)
                read.append(one)
            except producers.Foreign as foreign:
                letters.append(self._letter(record, str(foreign)))
            except (ValueError, RecursionError) as error:
                letters.append(self._letter(record, f"unreadable: {reason_of(error)}"))
        return read, letters

    async def _one_by_one(
        self, connection: Connection, read: Sequence[_Read[F]], now: datetime
    ) -> Sequence[RejectedFact[F]]:
        """Key by key, then fact by fact where a key fails; always in the order of the keys.

        Every process takes its locks in that order, so that two of them can't wait for each other.
        """
        apart: list[RejectedFact[F]] = []
        by_key = sorted(read, key=lambda one: one.fact.key)
        for _, group in groupby(by_key, key=lambda one: one.fact.key):
            facts = [record.fact for record in group]
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
    ) -> Sequence[RejectedFact[F]] | Exception:
        try:
            async with connection.transaction():
                return await self._ear.handle(connection, facts, now)
        except (TemporaryFailure, *TRY_AGAIN):
            raise
        except Exception as error:
            if lost(connection):
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
            raise TooManyFailures(
                f"{len(in_a_row)} different keys of topic {self._ear.topic} in a row fail "
                f"(the last one: {letters[-1].reason}): nothing was set aside; "
                "correct the cause, then start again."
            )
        return in_a_row

    def _letters(
        self, read: Sequence[_Read[F]], poisoned: Sequence[RejectedFact[F]]
    ) -> Sequence[DeadLetter]:
        records: dict[EventId, ConsumerRecord[Any, Any]] = {
            record.fact.event_id: record.record for record in read
        }
        return [
            self._letter(records[rejected.fact.event_id], rejected.reason) for rejected in poisoned
        ]

    def _letter(self, record: "ConsumerRecord[Any, Any]", reason: str) -> DeadLetter:
        return DeadLetter(
            topic=self._ear.topic.value,
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
            log.error("facts_set_aside", topic=self._ear.topic, count=len(letters))


def _set_aside_if_failed(
    fact: F, outcome: Sequence[RejectedFact[F]] | Exception
) -> Sequence[RejectedFact[F]]:
    if isinstance(outcome, Exception):
        return [RejectedFact(fact, reason_of(outcome))]
    return outcome
