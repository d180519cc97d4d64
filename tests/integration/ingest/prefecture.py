"""A préfecture of one mailbox, on the tests' servers, whose `ingest run` is the real process."""

import asyncio
import json
import signal
import smtplib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiokafka import AIOKafkaConsumer
from imapclient import IMAPClient

from deploy.embedded.mail import MailServer
from deploy.embedded.programs import Starter
from shared.facts.arrivals import ARRIVALS, Arrived
from shared.platform.database import Pool, transaction
from shared.site import store
from tests.desk_builders import DAYS
from tests.own_processes import OwnProcess, begin

PATIENCE = 400.0
"""Seconds for what must come: a reader of scans gives way to whatever else the machine does."""
LOCK = 4711
"""Of the gate below."""
GATE = """
    CREATE FUNCTION ingest.gate() RETURNS trigger LANGUAGE plpgsql AS $gate$
    BEGIN
        IF (SELECT count(*) FROM ingest.arrivals) >= $1 THEN
            PERFORM pg_advisory_xact_lock_shared(4711);
        END IF;
        RETURN NULL;
    END $gate$;
    CREATE TRIGGER gate BEFORE INSERT ON ingest.arrivals
    FOR EACH STATEMENT EXECUTE FUNCTION ingest.gate();
"""
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
    start: Starter

    def deliver(self, *mails: bytes) -> None:
        with smtplib.SMTP("127.0.0.1", self.mail.smtp_port) as client:
            for octets in mails:
                client.sendmail("a@example.org", [self.address], octets)

    async def also_read(self, folder: str) -> None:
        """A further folder of the mailbox, on its server and in the applied site."""

        def made() -> None:
            with IMAPClient("127.0.0.1", port=self.mail.imap_port, ssl=False) as client:
                client.login(self.address, self.address)
                client.create_folder(folder)

        await asyncio.to_thread(made)
        async with transaction(self.pool) as connection:
            site = (await store.current(connection)).site
            (box,) = site.sources.mailboxes
            boxes = (box.model_copy(update={"folders": (folder,)}),)
            sources = site.sources.model_copy(update={"mailboxes": boxes})
            site = site.model_copy(update={"sources": sources})
            await store.keep(connection, site, DAYS, "q.officer", "tests", APPLIED)

    async def run(self, *words: str) -> OwnProcess:
        return await begin(self.start, "ingest", *words, environment=self.environment)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[OwnProcess]:
        process = await self.run("run")
        try:
            yield process
        finally:
            if process.returncode is None:
                process.send_signal(signal.SIGTERM)
            assert await asyncio.wait_for(process.wait(), PATIENCE) in {0, -signal.SIGKILL}

    @asynccontextmanager
    async def holding(self, count: int) -> AsyncIterator[None]:
        """Once `count` arrivals are kept, the transaction that keeps more waits for the end."""
        async with self.pool.acquire() as connection:
            await connection.execute(GATE.replace("$1", str(count)))
            await connection.execute("SELECT pg_advisory_lock($1)", LOCK)
            try:
                yield
            finally:
                await connection.execute("SELECT pg_advisory_unlock($1)", LOCK)
                await connection.execute("DROP TRIGGER gate ON ingest.arrivals")

    async def kept(self) -> int:
        return int(await self.pool.fetchval("SELECT count(*) FROM ingest.arrivals"))

    async def all_told(self) -> bool:
        """Whether nothing waits for Kafka: to be asked last, since what is kept later waits too."""
        return not await self.pool.fetchval("SELECT EXISTS (SELECT FROM ingest.outbox_waiting)")

    async def told(self) -> list[Arrived]:
        """Every `Arrived` on the topic, repetitions included."""
        consumer = AIOKafkaConsumer(
            f"{self.prefix}arrivals", bootstrap_servers=self.kafka, auto_offset_reset="earliest"
        )
        await consumer.start()
        try:
            found = []
            ends = await consumer.end_offsets(consumer.assignment())
            while any([await consumer.position(one) < end for one, end in ends.items()]):
                batch = await consumer.getmany(timeout_ms=500)
                found += [
                    ARRIVALS.validate_json(record.value)
                    for many in batch.values()
                    for record in many
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
