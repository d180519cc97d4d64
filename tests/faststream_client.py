"""A client that stands in for aiokafka's under FastStream, where only FastStream is looked at."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import aiokafka
import pytest
from aiokafka import ConsumerRecord, TopicPartition

Answer = Callable[[], Sequence["ConsumerRecord[Any, Any]"]]


def record(
    value: bytes,
    *,
    topic: str = "items",
    offset: int = 0,
    headers: Sequence[tuple[str, bytes]] = (),
) -> "ConsumerRecord[Any, Any]":
    """A record as aiokafka gives it."""
    return ConsumerRecord(topic, 0, offset, 0, 0, b"k", value, None, 0, len(value), tuple(headers))


class FakeClients:
    """The clients that FastStream makes: with which options, and what it asks of them."""

    def __init__(self, answer: Answer) -> None:
        self.options: list[dict[str, Any]] = []
        self.topics: list[Sequence[str]] = []
        self.commits: list[tuple[object, ...]] = []
        self.sought: list[tuple[TopicPartition, int]] = []
        self.asked = 0
        self._answer = answer

    def patch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Has FastStream make these instead."""
        monkeypatch.setattr(aiokafka, "AIOKafkaConsumer", self._made)

    def _made(self, **options: Any) -> "FakeClients":
        self.options.append(options)
        return self

    async def start(self) -> None: ...

    async def stop(self) -> None: ...

    def subscribe(self, topics: Sequence[str], **_: object) -> None:
        self.topics.append(topics)

    async def getmany(self, **_: object) -> dict[TopicPartition, Sequence[Any]]:
        self.asked += 1
        await asyncio.sleep(0)
        records = self._answer()
        return {TopicPartition("items", 0): records} if records else {}

    async def commit(self, *word: object) -> None:
        self.commits.append(word)

    def seek(self, partition: TopicPartition, offset: int) -> None:
        self.sought.append((partition, offset))
