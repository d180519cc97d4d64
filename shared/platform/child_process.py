"""A child process as its door sees it (children.py): begun, and ended whatever it does."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import orjson

from shared.errors import TemporaryFailure
from shared.platform import child

_KEPT: Final = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "PYTHONPATH", "LD_LIBRARY_PATH")
"""What a child may know of our environment: no secret was ever put there."""


@dataclass(slots=True)
class ChildProcess:
    """A running child process, with the line by which it is asked."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    last: float = field(default_factory=time.monotonic)
    """When it answered last, or began (monotonic seconds)."""

    def end(self) -> None:
        """Kills the process, closes its line, and waits for its end."""
        self.process.kill()
        self.line.close()
        self.process.wait()


def start(program: str, settings: Mapping[str, Any]) -> ChildProcess:
    """Starts a child process of a program with its settings (child.py); it is not ready yet.

    Raises TemporaryFailure: no process can be started.
    """
    ours, theirs = socket.socketpair()
    words = (sys.executable, "-P", "-m", child.__name__, program)
    try:
        with theirs:
            process = subprocess.Popen(  # noqa: S603  (our own words)
                [*words, orjson.dumps(settings).decode()],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env=environment(),
                # A signal to all of us is for us alone: they end when we do.
                start_new_session=True,
            )
    except OSError as error:
        ours.close()
        raise TemporaryFailure(
            f"No process can be started that opens files ({error.strerror})."
        ) from error
    return ChildProcess(process, ours)


def environment() -> dict[str, str]:
    """Returns a child process's environment variables: no secrets, since it opens hostile octets.

    OpenMP and OpenBLAS get one thread each: more make Tesseract slower or only take memory.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {"OMP_THREAD_LIMIT": "1", "OPENBLAS_NUM_THREADS": "1"}
