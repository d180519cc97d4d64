"""Starting a program: as a new process, or as a fork of one that has imported it already.

A program of ours takes seconds of a processor to import its modules, and `vaguemestre up` begins
nine. `ForkServer` has them imported once. What is forked is told nothing but its own environment:
the process of which it is a fork knows of ours only where things lie on the machine.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Protocol

from deploy.embedded.child import die_with_parent
from deploy.embedded.prefork import LONGEST
from deploy.embedded.processes import of_the_machine, vaguemestre


class Program(Protocol):
    """Interface of a program that was started, the leader of a session of its own."""

    @property
    def pid(self) -> int:
        """The process id; also that of its process group."""

    async def wait(self) -> int:
        """Waits for the program's end; returns the exit code, negative when a signal ended it."""

    def terminate(self) -> None:
        """Asks the program to end. Raises ProcessLookupError when it has ended."""


class Starter(Protocol):
    """Interface of a function: starts a program in its own session; its output ends a log file."""

    async def __call__(
        self, argv: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Program:
        """Starts it; an empty environment is ours. Raises OSError: it can't be started."""


class _Executed:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def wait(self) -> int:
        return await self._process.wait()

    def terminate(self) -> None:
        self._process.terminate()


async def execute(argv: Sequence[str], environment: Mapping[str, str], log: Path) -> Program:
    """Starts a program as a new process; an empty environment is ours."""
    with log.open("ab") as output:
        return _Executed(
            await asyncio.create_subprocess_exec(
                *argv,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=asyncio.subprocess.STDOUT,
                env=dict(environment) or None,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),
            )
        )


class _Forked:
    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._end: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    def terminate(self) -> None:
        if self._end.done():
            raise ProcessLookupError(self.pid)
        os.kill(self.pid, signal.SIGTERM)

    def set_ended(self, code: int) -> None:
        if not self._end.done():
            self._end.set_result(code)

    def watch(self) -> None:
        """Takes its end from the kernel, which does not say how it ended to who is no parent."""
        try:
            file = os.pidfd_open(self.pid)
        except ProcessLookupError:
            self.set_ended(-signal.SIGTERM)
            return
        loop = asyncio.get_running_loop()

        def gone() -> None:
            loop.remove_reader(file)
            os.close(file)
            self.set_ended(-signal.SIGTERM)

        loop.add_reader(file, gone)


class ForkServer:
    """A process that has imported our programs; each program is a fork of it (`prefork`).

    To be made by a running event loop, in the thread that lives longest: it ends with that thread.
    """

    def __init__(self) -> None:
        self._line, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._began: deque[asyncio.Future[_Forked]] = deque()
        self._running: dict[int, _Forked] = {}
        with other:
            self._process = subprocess.Popen(  # noqa: S603 (argv is ours, no shell)
                [sys.executable, "-m", "deploy.embedded.prefork", str(other.fileno())],
                stdin=subprocess.DEVNULL,
                env=of_the_machine(os.environ),
                pass_fds=[other.fileno()],
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGTERM),  # noqa: PLW1509 (it only calls prctl)
            )
        asyncio.get_running_loop().add_reader(self._line, self._hear)

    @property
    def pid(self) -> int:
        """The process id of the server itself."""
        return self._process.pid

    async def start(
        self, argv: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Program:
        """Starts a program of ours by fork; any other, or without the server, as a new process."""
        ours = vaguemestre()
        if tuple(argv[: len(ours)]) != ours:
            return await execute(argv, environment, log)
        try:
            return await self._forked(argv[len(ours) :], environment, log)
        except OSError:
            return await execute(argv, environment, log)

    async def _forked(
        self, words: Sequence[str], environment: Mapping[str, str], log: Path
    ) -> Program:
        """Raises OSError: the server is gone."""
        order = {
            "words": list(words),
            "environment": dict(environment) or dict(os.environ),
            "folder": str(Path.cwd()),
        }
        began: asyncio.Future[_Forked] = asyncio.get_running_loop().create_future()
        # In a file and not in the message: the server must not have read it when it forks others.
        with log.open("ab") as output, os.fdopen(os.memfd_create("program"), "w") as said:
            json.dump(order, said)
            said.flush()
            socket.send_fds(self._line, [b"begin"], [said.fileno(), output.fileno()])
        self._began.append(began)
        return await began

    def _hear(self) -> None:
        try:
            octets = self._line.recv(LONGEST)
        except ConnectionResetError:  # it was killed before it had read everything
            octets = b""
        told = json.loads(octets) if octets else {}
        if "began" in told:
            program = _Forked(told["began"])
            self._running[program.pid] = program
            began = self._began.popleft()
            if began.cancelled():  # who wished for it was told to stop meanwhile
                with suppress(ProcessLookupError):
                    program.terminate()
            else:
                began.set_result(program)
        elif told:
            self._running.pop(told["ended"]).set_ended(told["code"])
        else:
            self._lost()

    def _lost(self) -> None:
        """It was killed: its forks were asked to end by that, and nobody says how each did."""
        asyncio.get_running_loop().remove_reader(self._line)
        while self._began:
            if not (began := self._began.popleft()).done():
                began.set_exception(ConnectionResetError("the fork server is gone"))
        for program in self._running.values():
            program.watch()
        self._running.clear()

    async def stop(self) -> None:
        """Ends the fork server at once; programs that it forked and that still run end with it."""
        asyncio.get_running_loop().remove_reader(self._line)
        self._process.terminate()
        self._line.close()
        await asyncio.to_thread(self._process.wait)


@asynccontextmanager
async def starter(programs: Iterable[Sequence[str]]) -> AsyncIterator[Starter]:
    """Opens a block in which programs are started, by fork if one of these is ours."""
    ours = vaguemestre()
    if sys.platform != "linux" or not any(tuple(argv[: len(ours)]) == ours for argv in programs):
        yield execute
        return
    server = ForkServer()
    try:
        yield server.start
    finally:
        await server.stop()
