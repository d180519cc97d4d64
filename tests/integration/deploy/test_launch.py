"""A whole stack: it comes up, tells where everything is, and leaves nothing behind."""

import asyncio
import json
import os
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest
from aiokafka.admin import AIOKafkaAdminClient

from deploy.embedded.errors import EmbeddedError
from deploy.embedded.launch import Plan, launch
from deploy.embedded.processes import Command, Step
from deploy.embedded.supervisor import Patience

_SOON = 60.0
_MAILBOXES = {"pref-bmi": "pref-bmi@indre.example"}


@pytest.fixture
def data() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="vaguemestre-launch-") as folder:
        yield Path(folder)


def _python(name: str, script: str) -> Command:
    return Command(name, (sys.executable, "-S", "-c", script), "sla")


def _plan(data: Path, *commands: Command, installation: str = "") -> Plan:
    steps = [Step("site apply", (sys.executable, "-S", "-c", installation))] if installation else []
    patience = Patience(pauses=(0.01,), grace=5)
    return Plan(data, _MAILBOXES, steps, commands, patience, durable=False)


async def _running(data: Path) -> dict[str, object]:
    """What run.json says once it is there with every process."""
    deadline = time.monotonic() + _SOON
    while True:
        assert time.monotonic() < deadline
        if (data / "run.json").exists():
            run: dict[str, dict[str, int]] = json.loads((data / "run.json").read_text())
            if "sla" in run["pids"]:
                return dict(run)
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


async def test_it_comes_up_tells_where_everything_is_and_stops_without_a_trace(data: Path) -> None:
    told: list[str] = []
    stopping = asyncio.Event()
    environment = data / "environment.json"
    show = (
        "import json, os, pathlib, time\n"
        f"pathlib.Path({str(environment)!r}).write_text(json.dumps(dict(os.environ)))\n"
        "time.sleep(600)"
    )
    up = asyncio.create_task(launch(_plan(data, _python("sla", show)), stopping, told.append))
    run = await _running(data)

    assert stat.S_IMODE((data / "run.json").stat().st_mode) == 0o600
    connection = await asyncpg.connect(run["database_urls"]["sla"])
    assert await connection.fetchval("SELECT current_user") == "vaguemestre_sla"
    await connection.close()
    admin = AIOKafkaAdminClient(bootstrap_servers=run["kafka"])
    await admin.start()
    await admin.close()
    deadline = time.monotonic() + _SOON
    while not environment.exists() or not environment.read_text().endswith("}"):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    variables = json.loads(environment.read_text())
    assert variables["VAGUEMESTRE_DATABASE_URL"] == run["database_urls"]["sla"]
    assert variables["VAGUEMESTRE_KAFKA"] == run["kafka"]
    assert variables["VAGUEMESTRE_PASSWORD_PREF_BMI"] == run["mailbox_passwords"]["pref-bmi"]
    assert variables["VAGUEMESTRE_IMAP_PORT"] == str(run["imap_port"])
    assert variables["VAGUEMESTRE_HTTP_PORT"] == str(run["http_ports"]["sla"])

    began = time.monotonic()
    stopping.set()
    assert await up == 0
    assert time.monotonic() - began < 15
    assert not (data / "run.json").exists()
    await _until_nothing_uses(data)
    secrets = [run["secret"], *run["mailbox_passwords"].values()]
    assert not any(secret in line for line in told for secret in secrets)


async def test_two_stacks_live_beside_each_other_and_one_left_down_is_told_by_the_exit_code(
    data: Path,
) -> None:
    told: list[str] = []
    sleeper = _python("sla", "import time; time.sleep(600)")
    failing = _python("sla", "raise SystemExit(3)")
    stopping = asyncio.Event()
    first = asyncio.create_task(launch(_plan(data / "a", sleeper), stopping, told.append))
    run = await _running(data / "a")
    assert await launch(_plan(data / "b", failing), asyncio.Event(), told.append) == 3
    assert "sla ended with code 3 5 times in a row: left down" in "\n".join(told)
    assert _uses(data / "b") == []
    connection = await asyncpg.connect(run["database_urls"]["desk"])
    await connection.close()
    stopping.set()
    assert await first == 0


async def test_a_killed_parent_takes_its_servers_and_processes_with_it(data: Path) -> None:
    script = (
        "import asyncio, pathlib, sys\n"
        "from deploy.embedded.launch import Plan, launch\n"
        "from deploy.embedded.processes import Command\n"
        "nap = (sys.executable, '-S', '-c', f'import time; {sys.argv[1]!r}; time.sleep(600)')\n"
        "plan = Plan(pathlib.Path(sys.argv[1]), {}, [], [Command('sla', nap, 'sla')])\n"
        "asyncio.run(launch(plan, asyncio.Event(), print))\n"
    )
    with subprocess.Popen(  # noqa: S603, ASYNC220 (argv is ours; it is killed below)
        [sys.executable, "-c", script, str(data)], stdout=subprocess.DEVNULL
    ) as parent:
        await _running(data)
        assert len(_uses(data)) >= 5
        parent.send_signal(signal.SIGKILL)
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


async def test_a_wish_to_stop_is_heard_while_it_starts(data: Path) -> None:
    stopping = asyncio.Event()
    stopping.set()
    assert await launch(_plan(data), stopping, lambda _: None) == 0
    assert _uses(data) == []
