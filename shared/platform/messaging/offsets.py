"""Offsets: how far a reader has come on each partition, kept in PostgreSQL with the batch.

Kafka is told the same later, once the batch is committed, with a word (`KEPT`) that says so. So it
never knows of more than the database does, unless the database went back: restored to an earlier
moment, or failed over to a server that lacked the last commits. Then numbers would be given twice
and notices sent twice: no process goes on. What one partition shows, and what follows:

Kafka's word, said with `KEPT`, is ahead   the database went back: refused, with what to do
Kafka's word, said without it, is ahead    another program's, or a person's: the row follows
the row is ahead of the log's end          Kafka lost its disk or the end of the log: it is heard
                                           again from its beginning; where somebody hears the new
                                           one already, the row follows to its end
the log begins behind the row              retention has passed what was not heard: the row follows
there is no row                            heard for the first time: it begins where Kafka says
the row is behind the next record          offsets that hold none (the marker of a transaction, what
                                           was compacted): taken once Kafka was asked at the row

What Kafka lost unheard is compared and told again at once (crosscheck.py). When each is
judged: offset_check.py.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from types import MappingProxyType
from typing import Any, Protocol, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.database import Connection
from shared.platform.kafka.topics import name_of

KEPT = "kept in PostgreSQL"
"""What stands beside an offset at Kafka when its row was committed before."""

Rows: TypeAlias = Mapping[TopicPartition, int]
Committed: TypeAlias = Mapping[TopicPartition, OffsetAndMetadata]


class Gap(TemporaryFailure):
    """Raised when a batch begins behind the stored offset, so that earlier facts are unknown."""


class WentBack(PermanentFailure):
    """Raised when the database is older than the offsets in Kafka say (restored or failed over)."""


class OffsetVerdict(Enum):
    """The result of comparing one partition's offsets; see the table at the top of the module."""

    GOES_ON = auto()
    BEGINS = auto()
    WENT_BACK = auto()
    FOLLOWS = auto()
    LOST = auto()
    PASSED = auto()


@dataclass(frozen=True, slots=True)
class Place:
    """The offsets of one partition, as PostgreSQL and as Kafka have them."""

    row: int | None
    committed: int | None
    kept: bool
    """Whether Kafka's word was said after a row."""
    start: int
    """Of the first record that the log still has."""
    end: int
    """After its last one."""


def judge(place: Place) -> tuple[OffsetVerdict, int]:
    """Compares one partition's offsets in PostgreSQL and in Kafka.

    Returns the verdict and the offset to store in PostgreSQL.
    """
    row, committed = place.row, place.committed
    if row is None:
        inside = committed is not None and place.start <= committed <= place.end
        return OffsetVerdict.BEGINS, committed if inside and committed is not None else place.start
    if went_back(row, committed, kept=place.kept):
        return OffsetVerdict.WENT_BACK, row
    if row > place.end:
        return OffsetVerdict.LOST, place.start
    reached = row if committed is None else max(row, committed)
    if reached < place.start:
        return OffsetVerdict.PASSED, place.start
    return (OffsetVerdict.FOLLOWS if reached > row else OffsetVerdict.GOES_ON), reached


def went_back(row: int, committed: int | None, *, kept: bool) -> bool:
    """Whether the database is older than the moment when the offset was committed to Kafka."""
    return kept and committed is not None and committed > row


def forgotten_partitions(rows: Rows, committed: Committed) -> Iterator[TopicPartition]:
    """Yields the partitions whose stored offset is lower than what was later committed to Kafka.

    That shows that the database went back.
    """
    for place, row in sorted(rows.items()):
        word = committed.get(place)
        if word and went_back(row, word.offset, kept=word.metadata == KEPT):
            yield place


class OffsetGuard(Protocol):
    """Interface that checks and corrects offsets while consumers run (see `OffsetCheck`)."""

    async def settle(self) -> None:
        """Checks the offsets of all partitions. Raises WentBack when the database went back."""
        ...

    async def follow(self, consumer: Any, reached: Mapping[TopicPartition, int]) -> None:
        """Lowers offsets in PostgreSQL that lie above the end of a new, shorter log in Kafka."""
        ...


async def rows_of(connection: Connection, schema: str, prefix: str) -> Rows:
    """Returns the offsets stored in PostgreSQL for a schema's topics of a prefix, by partition."""
    rows = await connection.fetch(
        f'SELECT topic, partition, next_offset FROM "{schema}".offsets '  # noqa: S608  (a schema is a name of our code, not input)
        "WHERE topic = ANY($1::text[])",
        [name_of(topic, prefix) for topic in Topic],
    )
    return {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}


