"""Several préfectures on one PostgreSQL, one Kafka, one mail server: `make bench WHAT=hosting`.

Each has its database, roles, topics, folders and the three programs of a small one (`run`, `desk
serve`, `portal serve`). Printed: memory, connections and processor of all, idle. Tried: each role
of each against every other's database; each mail in the register of its own préfecture alone; and
one is stopped, migrated and started again while mails and the form of the others go on.
"""

import argparse
import asyncio
import shutil
import smtplib
import tempfile
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import urlsplit

import asyncpg

from deploy.embedded.account import kept_account
from deploy.embedded.addresses import Addresses
from deploy.embedded.data_folder import kept_secret
from deploy.embedded.downloads import tessdata, web
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.mail import EmbeddedMailbox, MailServer
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.processes import vaguemestre
from deploy.embedded.roles import NAMES
from shared.platform.postgres.rights import prefix_of
from shared.site.load import load_folder
from tests.bench.hosting_parent import OneParent
from tests.bench.memory import INDRE, Program, answers, joint, processor, pss, running, until
from tests.bench.said import Said
from tests.bench.through import spent
from tests.ingest_builders import a_mail

SITES: Final = (
    *("allier", "cher", "creuse", "eure", "indre", "loiret", "nievre", "sarthe", "vienne"),
    "yonne",
)
EACH: Final = 5
"""Mails of each préfecture."""
BY = ("--by", "bench", "--why", "bench")


@dataclass(frozen=True)
class Hosted:
    """One préfecture of the servers: its rules' folder, what its programs are told."""

    site: str
    rules: Path
    addresses: Addresses
    mailbox: str

    def environment(self, role: str) -> dict[str, str]:
        """The variables of one of its programs or commands."""
        own = {"VAGUEMESTRE_PREFIX": f"{self.site}.", "PATH": "/usr/bin:/bin"}
        return self.addresses.environment(role) | own

    def programs(self) -> Sequence[Program]:
        """Its three programs."""
        prefix = {"VAGUEMESTRE_PREFIX": f"{self.site}."}
        return [(name, argv, {**told, **prefix}) for name, argv, told in joint(self.addresses)]

    async def installed(self) -> None:
        """Migrates its database, makes its topics, applies its rules and goes live."""
        await self.migrated()
        await self.typed(("site", "apply", str(self.rules), *BY), ("site", "go-live", "--yes", *BY))

    async def migrated(self) -> None:
        """What the owner types before its programs start, at each upgrade."""
        topics = ("topics", "--replication", "1", "--size", "small")
        await self.typed(("migrate", "--site", self.site), topics)

    async def typed(self, *commands: Sequence[str]) -> None:
        """Types commands as the owner of its database; each must end well."""
        for words in commands:
            done = await asyncio.create_subprocess_exec(
                *vaguemestre(*words),
                env=self.environment("owner"),
                stdout=asyncio.subprocess.DEVNULL,
            )
            if await done.wait():
                raise SystemExit(f"{self.site}: {words[0]} failed")


def password_of(address: str) -> str:
    return f"of-{address.replace('@', '.')}"


def rules_of(site: str, folder: Path) -> Path:
    """The example's rules as another préfecture's: its id, its domain, no demo."""
    made = folder / "rules" / site
    shutil.copytree(INDRE, made)
    for path in made.glob("*.yaml"):
        text = path.read_text("utf-8").replace("indre.example", f"{site}.example")
        if path.name == "site.yaml":
            text = text.replace("id: indre", f"id: {site}").replace("demo: true", "demo: false")
        path.write_text(text, "utf-8")
    return made


async def hosted(
    site: str, folder: Path, postgres: PostgresServer, kafka: KafkaServer, mail: MailServer
) -> Hosted:
    """Makes a préfecture's folders, roles and database."""
    rules = folder / "rules" / site
    boxes = load_folder(rules).sources.mailboxes
    admin = await asyncpg.connect(postgres.url)
    database, urls = f"vaguemestre_{site}", {}
    try:
        for name in NAMES:
            role, password = f"{prefix_of(site)}_{name}", kept_secret(folder, f"{site}-{name}")
            await admin.execute(f"CREATE ROLE {role} LOGIN PASSWORD '{password}'")
            urls[name] = postgres.url_for(role, password, database)
        owner = f"{prefix_of(site)}_owner"
        for name in NAMES[1:]:
            await admin.execute(f"GRANT {prefix_of(site)}_{name} TO {owner} WITH ADMIN OPTION")
        await admin.execute(f"CREATE DATABASE {database} OWNER {owner}")
    finally:
        await admin.close()
    blobs, spool, scans = (folder / site / name for name in ("blobs", "spool", "scans"))
    for place in (blobs, spool, scans):
        place.mkdir(parents=True)
    addresses = Addresses(
        kafka=kafka.address, database_urls=urls,
        imap_host=mail.host, imap_port=mail.imap_port,
        smtp_host=mail.host, smtp_port=mail.smtp_port, tls=False,
        blobs=blobs, spool=spool, scans=scans, tessdata=tessdata(), vendor=web(),
        secret=kept_secret(folder, f"{site}-secret"), account=kept_account(folder / site),
        mailbox_passwords={box.id: password_of(box.address) for box in boxes},
    )  # fmt: skip
    return Hosted(site, rules, addresses, next(box.address for box in boxes if box.service))


