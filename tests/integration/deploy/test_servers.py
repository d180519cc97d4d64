"""The embedded servers serve, stop, come back with their data, and say what is wrong."""

import asyncio
import imaplib
import smtplib
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.downloads import kafka_class_path, learned_archive, mail_class_path
from deploy.embedded.errors import PortBusyError
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mail import EmbeddedMailbox, MailServer
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.server import Server


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vaguemestre-servers-") as folder:
        yield Path(folder)


@pytest.fixture
def busy_port() -> Iterator[int]:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


async def test_kafka_keeps_its_topics_on_the_same_port_after_a_power_cut(
    kafka_server: KafkaServer,
) -> None:
    topic = "survives-a-power-cut"
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server.address)
    await admin.start()
    try:
        await admin.create_topics([NewTopic(topic, 1, 1)])
    finally:
        await admin.close()

    kafka_server.kill()
    kafka_server.start()

    admin = AIOKafkaAdminClient(bootstrap_servers=kafka_server.address)
    await admin.start()
    try:
        assert topic in await admin.list_topics()
    finally:
        await admin.close()


async def test_postgresql_keeps_what_was_committed_over_a_stop_and_over_a_power_cut(
    data: Path,
) -> None:
    server = PostgresServer(data)
    server.start()
    connection = await asyncpg.connect(server.url)
    await connection.execute("CREATE TABLE kept AS SELECT 1 AS n")
    await connection.close()
    server.stop()
    server.start()
    connection = await asyncpg.connect(server.url)
    await connection.execute("INSERT INTO kept VALUES (2)")
    server.kill()
    server.start()
    connection = await asyncpg.connect(server.url)
    assert await connection.fetchval("SELECT array_agg(n ORDER BY n) FROM kept") == [1, 2]
    await connection.close()
    server.stop()


async def test_a_frozen_postgresql_answers_when_it_goes_on(data: Path) -> None:
    server = PostgresServer(data, durable=False)
    server.start()
    connection = await asyncpg.connect(server.url)
    server.pause()
    asking = asyncio.create_task(connection.fetchval("SELECT 1"))
    done, _ = await asyncio.wait({asking}, timeout=0.2)
    assert not done
    server.resume()
    assert await asyncio.wait_for(asking, 60) == 1
    await connection.close()
    server.stop()


async def test_a_wrong_password_is_refused_by_postgresql(data: Path) -> None:
    server = PostgresServer(data, durable=False)
    server.start()
    with pytest.raises(asyncpg.InvalidPasswordError):
        await asyncpg.connect(server.url_for("postgres", "guessed", "postgres"))
    server.stop()


async def test_each_test_has_a_migrated_database_of_its_own(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    assert await connection.fetchval("SELECT count(*) > 0 FROM site.migrations")
    await connection.execute("CREATE TABLE mine (n int)")
    assert await connection.fetchval("SELECT count(*) FROM mine") == 0
    await connection.close()


def test_a_mail_given_by_smtp_is_read_by_imap_with_the_password_of_its_mailbox(data: Path) -> None:
    server = MailServer(data, [EmbeddedMailbox("pref-bmi@indre.example", "s3cret_~.-")])
    server.start()
    with smtplib.SMTP(server.host, server.smtp_port) as smtp:
        smtp.sendmail("usager@mail.example", ["pref-bmi@indre.example"], b"Subject: a\r\n\r\nb")
    with imaplib.IMAP4(server.host, server.imap_port) as imap:
        imap.login("pref-bmi@indre.example", "s3cret_~.-")
        assert imap.select("INBOX")[1] == [b"1"]
    with (
        imaplib.IMAP4(server.host, server.imap_port) as imap,
        pytest.raises(imaplib.IMAP4.error, match="Invalid login/password"),
    ):
        imap.login("pref-bmi@indre.example", "guessed")
    server.stop()


def test_the_shared_mail_server_opens_a_mailbox_for_whoever_is_written_to(
    mail_server: MailServer,
) -> None:
    address = "anyone@indre.example"
    with smtplib.SMTP(mail_server.host, mail_server.smtp_port) as smtp:
        smtp.sendmail("usager@mail.example", [address], b"Subject: a\r\n\r\nb")
    with imaplib.IMAP4(mail_server.host, mail_server.imap_port) as imap:
        imap.login(address, address)
        assert imap.select("INBOX")[1] == [b"1"]


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda data, port: KafkaServer(data, port=port), "Kafka"),
        (lambda data, port: PostgresServer(data, port=port), "PostgreSQL"),
        (lambda data, port: MailServer(data, [], imap_port=port), "The mail server (IMAP)"),
        (lambda data, port: MailServer(data, [], smtp_port=port), "The mail server (SMTP)"),
    ],
)
def test_a_busy_port_is_one_sentence(
    data: Path, busy_port: int, make: Callable[[Path, int], Server], name: str
) -> None:
    with pytest.raises(PortBusyError) as refused:
        make(data, busy_port).start()
    assert str(refused.value) == (
        f"{name}: port {busy_port} of 127.0.0.1 is in use by another program; "
        "stop that program or choose another port."
    )


def test_a_stop_of_any_server_is_a_matter_of_seconds(data: Path) -> None:
    server = PostgresServer(data, durable=False)
    server.start()
    server.stop()
    # Zero: it ended when it was asked to. After ten seconds it would have been killed.
    assert server.child.exit_code == 0


def test_java_starts_from_what_it_learned_at_setup(
    kafka_server: KafkaServer, mail_server: MailServer
) -> None:
    for server, class_path in (
        (kafka_server, kafka_class_path()),
        (mail_server, mail_class_path()),
    ):
        mapped = Path(f"/proc/{server.child.pid}/maps").read_text()
        assert str(learned_archive(class_path)) in mapped, "`make setup` lets Java learn"


def test_a_java_that_learned_something_else_starts_all_the_same(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = data / "other.aot"
    other.write_bytes(b"of another Java")
    monkeypatch.setattr("deploy.embedded.downloads.learned_archive", lambda _: other)
    server = MailServer(data, [])
    server.start()
    try:
        with smtplib.SMTP(server.host, server.smtp_port) as outside:
            assert outside.noop()[0] == 250
    finally:
        server.stop()
