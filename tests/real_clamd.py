"""Debian's clamd with one signature of our own, the test virus of all: it downloads nothing."""

import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.embedded.ports import accepts_connections, free_port
from tests.fake_clamd import EICAR, MOST, SIGNATURE

FOUND: Final = f"{SIGNATURE}.UNOFFICIAL"
"""How clamd calls a signature that its makers have not signed."""
_SECONDS: Final = 300
_SETTINGS: Final = """
Foreground yes
DatabaseDirectory {home}/signatures
OfficialDatabaseOnly no
LocalSocket {home}/clamd.ctl
TCPAddr 127.0.0.1
TCPSocket {port}
StreamMaxLength {most}
MaxThreads 4
TemporaryDirectory {home}
LogFile {home}/log
"""


@dataclass(frozen=True, slots=True)
class RunningClamd:
    """A clamd by both of its addresses, until it is stopped."""

    tcp: str
    unix: str
    process: "subprocess.Popen[bytes]"

    def stop(self) -> None:
        """Ends it, if it still runs."""
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(30)
        self.process.kill()


@contextmanager
def real_clamd(program: Path) -> Iterator[RunningClamd]:
    """Runs a clamd that knows EICAR (in any octets) and takes streams of `MOST` octets."""
    with tempfile.TemporaryDirectory(
        prefix="clamd-", dir="/tmp", ignore_cleanup_errors=True
    ) as name:
        home, port = Path(name), free_port()
        (home / "signatures").mkdir()
        signature = f"{SIGNATURE}:0:*:{EICAR.hex()}\n"
        (home / "signatures" / "tests.ndb").write_text(signature, encoding="ascii")
        config = home / "clamd.conf"
        config.write_text(_SETTINGS.format(home=home, port=port, most=MOST))
        with (home / "out").open("wb") as out:
            process = subprocess.Popen(  # noqa: S603  (our own words)
                [program, f"--config-file={config}"], stdout=out, stderr=out
            )
        running = RunningClamd(f"127.0.0.1:{port}", str(home / "clamd.ctl"), process)
        try:
            deadline = time.monotonic() + _SECONDS
            while not (accepts_connections(port) and Path(running.unix).exists()):
                assert process.poll() is None, (home / "out").read_text()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield running
        finally:
            running.stop()
