"""The frames that a child process sends over its line (child.py), read as many at once as came."""

import socket
import time
from contextlib import suppress
from typing import IO, Final

from shared.errors import TemporaryFailure
from shared.platform import child

_AT_ONCE: Final = 65_536
"""Octets that are asked of the line at least: short answers come together."""
_MOST_AT_ONCE: Final = 1_000_000


class ChildAnswers:
    """The answers of a child to one request, which may have several."""

    def __init__(self, line: socket.socket, patience: float, most: int) -> None:
        """Reads nothing yet; the seconds of the first answer begin now.

        Args:
            line: the child's end of this process; its time-out is set here.
            patience: seconds that each answer is waited for.
            most: octets that each may have.
        """
        self._line = line
        self._patience = patience
        self._most = most
        self._held = bytearray()
        self._first: float | None = self._begin()

    def take(self, into: IO[bytes] | None = None) -> tuple[int, bytes, bytes]:
        """Waits for the next answer; returns its status, JSON text and octets.

        The octets are written to `into` as they come, where it is given, and none are returned.

        Raises TimeoutError, another OSError or EOFError: it does not come; ValueError: it is too
        large; TemporaryFailure: `into` can't be written, and is closed.
        """
        deadline, self._first = self._first or self._begin(), None
        status, said, sent = child.HEAD.unpack(self._octets(child.HEAD.size, deadline))
        if said + sent > self._most:
            raise ValueError
        text = self._octets(said, deadline)
        if into is None:
            return status, text, self._octets(sent, deadline)
        while sent:
            piece = self._octets(min(sent, _MOST_AT_ONCE), deadline)
            _write(into, piece)
            sent -= len(piece)
        return status, text, b""

    def _begin(self) -> float:
        # Only where it was changed: each call of the system gives the other threads their turn.
        if self._line.gettimeout() != self._patience:
            self._line.settimeout(self._patience)
        return time.monotonic() + self._patience

    def _octets(self, size: int, deadline: float) -> bytes:
        held = self._held
        while (lacking := size - len(held)) > 0:
            left = deadline - time.monotonic()
            if left < self._patience - 1:
                self._line.settimeout(max(0.001, left))
            more = self._line.recv(min(max(_AT_ONCE, lacking), _MOST_AT_ONCE))
            if not more:
                raise EOFError
            held += more
        found = bytes(memoryview(held)[:size])
        del held[:size]
        return found


def _write(into: IO[bytes], piece: bytes) -> None:
    try:
        into.write(piece)
        into.flush()
    except OSError as error:
        # What lies in its buffer would be refused once more by whoever closes it.
        with suppress(OSError):
            into.close()
        raise TemporaryFailure(
            f"What was made of a file can't be written ({error.strerror})."
        ) from error
