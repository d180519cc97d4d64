"""From a data folder to a running préfecture, and back to nothing."""

import asyncio
import contextlib
import json
import os
import signal
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

from deploy.embedded import scraping
from deploy.embedded.addresses import Addresses
from deploy.embedded.errors import EmbeddedError
from deploy.embedded.processes import (
    ProcessCommand,
    StartStep,
    environment,
    health_port,
    http_port,
    process_of,
)
from deploy.embedded.programs import Starter, starter
from deploy.embedded.roles import OWNER
from deploy.embedded.stack import Stack
from deploy.embedded.supervisor import EVERYTHING_FAILS, Patience, Supervisor

T = TypeVar("T")
Tell: TypeAlias = Callable[[str], None]
"""Receives one line for a person."""
WITHOUT_DATABASE = (
    "set VAGUEMESTRE_PORTAL_DATABASE_URL to the address of the role that ends in _portal"
)
"""Why the portal is left out: the PostgreSQL that was given is the register's."""


@dataclass(frozen=True, slots=True)
class LaunchPlan:
    """The plan of what `vaguemestre up` starts: site, mailboxes, processes, folders."""

    data: Path
    site: str
    """The id of the préfecture."""
    mailboxes: Mapping[str, str]
    """The address of each mailbox of the site by its id."""
    installation: Sequence[StartStep]
    commands: Sequence[ProcessCommand]
    patience: Patience = field(default_factory=Patience)
    durable: bool = True
    folders: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """What each mailbox has beside its inbox, by the mailbox's id."""
    scans: Sequence[str] = ()
    """The scan folders of the site, made where they are missing."""


class _Stopped(Exception):  # noqa: N818 (nothing went wrong: a person asked for it)
    """Ctrl-C came before everything was up."""


async def launch(plan: LaunchPlan, stopping: asyncio.Event, tell: Tell) -> int:
    """Starts the servers, installs, and runs the services until `stopping` is set.

    Returns 0, or 3 when a process was left down.

    Raises:
        EmbeddedError: a server or a step failed; nothing is left running.
    """
    steps = [step.argv for step in plan.installation]
    async with starter([*steps, *(command.argv for command in plan.commands)]) as start:
        return await _launched(plan, start, stopping, tell)


async def _launched(plan: LaunchPlan, start: Starter, stopping: asyncio.Event, tell: Tell) -> int:
    stack = Stack(
        plan.data, plan.mailboxes, site=plan.site, folders=plan.folders, durable=plan.durable
    )
    try:
        addresses = await _unless(stopping, stack.start())
        for folder in plan.scans:
            (addresses.scans / folder).mkdir(parents=True, exist_ok=True)
        for line in _shown(addresses):
            tell(line)
        for step in plan.installation:
            said = await _unless(stopping, _take(step, start, addresses, plan.data / "logs"))
            tell(f"  {step.name:<12}{said}")
        return await _serve(plan, start, stack, addresses, stopping, tell)
    except _Stopped:
        return 0
    finally:
        tell("Stopping.")
        stack.stop()
        (plan.data / "run.json").unlink(missing_ok=True)


async def _serve(
    plan: LaunchPlan,
    start: Starter,
    stack: Stack,
    addresses: Addresses,
    stopping: asyncio.Event,
    tell: Tell,
) -> int:
    commands = [command for command in plan.commands if command.role in addresses.database_urls]
    for command in plan.commands:
        if command not in commands:
            tell(f"  {command.name:<12}not started: {WITHOUT_DATABASE}")
    ports = {command.name: http_port(command, plan.data) for command in commands}
    servers = {server.key: server.child.pid for server in stack.servers}
    health = {command.name: health_port(command, plan.data) for command in commands}
    lasting = addresses.run_file() | {
        "http_ports": ports,
        "health_ports": health,
        "pid": os.getpid(),
    }

    def announce(pids: Mapping[str, int]) -> None:
        show_running(plan.data, lasting | {"pids": servers | dict(pids)}, tell)

    announce({})
    (plan.data / scraping.NAME).write_text(scraping.scrape_file(health, plan.site))
    logs = plan.data / "logs"
    processes = [
        process_of(command, addresses, ports, health[command.name]) for command in commands
    ]
    supervisor = Supervisor(processes, logs, tell, announce, plan.patience, start)
    for name, port in ports.items():
        tell(f"  {name:<12}http://127.0.0.1:{port}/")
    tell(f"Up. Logs are in {logs}; Ctrl-C stops everything.")
    await supervisor.run(stopping)
    return EVERYTHING_FAILS if supervisor.left_down else 0


async def _unless(stopping: asyncio.Event, work: Coroutine[Any, Any, T]) -> T:
    """The work's result; `_Stopped` as soon as a person wants the end."""
    working = asyncio.create_task(work)
    stopped = asyncio.create_task(stopping.wait())
    either: set[asyncio.Future[Any]] = {working, stopped}
    await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if working.done():
        return working.result()
    working.cancel()
    await asyncio.wait({working})
    raise _Stopped


async def _take(step: StartStep, start: Starter, addresses: Addresses, logs: Path) -> str:
    """Run one step of the installation to its end; the last line that it said.

    Raises:
        EmbeddedError: it failed; the sentence has its own last line.
    """
    log = logs / f"{step.name.replace(' ', '-')}.log"
    before = _size(log)
    running = await start(step.argv, environment(addresses, OWNER), log)
    try:
        code = await running.wait()
    except asyncio.CancelledError:
        for kill in (os.killpg, os.kill):  # what just began leads no group yet
            with contextlib.suppress(ProcessLookupError):
                kill(running.pid, signal.SIGKILL)
        await running.wait()
        raise
    said = log.read_bytes()[before:]
    last = said.decode(errors="replace").strip().rsplit("\n", 1)[-1].removeprefix("Error: ")
    if code != 0:
        raise EmbeddedError(f"{step.name} failed: {last} (see {log})")
    return last


def _size(log: Path) -> int:
    """Octets of a log so far; its folder is made when it is missing."""
    log.parent.mkdir(parents=True, exist_ok=True)
    return log.stat().st_size if log.exists() else 0


def _shown(addresses: Addresses) -> Iterator[str]:
    """One line a server, and the password of the pages when it was just made."""
    database = urlsplit(addresses.database_urls[OWNER])
    yield f"  {'PostgreSQL':<12}{database.hostname}:{database.port}{database.path}"
    yield f"  {'Kafka':<12}{addresses.kafka}"
    yield f"  {'IMAP':<12}{addresses.imap_host}:{addresses.imap_port}"
    yield f"  {'SMTP':<12}{addresses.smtp_host}:{addresses.smtp_port}"
    if addresses.account.password:
        yield f"  {'Password':<12}{addresses.account.password}  (of the pages; shown this once)"


def show_running(data: Path, running: Mapping[str, Any], tell: Tell) -> None:
    """Writes DATA/run.json, which says what processes run where. A full disk is only logged."""
    try:
        _write_private(data / "run.json", running)
    except OSError as error:
        tell(f"run.json can't be written ({error.strerror}): it shows what ran before.")


def _write_private(path: Path, content: Mapping[str, Any]) -> None:
    """Replace a file at once by one that only its owner reads: it has passwords."""
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    partial.touch(mode=0o600)
    partial.write_text(json.dumps(content, indent=2) + "\n")
    partial.replace(path)
