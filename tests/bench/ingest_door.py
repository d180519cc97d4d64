"""The door of the bench, in a process of its own: what it takes of processor and memory is its own.

    python -m tests.bench.ingest_door JSON

JSON says where everything is (`DoorPlace`), what is done, and up to how many mails. What it took is
printed as one line of JSON.
"""

import asyncio
import resource
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import orjson
from pydantic import SecretStr, TypeAdapter

from services.ingest.arrival_writer import SCHEMA, ArrivalWriter
from services.ingest.attachment_job import AttachmentJob
from services.ingest.attachment_reader import AttachmentReader
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.imap import ImapSource
from services.ingest.imap_session import ImapAccount
from services.ingest.inbox_reader import InboxReader
from services.ingest.mail_parser import MailParserPool
from services.ingest.sign_in import ByPassword
from services.ingest.source_status import SourceStatus
from services.ingest.watch import MailWatch, Pace
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ServiceId
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool
from shared.platform.messaging.relay import Relay
from shared.platform.process import collect_seldom
from tests.dovecot import PASSWORD
from tests.ingest_builders import indre, indre_rules

SOURCE: Final = "mailbox:pref-bmi"
POLL: Final = timedelta(seconds=60)
"""Far above any goal: it hides no missing IDLE."""
PATIENCE: Final = 600.0
"""Seconds without another mail after which the door ends, and says how far it came."""


@dataclass(frozen=True, slots=True)
class DoorPlace:
    """Where the door works, and at what."""

    url: str
    port: int
    user: str
    blobs: Path
    mails: int
    """Whose marks it waits for; 0: it goes on until its standard input ends."""
    kafka: str = ""
    prefix: str = ""
    do: Literal["mails", "attachments"] = "mails"
    seconds: float = 30.0
    """How long attached files are read at most."""


@dataclass(frozen=True, slots=True)
class DoorTook:
    """What it took: by the clock, of processors, and how far it came."""

    seconds: float
    own_cpu: float
    children_cpu: float
    count: int


def a_watch(pool: Pool, place: DoorPlace, mails: MailParserPool) -> MailWatch:
    account = ImapAccount(
        "pref-bmi", "127.0.0.1", place.port, tls=False, folder="INBOX", mark="$Vaguemestre",
        sign_in=ByPassword(place.user, lambda: SecretStr(PASSWORD)),
    )  # fmt: skip
    service, clock = ServiceId("bmi"), SystemClock()
    return MailWatch(
        "indre", SOURCE, service, source=ImapSource(account),
        reader=InboxReader(
            "indre", SOURCE, MailboxPlace("pref-bmi", service),
            rules=indre_rules, clock=clock, mails=mails,
        ),
        keeper=ArrivalWriter(pool, LocalBlobs(place.blobs), indre().zone),
        pool=pool, clock=clock, status=SourceStatus(SOURCE), pace=Pace(poll=POLL),
    )  # fmt: skip


async def kept(pool: Pool, number: int) -> int:
    """Waits until so many mails are committed and marked."""
    known, since = -1, time.perf_counter()
    while (
        found := await pool.fetchval("SELECT count(*) FROM ingest.places WHERE marked")
    ) < number:
        if found != known:
            known, since = found, time.perf_counter()
        elif time.perf_counter() - since > PATIENCE:
            raise SystemExit(f"bench: {found} of {number} mails are marked, and no more come")
        await asyncio.sleep(0.1)  # a question for each fiftieth mail at most, so as to cost little
    return int(found)


async def take_mails(pool: Pool, place: DoorPlace, mails: MailParserPool) -> int:
    watch = asyncio.create_task(a_watch(pool, place, mails).run())
    relay = (
        Relay(SecretStr(place.url), (SCHEMA,), place.kafka, place.prefix) if place.kafka else None
    )
    telling = asyncio.create_task(relay.run()) if relay is not None else None
    try:
        if place.mails:
            return await kept(pool, place.mails)
        await asyncio.to_thread(sys.stdin.read)
        return 0
    finally:
        watch.cancel()
        await asyncio.gather(watch, return_exceptions=True)
        if relay is not None and telling is not None:
            relay.stop()
            await telling


async def read_attachments(pool: Pool, place: DoorPlace, mails: MailParserPool) -> int:
    files = AttachmentReader(None)
    job = AttachmentJob(
        pool, LocalBlobs(place.blobs), SystemClock(), indre_rules, mails, files,
        url=SecretStr(place.url),
    )  # fmt: skip
    read = 0

    async def work() -> None:
        nonlocal read
        while await job.read_next():
            read += 1

    try:
        with suppress(TimeoutError):
            async with asyncio.timeout(place.seconds):
                await asyncio.gather(work(), work())
    finally:
        files.close()
    return read


async def run(place: DoorPlace) -> DoorTook:
    pool, mails = await open_pool(SecretStr(place.url), "bench"), MailParserPool()
    indre_rules()
    collect_seldom()  # as a service does
    before, begun = _own(), time.perf_counter()
    count = await (take_mails if place.do == "mails" else read_attachments)(pool, place, mails)
    took, own = time.perf_counter() - begun, _own() - before
    mails.close()
    await pool.close()
    theirs = resource.getrusage(resource.RUSAGE_CHILDREN)
    return DoorTook(took, own, theirs.ru_utime + theirs.ru_stime, count)


def _own() -> float:
    ours = resource.getrusage(resource.RUSAGE_SELF)
    return ours.ru_utime + ours.ru_stime


if __name__ == "__main__":
    where = TypeAdapter(DoorPlace).validate_json(sys.argv[1])
    sys.stdout.write(orjson.dumps(asdict(asyncio.run(run(where)))).decode() + "\n")
