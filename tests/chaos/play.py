"""The play: a préfecture at work, faults by a seed, then peace, then the ledger."""

import asyncio
import json
import os
import shutil
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random

from deploy.demo.run import start
from shared.platform.backoff import pause_or
from tests.chaos.faults import FAULTS, Deck, Fault, Place
from tests.chaos.ledger import Ledger, balance
from tests.chaos.letters import Letters
from tests.chaos.slow_relay import SlowRelay
from tests.chaos.stack import Stack

_SITE = Path(__file__).parents[2] / "deploy" / "site" / "indre"
_PREFIX = "vaguemestre-chaos-"
_DISK, _FLOOR = "256m", "16"
"""Of the small disk: its size, and the megabytes below which nothing new is taken in."""
_HEALED_SECONDS = 240.0
_MAIL_SECOND = 1.0
"""A mail server tells whole seconds: what came in the second of the go-live came before it."""
_BETWEEN = (1.0, 6.0)
"""Seconds between the end of one fault and the next."""
_STEP = 0.5


@dataclass(frozen=True)
class Plan:
    """How long, how much, by which seed."""

    seed: int
    seconds: float
    """After which nothing goes wrong any more."""
    faults: Sequence[Fault] = FAULTS
    again: bool = True
    """Whether they come again when each came once."""
    mails_a_minute: int = 90
    at_once: int = 2
    """Faults that may happen side by side."""


@dataclass(frozen=True)
class Outcome:
    """What was done, and what became of it."""

    done: list[str]
    not_done: list[str]
    """Kinds of fault that this machine does not let us make, or that the time did not reach."""
    ledger: Ledger
    cuts: int


async def play(plan: Plan, say: Callable[[str], None], within: Path | None = None) -> Outcome:
    """Plays it to its end, in a folder of its own `within` another.

    About a minute longer than `plan.seconds`.
    """
    began = time.monotonic()

    def tell(line: str) -> None:
        say(f"{time.monotonic() - began:5.0f} s  {line}")

    random = Random(plan.seed)  # noqa: S311 (a story, no secret)
    with tempfile.TemporaryDirectory(
        prefix=_PREFIX, dir=within, ignore_cleanup_errors=True
    ) as home:
        data = Path(home)
        async with _small_disk(data) as full, _relay(data) as (relay, port):
            given = {"VAGUEMESTRE_SMTP_HOST": "127.0.0.1", "VAGUEMESTRE_SMTP_PORT": str(port)}
            if full is not None:
                given |= {
                    "VAGUEMESTRE_BLOBS": str(full / "blobs"),
                    "VAGUEMESTRE_FREE_FLOOR": _FLOOR,
                }
            stack = Stack(await start(data, _SITE, None, given=given), given)
            try:
                await stack.does("site", "go-live", "--by", "chaos", "--why", "chaos", "--yes")
                stack.start_twins()
                await asyncio.sleep(_MAIL_SECOND)
                tell("started")
                letters = Letters(stack.running.run, plan.seed)
                place = Place(stack, relay, full, random, tell)
                done = await _suffer(plan, place, letters)
                tell(f"peace after {len(done)} faults and {letters.sent.count} mails")
                windows = relay.cuts + sum(fault.windows for fault, _ in done)
                ledger = await balance(stack, letters.sent, windows, _HEALED_SECONDS, tell)
                kinds = {fault.kind for fault, _ in done}
                left = {fault.kind: None for fault in plan.faults if fault.kind not in kinds}
                return Outcome([said for _, said in done], list(left), ledger, relay.cuts)
            finally:
                await stack.stop()
                tell("stopped")
                if keep := os.environ.get("VAGUEMESTRE_CHAOS_LOGS"):
                    await asyncio.to_thread(
                        shutil.copytree, data / "logs", keep, dirs_exist_ok=True
                    )


async def _suffer(plan: Plan, place: Place, letters: Letters) -> list[tuple[Fault, str]]:
    """Faults and mails until time or faults are used up; each fault and what was said of it."""
    ends = time.monotonic() + plan.seconds
    done: list[tuple[Fault, str]] = []
    taken: set[str] = set()
    peace = asyncio.Event()
    faults = [fault for fault in plan.faults if place.full is not None or fault.kind != "disk_full"]
    deck = Deck(faults, place.random, again=plan.again)

    def may(fault: Fault) -> bool:
        return fault.room not in taken and fault.may_happen(place.stack)

    async def one_after_another() -> None:
        while time.monotonic() < ends and not deck.used_up:
            if (fault := deck.draw(may)) is None:
                await asyncio.sleep(_STEP)
                continue
            taken.update({fault.room} - {""})
            said = await fault.doing(place, fault.target)
            taken.discard(fault.room)
            done.append((fault, said))
            place.say(said)
            await asyncio.sleep(place.random.uniform(*_BETWEEN))

    async def writing() -> None:
        while not peace.is_set():
            await asyncio.to_thread(letters.put, 3)
            await pause_or(peace, 180 / plan.mails_a_minute)

    async with asyncio.TaskGroup() as group:
        group.create_task(writing())
        async with asyncio.TaskGroup() as suffering:
            for _ in range(plan.at_once):
                suffering.create_task(one_after_another())
        peace.set()
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


async def may_mount(folder: Path) -> bool:
    """Whether a small disk may be mounted here: one is, in an empty folder, and taken away again.

    The right to mount is not enough: a container or AppArmor may refuse it all the same.
    """
    if await _mounted(folder, "1m") != 0:
        return False
    await _ended("umount", "-l", str(folder))
    return True


@asynccontextmanager
async def _small_disk(data: Path) -> AsyncIterator[Path | None]:
    """A file system of its own that can be filled; None where we may not mount one."""
    folder = data / "disk"
    folder.mkdir()
    if await _mounted(folder, _DISK) != 0:
        yield None
        return
    try:
        yield folder
    finally:
        await _ended("umount", "-l", str(folder))


async def _mounted(folder: Path, size: str) -> int:
    """The exit code of `mount`; 127 where there is none."""
    if shutil.which("mount") is None:
        return 127
    return await _ended(
        "mount", "-t", "tmpfs", "-o", f"size={size},mode=1777", "tmpfs", str(folder)
    )


async def _ended(*words: str) -> int:
    """The exit code of a command that says nothing here."""
    quiet = asyncio.subprocess.DEVNULL
    doing = await asyncio.create_subprocess_exec(*words, stdout=quiet, stderr=quiet)
    return await doing.wait()
