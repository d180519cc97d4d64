"""A préfecture on real servers and the real time, two instances of each process, made to suffer."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg

from deploy.demo.run import QUICK, Running
from deploy.embedded.child import Child, tree
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.ports import free_port, is_free
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.processes import COMMANDS, PAGES, Process, ProcessCommand
from deploy.embedded.programs import starter
from deploy.embedded.server import Server
from deploy.embedded.supervisor import Patience, Supervisor

_NOT_VARIABLES = {"http_ports", "health_ports", "pid", "pids", "database_urls", "mailbox_passwords"}
_AGAIN_SECONDS = 1.0
_UNTOUCHED_SECONDS = 25.0
"""A process that dies within twenty seconds of its start five times in a row is left down by `up`,
which is right: no process is hurt twice within this time."""
_STEP = 0.2
_STARTED_SECONDS = 120.0
_STOPPED_SECONDS = 70.0
"""As `up` gives each process: one that has a mail in hand waits for the answer."""
_RUNS = '"event":"process_runs"'

NAMES = tuple(command.name + end for command in COMMANDS for end in ("", "+"))
"""Every process of ours: `sla` is the first, `sla+` its twin."""

CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname IS NOT NULL AND pid <> pg_backend_pid()
"""


class Stack:
    """What runs, and how to hurt it. `twins` are the second instances, kept running from here."""

    def __init__(self, running: Running, given: Mapping[str, str]) -> None:
        self.running = running
        self._given = given
        self._twins: Mapping[str, int] = {}
        """The process ids of those that run."""
        self._twins_health: dict[str, int] = {}
        self._hurt: dict[str, float] = {}
        self._replaced: dict[str, Server] = {}
        self._servers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="servers")
        """Servers die with the thread that started them."""
        self._ending = asyncio.Event()
        self._keeper = asyncio.create_task(asyncio.sleep(0))

    def start_twins(self) -> None:
        """A second instance of each process, started again when it ends, as `up` does."""
        twins = []
        for command in COMMANDS:
            name = f"{command.name}+"
            self._twins_health[name] = health = free_port()
            twins.append(Process(name, command.argv, self._variables(name, command, health)))
        self._keeper = asyncio.create_task(self._keep(twins))

    async def stop(self) -> None:
        """Ends what was started here, and the rest as Ctrl-C does."""
        self._ending.set()
        await asyncio.gather(self.running.stop(), self._keeper)
        for server in self._replaced.values():
            await self._in_servers(server.stop)
        self._servers.shutdown()

    @property
    def health_ports(self) -> Mapping[str, int]:
        """Where each process of ours answers of its health."""
        return {**self.running.run["health_ports"], **self._twins_health}

    def pid(self, name: str) -> int | None:
        """The id of a running process of ours."""
        if name.endswith("+"):
            return self._twins.get(name)
        found: int | None = self.running.run["pids"].get(name)
        return found

    def spare(self, name: str) -> bool:
        """Whether a process runs and has lived long enough to be hurt (again)."""
        untouched = time.monotonic() - self._hurt.get(name, -_UNTOUCHED_SECONDS)
        return self.pid(name) is not None and untouched >= _UNTOUCHED_SECONDS

    def send(self, name: str, number: signal.Signals) -> None:
        """A signal to one process of ours; one that just ended gets none."""
        if (pid := self.pid(name)) is not None:
            self._hurt[name] = time.monotonic()
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                return

    def freeze(self, server: str) -> Callable[[], None]:
        """Stops a server and its children where they stand; what lets them go on."""
        pids = tree(self._server_pid(server))
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)

        def go_on() -> None:
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGCONT)
                except ProcessLookupError:
                    continue

        return go_on

    async def kill_server(self, server: str) -> None:
        """As a power cut ends it, its children too."""
        await self._end(server, signal.SIGQUIT if server == "postgres" else signal.SIGKILL)

    async def stop_server(self, server: str) -> None:
        """As its administrator ends it."""
        await self._end(server, signal.SIGINT if server == "postgres" else signal.SIGTERM)

    async def start_server(self, server: str) -> None:
        """On the data and the port of the one that is gone."""
        port = self._port(server)
        kind = PostgresServer if server == "postgres" else KafkaServer
        self._replaced[server] = other = kind(self.running.data, port=port)
        await self._in_servers(other.start)

    async def lose_kafka(self) -> None:
        """Kafka comes back with an empty disk."""
        await self.kill_server("kafka")
        folder = self.running.data / "kafka" / "data"
        await asyncio.to_thread(shutil.rmtree, folder)
        await self.start_server("kafka")

    async def cut_sessions(self) -> int:
        """Ends every connection of PostgreSQL's; how many there were."""
        server = PostgresServer(self.running.data, port=self._port("postgres"))
        db = await asyncpg.connect(server.url, timeout=10)
        try:
            return len(await db.fetch(CUT))
        finally:
            await db.close()

    @asynccontextmanager
    async def with_wrong_clock(self, name: str, seconds: float) -> AsyncIterator[None]:
        """A block beside which one more instance of a process runs, its machine so much ahead."""
        (command,) = (command for command in COMMANDS if command.name == name)
        words = [sys.executable, "-m", "tests.chaos.wrong_clock", str(seconds), *command.argv[3:]]
        twin = f"{name}-wrong"
        log = self.running.data / "logs" / f"{twin}.log"
        wrong = Child(twin, words, log, environment=self._variables(twin, command, free_port()))
        try:
            deadline = time.monotonic() + _STARTED_SECONDS
            while _RUNS not in wrong.log_output() and wrong.exit_code is None:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"One more {name} did not start: see {wrong.log}.")
                await asyncio.sleep(_STEP)
            yield
        finally:
            await asyncio.to_thread(wrong.stop, _STOPPED_SECONDS)

    async def ask(self, query: str, *values: Any) -> list[Any]:
        """Rows of the database, on a connection of its own: the last may be cut."""
        db = await asyncpg.connect(self.running.run["database_urls"]["owner"], timeout=10)
        try:
            found: list[Any] = await db.fetch(query, *values)
            return found
        finally:
            await db.close()

    async def does(self, *words: str) -> str:
        """`vaguemestre WORDS` as the owner of the database; what it printed last."""
        code, text = await self._says(*words)
        if code != 0:
            raise RuntimeError(f"vaguemestre {' '.join(words)}: {text}")
        return text.rpartition("\n")[2]

    async def denies(self, *words: str) -> str:
        """What a command printed whose exit code says no; "" when it says yes."""
        code, text = await self._says(*words)
        return text if code else ""

    async def _says(self, *words: str) -> tuple[int | None, str]:
        argv = [sys.executable, "-m", "services", *words]
        doing = await asyncio.create_subprocess_exec(
            *argv,
            env=os.environ | {"VAGUEMESTRE_DATA": str(self.running.data)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await doing.communicate()
        return doing.returncode, said.decode(errors="replace").strip()

    def _variables(self, name: str, command: ProcessCommand, health: int) -> Mapping[str, str]:
        """The environment of one more instance of a command."""
        run = self.running.run
        own = {key.upper(): _word(run[key]) for key in run.keys() - _NOT_VARIABLES}
        own |= {
            f"PASSWORD_{box.replace('-', '_').upper()}": word
            for box, word in run["mailbox_passwords"].items()
        }
        own |= {
            "DATABASE_URL": run["database_urls"][command.role],
            "HTTP_PORT": str(free_port()) if command.name in PAGES else str(health),
            "HEALTH_PORT": str(health),
            "INSTANCE": name.replace("+", "-2"),
        }
        variables = {f"VAGUEMESTRE_{key}": word for key, word in own.items()}
        return {**QUICK, **os.environ, **self._given, **variables}

    async def _keep(self, twins: Sequence[Process]) -> None:
        async with starter([twin.argv for twin in twins]) as start:
            logs = self.running.data / "logs"
            often = Patience(pauses=(_AGAIN_SECONDS,), bad_ends=sys.maxsize)
            supervisor = Supervisor(twins, logs, _untold, self._announce, often, start)
            await supervisor.run(self._ending)

    def _announce(self, pids: Mapping[str, int]) -> None:
        self._twins = dict(pids)

    async def _end(self, server: str, number: signal.Signals) -> None:
        pid, ours = self._server_pid(server), self._replaced.get(server)
        os.kill(pid, number)

        def runs() -> bool:
            return _alive(pid) if ours is None else ours.child.exit_code is None

        deadline = time.monotonic() + _STARTED_SECONDS
        # The kernel says that it died before the last of its threads let go of the port.
        while runs() or not is_free(self._port(server)):
            if time.monotonic() > deadline:
                raise RuntimeError(f"{server} did not end.")
            await asyncio.sleep(_STEP)

    async def _in_servers(self, what: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._servers, what)

    def _port(self, server: str) -> int:
        port: int = json.loads((self.running.data / "ports.json").read_text())[server]
        return port

    def _server_pid(self, server: str) -> int:
        if (other := self._replaced.get(server)) is not None:
            return other.child.pid
        pid: int = self.running.run["pids"][server]
        return pid


def _untold(line: str) -> None:
    """Takes what became of a twin, which its log says too."""


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
