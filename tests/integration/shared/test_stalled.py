"""A reader that asks Kafka for nothing any more ends its process, whatever keeps it from asking."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from aiokafka.coordinator.assignors.roundrobin import RoundRobinPartitionAssignor

from shared.errors import PermanentFailure
from shared.platform.database import Connection, Pool
from shared.platform.kafka import broker
from shared.platform.messaging import stall_watch
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.stall_watch import keep_hearing
from shared.platform.messaging.subscription import RejectedFact, Subscription
from tests.integration.shared.test_listening import taken
from tests.plumbing_reader import EAR, Said, said, take

Listening = Callable[..., AbstractAsyncContextManager["asyncio.Future[None]"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]


async def test_a_loop_that_fails_whenever_it_asks_ends_its_process(
    pool: Pool,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FastStream starts it again at once, and says so in its log alone."""
    await publish(said("a", 1))
    async with listening() as broken:
        await eventually(lambda: taken(pool), [("a", 1)])

        async def failing(*_: object, **__: object) -> None:
            raise RuntimeError(uuid4())

        monkeypatch.setattr(AIOKafkaConsumer, "getmany", failing)
        with pytest.raises(PermanentFailure, match="Nothing asks Kafka for records any more"):
            await asyncio.wait_for(asyncio.shield(broken), 60)


async def test_a_consumer_that_takes_part_in_its_group_no_more_ends_its_process(
    pool: Pool,
    publish: Publish,
    listening: Listening,
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As aiokafka does after an error that it did not expect, here while it shares out."""
    monkeypatch.setattr(broker, "REPEATED", 2)
    await publish(said("a", 1))
    async with listening() as broken:
        await eventually(lambda: taken(pool), [("a", 1)])

        def failing(*_: object) -> None:
            raise RuntimeError

        monkeypatch.setattr(RoundRobinPartitionAssignor, "assign", failing)
        joining = asyncio.create_task(_joins(listening))
        try:
            with pytest.raises(PermanentFailure, match=r"KafkaError at .*: start again"):
                await asyncio.wait_for(asyncio.shield(broken), 120)
        finally:
            joining.cancel()
            await asyncio.wait({joining})


async def _joins(listening: Listening) -> None:
    async with listening():
        await asyncio.Event().wait()


async def test_a_reader_that_asks_for_nothing_any_more_ends_its_process(
    pool: Pool,
    publish: Publish,
    listening: Listening,
    listeners: list[Consumer[Any]],
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever became of its loop: records wait, and Kafka answers."""
    monkeypatch.setattr(stall_watch, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(stall_watch, "STALLED_SECONDS", 2.0)
    await publish(said("a", 1))
    async with listening():
        await eventually(lambda: taken(pool), [("a", 1)])
        hearing = asyncio.create_task(keep_hearing(listeners, asyncio.Event()))
        (loop,) = [
            task for task in asyncio.all_tasks() if "_run_consume_loop" in repr(task.get_coro())
        ]
        loop.cancel()
        await asyncio.wait({loop, hearing}, timeout=5)
        assert loop.done()
        assert not hearing.done(), "nothing waits: nothing is overlooked"
        await publish(said("a", 2))
        with pytest.raises(PermanentFailure, match="Nothing asks Kafka for items any more"):
            await asyncio.wait_for(hearing, 60)
    assert await taken(pool) == [("a", 1)]


async def test_a_fetcher_that_ends_on_an_idle_topic_ends_its_process(
    publish: Publish,
    listening: Listening,
    listeners: list[Consumer[Any]],
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The loop goes on asking the client, which asks Kafka no more, and so sees no record wait."""
    monkeypatch.setattr(stall_watch, "LOOK_SECONDS", 0.5)
    monkeypatch.setattr(stall_watch, "ASK_SECONDS", 1.0)
    monkeypatch.setattr(stall_watch, "STALLED_SECONDS", 2.0)
    async with listening():
        await eventually(lambda: _answer(listeners[0].assigned), expected=True)
        hearing = asyncio.create_task(keep_hearing(listeners, asyncio.Event()))
        (fetcher,) = [
            task
            for task in asyncio.all_tasks()
            if "_fetch_requests_routine" in repr(task.get_coro())
        ]
        fetcher.cancel()
        await asyncio.wait({fetcher, hearing}, timeout=5)
        assert fetcher.done()
        assert not hearing.done(), "nothing waits: nothing is overlooked"
        await publish(said("a", 1))
        with pytest.raises(PermanentFailure, match="Nothing asks Kafka for items any more"):
            await asyncio.wait_for(hearing, 60)


async def _answer(answer: object) -> object:
    return answer


async def test_a_reader_whose_batch_takes_long_is_not_taken_for_one_that_asks_for_nothing(
    pool: Pool,
    publish: Publish,
    listening: Listening,
    listeners: list[Consumer[Any]],
    eventually: Eventually,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(stall_watch, "LOOK_SECONDS", 0.1)
    monkeypatch.setattr(stall_watch, "STALLED_SECONDS", 0.3)
    goes_on = asyncio.Event()

    async def slow(
        connection: Connection, facts: Sequence[Said], now: datetime
    ) -> Sequence[RejectedFact[Said]]:
        await goes_on.wait()
        return await take(connection, facts, now)

    await publish(said("a", 1), said("a", 2))
    async with listening(Subscription(EAR.topic, EAR.decode, slow)):
        hearing = asyncio.create_task(keep_hearing(listeners, asyncio.Event()))
        await asyncio.wait({hearing}, timeout=2)
        goes_on.set()
        await eventually(lambda: taken(pool), [("a", 1), ("a", 2)])
        assert not hearing.done()
        hearing.cancel()
        await asyncio.wait({hearing})
