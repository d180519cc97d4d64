"""How fast the door is, beside this machine's raw limit: `make bench WHAT=ingest`.

The raw limit fetches the same mails from the same server in the same batches and throws them away.
The door reads, judges, keeps octets and plis on a disk that is flushed, commits and marks. Servers
are the embedded ones, PostgreSQL with fsync on; the bench fails if a mail is missing.
"""

import asyncio
import base64
import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import asyncpg
from imapclient import IMAPClient
from pydantic import SecretStr

from deploy.embedded.mail import EmbeddedMailbox, MailServer
from deploy.embedded.postgres import PostgresServer
from services.ingest.arrival_writer import ArrivalWriter
from services.ingest.domain.judge_mail import MailboxPlace
from services.ingest.imap import ImapSource
from services.ingest.imap_session import ImapAccount
from services.ingest.inbox_reader import InboxReader
from services.ingest.mail_opener import MailParser
from services.ingest.mail_parser import MailParserPool
from services.ingest.sign_in import ByPassword
from services.ingest.source_status import SourceStatus
from services.ingest.watch import MailWatch, Pace
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ServiceId
from shared.platform.clock import SystemClock
from shared.platform.database import Pool, open_pool
from shared.platform.postgres.migrate import migrate
from tests.ingest_builders import a_multipart, indre, indre_rules

MAILS = 1_000
ATTACHED = 34_000
"""Octets of each attachment: a mail of 48 kB on its way."""
BATCH = 50
ROUNDS = 3
SINGLES = 20
SHARE = 1 / 3
"""Of the raw limit that the door must reach."""
SOON = 0.3
"""Seconds from delivery to commit."""
POLL = timedelta(seconds=5)
"""Well above `SOON`: it makes up for a hint that the server lost, and hides no missing IDLE."""
PATIENCE = 600.0
"""Seconds without another mail after which the bench ends, and says how far it came."""
BOX = EmbeddedMailbox("pref-bmi@indre.example", "secret")
SOURCE = "mailbox:pref-bmi"


def a_mail(number: int) -> bytes:
    scan = base64.encodebytes(os.urandom(ATTACHED)).decode()
    return a_multipart(
        f"Content-Type: text/plain; charset=utf-8\r\n\r\nBonjour, dossier {number}. Merci.",
        "Content-Type: application/pdf\r\nContent-Disposition: attachment; filename=piece.pdf\r\n"
        f"Content-Transfer-Encoding: base64\r\n\r\n{scan}",
        message_id=f"<{number}@orange.example>",
        subject=f"Titre de séjour {number}",
    )


def client(port: int) -> IMAPClient:
    found = IMAPClient("127.0.0.1", port=port, ssl=False)
    found.login(BOX.address, BOX.password)
    return found


def fetch_bare(port: int) -> float:
    """Mails a second of IMAPClient alone."""
    with client(port) as bare:
        bare.select_folder("INBOX", readonly=True)
        started = time.perf_counter()
        uids = bare.search()
        for start in range(0, len(uids), BATCH):
            bare.fetch(uids[start : start + BATCH], ["INTERNALDATE", "BODY.PEEK[]"])
        return len(uids) / (time.perf_counter() - started)


def a_watch(pool: Pool, port: int, blobs: Path, mails: MailParser) -> MailWatch:
    account = ImapAccount(
        "pref-bmi", "127.0.0.1", port, tls=False, folder="INBOX", mark="$Vaguemestre",
        sign_in=ByPassword(BOX.address, lambda: SecretStr(BOX.password)),
    )  # fmt: skip
    service, clock = ServiceId("bmi"), SystemClock()
    return MailWatch(
        "indre", SOURCE, service, source=ImapSource(account),
        reader=InboxReader(
            "indre", SOURCE, MailboxPlace("pref-bmi", service),
            rules=indre_rules, clock=clock, mails=mails,
        ),
        keeper=ArrivalWriter(pool, LocalBlobs(blobs), indre().zone),
        pool=pool, clock=clock, status=SourceStatus(SOURCE), pace=Pace(poll=POLL),
    )  # fmt: skip


async def kept(pool: Pool, number: int) -> float:
    """The moment (performance counter) at which so many mails are committed and marked."""
    query = "SELECT count(*) FROM ingest.places WHERE marked"
    known, since = -1, time.perf_counter()
    while (found := await pool.fetchval(query)) < number:
        if found != known:
            known, since = found, time.perf_counter()
        elif time.perf_counter() - since > PATIENCE:
            raise SystemExit(f"bench: {found} of {number} mails are marked, and no more come")
        await asyncio.sleep(0.005)
    return time.perf_counter()


async def watched(watch: MailWatch, act: Callable[[], Awaitable[float]]) -> float:
    task = asyncio.create_task(watch.run())
    try:
        return await act()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def bench(url: str, port: int, folder: Path) -> int:
    """Prints what was measured; the number of goals met, of two."""
    connection = await asyncpg.connect(url)
    await migrate(connection, site="indre")
    await connection.close()
    pool = await open_pool(SecretStr(url), "bench")
    bare, door, mails = [], [], MailParserPool()
    for number in range(ROUNDS):
        bare.append(await asyncio.to_thread(fetch_bare, port))
        await pool.execute("TRUNCATE ingest.arrivals, ingest.checkpoints, ingest.outbox CASCADE")
        started = time.perf_counter()
        watch = a_watch(pool, port, folder / str(number), mails)
        ended = await watched(watch, lambda: kept(pool, MAILS))
        door.append(MAILS / (ended - started))
    say("raw limit: IMAPClient fetches and throws away", statistics.median(bare), "mails a second")
    say(
        "the door: judged, on the disk, committed, marked",
        statistics.median(door),
        "mails a second",
    )
    share = statistics.median(d / b for d, b in zip(door, bare, strict=True))
    say("  of the raw limit", 100 * share, f"%   (goal: {100 * SHARE:.0f} %)")

    async def one_by_one() -> float:
        await kept(pool, MAILS)
        waits = []
        with client(port) as sender:
            for number in range(MAILS, MAILS + SINGLES):
                await asyncio.sleep(0.1)  # it waits for mails by then
                await asyncio.to_thread(sender.append, "INBOX", a_mail(number))
                delivered = time.perf_counter()
                waits.append(await kept(pool, number + 1) - delivered)
        return statistics.median(waits)

    wait = await watched(a_watch(pool, port, folder / "singles", mails), one_by_one)
    say("a mail alone: delivered → committed", 1000 * wait, f"ms  (goal: {1000 * SOON:.0f} ms)")
    mails.close()
    await pool.close()
    return (share >= SHARE) + (wait <= SOON)


def say(what: str, value: float, unit: str) -> None:
    print(f"{what:<58} {value:>10,.0f} {unit}")  # noqa: T201  (a bench speaks to a terminal)


def main() -> None:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        mail, postgres = MailServer(folder, [BOX]), PostgresServer(folder)
        mail.start()
        postgres.start()
        try:
            with client(mail.imap_port) as sender:
                for number in range(MAILS):
                    sender.append("INBOX", a_mail(number))
            met = asyncio.run(bench(postgres.url, mail.imap_port, folder / "blobs"))
        finally:
            postgres.stop()
            mail.stop()
    print(f"bench: {met} of 2 goals met")  # noqa: T201  (a bench speaks by printing)
    raise SystemExit(met < 2)


if __name__ == "__main__":
    main()
