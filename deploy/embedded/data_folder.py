"""What the stack makes up once and keeps in DATA: secrets and ports."""

import contextlib
import json
import os
import secrets
from pathlib import Path

from deploy.embedded.ports import claim, free_port, is_free


def kept_secret(data: Path, name: str) -> str:
    """Reads a secret of 32 URL-safe characters from the data folder; makes it the first time."""
    folder = data / "secrets"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / name
    if not path.exists():
        partial = folder / f".{name}.{os.getpid()}"
        partial.touch(mode=0o600)
        with partial.open("w") as file:
            file.write(secrets.token_urlsafe(24))
            file.flush()
            os.fsync(file.fileno())  # a database was made with it: it must outlive a power cut
        with contextlib.suppress(FileExistsError):  # another process was faster: its word counts
            path.hardlink_to(partial)
        partial.unlink()
    return path.read_text()


def kept_port(data: Path, name: str, first: int | None = None) -> int:
    """Chooses a free port for `name`: the one that it had last time, else `first`, else any.

    The port is kept in DATA/ports.json.
    """
    path = data / "ports.json"
    ports: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}

    def ours(port: int | None) -> bool:
        return port is not None and is_free(port) and claim(port)

    port = ports.get(name)
    if port is None or not ours(port):
        port = ports[name] = first if first is not None and ours(first) else free_port()
        data.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(ports, indent=2))
        partial.replace(path)
    return port
