"""A child's program that was taken over: it does what it is told, and tells what it could reach."""

import os
import signal
import socket
import time
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, Never


def answer(request: dict[str, Any], octets: bytes) -> tuple[object, bytes]:
    if request["do"] == "each":
        return DOES[octets.decode()]({}), b""
    if request["do"] == "digest":
        return sha256(octets).hexdigest(), b""
    return DOES[request["do"]](request), octets if request["do"] == "echo" else b""


def _raise(_: Mapping[str, Any]) -> Never:
    raise KeyError("Madame Durand")


def _spin(_: Mapping[str, Any]) -> Never:
    while True:
        pass


def _work(_: Mapping[str, Any]) -> None:
    """Less than the tests allow a request, and more in several."""
    begun = time.process_time()
    while time.process_time() < begun + 0.4:
        pass


def _descriptors(_: Mapping[str, Any]) -> list[int]:
    """The child may not list /proc: it asks each number."""
    found = []
    for number in range(256):
        try:
            os.fstat(number)
        except OSError:
            continue
        found.append(number)
    return found


def _connect(request: Mapping[str, Any]) -> None:
    with socket.socket() as line:
        line.connect(("127.0.0.1", request["port"]))


def _connect_to_a_file(request: Mapping[str, Any]) -> None:
    with socket.socket(socket.AF_UNIX) as line:
        line.connect(request["path"])


DOES: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
    "echo": lambda request: request.get("say"),
    "raise": _raise,
    "die": lambda _: os.abort(),
    "spin": _spin,
    "work": _work,
    "swell": lambda _: len(bytearray(10**10)),
    "environment": lambda _: dict(os.environ),
    "descriptors": _descriptors,
    "process": lambda _: os.getpid(),
    "read": lambda request: Path(request["path"]).read_bytes().hex(),
    "list": lambda request: list(map(str, Path(request["path"]).iterdir())),
    "write": lambda request: Path(request["path"]).write_bytes(b"x"),
    "connect": _connect,
    "connect_to_a_file": _connect_to_a_file,
    "kill": lambda request: os.kill(request["process"], signal.SIGCONT),
    "fork": lambda _: os.fork(),
    "run": lambda _: os.execv("/bin/true", ["true"]),  # noqa: S606  (that is the attack)
}
