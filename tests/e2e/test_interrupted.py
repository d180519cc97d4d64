"""Ctrl-C ends `vaguemestre up`, and nothing of it is left."""

import asyncio
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from deploy.embedded.child import Child
from tests.e2e.house import SERVICES

SOON = 90.0


async def test_an_interrupt_leaves_no_process_and_no_complaint() -> None:
    with tempfile.TemporaryDirectory(prefix="vaguemestre-e2e-") as folder:
        data = Path(folder)
        words = (sys.executable, "-m", "services", "up", "--data", folder)
        up = Child("up", words, data / "up.log", end_signal=signal.SIGINT)
        try:
            pids = await _running(data, up)
            os.kill(up.pid, signal.SIGINT)
            await _until_ended(up)
        finally:
            up.stop()
        assert up.exit_code == 0, up.logged()
        assert "Traceback" not in up.logged()
        assert [name for name, pid in pids.items() if _runs(pid)] == []
        assert _still_naming(data) == []
        assert not (data / "run.json").exists()


async def _running(data: Path, up: Child) -> Mapping[str, int]:
    deadline = time.monotonic() + SOON
    while True:
        assert up.exit_code is None, up.logged()
        assert time.monotonic() < deadline, up.logged()
        if (data / "run.json").exists():
            pids: Mapping[str, int] = json.loads((data / "run.json").read_text())["pids"]
            if pids.keys() >= set(SERVICES):
                return pids
        await asyncio.sleep(0.05)


async def _until_ended(up: Child) -> None:
    deadline = time.monotonic() + SOON
    while up.exit_code is None:
        assert time.monotonic() < deadline, up.logged()
        await asyncio.sleep(0.05)


def _runs(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


def _still_naming(data: Path) -> list[str]:
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes()
        except OSError:
            continue
        if os.fsencode(data) in line:
            found.append(line.replace(b"\0", b" ").decode(errors="replace"))
    return found
