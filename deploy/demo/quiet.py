"""When the story may move on: all that was put in is read, told, heard, timed and said.

Each question is asked of the thing itself: the checkpoints of the sources, the outboxes, Kafka's
own offsets, the wake-ups that are due, the notices that are planned. Two quiet looks in a row are
needed, since something may be on its way from one place to the next.
"""

import asyncio
import time
from collections.abc import Mapping, Sequence
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from deploy.demo.running import DemoError, Running

WITHIN = 90.0
STEP = 0.03
LOOKS = 2
PREFIX = "vaguemestre."

HEARD: Mapping[str, Sequence[str]] = {
    "desk": ("arrivals", "clocks", "notices"),
    "sla": ("items", "arrivals"),
    "notify": ("items", "clocks", "arrivals"),
}
"""Which group hears which topics."""

BUSY = """
SELECT concat_ws(', ',
  CASE WHEN EXISTS (SELECT FROM ingest.checkpoints
                    WHERE read_until IS NULL OR read_until < $1) THEN 'sources to read' END,
  CASE WHEN EXISTS (SELECT FROM ingest.outbox) THEN 'outbox of ingest' END,
  CASE WHEN EXISTS (SELECT FROM desk.outbox) THEN 'outbox of desk' END,
  CASE WHEN EXISTS (SELECT FROM sla.outbox) THEN 'outbox of sla' END,
  CASE WHEN EXISTS (SELECT FROM notify.outbox) THEN 'outbox of notify' END,
  CASE WHEN EXISTS (SELECT FROM sla.items WHERE wake_at <= $1) THEN 'clocks that are due' END,
  CASE WHEN EXISTS (SELECT FROM notify.items WHERE wake_at <= $1) THEN 'notices to decide' END,
  CASE WHEN EXISTS (SELECT FROM notify.ledger WHERE due_at <= $1
                    AND (state = 'attempting' OR state IN ('planned', 'unknown') AND way = 'mail'))
       THEN 'notices that leave' END)
"""


class Quiet:
    """Waits for silence, and says what is still busy when it does not come."""

    def __init__(
        self, running: Running, admin: AIOKafkaAdminClient, consumer: AIOKafkaConsumer
    ) -> None:
        self._running = running
        self._admin = admin
        self._consumer = consumer

    async def wait(self, moment: datetime) -> None:
        """Returns when nothing is left to do at `moment`; DemoError after a minute and a half."""
        deadline = time.monotonic() + WITHIN
        looks = 0
        while looks < LOOKS:
            busy = await self._busy(moment)
            looks = 0 if busy else looks + 1
            if time.monotonic() > deadline:
                raise DemoError(f"Not quiet after {WITHIN:.0f} s at {moment:%d %B %H:%M}: {busy}.")
            await asyncio.sleep(STEP)

    async def close(self) -> None:
        """Leaves Kafka."""
        await self._admin.close()
        await self._consumer.stop()

    async def _busy(self, moment: datetime) -> str:
        said: str = await self._running.db.fetchval(BUSY, moment)
        return said or await self._lag()

    async def _lag(self) -> str:
        """The first group that has not acknowledged all of a topic."""
        for reader, topics in HEARD.items():
            for topic in topics:
                if await self._behind(f"{PREFIX}{reader}.{topic}", PREFIX + topic):
                    return f"{reader} hears {topic}"
        return ""

    async def _behind(self, group: str, topic: str) -> bool:
        committed = await self._admin.list_consumer_group_offsets(group)
        partitions = [
            TopicPartition(topic, number)
            for number in self._consumer.partitions_for_topic(topic) or ()
        ]
        ends = await self._consumer.end_offsets(partitions)
        return any(
            end and (partition not in committed or committed[partition].offset < end)
            for partition, end in ends.items()
        )


async def open_quiet(running: Running) -> Quiet:
    """Connects to the stack's Kafka."""
    kafka = str(running.run["kafka"])
    topics = {PREFIX + topic for heard in HEARD.values() for topic in heard}
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    consumer = AIOKafkaConsumer(*sorted(topics), bootstrap_servers=kafka)
    await admin.start()
    await consumer.start()
    return Quiet(running, admin, consumer)
