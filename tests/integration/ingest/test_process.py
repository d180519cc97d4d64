"""The real process on real servers: killed in the middle of a mailbox, then started again."""

import asyncio
import json
import os
import signal
import smtplib
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaConsumer
from imapclient import IMAPClient
from pydantic import SecretStr

from deploy.embedded.mail import MailServer
from deploy.embedded.ports import free_port
from shared import spool, topics
from shared.database import Pool, open_pool, transaction
from shared.facts.arrivals import ARRIVALS, Arrived
from shared.site import store
from shared.site.mailboxes import Mailbox, Sources
from shared.spool import FormDeposit
from tests.desk_builders import DAYS
from tests.ingest_builders import a_mail, indre

PATIENCE = 60.0
MAILS = 400
ROOT = Path(__file__).parents[3]
APPLIED = datetime(2026, 5, 1, tzinfo=UTC)


async def until(reached: Callable[[], Awaitable[bool]]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await reached():
        assert time.monotonic() < deadline, "not reached in time"
        await asyncio.sleep(0.02)


@dataclass
class Prefecture:
    """One mailbox on GreenMail, a database, topics and folders of its own."""

    pool: Pool
    kafka: str
    prefix: str
    address: str
    mail: MailServer
    folder: Path
    environment: dict[str, str]
    port: int

    def deliver(self, *mails: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.mail.smtp_port) as client:
            for octets in mails:
                client.sendmail("a@example.org", [self.address], octets)

    async def run(self, *words: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services", "ingest", *words, cwd=ROOT, env=self.environment
        )

    @asynccontextmanager
    async def running(self) -> AsyncIterator[asyncio.subprocess.Process]:
        process = await self.run("run")
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), PATIENCE) in {0, -signal.SIGKILL}

    async def kept(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM ingest.arrivals"))

    async def told(self) -> list[Arrived]:
        """Every `Arrived` on the topic, repetitions included."""
        consumer = AIOKafkaConsumer(
            f"{self.prefix}arrivals", bootstrap_servers=self.kafka, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            await consumer.seek_to_beginning()
            found = []
            while batch := await consumer.getmany(timeout_ms=1500):
                found += [
                    ARRIVALS.validate_json(one.value) for many in batch.values() for one in many
                ]
        finally:
            await consumer.stop()
        return [fact for fact in found if isinstance(fact, Arrived)]

    async def health(self) -> dict[str, dict[str, object]]:
        """The checks of the running process; nothing before it listens."""
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        except OSError:
            return {}
        writer.write(b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        body = (await reader.read()).partition(b"\r\n\r\n")[2]
        writer.close()
        await writer.wait_closed()
        checks: dict[str, dict[str, object]] = json.loads(body)["checks"]
        return checks

    async def source_is_well(self) -> bool:
        checks = await self.health()
        return bool(checks.get("source mailbox:pref-bmi", {}).get("ok"))


@pytest.fixture
async def prefecture(
    postgres_url: str, kafka_address: str, mail_server: MailServer, tmp_path: Path
) -> AsyncIterator[Prefecture]:
    pool = await open_pool(SecretStr(postgres_url), "tests", size=2)
    prefix = f"t{uuid4().hex[:8]}."
    await topics.provision(kafka_address, prefix)
    address = f"pref-{uuid4().hex[:8]}@indre.example"
    box = Mailbox(
        id="pref-bmi", address=address, service="bmi", host="127.0.0.1",
        port=mail_server.imap_port, tls=False,
    )  # fmt: skip
    sources = Sources(trust=indre().sources.trust, mailboxes=(box,))
    site = indre().model_copy(update={"sources": sources})
    async with transaction(pool) as connection:
        await store.keep(connection, site, DAYS, "q.officer", "tests", APPLIED)
    port = free_port()
    environment = os.environ | {
        "VAGUEMESTRE_DATABASE_URL": postgres_url,
        "VAGUEMESTRE_KAFKA": kafka_address,
        "VAGUEMESTRE_PREFIX": prefix,
        "VAGUEMESTRE_BLOBS": str(tmp_path / "blobs"),
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_SECRET": "a secret of tests",
        "VAGUEMESTRE_PASSWORD_PREF_BMI": address,
        "VAGUEMESTRE_HTTP_PORT": str(port),
    }
    yield Prefecture(pool, kafka_address, prefix, address, mail_server, tmp_path, environment, port)
    await pool.close()


async def test_killed_in_the_middle_of_a_mailbox_nothing_is_lost_and_nothing_twice(
    prefecture: Prefecture,
) -> None:
    mails = [a_mail(f"Lettre {n}", message_id=f"<{n}@x.example>") for n in range(MAILS)]
    await asyncio.to_thread(prefecture.deliver, *mails)
    async with prefecture.running() as first:

        async def in_the_middle() -> bool:
            return await prefecture.kept() > 0

        await until(in_the_middle)
        first.kill()
        await first.wait()
    assert await prefecture.kept() < MAILS

    async with prefecture.running():

        async def all_kept_and_told() -> bool:
            waiting = await prefecture.pool.fetchval("SELECT count(*) FROM ingest.outbox")
            return await prefecture.kept() >= MAILS and waiting == 0

        await until(all_kept_and_told)
        await until(prefecture.source_is_well)

    facts = await prefecture.told()
    events = Counter(fact.arrival_id for fact in facts)
    assert len(events) == MAILS
    assert len({fact.event_id for fact in facts}) == MAILS
    kept = {(prefecture.folder / "blobs" / fact.original).read_bytes() for fact in facts}
    assert {octets.partition(b"\r\n\r\n")[2].strip() for octets in kept} == {
        octets.partition(b"\r\n\r\n")[2].strip() for octets in mails
    }
    assert await (await prefecture.run("reconcile")).wait() == 0


async def test_reconcile_says_which_mail_nothing_accounts_for(prefecture: Prefecture) -> None:
    await asyncio.to_thread(prefecture.deliver, a_mail())
    assert await (await prefecture.run("reconcile")).wait() == 1


async def test_what_is_kept_bears_our_mark_and_stays_unread(prefecture: Prefecture) -> None:
    await asyncio.to_thread(prefecture.deliver, a_mail())
    async with prefecture.running():
        await until(prefecture.source_is_well)

    def flags() -> tuple[bytes, ...]:
        with IMAPClient("127.0.0.1", port=prefecture.mail.imap_port, ssl=False) as client:
            client.login(prefecture.address, prefecture.address)
            client.select_folder("INBOX", readonly=True)
            (found,) = client.get_flags(client.search()).values()
            return tuple(found)

    found = await asyncio.to_thread(flags)
    assert b"$Vaguemestre" in found
    assert b"\\Seen" not in found


async def test_a_mail_is_told_within_seconds_of_its_delivery(prefecture: Prefecture) -> None:
    await asyncio.to_thread(prefecture.deliver, a_mail(message_id="<0@x.example>"))
    async with prefecture.running():
        await until(prefecture.source_is_well)
        delivered = time.monotonic()
        await asyncio.to_thread(prefecture.deliver, a_mail(message_id="<1@x.example>"))

        async def both() -> bool:
            return await prefecture.kept() == 2

        await until(both)
        assert time.monotonic() - delivered < 10


async def test_a_form_of_the_spool_is_kept_with_its_file_and_taken_away(
    prefecture: Prefecture,
) -> None:
    file = spool.spool_file("pièce.pdf", "application/pdf", b"%PDF-1.4")
    form = FormDeposit(
        id=uuid4(), at=datetime(2026, 5, 11, 8, tzinfo=UTC), name="Renée", text="Bonjour",
        email="renee@orange.example", files=(file,),
    )  # fmt: skip
    folder = prefecture.folder / "spool"
    await asyncio.to_thread(spool.deposit, folder, form, [b"%PDF-1.4"])
    async with prefecture.running():

        async def taken() -> bool:
            return not spool.waiting(folder) and await prefecture.kept() == 1

        await until(taken)
    (fact,) = await prefecture.told()
    own = (prefecture.folder / "blobs" / fact.original).parent
    assert (own / file.sha256).read_bytes() == b"%PDF-1.4"
    assert (fact.channel, fact.source) == ("form", "spool")


async def test_a_mailbox_without_password_is_said_and_the_rest_goes_on(
    prefecture: Prefecture,
) -> None:
    del prefecture.environment["VAGUEMESTRE_PASSWORD_PREF_BMI"]
    async with prefecture.running():

        async def spool_is_read() -> bool:
            return bool((await prefecture.health()).get("source spool", {}).get("ok"))

        await until(spool_is_read)
        why = (await prefecture.health())["source mailbox:pref-bmi"]["why"]
    assert "VAGUEMESTRE_PASSWORD_PREF_BMI is not set" in str(why)