async def ask_at(
    connection: Connection, schema: str, records: Sequence["ConsumerRecord[Any, Any]"]
) -> Rows:
    """Returns the stored offsets of partitions whose records begin behind them (a gap).

    From there these partitions must be read again.
    """
    rows = await connection.fetch(
        f'SELECT topic, partition, next_offset FROM "{schema}".offsets '  # noqa: S608  (as above)
        "WHERE topic = ANY($1::text[])",
        [record.topic for record in records],
    )
    kept = {TopicPartition(row["topic"], row["partition"]): row["next_offset"] for row in rows}
    return {
        place: kept[place]
        for place, (first, _) in _spans(records).items()
        if kept.get(place, first) < first
    }


async def forget(connection: Connection, schema: str, topics: Sequence[str]) -> None:
    """Deletes the stored offsets of topics that no longer exist in Kafka."""
    await connection.execute(
        f'DELETE FROM "{schema}".offsets WHERE topic = ANY($1::text[])',  # noqa: S608  (as above)
        list(topics),
    )


async def keep(
    connection: Connection,
    schema: str,
    records: Sequence["ConsumerRecord[Any, Any]"],
    asked: Rows = MappingProxyType({}),
) -> Rows:
    """Stores the offsets after a batch in PostgreSQL, in its transaction and before its effects.

    `asked`: for partitions read again after a gap, the offset from which. Kafka has no record
    between it and the batch's first one (a transaction's marker, or compacted ones), so that is no
    gap.

    Returns the stored offsets of partitions that are further than the batch: its records were taken
    before, or Kafka lost the log and this is a new one.

    Raises:
        Gap: the database does not know what comes before the batch.
    """
    spans = _spans(records)
    places = sorted(spans)
    found = await connection.fetch(
        f"""
        WITH batch AS (
            SELECT * FROM unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[])
                AS one (topic, partition, first_offset, next_offset)
        ), gap AS (
            SELECT topic, partition FROM batch JOIN "{schema}".offsets AS kept
                USING (topic, partition)
            WHERE kept.next_offset < first_offset LIMIT 1
        ), kept AS (
            INSERT INTO "{schema}".offsets AS kept (topic, partition, next_offset)
            SELECT topic, partition, next_offset FROM batch ORDER BY topic, partition
            ON CONFLICT (topic, partition) DO UPDATE
                SET next_offset = greatest(kept.next_offset, excluded.next_offset)
            RETURNING topic, partition, next_offset
        )
        SELECT topic, partition, NULL AS ahead FROM gap
        UNION ALL
        SELECT topic, partition, kept.next_offset FROM kept JOIN batch USING (topic, partition)
        WHERE kept.next_offset > batch.next_offset
        """,  # noqa: S608  (as above)
        [place.topic for place in places],
        [place.partition for place in places],
        [min(spans[place][0], asked.get(place, spans[place][0])) for place in places],
        [spans[place][1] for place in places],
    )
    for row in found:
        if row["ahead"] is None:
            raise Gap(
                f"PostgreSQL does not know what came before a batch of {row['topic']} (partition "
                f"{row['partition']}): it is looked into before anything is taken."
            )
    return {TopicPartition(row["topic"], row["partition"]): row["ahead"] for row in found}


def offsets_after(
    records: Sequence["ConsumerRecord[Any, Any]"],
) -> dict[TopicPartition, tuple[int, str]]:
    """Returns the offsets to commit to Kafka once a batch was committed in PostgreSQL."""
    return {partition: (after, KEPT) for partition, (_, after) in _spans(records).items()}


def _spans(
    records: Sequence["ConsumerRecord[Any, Any]"],
) -> Mapping[TopicPartition, tuple[int, int]]:
    """Of each partition of a batch, the offsets of its first record and after its last."""
    places = dict[tuple[str, int], list[int]]()
    for record in records:
        places.setdefault((record.topic, record.partition), []).append(record.offset)
    return {TopicPartition(*place): (min(at), max(at) + 1) for place, at in places.items()}


def group_of(schema: str, topic: Topic, prefix: str) -> str:
    """Returns the name of the consumer group in which a schema reads a topic, one each."""
    return f"{prefix}{schema}.{topic.value}"
