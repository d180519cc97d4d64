"""Ports of 127.0.0.1: find free ones, and say clearly when a chosen one is not."""

import fcntl
import os
import secrets
import socket
from pathlib import Path

from deploy.embedded.downloads import cache
from deploy.embedded.errors import EmbeddedError, PortBusyError

# Below the range from which Linux takes the ports of outgoing connections, so that no
# connection takes a port between the moment it is found free and the server's own bind.
_FIRST, _LAST = 20_000, 32_000
_TRIES = 1_000

_given: set[int] = set()
_claimed: dict[Path, int] = {}
"""By the file that stands for a port: the descriptor whose lock ends with this process."""


def is_free(port: int) -> bool:
    """Whether a port of 127.0.0.1 is free."""
    with socket.socket() as probe:
        # A port whose last connections linger in TIME_WAIT is free for a server.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """Finds a free port of 127.0.0.1, and claims it, so that no other process is given it.

    Raises:
        EmbeddedError: no free port was found.
    """
    for _ in range(_TRIES):
        port = _FIRST + secrets.randbelow(_LAST - _FIRST)
        if port not in _given and is_free(port) and claim(port):
            _given.add(port)
            return port
    raise EmbeddedError(f"No free port between {_FIRST} and {_LAST} on 127.0.0.1.")


def claim(port: int) -> bool:
    """Reserves a port for this process by a lock file until it ends; false if another has it.

    Without it, a second stack of this user could find the same port free in the seconds before its
    use. True, too, where the lock file can't be made or the file system has no locks.
    """
    path = cache() / "ports" / str(port)
    if path in _claimed:
        return True
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    except OSError:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(file)
        return not isinstance(error, BlockingIOError)
    _claimed[path] = file
    return True


def require_free(name: str, port: int) -> None:
    """Checks that a port of 127.0.0.1 is free, before its server is started.

    Raises:
        PortBusyError: another program listens there.
    """
    if not is_free(port):
        raise PortBusyError(name, port)


def accepts_connections(port: int) -> bool:
    """Whether a server answers on a port of 127.0.0.1."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
