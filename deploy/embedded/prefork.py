"""The process of which the programs of `vaguemestre up` are forks: it has imported them all.

`python -m deploy.embedded.prefork FD` takes from a socket one message for each program that shall
begin, with two files: what it is to be, as JSON, and its output. It answers with the program's
process id, and later with that id and how the program ended. It ends with its parent or when the
socket is closed, and so do its forks.

What a program is to be holds its passwords: the fork reads it, and this process never does, so that
no later fork has it in its memory.
"""

import gc
import importlib
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from deploy.embedded.child import die_with_parent
from services.desk.features import modules

IMPORTED = (
    "services.__main__",
    "services.ingest.app",
    "services.desk.cli",
    "services.desk.app",
    "services.desk.page_process",
    *modules(),
    "services.sla.commands",
    "services.notify.commands",
    "services.portal.commands",
    "services.ops.installation",
    "services.ops.replanner",
    "services.ops.site_effects",
    "shared.site.cli.commands",
)
"""What the programs of `up` begin with; what else one needs, it imports for itself."""
LONGEST = 1 << 10
"""Octets of a message."""


@dataclass(frozen=True, slots=True)
class Order:
    """A program to begin: the descriptors of a file that says what it is, and of its log."""

    said: int
    output: int

    def read(self) -> "ProgramStart":
        """Reads, in the forked process, which program it must become."""
        with os.fdopen(self.said) as file:
            file.seek(0)
            return ProgramStart(**json.load(file))


@dataclass(frozen=True, slots=True)
class ProgramStart:
    """The words after `vaguemestre`, the whole environment and the folder of a new program."""

    words: Sequence[str]
    environment: Mapping[str, str]
    folder: str


def take_orders(line: socket.socket) -> Order:
    """Forks for each order; returns only in a fork, with the order that it must carry out."""
    woken, wakes = os.pipe()
    for end in (woken, wakes):
        os.set_blocking(end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wakes)
    while True:
        ready, _, _ = select.select([line.fileno(), woken], [], [])
        if woken in ready:
            os.read(woken, 4096)
            _tell_ends(line)
        if line.fileno() in ready:
            order = _next(line)
            dies = die_with_parent(signal.SIGTERM)
            if (pid := os.fork()) == 0:
                dies()
                signal.set_wakeup_fd(-1)
                signal.signal(signal.SIGCHLD, signal.SIG_DFL)
                for number in (woken, wakes, line.detach()):
                    os.close(number)
                return order
            os.close(order.said)
            os.close(order.output)
            _tell(line, {"began": pid})


def _next(line: socket.socket) -> Order:
    octets, files, _, _ = socket.recv_fds(line, LONGEST, 2)
    if not octets:  # whoever started us has no more to tell
        raise SystemExit(0)
    return Order(*files)


def _tell(line: socket.socket, what: Mapping[str, int]) -> None:
    try:
        line.send(json.dumps(what).encode())
    except OSError:  # whoever started us is gone
        raise SystemExit(0) from None


def _tell_ends(line: socket.socket) -> None:
    """What ended since; several deaths may be one signal."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            return
        _tell(line, {"ended": pid, "code": os.waitstatus_to_exitcode(status)})


def become(part: ProgramStart, output: int) -> None:
    """Gives this fork what a new process has: session, folder, environment, input, output."""
    os.setsid()
    with suppress(OSError):  # what `ps` and `top` show; Linux alone has it
        Path("/proc/self/comm").write_text(" ".join(part.words)[:15])
    os.chdir(part.folder)
    os.environ.clear()
    os.environ.update(part.environment)
    nothing = os.open(os.devnull, os.O_RDONLY)
    for number, file in enumerate((nothing, output, output)):
        os.dup2(file, number)
    os.close(nothing)
    os.close(output)


def main() -> None:
    """Imports our programs, then forks one for each order until the socket closes."""
    for module in IMPORTED:
        importlib.import_module(module)
    gc.freeze()  # what all forks share is not looked through, and so not copied, by each of them
    order = take_orders(socket.socket(fileno=int(sys.argv[1])))
    part = order.read()
    become(part, order.output)
    importlib.import_module("services.__main__").main(list(part.words), prog_name="vaguemestre")


if __name__ == "__main__":
    main()
