"""What goes wrong, one thing at a time or several at once: each is a story of some seconds."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chaos.slow_relay import Mood, SlowRelay
from tests.chaos.stack import Stack

_BALLAST = "ballast"
_BLOCK = b"\0" * 1_000_000


@dataclass(frozen=True)
class Place:
    """Where faults happen. `full` is a small disk of its own for what is kept, where the system
    lets one be mounted."""

    stack: Stack
    relay: SlowRelay
    full: Path | None
    random: Random
    say: Callable[[str], None]


Fault = Callable[[Place], Awaitable[str]]
"""Does it and heals it, and says what was done; "" when nothing could be."""


def _one(place: Place) -> str | None:
    """A process that was not hurt a moment ago."""
    names = list(place.stack.names())
    place.random.shuffle(names)
    return next((name for name in names if place.stack.pid(name) and place.stack.spare(name)), None)


async def killed(place: Place) -> str:
    """kill -9."""
    if (name := _one(place)) is None:
        return ""
    place.stack.send(name, signal.SIGKILL)
    return f"kill -9 {name}"


async def stopped(place: Place) -> str:
    """A normal stop, as each deployment makes it."""
    if (name := _one(place)) is None:
        return ""
    place.stack.send(name, signal.SIGTERM)
    return f"stop {name}"


async def frozen(place: Place) -> str:
    """A process that a machine leaves without time."""
    if (name := _one(place)) is None:
        return ""
    seconds = place.random.uniform(3, 12)
    place.stack.send(name, signal.SIGSTOP)
    await asyncio.sleep(seconds)
    place.stack.send(name, signal.SIGCONT)
    return f"freeze {name} {seconds:.0f} s"


async def server_killed(place: Place) -> str:
    """PostgreSQL or Kafka loses its power, and comes back."""
    server = place.random.choice(("postgres", "kafka"))
    seconds = place.random.uniform(1, 8)
    await place.stack.kill_server(server)
    await asyncio.sleep(seconds)
    await place.stack.start_server(server)
    return f"power cut of {server}, {seconds:.0f} s"


async def server_frozen(place: Place) -> str:
    """PostgreSQL or Kafka answers nobody, connections stay open."""
    server = place.random.choice(("postgres", "kafka"))
    seconds = place.random.uniform(3, 15)
    go_on = place.stack.freeze(server)
    await asyncio.sleep(seconds)
    go_on()
    return f"freeze {server} {seconds:.0f} s"


async def kafka_lost(place: Place) -> str:
    """Kafka's disk is lost; one command heals it."""
    await place.stack.lose_kafka()
    await place.stack.does("topics", "--replication", "1")
    said = await place.stack.does("retell", "--all")
    return f"Kafka's disk lost; retell: {said}"


async def relay_moody(place: Place) -> str:
    """The mail relay answers after eight seconds, or cuts, or refuses."""
    mood = place.random.choice((Mood.SLOW, Mood.SLOW, Mood.CUT, Mood.REFUSING))
    seconds = place.random.uniform(10, 20)
    place.relay.mood = mood
    await asyncio.sleep(seconds)
    place.relay.mood = Mood.GOOD
    return f"relay {mood}, {seconds:.0f} s"


async def disk_full(place: Place) -> str:
    """No octet fits on the disk of what is kept."""
    if place.full is None:
        return ""
    ballast = place.full / _BALLAST
    seconds = place.random.uniform(4, 10)
    try:
        await asyncio.to_thread(_fill, ballast)
        await asyncio.sleep(seconds)
    finally:
        ballast.unlink(missing_ok=True)
    return f"disk full {seconds:.0f} s"


async def wrong_clock(place: Place) -> str:
    """One more machine comes, with a clock that is wrong."""
    name = place.random.choice(("sla", "notify"))
    ahead = place.random.choice((-120, 120, 40 * 86_400))
    wrong = place.stack.with_wrong_clock(name, ahead)
    try:
        await asyncio.sleep(place.random.uniform(8, 15))
        ended = wrong.exit_code
    finally:
        await asyncio.to_thread(wrong.stop, 15)
    return f"one more {name}, its clock {ahead:+} s{'' if ended is None else f', ended {ended}'}"


FAULTS: Mapping[Fault, int] = {
    killed: 8,
    stopped: 4,
    frozen: 3,
    server_killed: 3,
    server_frozen: 2,
    kafka_lost: 1,
    relay_moody: 3,
    disk_full: 2,
    wrong_clock: 2,
}
"""How often each is drawn, beside the others."""


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(_BLOCK) == len(_BLOCK):
                pass
            os.fsync(file.fileno())
        except OSError:
            return
