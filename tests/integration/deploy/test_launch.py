"""A whole stack: it comes up, tells where everything is, and leaves nothing behind."""

import asyncio
import json
import os
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.launch import LaunchPlan, launch
from deploy.embedded.processes import ProcessCommand, StartStep
from deploy.embedded.supervisor import Patience

_SOON = 300.0
_MAILBOXES = {"pref-bmi": "pref-bmi@indre.example"}


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vaguemestre-launch-") as folder:
        yield Path(folder)


def _python(name: str, script: str) -> ProcessCommand:
    return ProcessCommand(name, (sys.executable, "-S", "-c", script), "sla")


def _plan(data: Path, *commands: ProcessCommand, installation: str = "") -> LaunchPlan:
    steps = (
        [StartStep("site apply", (sys.executable, "-S", "-c", installation))]
        if installation
        else []
    )
    patience = Patience(pauses=(0.01,), grace=5)
    return LaunchPlan(data, "indre", _MAILBOXES, steps, commands, patience, durable=False)


async def _running(data: Path) -> dict[str, Any]:
    """What run.json says once it is there with every process."""
    deadline = time.monotonic() + _SOON
    while True:
        assert time.monotonic() < deadline
        if (data / "run.json").exists():
            run: dict[str, Any] = json.loads((data / "run.json").read_text())
            if "sla" in run["pids"]:
                return run
        await asyncio.sleep(0.02)


def _uses(folder: Path) -> list[str]:
    """The command lines of the processes that name a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in line and int(path.parent.name) != os.getpid():
            found.append(line)
    return found


async def _until_nothing_uses(folder: Path) -> None:
    deadline = time.monotonic() + _SOON
    while used := _uses(folder):
        assert time.monotonic() < deadline, used
        await asyncio.sleep(0.05)


@dataclass
class _Up:
    """One stack that most of these tests share; the last of them stops it."""

    data: Path
    told: list[str]
    stopping: asyncio.Event
    launched: "asyncio.Task[int]"
    run: dict[str, Any]


@pytest.fixture(scope="module")
async def up() -> AsyncIterator[_Up]:
    with tempfile.TemporaryDirectory(prefix="vaguemestre-launch-") as folder:
        data, told, stopping = Path(folder) / "a", list[str](), asyncio.Event()
        show = (
            "import json, os, pathlib, time\n"
            f"pathlib.Path({str(data / 'environment.json')!r}).write_text("
            "json.dumps(dict(os.environ)))\n"
            "time.sleep(600)"
        )
        launched = asyncio.create_task(
            launch(_plan(data, _python("sla", show)), stopping, told.append)
        )
        try:
            yield _Up(data, told, stopping, launched, await _running(data))
        finally:
            stopping.set()
            await launched


async def test_it_comes_up_and_tells_where_everything_is(up: _Up) -> None:
    assert stat.S_IMODE((up.data / "run.json").stat().st_mode) == 0o600
    connection = await asyncpg.connect(up.run["database_urls"]["sla"])
    assert await connection.fetchval("SELECT current_user") == "vaguemestre_indre_sla"
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=up.run["kafka"])
    await admin.start()
    await admin.close()
    environment = up.data / "environment.json"
    deadline = time.monotonic() + _SOON
    while not environment.exists() or not environment.read_text().endswith("}"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    variables = json.loads(environment.read_text())
    assert variables["VAGUEMESTRE_DATABASE_URL"] == up.run["database_urls"]["sla"]
    assert variables["VAGUEMESTRE_KAFKA"] == up.run["kafka"]
    assert "VAGUEMESTRE_PASSWORD_PREF_BMI" not in variables, "a mailbox is the door's alone"
    assert variables["VAGUEMESTRE_IMAP_PORT"] == str(up.run["imap_port"])
    assert variables["VAGUEMESTRE_HTTP_PORT"] == str(up.run["http_ports"]["sla"])


async def test_a_second_stack_lives_beside_it_and_one_left_down_is_told_by_the_exit_code(
    up: _Up, data: Path
) -> None:
    told: list[str] = []
    failing = _python("sla", "raise SystemExit(3)")
    assert await launch(_plan(data, failing), asyncio.Event(), told.append) == 3
    assert "sla ended with code 3 5 times in a row: left down" in "\n".join(told)
    assert _uses(data) == []
    connection = await asyncpg.connect(up.run["database_urls"]["desk"])
    await connection.close()


async def test_it_stops_within_seconds_and_without_a_trace(up: _Up) -> None:
    began = time.monotonic()
    up.stopping.set()
    assert await up.launched == 0
    assert time.monotonic() - began < _SOON
    assert not (up.data / "run.json").exists()
    await _until_nothing_uses(up.data)
    secrets = [up.run["secret"], *up.run["mailbox_passwords"].values()]
    assert not any(secret in line for line in up.told for secret in secrets)


async def test_a_killed_parent_takes_its_servers_and_processes_with_it(data: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from deploy.embedded.launch import LaunchPlan, launch\n"
        "from deploy.embedded.processes import ProcessCommand\n"
        "nap = (sys.executable, '-S', '-c', f'import time; {sys.argv[1]!r}; time.sleep(600)')\n"
        "sla = ProcessCommand('sla', nap, 'sla')\n"
        "plan = LaunchPlan(pathlib.Path(sys.argv[1]), 'indre', {}, [], [sla])\n"
        "asyncio.run(launch(plan, asyncio.Event(), print))\n"
    )
    with subprocess.Popen(  # noqa: S603, ASYNC220 (argv is ours; it is killed below)
        [sys.executable, "-c", script, str(data)], stdout=subprocess.DEVNULL
    ) as parent:
        try:
            await _running(data)
            assert len(_uses(data)) >= 5
        finally:
            parent.kill()
    await _until_nothing_uses(data)


async def test_a_step_that_fails_is_one_sentence_and_nothing_is_left_running(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:9")  # Kafka plays no part here
    plan = _plan(data, installation="print('first'); raise SystemExit('The table is missing.')")
    sentence = r"^site apply failed: The table is missing\. \(see .*/site-apply\.log\)$"
    with pytest.raises(EmbeddedError, match=sentence):
        await launch(plan, asyncio.Event(), lambda _: None)
    assert _uses(data) == []


async def test_a_wish_to_stop_is_heard_while_it_starts(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:9")  # two servers that start are enough
    stopping = asyncio.Event()
    stopping.set()
    assert await launch(_plan(data), stopping, lambda _: None) == 0
    assert _uses(data) == []
