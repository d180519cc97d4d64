"""When the story may move on: all that was put in is read, told, heard, timed and said.

Each question is asked of the thing itself: the checkpoints of the sources, the outboxes, how far
Kafka's logs go and how far each reader has kept them, the wake-ups that are due, the notices that
are planned. Two quiet looks in a row are needed, since something may be on its way from one place
to the next.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.demo.run import PREFIX, DemoError, Running
from shared.platform.kafka.topics import TABLE

WITHIN = 300.0
"""Seconds: no measure, since a machine that does much else reads a scanned page in a minute."""
STEP = 0.02
LOOKS = 2

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
        looks = 0
        while looks < LOOKS:
            busy = await self._busy(moment, put_in)
            looks = 0 if busy else looks + 1
            if time.monotonic() > deadline:
                raise DemoError(f"Not quiet after {WITHIN:.0f} s at {moment:%d %B %H:%M}: {busy}.")
            await asyncio.sleep(STEP)

    async def close(self) -> None:
        """Closes the watcher's connection to the demo's Kafka."""
        await self._consumer.stop()

    async def _busy(self, moment: datetime, put_in: int) -> str:
        said: str = await self._running.db.fetchval(BUSY, moment, put_in)
        return said or await self._lag()

    async def _lag(self) -> str:
        """The first reader that has not taken all of a topic."""
        ends = await self._consumer.end_offsets(PARTITIONS)
        kept = {
            (row["reader"], row["topic"], row["partition"]): row["next_offset"]
            for row in await self._running.db.fetch(KEPT)
        }
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
