"""Kafka by TLS and SCRAM, with an authority of one's own: what `KAFKA_TLS` and `KAFKA_CA` say."""

import asyncio
import ipaddress
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from aiokafka import AIOKafkaProducer
from cryptography import x509
from pydantic import SecretStr

from deploy.embedded.kafka import KafkaServer
from shared.errors import TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.kafka import topics
from shared.platform.kafka.broker import create_broker
from shared.platform.kafka.connection import KafkaAccess, client_options
from shared.platform.kafka.topics import name_of
from tests.authorities import Authority, authority

PREFIX = "tls."


class Encrypted(KafkaServer):
    """A Kafka that is reached by TLS alone, knows `sla`, and asks who comes for a certificate."""

    def __init__(self, data: Path, own: Authority) -> None:
        super().__init__(data)
        self._own = own
        self._store = own.signs("server", x509.IPAddress(ipaddress.ip_address("127.0.0.1")))

    def _properties(self, controller_port: int, logs: Path) -> str:
        return super()._properties(controller_port, logs).replace(
            f"PLAINTEXT://127.0.0.1:{self.port}", f"SASL_SSL://127.0.0.1:{self.port}"
        ).replace("protocol.map=PLAINTEXT:PLAINTEXT", "protocol.map=SASL_SSL:SASL_SSL").replace(
            "listener.name=PLAINTEXT", "listener.name=SASL_SSL"
        ) + (
            "sasl.enabled.mechanisms=SCRAM-SHA-512\n"
            "sasl.mechanism.inter.broker.protocol=SCRAM-SHA-512\n"
            "listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config="
            "org.apache.kafka.common.security.scram.ScramLoginModule required"
            ' username="sla" password="of-sla";\n'
            "ssl.keystore.type=PEM\n"
            f"ssl.keystore.location={self._store}\n"
            "ssl.truststore.type=PEM\n"
            f"ssl.truststore.location={self._own.file}\n"
            "listener.name.sasl_ssl.ssl.client.auth=required\n"
        )

    def _begins_as(self) -> list[str]:
        return [*super()._begins_as(), "--add-scram", "SCRAM-SHA-512=[name=sla,password=of-sla]"]


@pytest.fixture(scope="module")
async def own(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return await asyncio.to_thread(authority, tmp_path_factory.mktemp("tls") / "authority")


@pytest.fixture(scope="module")
async def encrypted(
    tmp_path_factory: pytest.TempPathFactory, own: Authority
) -> AsyncIterator[Encrypted]:
    server = Encrypted(tmp_path_factory.mktemp("encrypted"), own)
    await asyncio.to_thread(server.start)
    yield server
    await asyncio.to_thread(server.stop)


@pytest.fixture
def known(encrypted: Encrypted, own: Authority) -> KafkaAccess:
    return KafkaAccess(
        encrypted.address,
        tls=True,
        authority=own.file,
        certificate=own.signs("client"),
        user="sla",
        password=SecretStr("of-sla"),
    )


async def test_a_service_comes_by_tls_tells_and_hears(known: KafkaAccess) -> None:
    assert known.protocol == "SASL_SSL"
    await topics.provision(known, PREFIX, replication=1)
    assert not await topics.missing_topics(known, PREFIX)
    producer = AIOKafkaProducer(**client_options(known), enable_idempotence=True)
    await producer.start()
    try:
        await producer.send_and_wait(name_of(Topic.ITEMS, PREFIX), b"{}", key=b"k")
    finally:
        await producer.stop()
    heard, broker = asyncio.Event(), create_broker(known, "sla")

    @broker.subscriber(name_of(Topic.ITEMS, PREFIX), group_id="g", auto_offset_reset="earliest")
    async def hear(_: object) -> None:
        heard.set()

    try:
        await broker.start()
        await asyncio.wait_for(heard.wait(), 300)
    finally:
        await broker.stop()


@pytest.mark.parametrize("wrong", ["authority", "no certificate", "no TLS", "password"])
async def test_whom_it_does_not_trust_and_who_does_not_trust_it_do_not_come_in(
    known: KafkaAccess, wrong: str, tmp_path: Path
) -> None:
    other = await asyncio.to_thread(authority, tmp_path / "other")
    access = {
        "authority": replace(known, authority=other.file),
        "no certificate": replace(known, certificate=None),
        "no TLS": replace(known, tls=False),
        "password": replace(known, password=SecretStr("guessed")),
    }[wrong]
    with pytest.raises(TemporaryFailure, match="Kafka does not answer"):
        await topics.missing_topics(access, PREFIX)


async def test_a_server_of_another_name_is_not_believed(
    tmp_path_factory: pytest.TempPathFactory, own: Authority, known: KafkaAccess
) -> None:
    """As whoever stands between, with a certificate that the same authority gave to another."""
    folder = tmp_path_factory.mktemp("elsewhere")
    server = Encrypted(folder, own)
    server._store = own.signs("elsewhere", x509.DNSName("elsewhere.example"))  # noqa: SLF001  (its certificate)
    await asyncio.to_thread(server.start)
    try:
        with pytest.raises(TemporaryFailure, match="Kafka does not answer"):
            await topics.missing_topics(replace(known, servers=server.address), PREFIX)
    finally:
        await asyncio.to_thread(server.stop)
