"""A batch that begins behind what is known: where its partitions are read again.

Either the database went back under us (offsets.py), which ends the process, or Kafka holds no
record in between. Then the partition is read again from what is known, and what comes is taken
without a question, unless Kafka has deleted what stood there meanwhile.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from shared.errors import TemporaryFailure
from shared.platform.messaging.consumer_group import Assignment
from shared.platform.messaging.offsets import OffsetGuard, Rows

RecordBatch = Sequence["ConsumerRecord[Any, Any]"]


class GapSearch:
    """The search for records that a consumer may have missed, after a gap in the offsets.

    It remembers from which offsets partitions are read again.
    """

    def __init__(
        self,
        ask_at: Callable[[RecordBatch], Awaitable[Rows]],
        assignment: Assignment,
        guard: OffsetGuard | None,
    ) -> None:
        self._ask_at = ask_at
        self._assignment = assignment
        self._guard = guard
        self._asked: tuple[int, Rows] = (0, {})
        """Where partitions were put to their rows, and the number of revocations at that moment.

        A partition that went and came back begins elsewhere.
        """

    async def look_into(self, records: RecordBatch) -> Rows:
        """Returns the offsets from which the partitions of a batch must be read again, after a gap.

        Raises:
            TemporaryFailure: PostgreSQL or Kafka is away; nothing is known yet.
            WentBack: the database went back, as the guard found.
        """
        if self._guard is not None:
            await self._guard.settle()
        at = await self._ask_at(records)
        self._asked = self._assignment.revocations, at
        return at

    async def answer(self, consumer: AIOKafkaConsumer, records: RecordBatch) -> Rows:
        """Returns the offsets asked for of the partitions that this batch reads again after a gap.

        Without those of which Kafka has deleted that offset meanwhile; none after a rebalance.

        Raises:
            TemporaryFailure: Kafka does not say where a log begins.
        """
        revocations, waiting = self._asked
        here = {TopicPartition(record.topic, record.partition) for record in records}
        asked = {place: at for place, at in waiting.items() if place in here}
        if not asked:
            return {}
        self._asked = revocations, {p: at for p, at in waiting.items() if p not in here}
        try:
            starts = await consumer.beginning_offsets(list(asked))
        except KafkaError as error:
            raise TemporaryFailure(f"Kafka does not say where a log begins: {error!r}") from error
        if revocations != self._assignment.revocations:
            return {}
        return {place: at for place, at in asked.items() if starts[place] <= at}
