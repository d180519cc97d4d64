"""For how long an upgrade stops a large register: `make bench WHAT=upgrade`.

A database of the version before, filled with a million items, is served by that version's own
processes (from git: tests/golden/upgrade/before.py) while form and pages are asked five times a
second. `vaguemestre migrate` of this version runs beside them; then the processes are replaced
behind addresses that stay open, as systemd holds them (ADR 0136). Said are the seconds that either
was away, and of each migration how long it took and which tables it held for whom.

A small case runs in seconds (`--items 2000`). The git history must be there.
"""

import argparse
import asyncio
import os
import secrets
import shutil
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import httpx

from deploy.embedded.kafka import KafkaServer
from deploy.embedded.ports import free_port
from shared.platform.clock import SystemClock
from shared.platform.kafka import topics
from shared.platform.postgres.migrate import LOCK
from tests.architecture.test_anatomy import PROJECT
from tests.bench.said import Said, run
from tests.bench.upgrade_fill import fill
from tests.bench.upgrade_traffic import Held, Traffic
from tests.golden.upgrade import written
from tests.golden.upgrade.before import commit_before, tree_of
from tests.roles import under_role

LEFT: Final = Path(written.__file__).parent
FORM_AWAY, DESK_AWAY = 0.0, 60.0
"""Seconds."""
BEFORE: Final = 8
"""Answers of each before anything changes: what the pages cost by themselves."""
WHO, PAGE = "h.marchand", "/mois"
SESSION: Final = """
    INSERT INTO desk.sessions (digest, person, way, began_at, seen_at, ends_at)
    VALUES ($1, $2, 'local', now(), now(), now() + interval '10 hours')
"""
APPLIED: Final = """
    SELECT scope || '/' || name AS name, extract(epoch FROM applied_at)::float8 AS at
    FROM site.migrations WHERE applied_at > to_timestamp($1) ORDER BY applied_at
"""
HELD_BY: Final = 'exec 3<&"$0"; export LISTEN_PID=$$; exec "$@"'
"""As systemd does: the address is the process's fourth descriptor."""


@dataclass
class House:
    """A préfecture's database, its Kafka, and the environment of its processes."""

    url: str
    folder: Path
    kafka: str
    prefix: str

    def variables(self, role: str, **more: object) -> Mapping[str, str]:
        own = {
            "DATABASE_URL": under_role(self.url, role) if role else self.url,
            "KAFKA": self.kafka, "PREFIX": self.prefix, "BLOBS": self.folder / "blobs",
            "SPOOL": self.folder / "spool",
            "SECRET": "secret of the bench", "DATA": self.folder / "none", "START_WAIT": "PT2M",
            "WHY": "bench", "HEALTH_PORT": free_port(),
        }  # fmt: skip
        named = {f"VAGUEMESTRE_{name}": str(word) for name, word in {**own, **more}.items()}
        return {**os.environ, "PGSSLMODE": "disable", **named}

    async def start(
        self, tree: Path, role: str, *words: str, door: socket.socket | None = None, **more: object
    ) -> asyncio.subprocess.Process:
        """Starts a command of a tree's program; with a door, as systemd hands it over."""
        argv = (sys.executable, "-m", "services", *words)
        given = dict(self.variables(role, **more))
        if door is not None:
            argv = ("bash", "-c", HELD_BY, str(door.fileno()), *argv)
            given |= {"LISTEN_FDS": "1", "LISTEN_FDNAMES": "pages"}
        with (self.folder / f"{'-'.join(words)}.log").open("ab") as log:
            return await asyncio.create_subprocess_exec(
                *argv, cwd=tree, env=given, stdout=log, stderr=log,
                pass_fds=() if door is None else (door.fileno(),),
            )  # fmt: skip


@asynccontextmanager
async def database(server: str) -> AsyncIterator[str]:
    """An empty database of its own, which goes at the end; its address."""
    name = f"upgraded_{uuid4().hex}"
    connection = await asyncpg.connect(server)
    await connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(server)._replace(path=f"/{name}").geturl()
    finally:
        await connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await connection.close()


async def before(url: str, folder: Path, items: int, seconds: float, tree: Path) -> tuple[int, str]:
    """Fills a database as the version before left it; its items, and a session of its pages."""
    version = max(LEFT.glob("*/migrations")).parent
    shutil.copytree(version / "blobs", folder / "blobs")
    owner: Any = await asyncpg.connect(url)
    await written.read(owner, version)
    first = House(url, folder, "127.0.0.1:1", "none.")
    assert await (await first.start(tree, "", "migrate")).wait() == 0
    (folder / "migrate.log").unlink()
    made = await fill(owner, items, seconds)
    token = secrets.token_urlsafe(32)
    await owner.execute(SESSION, sha256(token.encode()).hexdigest(), WHO)
    await owner.close()
    return made, token


async def _answers(url: str, process: asyncio.subprocess.Process, log: Path) -> None:
    """Waits until a process answers."""
    async with httpx.AsyncClient(base_url=url, timeout=5) as client, asyncio.timeout(180):
        while process.returncode is None:
            try:
                if (await client.get("/formulaire")).status_code == 200:
                    return
            except httpx.HTTPError:
                await asyncio.sleep(0.1)
    raise SystemExit((await asyncio.to_thread(log.read_text))[-1_500:])


