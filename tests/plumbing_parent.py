"""A parent of three sites whose forks do nothing, and a machine that treats it badly.

`python -m tests.plumbing_parent FOLDER HOW`; HOW is a name of `FAULTS`, or `well`. Forks end by 0
when they are told to, and by 3 when they get SIGUSR1.
"""

import errno
import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path
from typing import Final

from services.ops.host.parent import HostParent
from services.ops.host.places import HostPlaces
from shared.platform import confinement
from shared.platform.observability import logs

SITES: Final = ("a", "b", "c")
ENDS: Final[Mapping[int, int]] = {signal.SIGTERM: 0, signal.SIGUSR1: 3}
"""By what code a fork ends that gets a signal."""
ROUNDS = count(1)
fork, accept = os.fork, socket.socket.accept


def places_in(folder: Path) -> HostPlaces:
    """The places of the test's machine."""
    return HostPlaces(folder / "etc", folder / "opt", folder, processes={"portal": ()})


def told_to_end(_: Path) -> int:
    """The parent is told to end while it begins the second of three."""
    pid = fork()
    if pid and next(ROUNDS) == 2:
        os.kill(os.getpid(), signal.SIGTERM)
    return pid


def slow(folder: Path) -> int:
    """The fourth fork does not run until the test says so."""
    late = next(ROUNDS) == 4
    pid = fork()
    while pid == 0 and late and not (folder / "go").exists():
        time.sleep(0.01)
    return pid


def refused(_: Path) -> int:
    """The kernel has no process left for the third."""
    if next(ROUNDS) == 3:
        raise BlockingIOError(errno.EAGAIN, "no process left")
    return fork()


FAULTS: Final[Mapping[str, Callable[[Path], int]]] = {
    "told_to_end": told_to_end,
    "slow": slow,
    "refused": refused,
}


def gone_again(door: socket.socket) -> tuple[socket.socket, object]:
    """The first who asks has gone when it is let in."""
    if next(ROUNDS) == 1:
        raise ConnectionAbortedError
    return accept(door)


def main(folder: Path, how: str) -> None:
    logs.set_up("host")
    if how == "gone_again":
        socket.socket.accept = gone_again  # type: ignore[method-assign, assignment]
    elif how in FAULTS:
        os.fork = lambda: FAULTS[how](folder)
    made = HostParent(places_in(folder), lambda: SITES).run()
    if made is not None:
        confinement.end_with_parent(signal.SIGKILL, made.parent)
        # Waited for, not handled: what came just before a pause would be heard after it.
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)
        (folder / f"stands-{os.getpid()}").touch()
        os._exit(ENDS[signal.sigwait(ENDS)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
