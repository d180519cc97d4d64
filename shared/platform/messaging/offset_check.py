"""The check of offsets (offsets.py beside): did the database go back, did Kafka lose a log?

At the start of each process and where a batch begins behind what is known, every partition is
judged and its row set where it belongs; each minute, whether the database went back.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from shared.errors import TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.backoff import pause_or
from shared.platform.database import Connection, Pool, transaction
from shared.platform.kafka import topic_log
from shared.platform.kafka.connection import Kafka, client_options
from shared.platform.kafka.topics import name_of
from shared.platform.messaging import crosscheck
from shared.platform.messaging.offsets import (
    KEPT,
    Committed,
    OffsetVerdict,
    Place,
    Rows,
    WentBack,
    forgotten_partitions,
    group_of,
    judge,
    rows_of,
)
from shared.platform.observability import logs
from shared.platform.observability.logs import Log

LOOK_SECONDS = 60.0
PAUSE_SECONDS = 0.5
ANSWER_SECONDS = 30.0

log = Log("offsets")


@dataclass(frozen=True)
class OffsetCheck:
    """The comparison of a schema's consumer offsets in PostgreSQL with those committed to Kafka."""

    pool: Pool
    kafka: Kafka
    client: AIOKafkaAdminClient
    prefix: str
    schema: str
    hears: Sequence[Topic] = ()
    """What this process hears; it sets no row of another's topic."""

    async def begin(self, wait: timedelta) -> None:
        """Checks the offsets of every partition when a process starts, before anything is consumed.

        Raises:
            WentBack: the database is older than what Kafka says was taken.
            TemporaryFailure: Kafka does not say within `wait` how far it is.
        """
        deadline = time.monotonic() + wait.total_seconds()
        while True:
            try:
                return await self.settle()
            except TemporaryFailure:
                # A Kafka that was just begun does not know yet who keeps the groups.
                if time.monotonic() + PAUSE_SECONDS > deadline:
                    raise
            await asyncio.sleep(PAUSE_SECONDS)

    async def settle(self) -> None:
        """Checks the offsets of every partition, and corrects those stored in PostgreSQL.

        Raises:
            WentBack: the database is older than what Kafka says was taken.
            TemporaryFailure: Kafka or PostgreSQL does not answer.
        """
        # Before how far the logs go: they only grow.
        rows, committed = await self._known()
        if not self.hears:
            return
        names = [name_of(topic, self.prefix) for topic in self.hears]
        with logs.silencing("aiokafka"):
            spans = await topic_log.spans(self.kafka, names, seconds=ANSWER_SECONDS)
        found = dict[OffsetVerdict, dict[TopicPartition, int]]()
        for partition, (start, end) in spans.items():
            word = committed.get(partition)
            offset, kept = (None, False) if word is None else (word.offset, word.metadata == KEPT)
            place = Place(rows.get(partition), offset, kept, start, end)
            verdict, at = judge(place)
            found.setdefault(verdict, {})[partition] = at
        await self._mend(found, rows)

    async def keep_watched(self, stopping: asyncio.Event) -> None:
        """Checks each minute if the database went back (restore, failover), as a background job.

        Raises:
            WentBack: it did.
            TemporaryFailure: Kafka or PostgreSQL does not answer.
        """
        while not stopping.is_set():
            await self._known()
            await pause_or(stopping, LOOK_SECONDS)

    async def _known(self) -> tuple[Rows, Committed]:
        """How far both say that each partition was taken.

        Raises:
            WentBack: Kafka knows more. Looked at twice: another process may set a row back, with
                Kafka's word before it, between one look at that word and one at the row.
        """
        again = False
        while True:
            # In this order: what Kafka is told was committed before.
            committed = await self._committed()
            rows = await self._rows()
            place = next(forgotten_partitions(rows, committed), None)
            if place is None:
                return rows, committed
            if again:
                raise WentBack(
                    f"PostgreSQL was restored or failed over to an earlier state: of {place.topic},"
                    f" partition {place.partition}, it knows what came before {rows[place]}, and "
                    f"knew what came before {committed[place].offset}; stop every process, set a "
                    "new VAGUEMESTRE_PREFIX, and run "
                    f"`vaguemestre restored --from {self.prefix}`."
                )
            again = True

    async def _committed(self) -> Committed:
        """What Kafka was told of each topic that was ever heard here, or is."""
        committed = dict[TopicPartition, OffsetAndMetadata]()
        topics = {row.topic for row in await self._rows()}
        for topic in Topic:
            if topic in self.hears or name_of(topic, self.prefix) in topics:
                group = group_of(self.schema, topic, self.prefix)
                try:
                    committed |= await topic_log.committed_offsets(self.client, group)
                except (KafkaError, OSError, TimeoutError) as error:
                    raise TemporaryFailure(
                        f"Kafka does not say what {group} has heard ({type(error).__name__})."
                    ) from error
        return committed

    async def _rows(self) -> Rows:
        async with transaction(self.pool, readonly=True) as connection:
            return await rows_of(connection, self.schema, self.prefix)

    async def _mend(
        self, found: Mapping[OffsetVerdict, Mapping[TopicPartition, int]], rows: Rows
    ) -> None:
        lost, passed = found.get(OffsetVerdict.LOST, {}), found.get(OffsetVerdict.PASSED, {})
        begun, follows = found.get(OffsetVerdict.BEGINS, {}), found.get(OffsetVerdict.FOLLOWS, {})
        for event, places in (
            ("kafka_lost_the_end_of_a_log", lost),
            ("retention_passed_what_was_not_heard", passed),
        ):
            if places:
                log.warning(event, schema=self.schema, partitions=_names(places), then="crosscheck")
        if follows:
            log.info("offsets_moved_by_others", schema=self.schema, partitions=_names(follows))
        if not (lost or passed or begun or follows):
            return
        for topic in self.hears:
            name = name_of(topic, self.prefix)
            if places := {place: at for place, at in lost.items() if place.topic == name}:
                await self._begin_again(topic, places, rows)
        async with transaction(self.pool) as connection:
            await connection.executemany(
                f"""
                INSERT INTO "{self.schema}".offsets (topic, partition, next_offset)
                VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
                """,  # noqa: S608  (a schema is a name of our code, not input)
                _sorted(begun),
            )
            await connection.executemany(
                f"""
                UPDATE "{self.schema}".offsets SET next_offset = greatest(next_offset, $3)
                WHERE topic = $1 AND partition = $2
                """,  # noqa: S608  (as above)
                _sorted({**follows, **passed}),
            )
            if lost or passed:
                await crosscheck.make_due(connection, self.schema)

    async def _begin_again(
        self, topic: Topic, places: Mapping[TopicPartition, int], rows: Rows
    ) -> None:
        """Has the group read a log from its beginning, unless another process reads it so already.

        Kafka's word goes back before the row does: it must never be ahead. And the row is locked
        before the word goes back: what another process hears meanwhile, from the beginning and
        maybe to where the row was, it can't keep before we are done.
        """
        consumer: AIOKafkaConsumer[Any, Any] = AIOKafkaConsumer(
            group_id=group_of(self.schema, topic, self.prefix),
            enable_auto_commit=False,
            **client_options(self.kafka),
        )
        try:
            with logs.silencing("aiokafka"):
                await consumer.start()
                async with transaction(self.pool) as connection:
                    lowered = [
                        place
                        for place, at in sorted(places.items())
                        if await self._lower(connection, place, at, rows[place])
                    ]
                    if lowered:
                        consumer.assign(lowered)
                        word = {place: (places[place], KEPT) for place in lowered}
                        await asyncio.wait_for(consumer.commit(word), ANSWER_SECONDS)
        except (KafkaError, OSError, TimeoutError):
            return  # the group has members: nothing is lowered
        finally:
            with suppress(KafkaError):
                await consumer.stop()

    async def follow(
        self, consumer: "AIOKafkaConsumer[Any, Any]", reached: Mapping[TopicPartition, int]
    ) -> None:
        """Lowers stored offsets that lie above the end of a log whose records Kafka has lost.

        `reached` is the offset after what was just taken of each partition of the new log. A stored
        offset that stayed above would hide, until the log has grown so far, that the database went
        back. Nothing moves where the log was not lost, or where the offset committed to Kafka is
        ahead of the stored one. The offset at Kafka is set first, under the row's lock, as in
        `_begin_again`: none is ever committed behind the end of the new log. A failure on one
        partition (another process has it by now, SQL) moves nothing there, and hinders neither the
        others nor the commit of a batch.
        """
        for place, at in sorted(reached.items()):
            try:
                async with transaction(self.pool) as connection, asyncio.timeout(ANSWER_SECONDS):
                    end = await self._follow(connection, consumer, place, at)
            except Exception as error:  # noqa: BLE001  (the next batch looks again)
                places, why = _names({place: at}), type(error).__name__
                log.warning("row_not_lowered", schema=self.schema, partitions=places, error=why)
                continue
            if end is not None:
                log.warning(
                    "kafka_lost_the_end_of_a_log",
                    schema=self.schema,
                    partitions=_names({place: end}),
                    then="crosscheck",
                )

    async def _follow(
        self,
        connection: Connection,
        consumer: "AIOKafkaConsumer[Any, Any]",
        place: TopicPartition,
        at: int,
    ) -> int | None:
        """Where the row belongs, which it then says; `None`: it stays."""
        row = await connection.fetchval(
            f'SELECT next_offset FROM "{self.schema}".offsets'  # noqa: S608  (as above)
            " WHERE topic = $1 AND partition = $2 FOR UPDATE",
            *place,
        )
        end = int((await consumer.end_offsets([place]))[place])
        if row is None or row <= end or (await consumer.committed(place) or 0) > row:
            return None
        await consumer.commit({place: (at, KEPT)})
        await self._lower(connection, place, end, row)
        await crosscheck.make_due(connection, self.schema)
        return end

    async def _lower(
        self, connection: Connection, place: TopicPartition, at: int, row: int
    ) -> bool:
        """Unless another process has done so, and maybe heard since."""
        return bool(
            await connection.fetchval(
                f"""
                UPDATE "{self.schema}".offsets SET next_offset = $3
                WHERE topic = $1 AND partition = $2 AND next_offset = $4 RETURNING true
                """,  # noqa: S608  (as above)
                *place,
                at,
                row,
            )
        )


def _names(places: Mapping[TopicPartition, int]) -> Sequence[str]:
    return [f"{place.topic}/{place.partition}" for place in sorted(places)]


def _sorted(places: Mapping[TopicPartition, int]) -> Sequence[tuple[str, int, int]]:
    return [(place.topic, place.partition, at) for place, at in sorted(places.items())]
