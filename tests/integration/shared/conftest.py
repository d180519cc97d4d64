"""The reader of tests/plumbing_reader.py between a real Kafka and a real PostgreSQL."""

import asyncio
import os
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from pydantic import SecretStr

from deploy.embedded.ports import free_port
from shared.facts.envelope import Topic
from shared.platform.database import Pool, open_pool
from shared.platform.kafka import topics
from shared.platform.messaging.consumer import Consumer
from shared.platform.messaging.offset_check import OffsetCheck
from shared.platform.messaging.relay import Relay
from shared.platform.messaging.subscription import Subscription
from tests.plumbing_process import Running
from tests.plumbing_reader import EAR, EFFECTS, Said
from tests.subscribing import consumers_of

Listening = Callable[..., AbstractAsyncContextManager["asyncio.Future[None]"]]
Publish = Callable[..., Awaitable[None]]
Eventually = Callable[..., Awaitable[None]]
Start = Callable[..., Awaitable[Running]]

PROJECT = Path(__file__).resolve().parents[3]


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    pool = await open_pool(SecretStr(postgres_url), "test")
    await pool.execute(EFFECTS)
    try:
        yield pool
        await asyncio.wait_for(pool.close(), 60)
    finally:
        pool.terminate()


@pytest.fixture
async def prefix(kafka_address: str) -> str:
    """The topics of a préfecture that is this test's alone."""
    prefix = f"t{uuid4().hex[:12]}."
    await topics.provision(kafka_address, prefix, replication=1)
    return prefix


@pytest.fixture
async def relay(postgres_url: str, kafka_address: str, prefix: str) -> Relay:
    return Relay(SecretStr(postgres_url), ("sla",), kafka_address, prefix)


@pytest.fixture
async def publish(kafka_address: str, prefix: str) -> AsyncIterator[Publish]:
    """Publishes facts, or raw bytes, on the items' topic, in order."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka_address, enable_idempotence=True)

    async def publish(*facts: Said | bytes, headers: Sequence[tuple[str, bytes]] = ()) -> None:
        sent = [
            await producer.send(
                f"{prefix}items",
                fact if isinstance(fact, bytes) else fact.model_dump_json().encode(),
                key=b"raw" if isinstance(fact, bytes) else fact.key.encode(),
                headers=list(headers),
            )
            for fact in facts
        ]
        await asyncio.gather(*sent)

    try:
        await producer.start()
        yield publish
    finally:
        await producer.stop()


@pytest.fixture
def listeners() -> list[Consumer[Any]]:
    """Those that `listening` has made."""
    return []


@pytest.fixture
async def offsets(kafka_address: str, prefix: str, pool: Pool) -> AsyncIterator[OffsetCheck]:
    """How far the reader has come."""
    async with topics.admin(kafka_address) as client:
        yield OffsetCheck(pool, kafka_address, client, prefix, "sla", [Topic.ITEMS])


@pytest.fixture
def listening(
    kafka_address: str,
    prefix: str,
    pool: Pool,
    offsets: OffsetCheck,
    listeners: list[Consumer[Any]],
) -> Listening:
    """A block during which the reader listens; gives what is set when it stops for good."""

    @asynccontextmanager
    async def listening(ear: Subscription[Any] = EAR) -> AsyncIterator["asyncio.Future[None]"]:
        broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        try:
            async with consumers_of(
                kafka_address, prefix, "sla", pool, ear, broken=broken, offsets=offsets
            ) as consumers:
                listeners.extend(consumers)
                yield broken
        finally:
            broken.cancel()

    return listening


@pytest.fixture
def eventually() -> Eventually:
    """Waits until an asynchronous question has the expected answer."""

    async def eventually(
        question: Callable[[], Awaitable[Any]], expected: Any, within: float = 300
    ) -> None:
        deadline = time.monotonic() + within
        while (answer := await question()) != expected:
            assert time.monotonic() < deadline, f"{answer!r} after {within} s, not {expected!r}"
            await asyncio.sleep(0.05)

    return eventually


@pytest.fixture
async def start(postgres_url: str, kafka_address: str, prefix: str) -> AsyncIterator[Start]:
    """Starts the reader; what is still there after the test is killed."""
    started: list[asyncio.subprocess.Process] = []

    async def start(module: str = "tests.plumbing_reader", **variables: str) -> Running:
        port = free_port()
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            cwd=PROJECT,
            stderr=asyncio.subprocess.PIPE,
            env=os.environ
            | {
                "VAGUEMESTRE_DATABASE_URL": postgres_url,
                "VAGUEMESTRE_KAFKA": kafka_address,
                "VAGUEMESTRE_PREFIX": prefix,
                "VAGUEMESTRE_HTTP_PORT": str(port),
                "VAGUEMESTRE_START_WAIT": "PT5M",
            }
            | variables,
        )
        started.append(process)
        return Running(process, port)

    yield start
    for process in started:
        if process.returncode is None:
            process.kill()
            await process.communicate()
