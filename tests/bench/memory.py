"""What a small préfecture costs when nothing happens: `make bench WHAT=memory`.

Its six processes, then `run` with `desk serve` and `portal serve` on the same servers: memory (PSS,
what the kernel shares counted once, with their children), connections to PostgreSQL and processor,
after some mails have gone through and a scrape of each. `--seconds` says how long they are left
alone.
"""

import argparse
import asyncio
import smtplib
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import IO, Final

import asyncpg
import psutil

from deploy.embedded.addresses import DOOR, Addresses
from deploy.embedded.ports import free_port
from deploy.embedded.processes import COMMANDS, installation, vaguemestre
from deploy.embedded.stack import Stack
from shared.platform.settings import PREFIX
from shared.site.load import load_folder
from tests.bench.said import Said
from tests.ingest_builders import a_mail

INDRE: Final = Path(__file__).parents[2] / "deploy/site/indre"
MEGA: Final = 2**20
JOINT: Final = {"ingest", "desk-keep", "sla", "notify"}
MOST, CONNECTIONS = 250.0, 20
REST_MS: Final = 30.0
"""What a hundred préfectures take at rest then fits on three cores."""
PATIENCE = 300.0
OURS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE 'vaguemestre %'
"""

Program = tuple[str, Sequence[str], Mapping[str, str]]


def separate(addresses: Addresses) -> Sequence[Program]:
    """The six processes of a préfecture: name, command, variables."""
    return [(each.name, each.argv, addresses.environment(each.role)) for each in COMMANDS]


def joint(addresses: Addresses) -> Sequence[Program]:
    """The same with four of them in one."""
    urls = {
        f"{PREFIX}DATABASE_URL_{role.upper()}": addresses.database_urls[role]
        for role in ("ingest", "desk", "sla", "notify")
    }
    own = {f"{PREFIX}DATABASE_URL": addresses.database_urls["relay"]}
    beside = [program for program in separate(addresses) if program[0] not in JOINT]
    return [("run", vaguemestre("run"), addresses.environment(DOOR) | urls | own), *beside]


@asynccontextmanager
async def running(
    programs: Sequence[Program], looks: dict[str, int], pages: dict[str, int] | None = None
) -> AsyncIterator[list[int]]:
    """A block in which these run and are ready; yields their process ids.

    `looks` and `pages` learn, by their names, at which ports they say how they are, and serve.
    """
    started: list[asyncio.subprocess.Process] = []
    logs: list[IO[bytes]] = []
    stack = ExitStack()
    try:
        for name, argv, variables in programs:
            page, looks[name] = free_port(), free_port()
            alone = not {"serve"} & set(argv)
            if pages is not None and not alone:
                pages[name] = page
            ports = {
                f"{PREFIX}HTTP_PORT": str(looks[name] if alone else page),
                f"{PREFIX}HEALTH_PORT": str(looks[name]),
                "PATH": "/usr/bin:/bin",
            }
            logs.append(stack.enter_context(tempfile.TemporaryFile()))  # noqa: SIM115  (the stack closes it)
            started.append(
                await asyncio.create_subprocess_exec(
                    *argv, env={**variables, **ports}, stderr=logs[-1]
                )
            )
        for (name, port), process, log in zip(looks.items(), started, logs, strict=True):
            await until(partial(_is_ready, process, port, log), f"{name} is not ready")
        yield [process.pid for process in started]
    finally:
        for process in started:
            with suppress(ProcessLookupError):
                process.terminate()
        await asyncio.gather(*(process.wait() for process in started))
        stack.close()


async def _is_ready(process: asyncio.subprocess.Process, port: int, log: IO[bytes]) -> bool:
    if process.returncode is not None:
        log.seek(0)
        raise SystemExit(f"A program ended by {process.returncode}: {log.read()[-2000:].decode()}")
    return await answers(port, "/ready")


async def answers(port: int, path: str) -> bool:
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
    except OSError:
        return False
    writer.write(
        f"GET {path} HTTP/1.1\r\nhost: 127.0.0.1:{port}\r\nconnection: close\r\n\r\n".encode()
    )
    head = await reader.read()
    writer.close()
    return head.startswith(b"HTTP/1.1 200")


async def until(reached: Callable[[], Awaitable[object]], said: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not await reached():
        if time.monotonic() > deadline:
            raise SystemExit(said)
        await asyncio.sleep(0.2)


def tree(pid: int) -> Sequence[psutil.Process]:
    """A process and its children."""
    one = psutil.Process(pid)
    return [one, *one.children(recursive=True)]


def pss(pid: int) -> float:
    """Megabytes of a process and its children."""
    return float(sum(each.memory_full_info().pss for each in tree(pid))) / MEGA


def processor(pid: int) -> float:
    """Seconds of processor of a process and its children, those that ended too."""
    times = [each.cpu_times() for each in tree(pid)]
    return float(sum(t.user + t.system + t.children_user + t.children_system for t in times))


async def measure(
    programs: Sequence[Program], addresses: Addresses, to: Sequence[str], seconds: float
) -> tuple[Mapping[str, float], int, float]:
    """Megabytes of each process; connections, and milliseconds a second of them all, idle.

    Some mails went through before.
    """
    looks: dict[str, int] = {}
    owner = await asyncpg.connect(addresses.database_urls["owner"])
    arrived = await owner.fetchval("SELECT count(*) FROM desk.arrivals")

    async def heard() -> bool:
        found = await owner.fetchval("SELECT count(*) FROM desk.arrivals")
        return bool(found >= arrived + len(to))

    try:
        async with running(programs, looks) as pids:
            await asyncio.to_thread(deliver, addresses, to, int(arrived))
            await until(heard, "the mails did not come")
            for port in looks.values():
                await answers(port, "/metrics")
            for part in ("ingest", "keep", "sla", "notify") if "run" in looks else ():
                await answers(looks["run"], f"/{part}/metrics")
            await asyncio.sleep(seconds / 2)
            before, began = sum(map(processor, pids)), time.perf_counter()
            await asyncio.sleep(seconds / 2)
            rest = 1000 * (sum(map(processor, pids)) - before) / (time.perf_counter() - began)
            used = {program[0]: pss(pid) for program, pid in zip(programs, pids, strict=True)}
            return used, await owner.fetchval(OURS), rest
    finally:
        await owner.close()


def deliver(addresses: Addresses, to: Sequence[str], first: int) -> None:
    with smtplib.SMTP(addresses.smtp_host, addresses.smtp_port) as client:
        for number, address in enumerate(to, first):
            octets = a_mail(to=address, message_id=f"<{number}@orange.example>", date=None)
            client.sendmail("a@orange.example", [address], octets)


async def bench(folder: Path, seconds: float) -> Said:
    site, said = load_folder(INDRE), Said()
    boxes = site.sources.mailboxes
    stack = Stack(
        folder,
        {box.id: box.address for box in boxes},
        site=site.identity.id,
        folders={box.id: (box.sent,) for box in boxes if box.sent is not None},
    )
    addresses = await stack.start()
    try:
        for step in installation(INDRE, site.identity.id):
            variables = {**addresses.environment("owner"), "PATH": "/usr/bin:/bin"}
            done = await asyncio.create_subprocess_exec(
                *step.argv, env=variables, stdout=asyncio.subprocess.DEVNULL
            )
            if await done.wait():
                raise SystemExit(f"{step.name} failed")
        to = [box.address for box in boxes if box.service][:3]
        apart, many, busy = await measure(separate(addresses), addresses, to, seconds)
        together, few, rest = await measure(joint(addresses), addresses, to, seconds)
    finally:
        await asyncio.to_thread(stack.stop)
    for what, used in (("separate", apart), ("joint", together)):
        for name, megabytes in used.items():
            said.fact(f"{what}: {name}", megabytes, "MB PSS")
    said.fact("six processes", sum(apart.values()), "MB PSS")
    said.fact("six processes", many, "connections")
    said.fact("six processes", busy, "ms of CPU a second")
    said.goal("run, serve and portal", sum(together.values()), MOST, "MB PSS")
    said.goal("run, serve and portal", few, CONNECTIONS, "connections")
    said.wish("run, serve and portal", rest, REST_MS, "ms of CPU a second")
    return said


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.memory")
    parser.add_argument("--seconds", type=float, default=100, help="how long nothing happens")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        said = asyncio.run(bench(Path(name), options.seconds))
    print(f"bench: {said.met} of {said.goals} goals met")  # noqa: T201  (a bench speaks to a terminal)
    raise SystemExit(said.met < said.goals)


if __name__ == "__main__":
    main()
