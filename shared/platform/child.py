"""The inside of a child process that opens strangers' octets; children.py beside it is its door.

    python -m shared.platform.child PROGRAM SETTINGS

PROGRAM is a module with `answer(request, octets)`, which returns what to say (orjson makes it JSON)
and octets to send along. All that it needs must be imported when it is: afterwards little can be
opened (shared/platform/confinement.py). Standard input is one end of a pair of sockets. Each frame
is a status, the sizes of a JSON text and of the octets, and both; the first one says what this
system could not take away. A request that takes longer than its seconds ends the process.

A request with `sizes` is asked of each of several pieces, of which the octets are put together; a
frame answers each, as soon as it is known. Each has the seconds of a request to itself.
"""

import gc
import importlib
import signal
import socket
import struct
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import orjson

from shared.platform import confinement

HEAD: Final = struct.Struct("!BQQ")
SAID, FAILED = 0, 1
MARGIN: Final = 5
"""Seconds by which the child's own alarm is later than the door's patience."""
_COLLECT_AFTER: Final = 10_000
"""Objects after which cycles are looked for, as a service does (process.py): never among what was
imported, nor while it is."""


def main() -> None:
    """Runs a child process: answers requests on stdin's socket until it closes or stays idle."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # meant for whoever started us, who ends us
    gc.disable()
    program = importlib.import_module(sys.argv[1])
    gc.freeze()
    gc.set_threshold(_COLLECT_AFTER)
    gc.enable()
    settings = orjson.loads(sys.argv[2])
    confinement.limit(settings["memory"])
    readable = [Path(path) for path in settings["readable"]]
    lacks = confinement.confine(readable, own_user=settings["own_user"])
    line = socket.socket(fileno=sys.stdin.fileno())
    _send(line, SAID, list(lacks), b"")
    while True:
        line.settimeout(settings["idle"])
        try:
            head = _received(line, HEAD.size)
        except (TimeoutError, EOFError):
            return
        line.settimeout(None)
        _, said, sent = HEAD.unpack(head)
        request, octets = orjson.loads(_received(line, said)), bytes(_received(line, sent))
        for piece in _pieces(octets, request.pop("sizes", None)):
            # Of work, whatever else the machine does; and of waiting, should nobody be left to
            # kill us.
            signal.setitimer(signal.ITIMER_PROF, settings["seconds"])
            signal.alarm(settings["patience"] + MARGIN)
            answer = _answer(program, request, piece)
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
            _send(line, *answer)


def _pieces(octets: bytes, sizes: Sequence[int] | None) -> Iterator[bytes]:
    if sizes is None:
        yield octets
        return
    begin = 0
    for size in sizes:
        yield octets[begin : begin + size]
        begin += size


def _answer(
    program: ModuleType, request: Mapping[str, Any], octets: bytes
) -> tuple[int, Any, bytes]:
    try:
        said, sent = program.answer(request, octets)
    except Exception as error:  # noqa: BLE001  (hostile octets make libraries raise anything)
        # Its name alone: what an exception says may quote the letter.
        return FAILED, type(error).__name__, b""
    return SAID, said, sent


def _send(line: socket.socket, status: int, said: Any, octets: bytes) -> None:
    text = orjson.dumps(said, default=_plain)
    line.sendall(HEAD.pack(status, len(text), len(octets)) + text)
    if octets:
        line.sendall(octets)


def _plain(one: object) -> object:
    # A model of pydantic, which a program that answers with none does not load.
    dump = getattr(one, "model_dump", None)
    if dump is None:
        raise TypeError
    return dump()


def _received(line: socket.socket, size: int) -> bytearray:
    found = bytearray(size)
    left = memoryview(found)
    while left:
        count = line.recv_into(left)
        if not count:
            raise EOFError
        left = left[count:]
    return found


if __name__ == "__main__":
    main()
