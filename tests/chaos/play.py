"""The play: a préfecture at work, faults by a seed, then peace, then the ledger."""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from deploy.demo.running import start
from tests.chaos.faults import FAULTS, Fault, Place
from tests.chaos.ledger import Ledger, balance
from tests.chaos.letters import Letters
from tests.chaos.slow_relay import Mood, SlowRelay
from tests.chaos.stack import Stack

_SITE = Path(__file__).parents[2] / "deploy" / "site" / "indre"
_PREFIX = "vaguemestre-chaos-"
_DISK, _FLOOR = "256m", "16"
"""Of the small disk: its size, and the megabytes below which nothing new is taken in."""
_HEALED_SECONDS = 180.0
_MAIL_SECOND = 1.0
"""A mail server tells whole seconds: what came in the second of the go-live came before it."""
_WINDOWS = ("killed", "frozen", "server_killed", "server_frozen")
"""Faults that may take notify away between a message's end and its answer."""
_BETWEEN = (1.0, 6.0)
"""Seconds between the end of one fault and the next."""


@dataclass(frozen=True)
class Plan:
    """How long, how much, by which seed."""

    seed: int
    seconds: float
    mails_a_minute: int = 90
    at_once: int = 2
    """Faults that may happen side by side."""
    faults: dict[Fault, int] = field(default_factory=lambda: dict(FAULTS))


@dataclass(frozen=True)
class Outcome:
    """What was done, and what became of it."""

    done: list[str]
    not_done: list[str]
    """Kinds of fault that this machine does not let us make, or that the time did not reach."""
    ledger: Ledger
    cuts: int


async def play(plan: Plan, say: Callable[[str], None]) -> Outcome:
    """Plays it to its end; about a minute longer than `plan.seconds`."""
    random = Random(plan.seed)  # noqa: S311 (a story, no secret)
    with tempfile.TemporaryDirectory(prefix=_PREFIX, ignore_cleanup_errors=True) as home:
        data = Path(home)
        async with _small_disk(data) as full, _relay(data) as (relay, port):
            given = {"VAGUEMESTRE_SMTP_HOST": "127.0.0.1", "VAGUEMESTRE_SMTP_PORT": str(port)}
            if full is not None:
                given |= {
                    "VAGUEMESTRE_BLOBS": str(full / "blobs"),
                    "VAGUEMESTRE_FREE_FLOOR": _FLOOR,
                }
            say("starting")
            stack = Stack(await start(data, _SITE, None, given=given), given)
            try:
                await stack.does("site", "go-live", "--by", "chaos", "--why", "chaos", "--yes")
                await stack.start_twins()
                await asyncio.sleep(_MAIL_SECOND)
                letters = Letters(stack.running.run, plan.seed)
                place = Place(stack, relay, full, random, say)
                done = await _suffer(plan, place, letters)
                say(f"peace after {len(done)} faults and {letters.sent.count} mails")
                windows = relay.cuts + sum(name in _WINDOWS for name, _ in done)
                ledger = await balance(stack, letters.sent, windows, _HEALED_SECONDS)
                kinds = {name for name, _ in done}
                not_done = [fault.__name__ for fault in plan.faults if fault.__name__ not in kinds]
                return Outcome([said for _, said in done], not_done, ledger, relay.cuts)
            finally:
                keep = os.environ.get("VAGUEMESTRE_CHAOS_LOGS")
                await stack.stop()
                if keep:
                    await asyncio.to_thread(
                        shutil.copytree, data / "logs", keep, dirs_exist_ok=True
                    )


async def _suffer(plan: Plan, place: Place, letters: Letters) -> list[tuple[str, str]]:
    """Faults and mails until the time is over; the kind of each fault and what was said of it."""
    ends = time.monotonic() + plan.seconds
    began = time.monotonic()
    done: list[tuple[str, str]] = []
    servers = asyncio.Lock()

    async def one_after_another() -> None:
        while time.monotonic() < ends:
            (fault,) = place.random.choices(list(plan.faults), list(plan.faults.values()))
            alone = fault.__name__ in ("server_killed", "server_frozen", "kafka_lost")
            if alone and servers.locked():
                await asyncio.sleep(_BETWEEN[0])
                continue
            async with servers if alone else asyncio.Semaphore():
                said = await fault(place)
            if said:
                done.append((fault.__name__, said))
                place.say(f"{time.monotonic() - began:5.0f} s  {said}")
            await asyncio.sleep(place.random.uniform(*_BETWEEN))

    async def writing() -> None:
        while time.monotonic() < ends:
            await asyncio.to_thread(letters.put, 3)
            await asyncio.sleep(180 / plan.mails_a_minute)

    suffering = [asyncio.create_task(one_after_another()) for _ in range(plan.at_once)]
    await asyncio.gather(writing(), *suffering)
    place.relay.mood = Mood.GOOD
    return done


@asynccontextmanager
async def _relay(data: Path) -> AsyncIterator[tuple[SlowRelay, int]]:
    def target() -> tuple[str, int]:
        return "127.0.0.1", json.loads((data / "ports.json").read_text())["smtp"]

    relay = SlowRelay(target)
    try:
        yield relay, await relay.start()
    finally:
        await relay.stop()


@asynccontextmanager
async def _small_disk(data: Path) -> AsyncIterator[Path | None]:
    """A file system of its own that can be filled; None where we may not mount one."""
    folder = data / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    words = ["mount", "-t", "tmpfs", "-o", f"size={_DISK},mode=1777", "tmpfs", str(folder)]
    if mount is None or await _ended(*words) != 0:
        yield None
        return
    try:
        yield folder
    finally:
        await _ended("umount", "-l", str(folder))


async def _ended(*words: str) -> int:
    """The exit code of a command that says nothing here."""
    quiet = asyncio.subprocess.DEVNULL
    doing = await asyncio.create_subprocess_exec(*words, stdout=quiet, stderr=quiet)
    return await doing.wait()
