"""A préfecture on real servers and the real time, two instances of each process, made to suffer."""

import asyncio
import json
import os
import shutil
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg

from deploy.demo.running import QUICK, Running
from deploy.embedded.child import Child, tree
from deploy.embedded.kafka import KafkaServer
from deploy.embedded.ports import free_port
from deploy.embedded.postgres import PostgresServer
from deploy.embedded.processes import COMMANDS, Command
from deploy.embedded.server import Server

_NOT_VARIABLES = {"http_ports", "health_ports", "pid", "pids", "database_urls", "mailbox_passwords"}
_AGAIN_SECONDS = 1.0
_UNTOUCHED_SECONDS = 25.0
"""A process that dies within twenty seconds of its start five times in a row is left down by `up`,
which is right: no process is hurt twice within this time."""
_STEP = 0.2


class Stack:
    """What runs, and how to hurt it. `twins` are the second instances, kept running from here."""

    def __init__(self, running: Running, given: Mapping[str, str]) -> None:
        self.running = running
        self._given = given
        self._twins: dict[str, Child] = {}
        self._hurt: dict[str, float] = {}
        self._replaced: dict[str, Server] = {}
        self._servers = ThreadPoolExecutor(max_workers=1, thread_name_prefix="servers")
        """Servers die with the thread that started them."""
        self._ending = False
        self._keeper: asyncio.Task[None] | None = None

    async def start_twins(self) -> None:
        """A second instance of each process."""
        for command in COMMANDS:
            self._twins[command.name] = self._twin(command)
        self._keeper = asyncio.create_task(self._keep())

    async def stop(self) -> None:
        """Ends what was started here, then the rest as Ctrl-C does."""
        self._ending = True
        if self._keeper is not None:
            await self._keeper
        for twin in self._twins.values():
            await asyncio.to_thread(twin.stop, 30)
        await self.running.stop()
        for server in self._replaced.values():
            await self._in_servers(server.stop)
        self._servers.shutdown()

    def names(self) -> Sequence[str]:
        """Every process of ours: `sla` is the first, `sla+` its twin."""
        return [name + end for name in self._twins for end in ("", "+")]

    def pid(self, name: str) -> int | None:
        """The id of a running process of ours."""
        if name.endswith("+"):
            twin = self._twins[name[:-1]]
            return twin.pid if twin.exit_code is None else None
        found: int | None = self.running.run["pids"].get(name)
        return found

    def spare(self, name: str) -> bool:
        """Whether a process has lived long enough to be hurt (again); then it is now."""
        if time.monotonic() - self._hurt.get(name, -_UNTOUCHED_SECONDS) < _UNTOUCHED_SECONDS:
            return False
        self._hurt[name] = time.monotonic()
        return True

    def send(self, name: str, number: signal.Signals) -> None:
        """A signal to one process of ours; one that just ended gets none."""
        if (pid := self.pid(name)) is not None:
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
        pid = self._server_pid(server)
        os.kill(pid, signal.SIGQUIT if server == "postgres" else signal.SIGKILL)
        while _alive(pid):  # noqa: ASYNC110 (another's child can't be waited for)
            await asyncio.sleep(_STEP)

    async def start_server(self, server: str) -> None:
        """On the data and the port of the one that is gone."""
        port = json.loads((self.running.data / "ports.json").read_text())[server]
        kind = PostgresServer if server == "postgres" else KafkaServer
        self._replaced[server] = other = kind(self.running.data, port=port)
        await self._in_servers(other.start)

    async def lose_kafka(self) -> None:
        """Kafka comes back with an empty disk."""
        await self.kill_server("kafka")
        folder = self.running.data / "kafka" / "data"
        await asyncio.to_thread(shutil.rmtree, folder)
        await self.start_server("kafka")

    def with_wrong_clock(self, name: str, seconds: float) -> Child:
        """One more instance of a process, whose machine is ahead by so much."""
        (command,) = (one for one in COMMANDS if one.name == name)
        words = [sys.executable, "-m", "tests.chaos.wrong_clock", str(seconds), *command.argv[3:]]
        return self._child(f"{name}-wrong", command, words)

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
        argv = [sys.executable, "-m", "services", *words]
        doing = await asyncio.create_subprocess_exec(
            *argv,
            env=os.environ | {"VAGUEMESTRE_DATA": str(self.running.data)},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await doing.communicate()
        text = said.decode(errors="replace").strip()
        if doing.returncode != 0:
            raise RuntimeError(f"vaguemestre {' '.join(words)}: {text}")
        return text.rpartition("\n")[2]

    def _twin(self, command: Command) -> Child:
        return self._child(f"{command.name}+", command, list(command.argv))

    def _child(self, name: str, command: Command, words: Sequence[str]) -> Child:
        run = self.running.run
        own = {key.upper(): _word(run[key]) for key in run.keys() - _NOT_VARIABLES}
        own |= {
            f"PASSWORD_{box.replace('-', '_').upper()}": word
            for box, word in run["mailbox_passwords"].items()
        }
        own |= {
            "DATABASE_URL": run["database_urls"][command.role],
            "HTTP_PORT": str(free_port()),
            "HEALTH_PORT": str(free_port()),
            "INSTANCE": name.replace("+", "-2"),
        }
        variables = {f"VAGUEMESTRE_{key}": word for key, word in own.items()}
        log = self.running.data / "logs" / f"{name}.log"
        return Child(
            name, words, log, environment={**QUICK, **os.environ, **self._given, **variables}
        )

    async def _keep(self) -> None:
        """Starts a twin again that ended, as `up` does with the others."""
        while not self._ending:
            for name, twin in self._twins.items():
                if twin.exit_code is not None:
                    await asyncio.sleep(_AGAIN_SECONDS)
                    (command,) = (one for one in COMMANDS if one.name == name)
                    self._twins[name] = self._twin(command)
            await asyncio.sleep(_STEP)

    async def _in_servers(self, what: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._servers, what)

    def _server_pid(self, server: str) -> int:
        if (other := self._replaced.get(server)) is not None:
            return other.child.pid
        pid: int = self.running.run["pids"][server]
        return pid


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _alive(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
