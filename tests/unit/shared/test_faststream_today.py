"""What FastStream does today that made us write something beside it: ADR 0077.

Each test is a minimal example for its authors. One that fails after an upgrade has been mended
there: read the ADR, and drop what stands in for it.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fast_depends.library import CustomField
from faststream.kafka import KafkaBroker, KafkaMessage, KafkaRouter, TestKafkaBroker
from faststream.kafka.opentelemetry import KafkaTelemetryMiddleware
from faststream.middlewares import AckPolicy
from faststream.specification import AsyncAPI
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import BaseModel

from tests.faststream_client import FakeClients, record


class Thing(BaseModel):
    n: int


async def until(asked: Callable[[], bool]) -> None:
    async with asyncio.timeout(30):
        while not asked():  # noqa: ASYNC110  (nothing tells when FastStream asks)
            await asyncio.sleep(0.01)


async def heard_of(*records: Any, middlewares: Any = ()) -> list[Any]:
    """What a batch subscriber's handler is called with for one batch."""
    broker, heard = KafkaBroker(logger=None, middlewares=middlewares), list[Any]()
    subscriber = broker.subscriber("items", batch=True, group_id="g", ack_policy=AckPolicy.MANUAL)

    @subscriber
    async def hear(things: list[Thing]) -> None:
        heard.append(things)

    async with TestKafkaBroker(broker):
        await subscriber.consume(tuple(records))
    return heard


async def test_a_batch_that_can_be_read_is_heard() -> None:
    heard = await heard_of(record(b'{"n": 1}'), record(b'{"n": 2}'))
    assert heard == [[Thing(n=1), Thing(n=2)]]


async def test_one_header_that_is_no_text_skips_its_batch_in_silence() -> None:
    """So our broker has a `parser` of its own."""
    odd = record(b'{"n": 2}', headers=[("odd", b"\xff")])
    assert await heard_of(record(b'{"n": 1}'), odd) == []


async def test_one_record_that_can_not_be_read_skips_its_batch_in_silence() -> None:
    """So each subscriber has a `decoder` that reads record by record."""
    assert await heard_of(record(b'{"n": 1}'), record(b'{"n": "x"}')) == []


async def test_a_loop_that_fails_is_started_again_without_end_and_said_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So the broker's `logger` ends the process at the first word."""

    class Heard:
        errors = 0

        def log(self, level: int, msg: object, /, **_: object) -> None:
            self.errors += level >= logging.ERROR
            del msg

    def fails() -> Any:
        raise RuntimeError("an error of this test alone")

    clients, logger = FakeClients(fails), Heard()
    clients.patch(monkeypatch)
    broker = KafkaBroker(consumer_only=True, logger=logger)

    @broker.subscriber("items", batch=True, group_id="g", ack_policy=AckPolicy.MANUAL)
    async def hear(things: list[Thing]) -> None:
        del things

    try:
        await broker.start()
        await until(lambda: clients.asked > 100)
    finally:
        await broker.stop()
    assert logger.errors == 1


