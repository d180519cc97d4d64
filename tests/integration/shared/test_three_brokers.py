"""Three Kafka servers: what is told stands on two, or is not told; one may be away."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from deploy.embedded.kafka import KafkaServer
from shared.facts.envelope import Topic
from shared.platform.kafka import topics
from shared.platform.kafka.topics import admin, name_of

PREFIX = "three."
HEAP_MB = 192
SMALL = "log.cleaner.dedupe.buffer.size=16777216\n"
"""Of three servers on one machine; the default is 128 MB."""
SECONDS = 5.0
"""How long one waits for a word that can't be given."""
PATIENCE = 300.0
"""And for what must come, on a machine that does much else."""


class First(KafkaServer):
    """Broker and the only controller."""

    controller_port = 0

    def _properties(self, controller_port: int, logs: Path) -> str:
        self.controller_port = self.controller_port or controller_port
        return super()._properties(self.controller_port, logs) + SMALL


class Other(KafkaServer):
    """A broker more of the first one's cluster."""

    def __init__(self, data: Path, node: int, first: First) -> None:
        super().__init__(data, heap_mb=HEAP_MB)
        self._node, self._first = node, first

    def _properties(self, controller_port: int, logs: Path) -> str:
        own = super()._properties(controller_port, logs) + SMALL
        ours = f",CONTROLLER://127.0.0.1:{controller_port}"
        return (
            own.replace("process.roles=broker,controller", "process.roles=broker")
            .replace("node.id=1", f"node.id={self._node}")
            .replace(ours, "")
            .replace(f":{controller_port}", f":{self._first.controller_port}")
        )

    def _begins_as(self) -> list[str]:
        return []  # the first one knows the cluster


@dataclass
class Cluster:
    """The three, of which a test stops some."""

    first: First
    others: tuple[Other, Other]

    @property
    def address(self) -> str:
        return ",".join(server.address for server in (self.first, *self.others))

    async def copies_in_step(self, count: int) -> None:
        """Waits until so many servers have all of each partition of topic `items`."""
        name = name_of(Topic.ITEMS, PREFIX)
        async with asyncio.timeout(PATIENCE):
            while True:
                with suppress(KafkaError):
                    async with admin(self.first.address) as client:
                        (topic,) = await client.describe_topics([name])
                    if {len(each["isr"]) for each in topic["partitions"]} == {count}:
                        return
                await asyncio.sleep(0.2)

    async def tells(self, text: bytes, within: float = PATIENCE) -> bool:
        """Whether Kafka says, as the relay asks it to, that a fact stands."""
        producer = AIOKafkaProducer(
            bootstrap_servers=self.address, acks="all", enable_idempotence=True
        )
        await producer.start()
        try:
            await asyncio.wait_for(
                producer.send_and_wait(name_of(Topic.ITEMS, PREFIX), text, key=b"k"), within
            )
        except (KafkaError, TimeoutError):
            return False
        else:
            return True
        finally:
            with suppress(KafkaError, TimeoutError):
                await asyncio.wait_for(producer.stop(), SECONDS)


@pytest.fixture(scope="module")
async def cluster(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Cluster]:
    first = First(tmp_path_factory.mktemp("first"), heap_mb=HEAP_MB)
    await asyncio.to_thread(first.start)
    others = [Other(tmp_path_factory.mktemp(f"other-{n}"), n, first) for n in (2, 3)]
    try:
        await asyncio.gather(*(asyncio.to_thread(other.start) for other in others))
        yield Cluster(first, (others[0], others[1]))
    finally:
        for server in (*others, first):
            await asyncio.to_thread(server.stop)


async def test_a_fact_is_told_when_two_servers_have_it_and_waits_for_a_second(
    cluster: Cluster,
) -> None:
    made = await topics.provision(cluster.address, PREFIX, replication=3)
    assert len(made) == len(topics.TABLE)
    assert await topics.check(cluster.address, PREFIX, replication=3) == []
    await cluster.copies_in_step(3)
    assert await cluster.tells(b"three")
    second, third = cluster.others
    await asyncio.to_thread(third.stop)
    await cluster.copies_in_step(2)
    assert await cluster.tells(b"two"), "one server may be away"
    await asyncio.to_thread(second.stop)
    await cluster.copies_in_step(1)
    assert not await cluster.tells(b"one", SECONDS), "a fact on one disk is not told"
    await asyncio.to_thread(second.start)
    await cluster.copies_in_step(2)
    assert await cluster.tells(b"two again")
