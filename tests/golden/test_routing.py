"""Each fact reaches the handler of its topic, of each service that hears it, as its class."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from aiokafka import ConsumerRecord
from aiokafka.errors import GroupAuthorizationFailedError, KafkaError
from faststream import BaseMiddleware, ContextRepo
from faststream.kafka import KafkaBroker, KafkaMessage, TestKafkaBroker
from faststream.middlewares import AckPolicy

from deploy.reference.asyncapi import FACTS, ROUTERS
from shared.errors import PermanentFailure
from shared.facts.envelope import Topic
from shared.platform.kafka.broker import REPEATED, BrokerLog, create_broker
from shared.platform.kafka.topics import name_of
from shared.platform.messaging import handler_declarations
from shared.platform.messaging.batch import ReadRecord
from shared.platform.messaging.consumer_group import ConsumerGroup
from shared.platform.messaging.offsets import group_of
from tests.faststream_client import FakeClients, record

HERE = Path(__file__).parent
SERVICES = sorted(ROUTERS)
PREFIX = "indre."


class Reached:
    """The middleware that looks at what a handler would be called with, and calls none."""

    def __init__(self) -> None:
        self.by_handler: dict[str, list[ReadRecord[Any]]] = {}

    def __call__(self, msg: Any, /, *, context: ContextRepo) -> BaseMiddleware[Any, Any]:
        reached = self.by_handler

        class Reaching(BaseMiddleware[Any, Any]):
            async def consume_scope(self, call_next: Any, msg: Any) -> None:
                del call_next
                subscriber = self.context.get("handler_")
                reached.setdefault(subscriber.calls[0].name, []).extend(await msg.decode())

        return Reaching(msg, context=context)


def a_broker(service: str, *middlewares: Any) -> tuple[KafkaBroker, ConsumerGroup]:
    group = ConsumerGroup(service, PREFIX)
    broker = create_broker("127.0.0.1:1", "test", middlewares)
    broker.include_router(ROUTERS[service](group), prefix=PREFIX)
    return broker, group


@pytest.mark.parametrize("service", SERVICES)
async def test_each_golden_reaches_the_handler_of_its_topic_as_its_class(service: str) -> None:
    reached = Reached()
    broker, group = a_broker(service, reached)
    async with TestKafkaBroker(broker):
        for topic in group.intakes:
            for kind in FACTS[topic]:
                octets = (HERE / f"{kind.__name__}.json").read_bytes()
                await broker.publish(octets, name_of(topic, PREFIX))
    for topic in group.intakes:
        (handler,) = [name for name in reached.by_handler if name.endswith(topic.value)]
        facts = [read.fact for read in reached.by_handler.pop(handler)]
        assert [type(fact) for fact in facts] == list(FACTS[topic])
    assert not reached.by_handler


@pytest.mark.parametrize("service", SERVICES)
async def test_what_is_no_fact_of_the_topic_reaches_it_with_the_reason_alone(service: str) -> None:
    reached = Reached()
    broker, group = a_broker(service, reached)
    async with TestKafkaBroker(broker):
        for topic in group.intakes:
            await broker.publish(b"{no json", name_of(topic, PREFIX))
    said = [(read.fact, read.reason) for reads in reached.by_handler.values() for read in reads]
    assert said == [(None, "unreadable: json_invalid at the top")] * len(group.intakes)


@pytest.mark.parametrize("service", SERVICES)
async def test_kafkas_client_is_asked_for_what_loses_no_fact(
    service: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    clients = FakeClients(list)
    clients.patch(monkeypatch)
    broker, group = a_broker(service)
    handler_declarations.check(group, broker)
    try:
        await broker.start()
    finally:
        await broker.stop()
    assert len(clients.options) == len(group.intakes) > 1
    for options in clients.options:
        assert options["auto_offset_reset"] == "earliest"
        assert options["enable_auto_commit"] is False
        assert options["max_poll_interval_ms"] == 300_000
        assert options["metadata_max_age_ms"] == 5_000
    assert {options["group_id"] for options in clients.options} == {
        group_of(service, topic, PREFIX) for topic in group.intakes
    }
    assert {name for names in clients.topics for name in names} == {
        name_of(topic, PREFIX) for topic in group.intakes
    }


async def _hear(facts: list[Any]) -> None:
    del facts


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        ({"batch": True, "group_id": f"{PREFIX}sla.items"}, "ack_policy"),
        ({"batch": True, "group_id": "other", "ack_policy": AckPolicy.MANUAL}, "group_id"),
        ({"group_id": f"{PREFIX}sla.items", "ack_policy": AckPolicy.MANUAL}, "batch"),
    ],
)
def test_a_subscriber_that_may_lose_facts_is_refused(options: dict[str, Any], wrong: str) -> None:
    group, broker = ConsumerGroup("sla", PREFIX), create_broker("127.0.0.1:1", "test")
    group.takes(Topic.ITEMS, bytes)  # type: ignore[type-var]  # any octets
    broker.subscriber(f"{PREFIX}items", **options)(_hear)
    with pytest.raises(PermanentFailure, match=rf"indre.items may lose facts: check \['{wrong}'\]"):
        handler_declarations.check(group, broker)


def test_a_topic_that_nothing_or_twice_subscribes_to_is_refused() -> None:
    group, broker = ConsumerGroup("sla", PREFIX), create_broker("127.0.0.1:1", "test")
    options = group.takes(Topic.ITEMS, bytes)  # type: ignore[type-var]  # any octets
    with pytest.raises(PermanentFailure, match=r"Nothing subscribes to indre\.items"):
        handler_declarations.check(group, broker)
    for _ in range(2):
        broker.subscriber(f"{PREFIX}items", **options)(_hear)
    with pytest.raises(PermanentFailure, match="group_id"):
        handler_declarations.check(group, broker)


async def test_a_batch_that_fails_outside_its_handler_ends_the_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FastStream would go on with the next one, and say so in its log alone."""

    class Failing(BaseMiddleware[Any, Any]):
        async def consume_scope(self, call_next: Any, msg: KafkaMessage) -> None:  # type: ignore[override]  # stands in for what is not there
            raise LookupError(call_next, msg)

    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    broker = create_broker("127.0.0.1:1", "test", [Failing], broken=broken)
    subscriber = broker.subscriber("items", batch=True, ack_policy=AckPolicy.MANUAL, group_id="g")
    subscriber(_hear)
    FakeClients(lambda: [record(b"{}")]).patch(monkeypatch)
    try:
        await broker.start()
        with pytest.raises(PermanentFailure, match="Nothing asks Kafka for records any more"):
            await asyncio.wait_for(broken, 30)
    finally:
        await broker.stop()


