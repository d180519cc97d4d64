"""What a mail costs from IMAP to its receipt at an SMTP server: `make bench WHAT=through`.

On the real stack: mails lie in Debian's Dovecot, ingest takes them in, desk, sla and notify hear of
them through Kafka, receipts leave to an SMTP server in a process of its own (mail_sink.py). The
caps of the site are lifted. What colleagues are told leaves within opening hours alone, and twice
as many notices then as receipts: offices are closed here, whatever the hour of the machine, or open
all day of a jour ouvré with HOURS=open (`--hours open`). CPU is read of each process with its
children, ours apart from the servers, between the moment in which the mails are there and the last
receipt taken; how fast the machine was meanwhile (pace.py) stands beside it. The bench fails if a
mail is in no register, or a receipt left twice. SMALL=300 (`--mails 300`) for a busy machine.
"""

import argparse
import asyncio
import os
import re
import shutil
import tempfile
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, NoReturn

import asyncpg
import psutil

from deploy.embedded.addresses import Addresses
from deploy.embedded.processes import installation, vaguemestre
from deploy.embedded.stack import Stack, password_variable
from shared.platform.clock import SystemClock
from shared.platform.settings import PREFIX
from shared.site.load import load_folder
from tests.bench.door_mails import a_door_mail
from tests.bench.mail_sink import MailSink, sink_process
from tests.bench.memory import INDRE, Program, processor, running, separate
from tests.bench.pace import measured_pace
from tests.bench.said import Said
from tests.dovecot import PASSWORD, RunningDovecot, dovecot, program

OURS_MS: Final = 15.0
"""Milliseconds of our processes for a mail, in all."""
RATE: Final = 60.0
WISHED: Final = 100.0
PATIENCE: Final = 1_800.0
PAGES: Final = {"desk", "portal"}
"""Programs that only serve pages: nothing of a mail passes through them."""
SERVERS: Final = {"postgres": "PostgreSQL", "kafka": "Kafka", "dovecot": "Dovecot"}
CAPS: Final = (
    *("address_a_day", "domain_an_hour", "domain_a_day", "all_an_hour", "all_a_day"),
    "outgoing_per_minute",
)
LIFTED: Final = re.compile(rf"^(\s*(?:{'|'.join(CAPS)}):) \d+", re.MULTILINE)
HOURS: Final = {
    "closed": "{opens: '03:00', closes: '03:01'}",
    "open": "{opens: '00:00', closes: '23:59'}",
}
OPENING: Final = re.compile(r"^(\s*opening:) \{.*\}", re.MULTILINE)
Measure = Callable[[Said, Addresses, Path, MailSink, argparse.Namespace], Coroutine[Any, Any, None]]
"""What is measured on a stack that is installed and live: its mailbox's folder, its SMTP server."""
BY: Final = ("--by", "bench", "--why", "bench")
WRITTEN: Final = "Mon, 11 May 2026 10:00:00 +0200"
LEFT: Final = """
    SELECT count(*) FILTER (WHERE state = 'sent') AS sent,
           count(*) FILTER (WHERE state IN ('planned', 'attempting', 'unknown')) AS under_way
    FROM notify.ledger WHERE way = 'mail' AND kind = 'receipt'
"""


def lifted(folder: Path, hours: str = "closed") -> Path:
    """The example's rules with room for as many mails as can leave, and the hours of that name."""
    rules = folder / "rules"
    shutil.copytree(INDRE, rules)
    notices = rules / "notices.yaml"
    notices.write_text(LIFTED.sub(r"\1 1000000", notices.read_text("utf-8")), "utf-8")
    for table in ("site.yaml", "services.yaml"):
        text = (rules / table).read_text("utf-8")
        (rules / table).write_text(OPENING.sub(rf"\1 {HOURS[hours]}", text), "utf-8")
    return rules


