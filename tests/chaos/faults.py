"""What goes wrong, one thing at a time or several at once: each is a story of some seconds."""

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from tests.chaos.slow_relay import Mood, SlowRelay
from tests.chaos.stack import NAMES, Stack

_BALLAST = "ballast"
_BLOCK = b"\0" * 1_000_000
_SERVERS = ("postgres", "kafka")
_AHEAD = (-120, 120, 40 * 86_400)
"""Seconds by which a clock is wrong."""


@dataclass(frozen=True)
class Place:
    """Where faults happen. `full` is a small disk of its own for what is kept, where the system
    lets one be mounted."""

    stack: Stack
    relay: SlowRelay
    full: Path | None
    random: Random
    say: Callable[[str], None]


@dataclass(frozen=True)
class Fault:
    """`doing` does it to `target` and heals it, and says what was done."""

    doing: Callable[[Place, str], Awaitable[str]]
    target: str

    @property
    def kind(self) -> str:
        """Its name in a list of what was done."""
        return self.doing.__name__

    @property
    def room(self) -> str:
        """What one fault at a time may have: the servers, the relay, the disk; "" for the rest."""
        if self.target in _SERVERS:
            return "servers"
        return self.kind if self.kind in ("relay_moody", "disk_full") else ""

    @property
    def windows(self) -> int:
        """How often it may take notify away between a message's end and its answer."""
        if self.target == "postgres":
            return 2  # both of them
        return 1 if self.target in ("notify", "notify+") else 0

    def may_happen(self, stack: Stack) -> bool:
        """Whether its target runs and was not hurt a moment ago."""
        return self.target not in NAMES or stack.spare(self.target)


async def killed(place: Place, name: str) -> str:
    """kill -9."""
    place.stack.send(name, signal.SIGKILL)
    return f"kill -9 {name}"


async def stopped(place: Place, name: str) -> str:
    """A normal stop, as each deployment makes it."""
    place.stack.send(name, signal.SIGTERM)
    return f"stop {name}"


async def frozen(place: Place, name: str) -> str:
    """A process that a machine leaves without time."""
    seconds = place.random.uniform(3, 12)
    place.stack.send(name, signal.SIGSTOP)
    try:
        await asyncio.sleep(seconds)
    finally:
        place.stack.send(name, signal.SIGCONT)
    return f"freeze {name} {seconds:.0f} s"


async def server_killed(place: Place, server: str) -> str:
    """PostgreSQL or Kafka loses its power, and comes back."""
    seconds = place.random.uniform(1, 8)
    await place.stack.kill_server(server)
    await asyncio.sleep(seconds)
    await place.stack.start_server(server)
    return f"power cut of {server}, {seconds:.0f} s"


async def server_restarted(place: Place, server: str) -> str:
    """PostgreSQL or Kafka is stopped and started as its administrator does it."""
    await place.stack.stop_server(server)
    await place.stack.start_server(server)
    return f"restart {server}"


async def server_frozen(place: Place, server: str) -> str:
    """PostgreSQL or Kafka answers nobody, connections stay open."""
    seconds = place.random.uniform(3, 15)
    go_on = place.stack.freeze(server)
    try:
        await asyncio.sleep(seconds)
    finally:
        go_on()
    return f"freeze {server} {seconds:.0f} s"


async def sessions_cut(place: Place, server: str) -> str:
    """PostgreSQL stays, every connection to it ends."""
    cut = await place.stack.cut_sessions()
    return f"cut {cut} connections to {server}"


async def kafka_lost(place: Place, _: str) -> str:
    """Kafka's disk is lost; two commands heal it."""
    await place.stack.lose_kafka()
    await place.stack.does("topics", "--replication", "1")
    said = await place.stack.does("retell", "--all")
    return f"Kafka's disk lost; retell: {said}"


async def relay_moody(place: Place, mood: str) -> str:
    """The mail relay answers after eight seconds, or cuts, or refuses."""
    seconds = place.random.uniform(10, 20)
    with place.relay.being(Mood(mood)):
        await asyncio.sleep(seconds)
    return f"relay {mood}, {seconds:.0f} s"


async def disk_full(place: Place, _: str) -> str:
    """No octet fits on the disk of what is kept."""
    if place.full is None:
        raise RuntimeError("There is no small disk to fill.")
    ballast = place.full / _BALLAST
    seconds = place.random.uniform(4, 10)
    try:
        await asyncio.to_thread(_fill, ballast)
        await asyncio.sleep(seconds)
    finally:
        ballast.unlink(missing_ok=True)
    return f"disk full {seconds:.0f} s"


def _wrong_clock(name: str, ahead: int) -> Fault:
    async def wrong_clock(place: Place, _: str) -> str:
        """One more machine comes, with a clock that is wrong."""
        async with place.stack.with_wrong_clock(name, ahead):
            await asyncio.sleep(place.random.uniform(3, 8))
        return f"one more {name}, its clock {ahead:+} s"

    return Fault(wrong_clock, "")


FAULTS: Sequence[Fault] = (
    *(Fault(doing, name) for doing in (killed, stopped, frozen) for name in NAMES),
    *(
        Fault(doing, server)
        for doing in (server_killed, server_restarted, server_frozen)
        for server in _SERVERS
    ),
    Fault(sessions_cut, "postgres"),
    Fault(kafka_lost, "kafka"),
    *(Fault(relay_moody, mood) for mood in (Mood.SLOW, Mood.CUT, Mood.REFUSING)),
    Fault(disk_full, ""),
    *(
        _wrong_clock(name, ahead)
        for name in ("ingest", "desk-keep", "sla", "notify")
        for ahead in _AHEAD
    ),
)
"""All that may happen: each comes once before one comes again."""


def one_of_each(seed: int) -> Sequence[Fault]:
    """One fault of each kind, on a target by the seed."""
    random = Random(seed)  # noqa: S311 (a story, no secret)
    kinds = dict.fromkeys(fault.kind for fault in FAULTS)
    return [random.choice([fault for fault in FAULTS if fault.kind == kind]) for kind in kinds]


class Deck:
    """Faults in an order by the seed; where they come `again`, all of them in another order."""

    def __init__(self, faults: Sequence[Fault], random: Random, *, again: bool) -> None:
        self._faults = faults
        self._random = random
        self._again = again
        self._cards = self._shuffled()

    @property
    def used_up(self) -> bool:
        """Whether none is left."""
        return not self._cards

    def draw(self, may: Callable[[Fault], bool]) -> Fault | None:
        """The first that may happen now."""
        found = next((card for card in self._cards if may(card)), None)
        if found is not None:
            self._cards.remove(found)
        if not self._cards and self._again:
            self._cards = self._shuffled()
        return found

    def _shuffled(self) -> list[Fault]:
        return self._random.sample(self._faults, len(self._faults))


def _fill(ballast: Path) -> None:
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(_BLOCK) == len(_BLOCK):
                pass
            os.fsync(file.fileno())
        except OSError:
            return
