"""What can go wrong with a server of the embedded stack, in one sentence each."""

from pathlib import Path


class EmbeddedError(Exception):
    """Raised when an embedded server failed; the message says what happened and what to do."""


class PortBusyError(EmbeddedError):
    """Raised when another program uses the port of an embedded server."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"{name}: port {port} of 127.0.0.1 is in use by another program; "
            "stop that program or choose another port."
        )


class ServerDiedError(EmbeddedError):
    """Raised when an embedded server's process ended before it was ready."""

    def __init__(self, name: str, code: int, log: Path) -> None:
        super().__init__(
            f"{name} ended with code {code} before it was ready: {_why(log)} (see {log})."
        )


class NotReadyError(EmbeddedError):
    """Raised when an embedded server's process runs but isn't ready in time."""

    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} was not ready after {seconds:g} s; see {log}.")


def _why(log: Path) -> str:
    """What it said last of what went wrong, else what it said last: the log may be gone later."""
    try:
        lines = [line for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        lines = []
    wrong = [line for line in lines[-20:] if "FATAL" in line or "ERROR" in line]
    return (wrong or lines or ["it said nothing"])[-1].strip()[:300]