def filled(maildir: Path, count: int) -> None:
    """Lays mails beside a mailbox, each of a sender of its own, written a moment ago."""
    waiting, now = maildir / "waiting", format_datetime(SystemClock().now())
    for name in ("cur", "new", "tmp", "waiting"):
        (maildir / name).mkdir(parents=True, exist_ok=True)
        (maildir / name).chmod(0o777)
    maildir.chmod(0o777)
    for number in range(count):
        mail = a_door_mail(number).replace(WRITTEN.encode(), now.encode())
        mail = mail.replace(f"claire.renard{number % 997}@".encode(), f"c.renard{number}@".encode())
        path = waiting / f"{1_790_000_000 + number}.M{number}P1.bench"
        path.write_bytes(mail.replace(b"\r\n", b"\n"))
        path.chmod(0o666)


def deliver(maildir: Path) -> None:
    for path in (maildir / "waiting").iterdir():
        path.rename(maildir / "new" / path.name)


def spent(names: Mapping[int, str]) -> dict[str, float]:
    """Seconds of CPU of each process that we started, with its children, those that ended too."""
    found = dict[str, float]()
    for child in psutil.Process().children():
        words = " ".join(child.cmdline()).lower()
        server = next((name for word, name in SERVERS.items() if word in words), "other")
        name = names.get(child.pid, server)
        found[name] = found.get(name, 0.0) + processor(child.pid)
    return found


async def typed(addresses: Addresses, rules: Path, site: str) -> None:
    """Installs the préfecture, and goes live."""
    commands = [step.argv for step in installation(rules, site)]
    for argv in (*commands, vaguemestre("site", "go-live", "--yes", *BY)):
        variables = {**addresses.environment("owner"), "PATH": "/usr/bin:/bin"}
        done = await asyncio.create_subprocess_exec(
            *argv, env=variables, stdout=asyncio.subprocess.DEVNULL
        )
        if await done.wait():
            raise SystemExit(f"{' '.join(argv[3:5])} failed")


def programs(addresses: Addresses, connections: int) -> Sequence[Program]:
    """The four processes that a mail goes through, towards servers without TLS."""
    plain = {
        f"{PREFIX}IMAP_TLS": "false",
        f"{PREFIX}SMTP_TLS": "false",
        f"{PREFIX}SMTP_CONNECTIONS": str(connections),
    }
    return [
        (name, argv, {**variables, **plain})
        for name, argv, variables in separate(addresses)
        if name not in PAGES
    ]


class Watch:
    """What the tables say of mails on their way."""

    def __init__(self, owner: "asyncpg.Connection[asyncpg.Record]", mails: int) -> None:
        self._owner = owner
        self._mails = mails
        self._ended = dict[str, float]()
        self._began = time.perf_counter()

    async def over(self) -> bool:
        """Whether every mail is in the register and every receipt that is to leave has left."""
        for stage, table in (("in the register", "desk.arrivals"), ("heard by sla", "sla.items")):
            await self._reached(stage, f"SELECT count(*) FROM {table}")  # noqa: S608  (our names)
        await self._reached("heard by notify", "SELECT count(*) FROM notify.items")
        row = await self._owner.fetchrow(LEFT)
        assert row is not None
        whole = len(self._ended) == 3
        return whole and row["sent"] > 0 and not row["under_way"]

    async def _reached(self, stage: str, question: str) -> None:
        if stage not in self._ended and await self._owner.fetchval(question) >= self._mails:
            self._ended[stage] = time.perf_counter() - self._began

    @property
    def stages(self) -> Mapping[str, float]:
        """Seconds after which the last mail had reached each stage."""
        return self._ended


