"""The running préfecture, as the demo sees it: its addresses, its database, its processes.

It is `vaguemestre up` and nothing else: the demo moves the story, waits until all is quiet, and
does what people would do, with the same commands.
"""

import asyncio
import json
import os
import signal
import time
import urllib.request
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import asyncpg

from deploy.embedded.child import Child
from deploy.embedded.processes import vaguemestre

PATIENCE = 300.0
"""Seconds, the downloads of a first start included."""
STEP = 0.05
PREFIX = "vaguemestre."
"""Before the name of every topic and group, as VAGUEMESTRE_PREFIX says when nobody sets it."""
STOPPING = 30.0
QUICK = {
    "VAGUEMESTRE_SCAN_STILL": "PT0.2S",
    "VAGUEMESTRE_SCAN_BROKEN": "PT1S",
}
"""The demo's copier writes each file at once: nothing is worth waiting for."""


class DemoError(Exception):
    """Raised when the demo can't go on; the sentence says why."""


class Running:
    """A running demo: servers and services of one data folder, started by `start`."""

    def __init__(self, data: Path, up: Child, db: "asyncpg.Connection[Any]") -> None:
        self.data = data
        self.db = db
        self.password = ""
        """Of the pages' local account, where whoever started it made one."""
        self._up = up

    @property
    def run(self) -> Mapping[str, Any]:
        """The content of run.json: addresses, ports, process ids."""
        content: Mapping[str, Any] = json.loads((self.data / "run.json").read_text())
        return content

    async def move(self, moment: datetime) -> None:
        """Moves the demo's simulated time to `moment`, for every process."""
        await self.db.execute("UPDATE site.story SET moment = $1", moment)

    def health(self, process: str) -> Mapping[str, Any] | None:
        """Returns the /health answer of a process; `None` while it does not answer."""
        url = f"http://127.0.0.1:{self.run['health_ports'][process]}/health"
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                body: Mapping[str, Any] = json.load(answer)
                return body
        except OSError:
            return None

    def kill(self, process: str) -> int:
        """Kills a process of the demo (`kill -9`); returns its id."""
        pid = int(self.run["pids"][process])
        os.kill(pid, signal.SIGKILL)
        return pid

    async def until(self, true: Callable[[], bool], what: str, within: float) -> None:
        """Waits for a condition. Raises DemoError when it does not come in time."""
        deadline = time.monotonic() + within
        while not true():
            if self._up.exit_code is not None:
                raise DemoError(f"`vaguemestre up` ended: see {self.data / 'logs'}.")
            if time.monotonic() > deadline:
                raise DemoError(f"{what} did not come in {within:.0f} s: see {self.data / 'logs'}.")
            await asyncio.sleep(STEP)

    async def stop(self) -> None:
        """Ends the demo's servers and services as Ctrl-C does."""
        await self.db.close()
        await asyncio.to_thread(self._up.stop, STOPPING)


async def start(
    data: Path,
    site: Path,
    story: datetime | None,
    *,
    given: Mapping[str, str] | None = None,
    but: Collection[str] = (),
    throwaway: bool = False,
) -> Running:
    """Starts `vaguemestre up` on an empty folder, with its simulated time; waits for health.

    Without a story the processes follow the system's clock, as those of a real site do. `given` are
    environment variables besides those of this process; the health of the processes in `but` is not
    awaited. `throwaway`: its database need not outlive a power cut, nor PostgreSQL's sudden end.
    """
    up = _up(data, site, story, given or {}, throwaway=throwaway)
    try:
        running = await _connected(data, up)
        try:
            await running.until(lambda: not _unwell(running, but), "A healthy start", PATIENCE)
        except DemoError as error:
            unwell = "; ".join(_unwell(running, but))
            raise DemoError(f"{error} Not well: {unwell or 'none by now'}.") from error
    except BaseException:
        up.stop(STOPPING)
        raise
    return running


def _up(
    data: Path,
    site: Path,
    story: datetime | None,
    given: Mapping[str, str],
    *,
    throwaway: bool,
) -> Child:
    begins = () if story is None else ("--story", story.isoformat())
    kept = ("--throwaway",) if throwaway else ()
    words = ("up", "--data", data, "--site", site, *begins, *kept)
    return Child(
        "up",
        [*vaguemestre(), *words],
        data / "up.log",
        environment={**QUICK, **os.environ, **given},
        end_signal=signal.SIGINT,
    )


async def _connected(data: Path, up: Child) -> Running:
    deadline = time.monotonic() + PATIENCE
    while (run := _run_file(data)) is None:
        if up.exit_code is not None:
            raise DemoError(f"`vaguemestre up` ended: {_last_line(data / 'up.log')}")
        if time.monotonic() > deadline:
            raise DemoError(f"The servers did not start: see {data / 'up.log'}.")
        await asyncio.sleep(STEP)
    return Running(data, up, await asyncpg.connect(run["database_urls"]["owner"]))


def _run_file(data: Path) -> Mapping[str, Any] | None:
    try:
        run: Mapping[str, Any] = json.loads((data / "run.json").read_text())
    except FileNotFoundError:
        return None
    return run


def _last_line(path: Path) -> str:
    return path.read_text().strip().rsplit("\n", 1)[-1]


def _unwell(running: Running, but: Collection[str]) -> Sequence[str]:
    """Each process that is not well, and what it says of itself."""
    answers = {
        process: running.health(process)
        for process in running.run["http_ports"]
        if process not in but
    }
    return [
        f"{name}: {'no answer' if answer is None else answer}"
        for name, answer in answers.items()
        if answer is None or answer["status"] != "ok"
    ]
