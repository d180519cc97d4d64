"""What `host` commands ask a running parent, and its answer: one line of JSON each, on a socket."""

import json
import socket
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

from pydantic import TypeAdapter, ValidationError

from services.ops.host.places import HostPlaces
from shared.errors import PermanentFailure

Verb: TypeAlias = Literal["status", "restart", "stop", "start"]
MOST: Final = 1 << 20
"""Octets of an answer."""
SECONDS: Final = 10.0


class HostRefused(PermanentFailure):
    """Raised when the parent can't be reached, or refuses what it was asked; a sentence."""


@dataclass(frozen=True, slots=True)
class HostRequest:
    """A question to the parent; without a site of all, without a process of all of the site's."""

    verb: Verb
    site: str | None = None
    process: str | None = None


@dataclass(frozen=True, slots=True)
class ProcessLine:
    """The state of one process, as the parent says it."""

    site: str
    process: str
    wanted: bool
    pid: int | None
    seconds: float
    """For how long it has stood; of one that does not, until it begins."""
    refused: bool = False
    """Whether it ended by 3 and waits for a person."""


@dataclass(frozen=True, slots=True)
class HostAnswer:
    """The parent's answer: the processes that were asked of, or why it refuses."""

    lines: tuple[ProcessLine, ...] = ()
    refused: str | None = None


REQUEST: Final = TypeAdapter(HostRequest)
_ANSWER: Final = TypeAdapter(HostAnswer)


def as_line(what: HostRequest | HostAnswer) -> bytes:
    """Writes a question or an answer as a line."""
    return json.dumps(asdict(what)).encode() + b"\n"


def ask(places: HostPlaces, request: HostRequest) -> Sequence[ProcessLine]:
    """Asks the parent of this machine; returns the processes of which it speaks.

    Raises HostRefused: nobody answers, or the parent refuses.
    """
    try:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(SECONDS)
            line.connect(str(places.socket))
            line.sendall(as_line(request))
            answer = _ANSWER.validate_json(_all(line))
    except (OSError, ValidationError) as error:
        raise HostRefused(
            f"No `vaguemestre host run` answers at {places.socket} ({type(error).__name__})."
        ) from error
    if answer.refused is not None:
        raise HostRefused(answer.refused)
    return answer.lines


def _all(line: socket.socket) -> bytes:
    octets = b""
    while len(octets) < MOST and (more := line.recv(65_536)):
        octets += more
    return octets


def listen(path: Path) -> socket.socket:
    """Opens the parent's socket for root alone. Raises OSError."""
    path.unlink(missing_ok=True)
    door = socket.socket(socket.AF_UNIX)
    door.bind(str(path))
    path.chmod(0o600)
    door.listen()
    return door
