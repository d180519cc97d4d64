"""An event that ends a wait on sockets too: its descriptor is readable while it is set."""

import os
import threading


class WakeUp:
    """Set by one thread, waited for by another, with `poll` beside other descriptors."""

    def __init__(self) -> None:
        self._reads, self._writes = os.pipe()
        self._event = threading.Event()
        self._turn = threading.Lock()

    def set(self) -> None:
        """End the wait, also one that has not begun."""
        with self._turn:
            if not self._event.is_set():
                os.write(self._writes, b"!")
                self._event.set()

    def clear(self) -> None:
        """From here on there is something to wait for."""
        with self._turn:
            if self._event.is_set():
                os.read(self._reads, 1)
                self._event.clear()

    def is_set(self) -> bool:
        """Whether the wait is over."""
        return self._event.is_set()

    def fileno(self) -> int:
        """Readable while it is set."""
        return self._reads

    def __del__(self) -> None:
        os.close(self._reads)
        os.close(self._writes)
