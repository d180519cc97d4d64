"""One round of the relay: rows of the outbox that wait become record batches of Kafka.

The relay (relay.py) reads the lowest ids that wait, and lets what Kafka confirmed wait no more *on
the connection that holds its lock*: in the same statement, by which the next round begins. Its
commit waits for no disk. What a crash leaves unmarked is told again.

Order: in a round all rows of one partition travel in one record batch, which Kafka appends whole or
not at all; rows that do not fit, and all behind them, wait for the next round. So a failure can't
let a later fact of a key overtake an earlier one. What a crash repeats, the readers' inboxes drop.
"""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import asyncpg
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.errors import TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.database import SOON, Connection
from shared.platform.kafka.topics import name_of

ROUND = 500
CONFIRM_SECONDS = 30.0
_place = lru_cache(maxsize=2_000)(DefaultPartitioner())
"""The partition of a key, which is long to find; an item's facts have one."""


class RelayRounds:
    """The rounds of one outbox: each publishes the lowest ids that wait."""

    def __init__(self, schema: str, prefix: str) -> None:
        self._schema = schema
        self._prefix = prefix
        self.told = Counter[str]()
        """Facts confirmed by Kafka since the process started, by topic."""
        self.confirmed: Sequence[int] = ()
        """Ids that Kafka confirmed in this session's last round, not marked yet."""

    async def next(self, connection: Connection, limit: int = ROUND) -> Sequence[asyncpg.Record]:
        """Lets what the last round told wait no more; returns the next `limit` rows at most."""
        confirmed, self.confirmed = self.confirmed, ()
        return await connection.fetch(next_sql(self._schema), limit, confirmed)

    async def publish(self, producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record]) -> None:
        """Publishes the rows of one round; `next` marks those that Kafka confirmed.

        Raises TemporaryFailure when it refuses some, or confirms nothing for half a minute.
        """
        batches = await _by_partition(producer, rows, self._prefix)
        sent = {
            asyncio.create_task(_send(producer, partition, batch)): (ids, partition)
            for partition, (batch, ids) in batches.items()
        }
        try:
            done, late = await asyncio.wait(sent, timeout=CONFIRM_SECONDS)
        finally:
            for task in sent:
                task.cancel()
        confirmed = [sent[task] for task in done if task.exception() is None]
        self.confirmed = [row_id for ids, _ in confirmed for row_id in ids]
        for ids, partition in confirmed:
            self.told[partition.topic.removeprefix(self._prefix)] += len(ids)
        for task in done:
            if error := task.exception():
                raise TemporaryFailure(f"Kafka refused a batch ({cause_of(error)}).") from error
        if late:
            raise TemporaryFailure(f"Kafka confirmed nothing for {CONFIRM_SECONDS:.0f} seconds.")


def next_sql(schema: str) -> str:
    """Returns the SQL that deletes the waiting rows $2 and selects the first $1 others to publish.

    Republished facts are last. Facts are looked up one by one, since a plan made while the outbox
    was small would go on reading the whole of it.
    """
    return f"""
        WITH told AS (
            DELETE FROM "{schema}".outbox_waiting USING {SOON} WHERE id = ANY($2::bigint[]))
        SELECT id, topic, key, payload, headers
        FROM (SELECT again, id FROM "{schema}".outbox_waiting WHERE id <> ALL($2::bigint[])
              ORDER BY again, id LIMIT $1) AS first
        CROSS JOIN LATERAL (SELECT topic, key, payload, headers FROM "{schema}".outbox
                            WHERE outbox.id = first.id LIMIT 1) AS fact
        ORDER BY again, id
        """  # noqa: S608  (a schema is a name of our code, not input)


async def _by_partition(
    producer: AIOKafkaProducer, rows: Sequence[asyncpg.Record], prefix: str
) -> Mapping[TopicPartition, tuple[BatchBuilder, list[int]]]:
    """The rows of each partition that fit one batch, in order; a full batch takes no later row."""
    partitions: dict[str, tuple[int, ...]] = {}
    batches: dict[TopicPartition, tuple[BatchBuilder, list[int]]] = {}
    full: set[TopicPartition] = set()
    for row in rows:
        topic = name_of(Topic(row["topic"]), prefix)
        if topic not in partitions:
            partitions[topic] = tuple(sorted(await producer.partitions_for(topic)))
        key = row["key"].encode()
        partition = TopicPartition(topic, _place(key, partitions[topic], partitions[topic]))
        if partition in full:
            continue
        batch, ids = batches.setdefault(partition, (producer.create_batch(), []))
        headers = [(name, value.encode()) for name, value in row["headers"].items()]
        if batch.append(timestamp=None, key=key, value=row["payload"].encode(), headers=headers):
            ids.append(row["id"])
        else:
            full.add(partition)
    return batches


async def _send(producer: AIOKafkaProducer, partition: TopicPartition, batch: BatchBuilder) -> None:
    batch.close()
    confirmation = await producer.send_batch(batch, partition.topic, partition=partition.partition)
    await confirmation


def cause_of(error: BaseException) -> str:
    """Returns the type of the error behind a failure, for the log: no message, no value."""
    cause = error.__cause__ or error
    return type(cause).__name__
