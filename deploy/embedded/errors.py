"""What can go wrong with a server of the embedded stack, in one sentence each."""

from pathlib import Path


class EmbeddedError(Exception):
    """The message is the sentence to print: what happened, and what to do."""


class PortBusyError(EmbeddedError):
    """Another program listens where this server should."""

    def __init__(self, name: str, port: int) -> None:
        super().__init__(
            f"{name}: port {port} of 127.0.0.1 is in use by another program; "
            "stop that program or choose another port."
        )


class ServerDiedError(EmbeddedError):
    """The server's process ended before it was ready."""

    def __init__(self, name: str, code: int, log: Path) -> None:
        super().__init__(f"{name} ended with code {code} before it was ready; see {log}.")


class NotReadyError(EmbeddedError):
    """The server's process runs but didn't become ready in time."""

    def __init__(self, name: str, seconds: float, log: Path) -> None:
        super().__init__(f"{name} was not ready after {seconds:g} s; see {log}.")
