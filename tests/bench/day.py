"""A day of 20,000 letters, its hours shortened: `make bench WHAT=day`.

The real stack of a large préfecture: Debian's Dovecot, PostgreSQL, Kafka, the processes of each
service, an SMTP server. Mails come as they do between seven and seven: half of them from half past
eight to eleven, each tenth with a PDF of 2 MB, and forty with words of danger in the fullest half
hour. `MINUTES=20` says how long the twelve hours take: the program meets the rate of the shortened
day, and is held to the delays that its own alerts allow in a true one. `SMALL=500` mails for a
busy machine.
"""

import argparse
import asyncio
import os
import statistics
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from itertools import accumulate
from pathlib import Path
from typing import Final

import asyncpg

from deploy.embedded.addresses import Addresses
from shared.platform.clock import SystemClock
from tests.bench.door_mails import a_door_mail, a_heavy_mail
from tests.bench.mail_sink import MailSink
from tests.bench.memory import running
from tests.bench.said import Said
from tests.bench.through import programs, run
from tests.ingest_builders import a_mail

HALF_HOURS: Final = (1, 2, 4, 11, 13, 12, 10, 7, 5, 3, 2, 3, 5, 6, 6, 5, 3, 2)
"""Shares of the day, from 07:00 on, of a hundred."""
EVENING: Final = (0,) * (24 - len(HALF_HOURS))
HEAVY_EVERY: Final = 10
HEAVY_OCTETS: Final = 2_000_000
DANGERS: Final = 40
DANGER: Final = "Je n'en peux plus, je veux mourir. Aidez-moi, je vous en prie."
FULLEST: Final = HALF_HOURS.index(max(HALF_HOURS))
WRITTEN: Final = b"Mon, 11 May 2026 10:00:00 +0200"
"""When a server of ours took each of the made mails."""
PATIENCE: Final = 2_400.0
EVERY: Final = 5.0
ALERT_S: Final = 60.0
"""Seconds from the mailbox to the mail of whoever is on call, behind everything else."""
DELAYS: Final = {
    "vaguemestre_mail_queue_oldest_seconds": 1_800.0,
    "vaguemestre_mail_urgent_oldest_seconds": 300.0,
    "vaguemestre_ingest_attachments_oldest_seconds": 900.0,
    "vaguemestre_outbox_age_seconds": 300.0,
    "vaguemestre_sla_wake_lag_seconds": 1_800.0,
    "vaguemestre_desk_unindexed_oldest_seconds": 900.0,
}
"""What alerts.yml allows: from there on the program says of itself that it is late."""
LEFT: Final = """
    SELECT found.subject, ledger.kind, ledger.changed_at
    FROM notify.ledger ledger JOIN desk.search found ON found.id = ledger.item_id
    WHERE ledger.way = 'mail' AND ledger.state = 'sent'
"""
REACHED: Final = """
    SELECT (SELECT count(*) FROM desk.arrivals) AS registered,
           (SELECT count(*) FROM desk.search) AS indexed,
           (SELECT count(*) FROM sla.items) AS timed,
           (SELECT count(*) FROM notify.items) AS heard,
           (SELECT count(*) FROM notify.ledger WHERE way = 'mail' AND kind IN ('receipt', 'alert')
            AND state IN ('planned', 'attempting', 'unknown') AND due_at <= now()) AS leaving
"""


def moments(mails: int, seconds: float) -> Sequence[float]:
    """Seconds after seven o'clock at which each mail comes, in a day that takes so many."""
    shares = (*HALF_HOURS, *EVENING)
    ends = [round(mails * share / sum(shares)) for share in accumulate(shares)]
    width = seconds / len(shares)
    begins = [0, *ends]
    return [
        (at + (number - first) / (last - first)) * width
        for at, (first, last) in enumerate(zip(begins, ends, strict=False))
        for number in range(first, last)
    ]


