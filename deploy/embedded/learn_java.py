"""Let Java learn how Kafka and the mail server start: each is started once, used a little, stopped.

    python -m deploy.embedded.learn_java

`make setup` says it; a second call is instant.
"""

import asyncio
import imaplib
import smtplib
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic

from deploy.embedded.child import Child
from deploy.embedded.downloads import kafka_class_path, learned_archive, mail_class_path
from deploy.embedded.errors import EmbeddedError
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mail import EmbeddedMailbox, MailServer

_WRITING_SECONDS = 300
"""Java writes what it learned when it ends."""
_ANSWER_SECONDS = 60
_ENDED = (0, 143)
"""Exit codes of a Java that ended in good order, by itself or asked to by SIGTERM."""
_BOX = EmbeddedMailbox("essai@courriel.example", "essai")
_MAIL = f"From: {_BOX.address}\r\nTo: {_BOX.address}\r\nSubject: essai\r\n\r\nBonjour.\r\n"
_TOPIC = "learned"


class _Learning:
    """A server whose Java writes what it learned where it is told to, and starts as if new."""

    written: Path

    def _starting(self) -> Sequence[str]:
        return [f"-XX:AOTCacheOutput={self.written}"]


class _LearningKafka(_Learning, KafkaServer):
    pass


class _LearningMail(_Learning, MailServer):
    pass


async def _use_kafka(server: KafkaServer) -> None:
    """A topic, a record, a reader with a group: what each process of ours asks first."""
    admin = AIOKafkaAdminClient(bootstrap_servers=server.address)
    producer = AIOKafkaProducer(bootstrap_servers=server.address)
    reader = AIOKafkaConsumer(
        _TOPIC, bootstrap_servers=server.address, group_id=_TOPIC, auto_offset_reset="earliest"
    )
    await admin.start()
    try:
        await admin.create_topics([NewTopic(_TOPIC, 1, 1)])
        async with producer, reader:
            await producer.send_and_wait(_TOPIC, b"said")
            async with asyncio.timeout(_ANSWER_SECONDS):
                await reader.getone()
            await reader.commit()
        await admin.list_consumer_group_offsets(_TOPIC)
    finally:
        await admin.close()


def _use_mail(server: MailServer) -> None:
    """A mail comes in and is read."""
    with smtplib.SMTP(server.host, server.smtp_port, timeout=10) as outside:
        outside.sendmail(_BOX.address, [_BOX.address], _MAIL)
    with imaplib.IMAP4(server.host, server.imap_port, timeout=10) as reader:
        reader.login(_BOX.address, _BOX.password)
        reader.select("INBOX")
        reader.uid("FETCH", "1:*", "(UID INTERNALDATE BODY.PEEK[])")


def end_writing(child: Child) -> None:
    """Ends a Java process, which then writes its archive, and waits until it has.

    Raises EmbeddedError if it did not end by itself: what it wrote may be half of it.
    """
    child.stop(_WRITING_SECONDS)
    if child.exit_code not in _ENDED:
        raise EmbeddedError(f"Java ended with {child.exit_code} while it wrote what it learned.")


def _learn_kafka(data: Path, written: Path) -> None:
    server = _LearningKafka(data)
    server.written = written
    server.start()
    try:
        asyncio.run(_use_kafka(server))
    finally:
        end_writing(server.child)


def _learn_mail(data: Path, written: Path) -> None:
    server = _LearningMail(data, [_BOX])
    server.written = written
    server.start()
    try:
        _use_mail(server)
    finally:
        end_writing(server.child)


def learn(class_path: str, used: Callable[[Path, Path], None]) -> Path:
    """Returns the archive from which Java starts a server faster; makes it the first time.

    `used`: starts and uses the server once, so that Java writes the archive.

    Raises:
        EmbeddedError: the server did not start, or Java wrote nothing.
    """
    kept = learned_archive(class_path)
    if kept.exists():
        return kept
    kept.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=kept.parent) as work:
        written = Path(work) / kept.name
        used(Path(work), written)
        if not written.exists():
            raise EmbeddedError(f"Java wrote nothing to {written}.")
        written.replace(kept)
    return kept


def main() -> int:
    """Makes the archives from which Java starts faster, where missing; a failure is printed."""
    for what, class_path, used in (
        ("Kafka", kafka_class_path, _learn_kafka),
        ("the mail server", mail_class_path, _learn_mail),
    ):
        try:
            learn(class_path(), used)
        except Exception as error:  # noqa: BLE001  (setup goes on, whatever a server or client raised)
            why = str(error) or type(error).__name__
            sys.stderr.write(f"{what} will start as slowly as ever: {why}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
