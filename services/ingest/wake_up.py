"""An event that ends a wait on sockets too: its descriptor is readable while it is set."""

import os
import threading


class WakeUp:
    """A flag by which one thread ends another's `poll` on sockets."""

    def __init__(self) -> None:
        self._reads, self._writes = os.pipe()
        self._event = threading.Event()
        self._turn = threading.Lock()

    def set(self) -> None:
        """Sets the flag that ends a wait on sockets, also one that has not begun."""
        with self._turn:
            if not self._event.is_set():
                os.write(self._writes, b"!")
                self._event.set()

    def clear(self) -> None:
        """Clears the flag that ends waits on sockets, so that the next wait waits again."""
        with self._turn:
            if self._event.is_set():
                os.read(self._reads, 1)
                self._event.clear()

    def is_set(self) -> bool:
        """Whether the flag that ends the wait is set."""
        return self._event.is_set()

    def fileno(self) -> int:
        """Returns the file descriptor to poll, readable while the flag is set."""
        return self._reads

    def __del__(self) -> None:
        os.close(self._reads)
        os.close(self._writes)
