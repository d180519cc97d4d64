"""A server's process: its log, its death with the parent, its clean or sudden end."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.embedded.errors import NotReadyError, ServerDiedError

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None, use_errno=True)
_POLL = 0.02


def die_with_parent(end_signal: signal.Signals) -> Callable[[], None]:
    """Makes a function by which a child process has itself ended with its parent (Linux)."""
    parent = os.getpid()

    def ask_kernel() -> None:
        if sys.platform != "linux":
            return
        _LIBC.prctl(_PR_SET_PDEATHSIG, end_signal)
        if os.getppid() != parent:  # it died between fork and prctl
            os._exit(1)

    return ask_kernel


class Child:
    """A running server process in its own session, whose output goes to a log file.

    When the parent's thread that started it dies, even by SIGKILL, the kernel sends it
    `end_signal` (Linux only): start servers from a thread that lives as long as they should.
    """

    def __init__(
        self,
        name: str,
        argv: Sequence[str | Path],
        log: Path,
        *,
        environment: Mapping[str, str] | None = None,
        user: str | None = None,
        end_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.name = name
        self.log = log
        self._end_signal = end_signal
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("ab") as output:
            self._log_start = output.tell()
            self._process = subprocess.Popen(  # noqa: S603 (argv is ours, no shell)
                [str(word) for word in argv],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if environment is None else dict(environment),
                start_new_session=True,
                user=user,
                group=user,
                extra_groups=None if user is None else [],
                preexec_fn=die_with_parent(end_signal),  # noqa: PLW1509 (it only calls prctl)
            )

    @property
    def pid(self) -> int:
        """The process id; also that of its process group."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code; `None` while the process runs, negative when a signal ended it."""
        return self._process.poll()

    def log_output(self) -> str:
        """Returns the log output of the process since it was started."""
        with self.log.open("rb") as lines:
            lines.seek(self._log_start)
            return lines.read().decode(errors="replace")

    def wait_until(self, is_ready: Callable[[], bool], seconds: float) -> None:
        """Waits until `is_ready`; a process that isn't ready in time is killed.

        Raises:
            ServerDiedError: it ended instead.
            NotReadyError: it did not become ready.
        """
        deadline = time.monotonic() + seconds
        while not is_ready():
            if (code := self.exit_code) is not None:
                raise ServerDiedError(self.name, code, self.log)
            if time.monotonic() > deadline:
                self.kill()
                raise NotReadyError(self.name, seconds, self.log)
            time.sleep(_POLL)

    def stop(self, seconds: float = 10) -> None:
        """Asks the process to end; kills it after `seconds`."""
        if self.exit_code is not None:
            return
        self.resume()
        self._process.send_signal(self._end_signal)
        try:
            self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """Kills the process and its children at once, like a power cut."""
        for pid in self._tree():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()

    def pause(self) -> None:
        """Freezes the process (SIGSTOP): connections stay open and nothing answers."""
        for pid in self._tree():
            os.kill(pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Lets a frozen process continue (SIGCONT)."""
        for pid in self._tree():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def _tree(self) -> Sequence[int]:
        """It and its descendants; nothing once it has ended."""
        return tree(self.pid) if self.exit_code is None else ()


def tree(pid: int) -> Sequence[int]:
    """Returns a process id and the ids of all its descendants, as far as the kernel shows them."""
    found = [pid]
    for known in found:
        with contextlib.suppress(OSError):
            children = Path(f"/proc/{known}/task/{known}/children").read_text()
            found += [int(child) for child in children.split()]
    return found
