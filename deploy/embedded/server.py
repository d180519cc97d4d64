"""What every embedded server has in common: a process under DATA that comes and goes."""

from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from deploy.embedded.child import Child
from deploy.embedded.errors import EmbeddedError


class Server(ABC):
    """An embedded server on 127.0.0.1, which can be stopped and started again on its data.

    Its log is DATA/logs/<key>.log, its data folder DATA/<key>.
    """

    key: ClassVar[str]
    name: ClassVar[str]
    """What a sentence calls it."""

    def __init__(self, data: Path) -> None:
        self._data = data.resolve()
        self._folder = self._data / self.key
        self._child: Child | None = None

    @abstractmethod
    def start(self) -> None:
        """Starts the server and waits until it serves.

        Raises:
            EmbeddedError: a port is busy or the server did not start; one sentence.
        """

    @property
    def log(self) -> Path:
        """The path of the server's log file."""
        return self._data / "logs" / f"{self.key}.log"

    @property
    def child(self) -> Child:
        """The process of the server's last start.

        Raises:
            EmbeddedError: it was never started.
        """
        if self._child is None:
            raise EmbeddedError(f"{self.name} is not started.")
        return self._child

    def stop(self) -> None:
        """Asks the server's process to end; kills it after ten seconds."""
        if self._child is not None:
            self._child.stop()

    def kill(self) -> None:
        """Kills the server's process at once, like a power cut."""
        if self._child is not None:
            self._child.kill()

    def pause(self) -> None:
        """Freezes the server's process (SIGSTOP): its connections stay open, nothing answers."""
        self.child.pause()

    def resume(self) -> None:
        """Lets the server's process continue after `pause()`."""
        self.child.resume()
