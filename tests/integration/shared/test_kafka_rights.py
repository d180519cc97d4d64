"""With the rights of `vaguemestre kafka-rights` each service does its work, and no other's."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import (
    ClusterAuthorizationFailedError,
    GroupAuthorizationFailedError,
    TopicAuthorizationFailedError,
)
from pydantic import SecretStr

from deploy.embedded.kafka import KafkaServer
from services.ops.kafka_rights import ONLOOKER, SERVICES, grants, user
from services.ops.status.questions import HEARS
from shared.errors import TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.kafka import topic_log, topics
from shared.platform.kafka.broker import create_broker
from shared.platform.kafka.connection import KafkaAccess, client_options
from shared.platform.kafka.topics import admin, name_of
from shared.platform.messaging.offsets import KEPT
from shared.platform.messaging.producers import PRODUCERS
from tests.kafka_acls import give

PREFIX = "vaguemestre."
OWNER = "owner"
KNOWN = (*SERVICES, ONLOOKER)
REFUSED = (
    TopicAuthorizationFailedError,
    GroupAuthorizationFailedError,
    ClusterAuthorizationFailedError,
)


class Guarded(KafkaServer):
    """A Kafka that asks who comes, and gives nobody but its owner any right by itself."""

    def _properties(self, controller_port: int, logs: Path) -> str:
        names = [OWNER, *(user(service, PREFIX) for service in KNOWN)]
        known = " ".join(f'user_{name}="of-{name}"' for name in names)
        return super()._properties(controller_port, logs).replace(
            f"PLAINTEXT://127.0.0.1:{self.port}", f"SASL_PLAINTEXT://127.0.0.1:{self.port}"
        ).replace(
            "protocol.map=PLAINTEXT:PLAINTEXT", "protocol.map=SASL_PLAINTEXT:SASL_PLAINTEXT"
        ).replace("listener.name=PLAINTEXT", "listener.name=SASL_PLAINTEXT") + (
            "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
            f"super.users=User:{OWNER};User:ANONYMOUS\n"
            "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512\n"
            "sasl.mechanism.inter.broker.protocol=PLAIN\n"
            "listener.name.sasl_plaintext.plain.sasl.jaas.config="
            "org.apache.kafka.common.security.plain.PlainLoginModule required"
            f' username="{OWNER}" password="of-{OWNER}" {known};\n'
            "listener.name.sasl_plaintext.scram-sha-512.sasl.jaas.config="
            "org.apache.kafka.common.security.scram.ScramLoginModule required;\n"
        )

    def _begins_as(self) -> list[str]:
        """With the names that may come by SCRAM: Kafka knows these from its own log."""
        users = [user(service, PREFIX) for service in KNOWN]
        known = [f"SCRAM-SHA-512=[name={name},password=of-{name}]" for name in users]
        scram = [word for credential in known for word in ("--add-scram", credential)]
        return [*super()._begins_as(), *scram]


def access(server: KafkaServer, name: str, password: str | None = None) -> KafkaAccess:
    """A service comes by what its settings say when nobody says otherwise: SCRAM-SHA-512."""
    told = SecretStr(password or f"of-{name}")
    if name == OWNER:
        return KafkaAccess(server.address, user=name, password=told, mechanism="PLAIN")
    return KafkaAccess(server.address, user=name, password=told)


@pytest.fixture(scope="module")
async def guarded(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Guarded]:
    server = Guarded(tmp_path_factory.mktemp("guarded"))
    await asyncio.to_thread(server.start)
    try:
        owner = access(server, OWNER)
        await topics.provision(owner, PREFIX, replication=1)
        async with admin(owner) as client:
            for service in KNOWN:
                for grant in grants(service, PREFIX):
                    await give(client, grant, user(service, PREFIX))
        # The broker learns them in their order, a moment after the controller.
        async with asyncio.timeout(60):
            await _seen(access(server, user(SERVICES[-1], PREFIX)))
        yield server
    finally:
        await asyncio.to_thread(server.stop)


async def test_a_service_comes_by_scram_and_nobody_with_another_password(guarded: Guarded) -> None:
    name = user("sla", PREFIX)
    known = access(guarded, name)
    assert client_options(known)["sasl_mechanism"] == "SCRAM-SHA-512"
    told = AIOKafkaProducer(**client_options(access(guarded, user("desk", PREFIX))))
    await told.start()
    try:
        await told.send_and_wait(name_of(Topic.ITEMS, PREFIX), b"{}", key=b"k")
    finally:
        await told.stop()
    heard, broker = asyncio.Event(), create_broker(known, "sla")  # as a process listens
    group = f"{PREFIX}sla.{Topic.ITEMS}"

    @broker.subscriber(name_of(Topic.ITEMS, PREFIX), group_id=group, auto_offset_reset="earliest")
    async def hear(_: object) -> None:
        heard.set()

    try:
        await asyncio.wait_for(broker.start(), 60)
        await asyncio.wait_for(heard.wait(), 60)
    finally:
        await broker.stop()
    with pytest.raises(TemporaryFailure, match="Kafka does not answer"):
        await asyncio.wait_for(topics.missing_topics(access(guarded, name, "guessed"), PREFIX), 60)


async def _seen(known: KafkaAccess) -> None:
    """Until this user sees every topic."""
    while True:
        if not await topics.missing_topics(known, PREFIX):
            return
        await asyncio.sleep(0.2)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_does_its_work_and_no_others(guarded: Guarded, service: str) -> None:
    known = access(guarded, user(service, PREFIX))
    options = client_options(known)
    assert not await topics.missing_topics(access(guarded, user(service, PREFIX)), PREFIX)
    producer = AIOKafkaProducer(**options, enable_idempotence=True)
    await producer.start()
    try:
        for topic in Topic:
            name = name_of(topic, PREFIX)
            if PRODUCERS[topic] == service:
                await producer.send_and_wait(name, b"{}", key=b"k")
        foreign = next(topic for topic in Topic if PRODUCERS[topic] != service)
        with pytest.raises(REFUSED):
            await asyncio.wait_for(
                producer.send_and_wait(name_of(foreign, PREFIX), b"{}", key=b"k"), 60
            )
    finally:
        await asyncio.wait_for(producer.stop(), 60)
    for topic in HEARS[service]:
        await _hears(options, name_of(topic, PREFIX), f"{PREFIX}{service}.{topic}")
        await _sets_back(known, name_of(topic, PREFIX), f"{PREFIX}{service}.{topic}")
    deaf = next(topic for topic in Topic if topic not in HEARS[service])
    with pytest.raises(REFUSED):
        await _hears(options, name_of(deaf, PREFIX), f"{PREFIX}{service}.{deaf}")
    other = next(name for name in SERVICES if name != service and HEARS[name])
    heard = HEARS[other][0]
    with pytest.raises(REFUSED):
        await _hears(options, name_of(heard, PREFIX), f"{PREFIX}{other}.{heard}")
    with pytest.raises(REFUSED):
        await _sets_back(known, name_of(heard, PREFIX), f"{PREFIX}{other}.{heard}")


async def test_status_sees_how_far_each_has_heard_and_may_neither_read_nor_tell(
    guarded: Guarded, caplog: pytest.LogCaptureFixture
) -> None:
    known = access(guarded, user(ONLOOKER, PREFIX))
    names = [name_of(topic, PREFIX) for topic in Topic]
    spans = await topic_log.spans(known, names, seconds=60)
    assert {place.topic for place in spans} == set(names)
    assert [record.message for record in caplog.records if record.name.startswith("aiokafka")] == []
    for service in SERVICES:
        for topic in HEARS[service]:
            group, place = f"{PREFIX}{service}.{topic}", TopicPartition(name_of(topic, PREFIX), 0)
            await _sets_back(access(guarded, user(service, PREFIX)), place.topic, group)
            async with admin(known) as client:
                assert place in await topic_log.committed_offsets(client, group)
    with pytest.raises(REFUSED):
        await _hears(client_options(known), name_of(Topic.ITEMS, PREFIX), f"{PREFIX}sla.items")
    told = AIOKafkaProducer(**client_options(known))
    await told.start()
    try:
        with pytest.raises(REFUSED):
            await told.send_and_wait(name_of(Topic.ITEMS, PREFIX), b"{}", key=b"k")
    finally:
        await told.stop()


async def _sets_back(known: KafkaAccess, topic: str, group: str) -> None:
    """As a member of no group, says how far one has heard, and asks.

    As shared/platform/messaging/offset_check.py does.
    """
    place = TopicPartition(topic, 0)
    consumer: AIOKafkaConsumer = AIOKafkaConsumer(
        **client_options(known), group_id=group, enable_auto_commit=False
    )
    try:
        async with asyncio.timeout(60):
            await consumer.start()
            consumer.assign([place])
            await consumer.commit({place: (0, KEPT)})
            async with admin(known) as client:
                word = (await topic_log.committed_offsets(client, group))[place]
        assert (word.offset, word.metadata) == (0, KEPT)
    finally:
        await consumer.stop()


async def _hears(options: dict[str, object], topic: str, group: str) -> None:
    """Joins a group on a topic, asks it for records, and commits."""
    consumer: AIOKafkaConsumer = AIOKafkaConsumer(
        topic, **options, group_id=group, enable_auto_commit=False, auto_offset_reset="earliest"
    )
    try:
        async with asyncio.timeout(60):
            await consumer.start()
            while not consumer.assignment():
                await consumer.getmany(timeout_ms=200)
            await consumer.getmany(timeout_ms=200)
            await consumer.seek_to_end()
            await consumer.position(min(consumer.assignment()))
            await consumer.commit()
    finally:
        await consumer.stop()
