"""A topic is read whole, or the reading says why it is not."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.ports import free_port
from shared.errors import TemporaryFailure
from shared.platform.kafka import topic_log

Publish = Callable[..., Awaitable[None]]

PATIENCE = 60.0
RECORDS, RECORD = 60, b"x" * 100_000
"""More than one answer of Kafka holds: it gives a megabyte of a partition at once."""


async def test_a_kafka_that_freezes_while_a_topic_is_read_is_said(
    kafka_server: KafkaServer, prefix: str, publish: Publish, monkeypatch: pytest.MonkeyPatch
) -> None:
    await publish(*[RECORD] * RECORDS)
    name, taken = f"{prefix}items", list[bytes]()
    reading = topic_log.held_records(kafka_server.address, name)

    async def takes_the_rest() -> None:
        async for record in reading:
            taken.append(record.value)

    taken.append((await anext(reading)).value)
    monkeypatch.setattr(topic_log, "SILENCE", 3.0)
    kafka_server.pause()
    try:
        said = f"Kafka answered nothing about {name} for 3 seconds"
        with pytest.raises(TemporaryFailure, match=said):
            await asyncio.wait_for(takes_the_rest(), PATIENCE)
    finally:
        kafka_server.resume()
        # Its controller sets it apart for a moment, which may begin later: begun anew, it is whole.
        kafka_server.stop()
        kafka_server.start()
    assert 0 < len(taken) < RECORDS
    monkeypatch.undo()
    whole = [record.value async for record in topic_log.held_records(kafka_server.address, name)]
    assert whole == [RECORD] * RECORDS


async def test_a_kafka_that_is_away_is_said() -> None:
    with pytest.raises(TemporaryFailure, match=r"Kafka does not say what items holds \(Kafka"):
        await anext(topic_log.held_records(f"127.0.0.1:{free_port()}", "items"))
