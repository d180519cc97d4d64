"""What a person sees of processes that end: started again, given up, stopped without a trace."""

import asyncio
import gc
import os
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.processes import Process
from deploy.embedded.supervisor import Patience, Supervisor

_SOON = 300.0
_IMPATIENT = Patience(pauses=(0.01, 0.02), settled=5, grace=5)


def _python(name: str, script: str) -> Process:
    return Process(name, (sys.executable, "-S", "-c", script))


class _Run:
    """A supervisor at work, with what it told and the process ids that it announced."""

    def __init__(self, logs: Path, *processes: Process, patience: Patience = _IMPATIENT) -> None:
        self.told: list[str] = []
        self.pids: dict[str, int] = {}
        self.seen: list[int] = []
        self.stopping = asyncio.Event()
        self.supervisor = Supervisor(processes, logs, self.told.append, self._announce, patience)
        self.task = asyncio.create_task(self.supervisor.run(self.stopping))

    def _announce(self, pids: Mapping[str, int]) -> None:
        self.pids = dict(pids)
        self.seen += [pid for pid in pids.values() if pid not in self.seen]

    async def stop(self) -> None:
        self.stopping.set()
        await self.task


async def _until(run: _Run, count: int) -> None:
    deadline = time.monotonic() + _SOON
    while len(run.seen) < count:
        assert time.monotonic() < deadline, run.told
        await asyncio.sleep(0.01)


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def test_a_process_that_dies_is_started_again(tmp_path: Path) -> None:
    run = _Run(tmp_path, _python("sla", "import time; time.sleep(60)"))
    await _until(run, 1)
    os.kill(run.pids["sla"], 9)
    await _until(run, 2)
    await run.stop()
    assert run.told == [
        f"sla ended with signal SIGKILL: started again in 0.01 s; see {tmp_path}/sla.log"
    ]
    assert run.supervisor.left_down == []


async def test_five_quick_ends_leave_a_process_down_and_the_others_running(tmp_path: Path) -> None:
    run = _Run(
        tmp_path,
        _python("notify", "raise SystemExit(1)"),
        _python("desk", "import time; time.sleep(60)"),
    )
    deadline = time.monotonic() + _SOON
    while not run.supervisor.left_down:
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    assert run.supervisor.left_down == ["notify"]
    assert list(run.pids) == ["desk"]
    assert not run.task.done()
    assert run.told[-1] == (
        f"notify ended with code 1 5 times in a row: left down; see {tmp_path}/notify.log"
    )
    await run.stop()


async def test_the_pauses_grow_with_each_bad_end(tmp_path: Path) -> None:
    patience = Patience(pauses=(0.01, 0.02, 0.03), settled=5)
    run = _Run(tmp_path, _python("ingest", "raise SystemExit(1)"), patience=patience)
    await asyncio.wait_for(run.task, _SOON)
    pauses = [line.split(" in ")[1].split(" s")[0] for line in run.told[:-1]]
    assert pauses == ["0.01", "0.02", "0.03", "0.03"]


async def test_everything_fails_counts_at_any_age_and_a_long_life_ended_otherwise_does_not(
    tmp_path: Path,
) -> None:
    patience = Patience(pauses=(0.01,), settled=0, bad_ends=2)
    run = _Run(
        tmp_path,
        _python("sla", "raise SystemExit(3)"),
        _python("ingest", "raise SystemExit(1)"),
        patience=patience,
    )
    await _until(run, 6)
    await run.stop()
    assert run.supervisor.left_down == ["sla"]


async def test_the_end_of_the_last_process_is_the_end(tmp_path: Path) -> None:
    run = _Run(tmp_path, _python("sla", "raise SystemExit(3)"))
    await asyncio.wait_for(run.task, _SOON)
    assert run.supervisor.left_down == ["sla"]


async def test_stopping_leaves_no_process_not_even_a_grandchild_that_ignores_it(
    tmp_path: Path,
) -> None:
    grandchild = tmp_path / "grandchild"
    deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(60)"
    run = _Run(
        tmp_path,
        _python(
            "ingest",
            "import pathlib, subprocess, sys, time\n"
            f"child = subprocess.Popen([sys.executable, '-S', '-c', {deaf!r}])\n"
            f"pathlib.Path({str(grandchild)!r}).write_text(f'{{child.pid}}.')\n"
            "time.sleep(60)",
        ),
    )
    deadline = time.monotonic() + _SOON
    while not (grandchild.exists() and grandchild.read_text().endswith(".")):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    await run.stop()
    assert not _is_there(run.seen[0])
    assert run.pids == {}
    pid = int(grandchild.read_text().rstrip("."))
    while _is_there(pid) and not _is_zombie(pid):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


def _is_zombie(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] == "Z"
    except FileNotFoundError:
        return True


async def test_stopping_says_nothing_that_a_person_need_not_see(tmp_path: Path) -> None:
    complaints: list[object] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: complaints.append(context))
    try:
        run = _Run(tmp_path, _python("sla", "import time; time.sleep(60)"))
        await _until(run, 1)
        await run.stop()
        del run
        gc.collect()
    finally:
        loop.set_exception_handler(None)
    assert complaints == []


async def test_a_process_has_a_log_of_its_own(tmp_path: Path) -> None:
    run = _Run(tmp_path, _python("sla", "print('heard'); raise SystemExit(3)"))
    await asyncio.wait_for(run.task, _SOON)
    assert (tmp_path / "sla.log").read_text() == "heard\n" * 5