@asynccontextmanager
async def servers(
    folder: Path, sites: Sequence[str]
) -> AsyncIterator[tuple[PostgresServer, KafkaServer, MailServer]]:
    """A block in which the shared servers run."""
    boxes = [
        EmbeddedMailbox(box.address, password_of(box.address), (box.sent,) if box.sent else ())
        for site in sites
        for box in load_folder(rules_of(site, folder)).sources.mailboxes
    ]
    postgres = PostgresServer(folder, connections=60 * len(sites))
    kafka = KafkaServer(folder, heap_mb=1024)
    mail = MailServer(folder, boxes, heap_mb=512)
    for server in (postgres, kafka, mail):
        await asyncio.to_thread(server.start)
    try:
        yield postgres, kafka, mail
    finally:
        for server in (postgres, kafka, mail):
            await asyncio.to_thread(server.stop)


def deliver(one: Hosted, first: int, many: int) -> None:
    with smtplib.SMTP(one.addresses.smtp_host, one.addresses.smtp_port) as client:
        for number in range(first, first + many):
            name = f"{one.site}-{number}@orange.example"
            octets = a_mail(
                to=one.mailbox, sender=name, message_id=f"<{name}>", date=None,
                subject=f"Dossier {one.site} {number}",
            )  # fmt: skip
            client.sendmail(name, [one.mailbox], octets)


async def subjects(one: Hosted) -> Sequence[str]:
    """The subjects of the mails that a register has."""
    owner = await asyncpg.connect(one.addresses.database_urls["owner"])
    try:
        return [row["subject"] for row in await owner.fetch("SELECT subject FROM desk.search")]
    finally:
        await owner.close()


async def has(one: Hosted, many: int) -> bool:
    return len(await subjects(one)) >= many


async def intruders(those: Sequence[Hosted]) -> tuple[int, int]:
    """Each role of each préfecture at every other's database: how many tried, how many came in."""
    tried = entered = 0
    for host in those:
        for other in those:
            if host is other:
                continue
            for url in host.addresses.database_urls.values():
                parts = urlsplit(url)
                there = parts._replace(path=f"/vaguemestre_{other.site}").geturl()
                tried += 1
                try:
                    connection = await asyncpg.connect(there)
                except asyncpg.PostgresError:
                    continue
                entered += 1
                await connection.close()
    return tried, entered


async def upgraded(said: Said, those: Sequence[Hosted], up: Mapping[str, "Hosting"]) -> None:
    """The first is stopped, migrated and started anew; the others go on meanwhile."""
    first, others = those[0], those[1:]
    over = asyncio.Event()
    waits: list[float] = []
    refused = 0

    async def asked() -> None:
        nonlocal refused
        while not over.is_set():
            for host in others:
                began = time.monotonic()
                refused += not await answers(up[host.site].pages["portal"], "/formulaire")
                waits.append(time.monotonic() - began)

    async def written() -> int:
        many = EACH
        while not over.is_set():
            for host in others:
                await asyncio.to_thread(deliver, host, many, 1)
            many += 1
        return many

    asking, writing = asyncio.create_task(asked()), asyncio.create_task(written())
    began = time.monotonic()
    await up[first.site].stop()
    said.fact("one stopped", time.monotonic() - began, "s")
    await first.migrated()
    said.fact("and migrated", time.monotonic() - began, "s")
    await up[first.site].start(first)
    said.fact("and started again", time.monotonic() - began, "s")
    over.set()
    await asking
    many = await writing
    strange = missing = 0
    for host in those:
        wanted = many if host in others else EACH
        await until(partial(has, host, wanted), f"{host.site}: mails did not come")
        found = await subjects(host)
        strange += sum(f" {host.site} " not in subject for subject in found)
        missing += len({f"Dossier {host.site} {n}" for n in range(wanted)} - set(found))
    said.note(f"meanwhile {len(waits)} pages and {(many - EACH) * len(others)} mails of the others")
    said.goal("pages of the others refused meanwhile", refused, 0, "")
    said.fact("pages of the others, the slowest", max(waits) * 1000, "ms")
    said.goal("mails in the register of another", strange, 0, "")
    said.goal("mails in no register", missing, 0, "")