async def _ended(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
        await asyncio.wait_for(process.wait(), 60)


async def _migrated(house: House, held: Held) -> tuple[float, float]:
    """Runs the command of this version; when it began and ended, in seconds since 1970."""
    await held.begin()
    begun = SystemClock().now().timestamp()
    process = await house.start(PROJECT, "", "migrate")
    code = await process.wait()
    ended = SystemClock().now().timestamp()
    await held.end()
    if code:
        log = await asyncio.to_thread((house.folder / "migrate.log").read_text)
        raise SystemExit(f"migrate ended with {code}:\n{log}")
    return begun, ended


async def _say_migrations(said: Said, house: House, held: Held, begun: float) -> None:
    owner: Any = await asyncpg.connect(house.url)
    rows = await owner.fetch(APPLIED, begun)
    await owner.close()
    since = begun
    for row in rows:
        holds = held.between(since, row["at"])
        long = {place: took for place, took in holds.items() if took >= 0.2}
        if row["at"] - since >= 0.5 or long:
            said.fact(row["name"], row["at"] - since, "s")
        for (table, mode), took in sorted(long.items(), key=lambda each: -each[1]):
            said.fact(f"    {table}, {mode}", took, "s")
        since = row["at"]
    said.fact("migrations", len(rows), "files")


async def bench(server: str, folder: Path, o: argparse.Namespace, kafka: str | None = None) -> Said:
    """`kafka`: the address of one that runs; `None`: one is started here."""
    said = Said()
    tree = await asyncio.to_thread(tree_of, commit_before(), folder / "before")
    async with AsyncExitStack() as stack:
        url = await stack.enter_async_context(database(server))
        begun = time.perf_counter()
        made, token = await before(url, folder, o.items, o.seconds, tree)
        took = time.perf_counter() - begun
        said.fact(f"register filled to {made:,} of {o.items:,} items", took, "s")
        if kafka is None:
            own = KafkaServer(folder)
            own.start()  # servers die with the thread that started them
            stack.callback(own.stop)
            kafka = own.address
        house = House(url, folder, kafka, f"b{uuid4().hex[:8]}.")
        await topics.provision(kafka, house.prefix, replication=1)
        port = free_port()
        old = await house.start(tree, "web", "desk", "serve", HTTP_PORT=port)
        stack.push_async_callback(_ended, old)
        address = f"http://127.0.0.1:{port}"
        await _answers(address, old, folder / "desk-serve.log")
        traffic, held = Traffic(address, address, PAGE, token, o.patience), Held(url, LOCK)
        traffic.begin()
        if wrong := await traffic.costs_before(BEFORE):
            raise SystemExit(f"before anything changed: {wrong}")
        said.fact("before: the page of the desk, longest answer", traffic.desk.usual, "s")
        started, ended = await _migrated(house, held)
        said.fact("migrated beside the version before", ended - started, "s")
        await _say_migrations(said, house, held, started)
        for what, asked in (("form", traffic.form), ("desk", traffic.desk)):
            said.fact(f"meanwhile the {what} was away", asked.away, "s")
            said.fact(f"meanwhile the {what}: longest answer", asked.longest, "s")
        await _replaced(stack, house, traffic, old)
        await traffic.end()
    said.fact("messages that the form took", traffic.deposits, "")
    spooled = len(list((folder / "spool").rglob("*.json")))
    said.fact("messages that lie in the spool", spooled, "")
    for what, asked in (("form", traffic.form), ("desk", traffic.desk)):
        said.fact(f"the {what}: right answers", asked.answers, "")
        said.fact(f"the {what}: longest answer", asked.longest, "s")
        said.fact(f"the {what}: seconds waited beyond what it cost before", asked.waited, "s")
        for wrong in sorted(set(asked.refused)):
            said.fact(f"the {what}: answered {wrong}", asked.refused.count(wrong), "times")
    said.goal("the form was away, in all", traffic.form.away, FORM_AWAY, "s")
    said.goal("the desk was away or waited for, in all", traffic.desk.waited, DESK_AWAY, "s")
    return said


async def _replaced(
    stack: AsyncExitStack, house: House, traffic: Traffic, old: asyncio.subprocess.Process
) -> None:
    """Today's processes take over, behind addresses that are open before the old one ends."""
    doors = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(2)]
    form, desk = (f"http://127.0.0.1:{door.getsockname()[1]}" for door in doors)
    traffic.form_url, traffic.desk_url = form, desk
    await _ended(old)
    for door, role, words in (
        (doors[0], "portal", ("portal", "serve")), (doors[1], "web", ("desk", "serve")),
    ):  # fmt: skip
        new = await house.start(PROJECT, role, *words, door=door)
        stack.push_async_callback(_ended, new)
    answered = traffic.form.answers, traffic.desk.answers
    async with asyncio.timeout(180):
        while min(traffic.form.answers - answered[0], traffic.desk.answers - answered[1]) < 10:  # noqa: ASYNC110  (counts)
            await asyncio.sleep(0.1)


def options(words: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.upgrade")
    parser.add_argument("--items", type=int, default=1_000_000, help="items of the register")
    parser.add_argument("--seconds", type=float, default=900, help="for how long it is filled")
    parser.add_argument("--patience", type=float, default=20, help="seconds of a reader")
    return parser.parse_args(words)


if __name__ == "__main__":
    run(partial(bench, o=options()))
