"""What the services told, heard from Kafka itself by a reader that belongs to no group."""

from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer
from pydantic import TypeAdapter

from deploy.demo.run import PREFIX
from shared.facts.clocks import CLOCKS, Clocks, RungsTold
from shared.facts.items import ITEMS, Items
from shared.facts.notices import NOTICES, Notices

DECODERS: dict[str, TypeAdapter[Any]] = {
    f"{PREFIX}items": ITEMS,
    f"{PREFIX}clocks": CLOCKS,
    f"{PREFIX}notices": NOTICES,
}

HeardFact = Items | Clocks | Notices


class Heard:
    """All facts of items, clocks and notices that the demo's Kafka has, each once."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer
        self._seen: set[str] = set()
        self.facts: list[HeardFact] = []

    async def news(self) -> Sequence[HeardFact]:
        """Returns the facts published since the last call, in the order of their recording."""
        ends = await self._consumer.end_offsets(list(self._consumer.assignment()))
        new: list[HeardFact] = []
        while await self._behind(ends):
            for records in (await self._consumer.getmany(timeout_ms=200)).values():
                new += self._decoded(records)
        new.sort(key=_order)
        self.facts += new
        return new

    async def close(self) -> None:
        """Closes the connection to Kafka."""
        await self._consumer.stop()

    async def _behind(self, ends: Any) -> bool:
        return any([await self._consumer.position(one) < end for one, end in ends.items()])

    def _decoded(self, records: Iterable[Any]) -> Iterable[HeardFact]:
        for record in records:
            fact = DECODERS[record.topic].validate_json(record.value)
            if not isinstance(fact, RungsTold) and str(fact.event_id) not in self._seen:
                self._seen.add(str(fact.event_id))
                yield fact


def _order(fact: HeardFact) -> tuple[Any, ...]:
    """In a story many facts have one moment: what was registered comes before what follows."""
    within = getattr(fact, "seq", None) or getattr(fact, "revision", None) or 0
    return fact.recorded_at, list(DECODERS).index(f"{PREFIX}{fact.topic}"), fact.key, within


async def open_heard(kafka: str) -> Heard:
    """Starts to read the demo's topics from their beginning."""
    consumer = AIOKafkaConsumer(
        *DECODERS,
        bootstrap_servers=kafka,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        fetch_max_wait_ms=20,
    )
    await consumer.start()
    return Heard(consumer)
