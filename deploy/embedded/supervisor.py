"""Keep processes running: start again what ends, give up what only ends, stop all of them.

A process that ends is started again after a pause that grows with each bad end in a row. A bad
end is one within twenty seconds of its start, or exit code 3 ("everything fails") at any age;
the fifth in a row leaves the process down and the others running. Ends after a longer life,
such as a server that was away for its thirty seconds, are never counted.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.embedded.processes import Process
from deploy.embedded.programs import Starter, execute

EVERYTHING_FAILS = 3


@dataclass(frozen=True, slots=True)
class Patience:
    """The restart policy of processes: when to try again, and when to give up; in seconds."""

    pauses: tuple[float, ...] = (1, 2, 4, 8, 16, 30)
    """After the first bad end in a row, the second, and so on."""
    bad_ends: int = 5
    settled: float = 20
    """A process that has lived so long did start."""
    grace: float = 70
    """How long a process may take to end when it is asked to."""


class Supervisor:
    """The supervisor of one data folder's processes, which restarts those that end.

    `tell` receives one line for each event that a person should see, `announce` the process ids
    of those that run, whenever they change.
    """

    def __init__(
        self,
        processes: Sequence[Process],
        logs: Path,
        tell: Callable[[str], None],
        announce: Callable[[Mapping[str, int]], None],
        patience: Patience,
        start: Starter = execute,
    ) -> None:
        self._start = start
        self._processes = processes
        self._logs = logs
        self._tell = tell
        self._announce = announce
        self._patience = patience
        self._pids: dict[str, int] = {}
        self.left_down: list[str] = []

    async def run(self, stopping: asyncio.Event) -> None:
        """Runs the processes until `stopping` is set or all are given up; then stops them all."""
        self._logs.mkdir(parents=True, exist_ok=True)
        if not self._processes:
            await stopping.wait()
            return
        keepers = [asyncio.create_task(self._keep(process)) for process in self._processes]
        stopped = asyncio.create_task(stopping.wait())
        all_down = asyncio.gather(*keepers)
        try:
            either: set[asyncio.Future[Any]] = {stopped, all_down}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            if all_down.done():
                all_down.result()  # raises what a keeper raised: a program that doesn't exist
        finally:
            stopped.cancel()
            all_down.cancel()  # and with it every keeper
            await asyncio.gather(*keepers, all_down, return_exceptions=True)

    async def _keep(self, process: Process) -> None:
        patience = self._patience
        bad = 0
        while True:
            began = time.monotonic()
            code = await self._run_once(process)
            if code == EVERYTHING_FAILS or time.monotonic() - began < patience.settled:
                bad += 1
            else:
                bad = 0
            ended = f"{process.name} ended with {_meaning(code)}"
            if bad == patience.bad_ends:
                self.left_down.append(process.name)
                self._tell(f"{ended} {bad} times in a row: left down; see {self._log(process)}")
                return
            pause = patience.pauses[min(max(bad, 1), len(patience.pauses)) - 1]
            self._tell(f"{ended}: started again in {pause:g} s; see {self._log(process)}")
            await asyncio.sleep(pause)

    async def _run_once(self, process: Process) -> int:
        """Run it to its end; when cancelled, end it first."""
        running = await self._start(process.argv, process.environment, self._log(process))
        self._pids[process.name] = running.pid
        self._announce(self._pids)
        try:
            return await running.wait()
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                running.terminate()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(running.wait(), self._patience.grace)
            raise
        finally:
            # What it started itself must not outlive it either.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(running.pid, signal.SIGKILL)
            await running.wait()
            del self._pids[process.name]
            self._announce(self._pids)

    def _log(self, process: Process) -> Path:
        return self._logs / f"{process.name}.log"


def _meaning(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"code {code}"