async def test_a_batch_that_failed_is_read_again_without_a_pause(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So a batch is given back by us, after 1 to 5 seconds, under AckPolicy.MANUAL."""
    clients = FakeClients(lambda: [record(b'{"n": 1}', offset=7)])
    clients.patch(monkeypatch)
    broker = KafkaBroker(consumer_only=True, logger=None)

    @broker.subscriber("items", batch=True, group_id="g", ack_policy=AckPolicy.NACK_ON_ERROR)
    async def hear(things: list[Thing]) -> None:
        raise TimeoutError(things)

    try:
        await broker.start()
        await until(lambda: len(clients.sought) > 50)
    finally:
        await broker.stop()
    assert {offset for _, offset in clients.sought} == {7}


async def test_an_acknowledgement_says_every_position_and_nothing_beside_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So a batch is acknowledged by `message.consumer.commit` with its own offsets and a word."""
    batches = [[record(b'{"n": 1}')]]
    clients = FakeClients(lambda: batches.pop() if batches else [])
    clients.patch(monkeypatch)
    broker = KafkaBroker(consumer_only=True, logger=None)

    @broker.subscriber("items", batch=True, group_id="g", ack_policy=AckPolicy.ACK)
    async def hear(things: list[Thing]) -> None:
        del things

    try:
        await broker.start()
        await until(lambda: bool(clients.commits))
    finally:
        await broker.stop()
    assert clients.commits == [()]


async def test_a_subscriber_of_a_router_does_not_inherit_how_its_broker_acknowledges(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """So `ConsumerGroup.takes` says it for each."""
    clients, router = FakeClients(list), KafkaRouter()
    clients.patch(monkeypatch)

    @router.subscriber("items", batch=True, group_id="g")
    async def hear(things: list[Thing]) -> None:
        del things

    broker = KafkaBroker(
        consumer_only=True, logger=None, ack_policy=AckPolicy.MANUAL, routers=[router]
    )
    try:
        await broker.start()
    finally:
        await broker.stop()
    (options,) = clients.options
    assert options["enable_auto_commit"] is True


def test_the_asyncapi_has_a_channel_for_each_reader_and_no_headers_of_a_message() -> None:
    """So docs/asyncapi.json takes from FastStream who hears what, and writes the rest itself."""
    broker = KafkaBroker(logger=None)

    @broker.subscriber("items", batch=True, group_id="a")
    async def one(things: list[Thing]) -> None:
        del things

    @broker.subscriber("items", batch=True, group_id="b")
    async def other(things: list[Thing]) -> None:
        del things

    written = AsyncAPI(broker, schema_version="3.0.0").to_specification().to_jsonable()
    assert [channel["address"] for channel in written["channels"].values()] == ["items", "items"]
    assert all("headers" not in said for said in written["components"]["messages"].values())
    schemas = written["components"]["schemas"]
    assert schemas["One:Message:Payload"]["type"] == "array", "a record is one thing, not a list"


async def test_the_span_of_a_batch_leads_to_no_record_that_has_no_correlation_id() -> None:
    """So letters are traced fact by fact (shared/platform/observability/tracing.py)."""
    parents = [f"00-{n:032x}-{n:016x}-01".encode() for n in (1, 2)]
    records = [record(b'{"n": 1}', headers=[("traceparent", parent)]) for parent in parents]
    kept = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(kept))
    tracing = KafkaTelemetryMiddleware(tracer_provider=provider)
    assert len(await heard_of(*records, middlewares=[tracing])) == 1
    spans = kept.get_finished_spans()
    assert [span.name for span in spans] == ["items create", "items process"]
    assert not any(span.links for span in spans)


async def test_a_batch_given_by_the_test_broker_is_a_list_and_from_kafka_a_tuple() -> None:
    """So our parser takes both."""
    kinds: list[type] = []
    broker = KafkaBroker(logger=None)

    @broker.subscriber("items", batch=True, group_id="g")
    async def hear(things: list[Thing], message: KafkaMessage) -> None:
        del things
        kinds.append(type(message.raw_message))

    async with TestKafkaBroker(broker):
        await broker.publish(Thing(n=1), "items")
    assert kinds == [list]


async def test_what_a_field_injects_is_looked_up_in_a_thread_unless_it_is_a_coroutine() -> None:
    """So a batch has fields of our own (shared/platform/messaging/consumer_group.py)."""

    class Field(CustomField):
        def use(self, /, **kwargs: Any) -> dict[str, Any]:
            return {**kwargs, "where": threading.current_thread()}

    broker, heard = KafkaBroker(logger=None), list[object]()

    @broker.subscriber("items", batch=True, group_id="g")
    async def hear(things: list[Thing], where: Annotated[Any, Field(cast=False)]) -> None:
        del things
        heard.append(where)

    async with TestKafkaBroker(broker):
        await broker.publish(Thing(n=1), "items")
    assert [where is threading.current_thread() for where in heard] == [False]