class Hosting(Protocol):
    """How the programs of one préfecture are held."""

    @property
    def pages(self) -> Mapping[str, int]:
        """The ports of its pages, by the names of its programs."""
        ...

    async def start(self, one: Hosted) -> None:
        """Starts them, and waits until they are ready."""
        ...

    async def stop(self) -> None:
        """Ends them."""
        ...


@dataclass
class Forked:
    """The programs of one préfecture as forks of a parent of all."""

    site: str
    parent: OneParent
    pages: Mapping[str, int]

    async def start(self, one: Hosted) -> None:
        """Starts them, and waits until they are ready."""
        await self.parent.asks("start", one.site)

    async def stop(self) -> None:
        """Ends them; the others stay."""
        await self.parent.asks("stop", self.site)


@dataclass
class Running:
    """The programs of one préfecture while they run."""

    stack: AsyncExitStack = field(default_factory=AsyncExitStack)
    looks: dict[str, int] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    pids: Sequence[int] = ()

    async def start(self, one: Hosted) -> None:
        """Starts them, and waits until they are ready."""
        self.looks.clear()
        programs = running(one.programs(), self.looks, self.pages)
        self.pids = await self.stack.enter_async_context(programs)

    async def stop(self) -> None:
        """Ends them."""
        await self.stack.aclose()


async def held(
    folder: Path, those: Sequence[Hosted], stack: AsyncExitStack, *, forked: bool
) -> tuple[Mapping[str, Hosting], Sequence[int]]:
    """Starts all; returns how each is held, and the processes of which all others are children."""
    if not forked:
        apart = {host.site: Running() for host in those}
        for host in those:
            stack.push_async_callback(apart[host.site].stop)
            await apart[host.site].start(host)
        return apart, [pid for each in apart.values() for pid in each.pids]
    parent = OneParent(folder)
    stack.push_async_callback(parent.stop)
    forks = {
        host.site: Forked(
            host.site, parent, parent.install(host.site, host.programs(), folder / host.site)
        )
        for host in those
    }
    await parent.start()
    return forks, [parent.pid]


async def bench(folder: Path, sites: Sequence[str], seconds: float, *, forked: bool) -> Said:
    said = Said()
    async with servers(folder, sites) as (postgres, kafka, mail), AsyncExitStack() as stack:
        those = [await hosted(site, folder, postgres, kafka, mail) for site in sites]
        began = time.monotonic()
        for host in those:
            await host.installed()
        said.fact("installed, one after the other", time.monotonic() - began, "s")
        up, pids = await held(folder, those, stack, forked=forked)
        for host in those:
            await asyncio.to_thread(deliver, host, 0, EACH)
        for host in those:
            await until(partial(has, host, EACH), f"{host.site}: mails did not come")
        await asyncio.sleep(seconds / 2)
        before, of_servers = sum(map(processor, pids)), spent({})
        await asyncio.sleep(seconds / 2)
        rest = (sum(map(processor, pids)) - before) * 2000 / seconds
        theirs = {name: seen - of_servers[name] for name, seen in spent({}).items()}
        megabytes = sum(map(pss, pids))
        admin = await asyncpg.connect(postgres.url)
        lines = await admin.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'vaguemestre %'"
        )
        await admin.close()
        said.fact(f"{len(those)} préfectures, idle", megabytes, "MB PSS")
        said.fact("each", megabytes / len(those), "MB PSS")
        said.fact(f"{len(those)} préfectures, idle", lines, "connections")
        said.fact(f"{len(those)} préfectures, idle", rest, "ms of CPU a second")
        for name in ("Kafka", "PostgreSQL"):
            said.fact(f"{name} for them", theirs[name] * 2000 / seconds, "ms of CPU a second")
        tried, entered = await intruders(those)
        said.goal(f"came in, of {tried} roles at another's database", entered, 0, "")
        if len(those) > 1:
            await upgraded(said, those, up)
    return said


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.hosting")
    parser.add_argument("--sites", type=int, default=len(SITES), help="how many préfectures")
    parser.add_argument("--seconds", type=float, default=60, help="how long nothing happens")
    held_by = "as forks of one parent, as `vaguemestre host` holds them"
    parser.add_argument("--host", action="store_true", help=held_by)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        said = asyncio.run(
            bench(Path(name), SITES[: options.sites], options.seconds, forked=options.host)
        )
    print(f"bench: {said.met} of {said.goals} goals met")  # noqa: T201  (a bench speaks to a terminal)
    raise SystemExit(said.met < said.goals)


if __name__ == "__main__":
    main()