async def test_what_kafka_answers_ends_nothing_and_what_stays_unexpected_does() -> None:
    broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    log = BrokerLog(broken)
    for _ in range(9):
        log.log(40, "Kafka error occurred", exc_info=GroupAuthorizationFailedError())
    log.log(40, "Task was cancelled", exc_info=asyncio.CancelledError())
    log.log(20, "Received", exc_info=LookupError())
    for _ in range(REPEATED - 1):
        log.log(40, "Kafka error occurred", exc_info=KafkaError())
    assert not broken.done()
    log.log(40, "Kafka error occurred", exc_info=KafkaError())
    with pytest.raises(PermanentFailure, match="KafkaError"):
        await broken


async def test_a_header_that_is_no_text_hides_nothing_and_stays_as_it_is() -> None:
    reached = Reached()
    broker, _ = a_broker("sla", reached)
    odd = (b"{}", [("odd", b"\xff\xfe"), ("reply_to", b"elsewhere")])
    records: list[ConsumerRecord[Any, Any]] = [
        record(odd[0], topic=f"{PREFIX}items", headers=odd[1]),
        record((HERE / "ItemClosed.json").read_bytes(), topic=f"{PREFIX}items"),
    ]
    async with TestKafkaBroker(broker):
        subscribers: list[Any] = broker.subscribers
        (items,) = [found for found in subscribers if found.topic_names == [f"{PREFIX}items"]]
        await items.consume(tuple(records))
    bad, good = reached.by_handler["hear_items"]
    assert bad.record.headers == tuple(odd[1])
    assert type(good.fact).__name__ == "ItemClosed"
