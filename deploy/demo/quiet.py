"""When the story may move on: all that was put in is read, told, heard, timed and said.

Each question is asked of the thing itself: the checkpoints of the sources, the outboxes, how far
Kafka's logs go and how far each reader has kept them, the wake-ups that are due, the notices that
are planned. PostgreSQL and Kafka are asked one after the other, and something may go from one to
the other in between, twice if need be. So two quiet looks in a row are needed between which no log
has grown and no reader has kept anything.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.demo.run import PREFIX, DemoError, Running
from shared.platform.kafka.topics import TABLE

WITHIN = 300.0
"""Seconds: no measure, since a machine that does much else reads a scanned page in a minute."""
STEP = 0.02

HEARD: Mapping[str, Sequence[str]] = {
    "desk": ("arrivals", "clocks", "notices"),
    "sla": ("items", "arrivals"),
    "notify": ("items", "clocks", "arrivals", "quality"),
}
"""Which service hears which topics."""

PARTITIONS = [
    TopicPartition(PREFIX + row.topic, number) for row in TABLE for number in range(row.partitions)
]

BUSY = """
SELECT concat_ws(', ',
  CASE WHEN (SELECT count(*) FROM ingest.arrivals) < $2 THEN 'inputs to take in' END,
  CASE WHEN EXISTS (SELECT FROM ingest.checkpoints
                    WHERE read_until IS NULL OR read_until < $1) THEN 'sources to read' END,
  CASE WHEN EXISTS (SELECT FROM ingest.outbox_waiting) THEN 'outbox of ingest' END,
  CASE WHEN EXISTS (SELECT FROM desk.outbox_waiting) THEN 'outbox of desk' END,
  CASE WHEN EXISTS (SELECT FROM sla.outbox_waiting) THEN 'outbox of sla' END,
  CASE WHEN EXISTS (SELECT FROM notify.outbox_waiting) THEN 'outbox of notify' END,
  CASE WHEN EXISTS (SELECT FROM sla.items WHERE wake_at <= $1) THEN 'clocks that are due' END,
  CASE WHEN EXISTS (SELECT FROM notify.items WHERE wake_at <= $1) THEN 'notices to decide' END,
  CASE WHEN EXISTS (SELECT FROM notify.ledger WHERE due_at <= $1
                    AND (state = 'attempting' OR state IN ('planned', 'unknown') AND way = 'mail'))
       THEN 'notices that leave' END)
"""

KEPT = " UNION ALL ".join(
    f"SELECT '{reader}' AS reader, topic, partition, next_offset FROM {reader}.offsets"  # noqa: S608  (names of our code, not input)
    for reader in HEARD
)
"""How far each reader has come: kept with what it made of the records, so that what Kafka is told
afterwards need not be awaited."""


@dataclass(frozen=True, slots=True)
class StackProgress:
    """The state of the demo's services: what is busy, if anything; ends of logs, offsets kept."""

    busy: str
    ends: Mapping[TopicPartition, int]
    kept: Mapping[tuple[str, str, int], int]


class Quiet:
    """The watcher that waits until the demo's services have nothing left to do."""

    def __init__(self, running: Running, consumer: AIOKafkaConsumer) -> None:
        self._running = running
        self._consumer = consumer

    async def wait(self, moment: datetime, put_in: int = 0) -> None:
        """Waits until all that is due by `moment` is done, and `put_in` inputs were taken in.

        `put_in` counts every input since the demo began.
        Raises DemoError after five minutes.
        """
        deadline = time.monotonic() + WITHIN
        before = None
        while (look := await self._look(moment, put_in)).busy or look != before:
            if time.monotonic() > deadline:
                why = look.busy or "records come and are kept"
                raise DemoError(f"Not quiet after {WITHIN:.0f} s at {moment:%d %B %H:%M}: {why}.")
            before = look
            await asyncio.sleep(STEP)

    async def close(self) -> None:
        """Closes the watcher's connection to the demo's Kafka."""
        await self._consumer.stop()

    async def _look(self, moment: datetime, put_in: int) -> StackProgress:
        said: str = await self._running.db.fetchval(BUSY, moment, put_in)
        if said:
            return StackProgress(said, {}, {})
        ends = await self._consumer.end_offsets(PARTITIONS)
        kept = {
            (row["reader"], row["topic"], row["partition"]): row["next_offset"]
            for row in await self._running.db.fetch(KEPT)
        }
        return StackProgress(_lag(ends, kept), ends, kept)


def _lag(ends: Mapping[TopicPartition, int], kept: Mapping[tuple[str, str, int], int]) -> str:
    """The first reader that has not taken all of a topic."""
    for place, end in ends.items():
        for reader, topics in HEARD.items():
            topic = place.topic.removeprefix(PREFIX)
            if topic in topics and kept.get((reader, *place), 0) < end:
                return f"{reader} hears {topic}"
    return ""


async def open_quiet(running: Running) -> Quiet:
    """Connects to the demo's Kafka, to watch whether its services are idle."""
    # It reads nothing: a consumer that fetches answers other questions only between two fetches.
    consumer = AIOKafkaConsumer(bootstrap_servers=str(running.run["kafka"]))
    await consumer.start()
    return Quiet(running, consumer)