async def measure(
    said: Said, addresses: Addresses, maildir: Path, sink: MailSink, o: argparse.Namespace
) -> None:
    looks: dict[str, int] = {}
    owner = await asyncpg.connect(addresses.database_urls["owner"])
    await asyncio.to_thread(filled, maildir, o.mails)
    those = programs(addresses, o.connections)
    async with running(those, looks) as pids:
        names = {pid: those[n][0] for n, pid in enumerate(pids)} | {sink.pid: "SMTP server"}
        await asyncio.sleep(o.rest)
        async with measured_pace() as pace, asyncio.timeout(PATIENCE):
            before = spent(names)
            watch, start = Watch(owner, o.mails), time.perf_counter()
            await asyncio.to_thread(deliver, maildir)
            while not await watch.over():  # noqa: ASYNC110  (what tables say)
                await asyncio.sleep(0.2)
            took = time.perf_counter() - start
            after = spent(names)
    for stage, seconds in watch.stages.items():
        said.fact(f"the last mail is {stage} after", seconds, "s")
    ours = servers = 0.0
    for name in sorted(after, key=lambda name: (name not in names.values(), name)):
        milliseconds = (after[name] - before.get(name, 0.0)) * 1000 / o.mails
        mine = name in looks
        ours, servers = (ours + milliseconds, servers) if mine else (ours, servers + milliseconds)
        said.fact(f"{'ours' if mine else 'servers'}: {name}", milliseconds, "ms of CPU a mail")
    said.fact("servers in all", servers, "ms of CPU a mail")
    said.fact("meanwhile Python's email package read one of them in", pace.meanwhile, "ms of CPU")
    said.fact("and before they came, with nothing else to do, in", pace.alone, "ms of CPU")
    said.fact(
        "ours in all, on a core as fast as then", ours * pace.alone / pace.meanwhile, "ms a mail"
    )
    said.goal("ours in all", ours, OURS_MS, "ms a mail")
    said.goal("mails through", o.mails / took, RATE, "a second", least=True)
    said.wish("mails through", o.mails / took, WISHED, "a second")
    sent = await owner.fetchval("SELECT count(*) FROM notify.ledger WHERE state = 'sent'")
    arrived = await owner.fetchval("SELECT count(*) FROM desk.arrivals")
    taken, ids = await sink.counts()
    await owner.close()
    said.note(
        f"{arrived} mails in the register, {sent} notices sent, {taken} taken of {ids} Message-IDs"
    )
    if arrived != o.mails or taken != ids or taken != sent:
        raise SystemExit("A mail is missing, or a receipt left twice.")


async def bench(
    measure: Measure, folder: Path, server: RunningDovecot, o: argparse.Namespace
) -> Said:
    said, rules = Said(), lifted(folder, o.hours)
    site = load_folder(rules)
    boxes = site.sources.mailboxes
    said.note(f"load: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    said.note(f"offices: {o.hours} (HOURS=open, HOURS=closed)")
    said.note(f"notify sends over {o.connections} connections (SMTP_CONNECTIONS; one by itself)")
    async with sink_process() as sink:
        given = {
            f"{PREFIX}IMAP_HOST": "127.0.0.1", f"{PREFIX}IMAP_PORT": str(server.port),
            f"{PREFIX}SMTP_HOST": sink.host, f"{PREFIX}SMTP_PORT": str(sink.port),
            **{password_variable(box.id): PASSWORD for box in boxes},
        }  # fmt: skip
        stack = Stack(
            folder / "data",
            {box.id: box.address for box in boxes},
            site=site.identity.id,
            given=given,
        )
        addresses = await stack.start()
        try:
            await typed(addresses, rules, site.identity.id)
            to = next(box.address for box in boxes if box.service == "bmi")
            await measure(said, addresses, server.home / "mail" / to, sink, o)
        finally:
            await asyncio.to_thread(stack.stop)
    said.note(f"load: {' '.join(f'{load:.1f}' for load in os.getloadavg())}")
    return said


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.through")
    many = int(os.environ.get("SMALL") or 5_000)
    parser.add_argument("--mails", type=int, default=many, help="mails; SMALL=300 says it too")
    hours = os.environ.get("HOURS") or "closed"
    parser.add_argument("--hours", choices=list(HOURS), default=hours, help="of the offices")
    parser.add_argument("--connections", type=int, default=3, help="of notify to the SMTP server")
    parser.add_argument("--rest", type=float, default=5.0, help="seconds before the mails come")
    return parser.parse_args(words)


def run(measure: Measure, o: argparse.Namespace) -> NoReturn:
    """Measures on a real stack that is gone afterwards; the exit code: was a goal missed."""
    found = program()
    if found is None:
        raise SystemExit("Dovecot is not installed: apt-get install dovecot-imapd")
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name,
        dovecot(found) as server,
    ):
        said = asyncio.run(bench(measure, Path(name), server, o))
    print(f"bench: {said.met} of {said.goals} goals met")  # noqa: T201  (a bench speaks to a terminal)
    raise SystemExit(said.met < said.goals)


if __name__ == "__main__":
    run(measure, options())