def those_in_danger(mails: int) -> frozenset[int]:
    """Numbers of the mails with words of danger: evenly among those of the fullest half hour."""
    total = sum(HALF_HOURS)
    first = round(mails * sum(HALF_HOURS[:FULLEST]) / total)
    many = round(mails * HALF_HOURS[FULLEST] / total)
    dangers = min(DANGERS, many)
    return frozenset(first + many * each // dangers for each in range(dangers))


def subject_of(number: int, dangers: frozenset[int]) -> str:
    return f"Appel {number}" if number in dangers else f"Titre de séjour {number}"


def the_mail(number: int, dangers: frozenset[int]) -> bytes:
    """The mail of a number: of danger, with a large file, or one of the ordinary ones."""
    if number in dangers:
        name = f"appel-{number}@orange.example"
        return a_mail(
            DANGER, sender=name, subject=subject_of(number, dangers),
            message_id=f"<{name}>", date=None,
        )  # fmt: skip
    heavy = number % HEAVY_EVERY == 0
    mail = a_heavy_mail(number, HEAVY_OCTETS) if heavy else a_door_mail(number)
    return mail.replace(f"renard{number % 997}@".encode(), f"renard{number}@".encode())


def filled(maildir: Path, mails: int, seconds: float) -> Sequence[Path]:
    """Lays the mails beside a mailbox, in the order in which they come."""
    dangers, paths, now = those_in_danger(mails), list[Path](), SystemClock().now()
    for name in ("cur", "new", "tmp", "waiting"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
        (maildir / name).chmod(0o777)
    maildir.chmod(0o777)
    for number, moment in enumerate(moments(mails, seconds)):
        came = format_datetime(now + timedelta(seconds=moment)).encode()
        mail = the_mail(number, dangers).replace(WRITTEN, came).replace(b"\r\n", b"\n")
        path = maildir / "waiting" / f"{1_790_000_000 + number}.M{number}P1.bench"
        path.write_bytes(mail)
        path.chmod(0o666)
        paths.append(path)
    return paths


@dataclass
class Day:
    """What was seen while the day passed."""

    came: list[datetime] = field(default_factory=list)
    worst: dict[str, float] = field(default_factory=lambda: dict.fromkeys(DELAYS, 0.0))

    async def deliver(self, waiting: Sequence[Path], seconds: float) -> None:
        """Moves each mail into the mailbox at its moment."""
        began = time.monotonic()
        for path, moment in zip(waiting, moments(len(waiting), seconds), strict=True):
            await asyncio.sleep(began + moment - time.monotonic())
            os.utime(path)
            path.rename(path.parents[1] / "new" / path.name)
            self.came.append(SystemClock().now())

    async def look(self, ports: Mapping[str, int]) -> None:
        """Keeps the longest delay that each process says of itself."""
        for port in ports.values():
            for name, value in read(await fetched(port)):
                self.worst[name] = max(self.worst[name], value)


def read(metrics: str) -> Iterator[tuple[str, float]]:
    """Names and values of the delays in the text of a scrape."""
    for line in metrics.splitlines():
        name = line.partition("{")[0].partition(" ")[0]
        if name in DELAYS:
            yield name, float(line.rpartition(" ")[2])


async def fetched(port: int) -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /metrics HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode()
    )
    answer = await reader.read()
    writer.close()
    return answer.decode()


async def passed(
    owner: "asyncpg.Connection[asyncpg.Record]", mails: int, day: Day, ports: Mapping[str, int]
) -> None:
    """Returns when all mails are in the register, and no receipt or alert is due."""
    async with asyncio.timeout(PATIENCE):
        while True:
            await day.look(ports)
            row = await owner.fetchrow(REACHED)
            assert row is not None
            if set(row.values()) == {mails, 0}:
                return
            await asyncio.sleep(EVERY)


async def measure(
    said: Said, addresses: Addresses, maildir: Path, sink: MailSink, o: argparse.Namespace
) -> None:
    looks: dict[str, int] = {}
    day, seconds = Day(), o.minutes * 60.0
    waiting = await asyncio.to_thread(filled, maildir, o.mails, seconds)
    owner = await asyncpg.connect(addresses.database_urls["owner"])
    async with running(programs(addresses, o.connections), looks):
        began = time.monotonic()
        delivering = asyncio.create_task(day.deliver(waiting, seconds))
        while not delivering.done():
            await day.look(looks)
            await asyncio.wait((delivering,), timeout=EVERY)
        await delivering
        said.fact("all mails had come after", time.monotonic() - began, "s")
        await passed(owner, o.mails, day, looks)
        said.fact("all was done after", time.monotonic() - began, "s")
    rows = await owner.fetch(LEFT)
    arrived = await owner.fetchval("SELECT count(*) FROM desk.arrivals")
    await owner.close()
    _say(said, o, day, rows)
    taken, ids = await sink.counts()
    said.goal("mails in no register", o.mails - arrived, 0, "")
    said.goal("mails of ours that left twice", taken - ids, 0, "")


def _say(said: Said, o: argparse.Namespace, day: Day, rows: Sequence["asyncpg.Record"]) -> None:
    dangers = those_in_danger(o.mails)
    came = {subject_of(number, dangers): at for number, at in enumerate(day.came)}
    waits: dict[str, list[float]] = {"alert": [], "receipt": []}
    for row in rows:
        if row["kind"] in waits and row["subject"] in came:
            waits[row["kind"]].append((row["changed_at"] - came[row["subject"]]).total_seconds())
    at_most = o.mails * max(HALF_HOURS) / sum(HALF_HOURS)
    said.fact("in the fullest half hour", at_most / (o.minutes * 60 / 24), "mails a second")
    said.fact("in that of a true day", at_most / 1_800, "mails a second")
    said.fact("receipts that left", len(waits["receipt"]), "")
    said.fact("mailbox → receipt at its server, median", statistics.median(waits["receipt"]), "s")
    said.fact("mailbox → receipt at its server, slowest", max(waits["receipt"]), "s")
    said.goal("alerts that left", len(waits["alert"]), len(dangers), "", least=True)
    said.goal("mailbox → alert at its server, slowest", max(waits["alert"]), ALERT_S, "s")
    for name, most in DELAYS.items():
        said.goal(name.removeprefix("vaguemestre_"), day.worst[name], most, "s")


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.day")
    many, minutes = (int(os.environ.get(n) or d) for n, d in (("SMALL", 20_000), ("MINUTES", 20)))
    parser.add_argument("--mails", type=int, default=many, help="mails; SMALL=500 says it too")
    parser.add_argument("--minutes", type=float, default=minutes, help="how long twelve hours take")
    parser.add_argument("--connections", type=int, default=1, help="of notify to the SMTP server")
    parser.set_defaults(hours="open")
    return parser.parse_args(words)


if __name__ == "__main__":
    run(measure, options())
