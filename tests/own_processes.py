"""Processes of ours in tests: forks of one that has imported them, as `up` begins them.

A new process takes one to four seconds of a processor for its imports, a fork none. Each service is
begun once as a new process all the same (`execute`), since a fork has imported also what its own
service forgot to.
"""

import asyncio
import os
import signal
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from deploy.embedded.processes import vaguemestre
from deploy.embedded.programs import Program, Starter

BESIDE_THE_TEST = Path("/dev/stderr")
"""What a process says there stands where the test's own words do."""


class OwnProcess:
    """A running program, spoken to as one of asyncio's."""

    def __init__(self, program: Program) -> None:
        self._pid = program.pid
        self._end = asyncio.create_task(program.wait())
        self._file: int | None = None
        # The fork server waits for it before it tells its end: its number may be another's by then.
        with suppress(ProcessLookupError):  # one that ends at once may be gone already
            self._file = file = os.pidfd_open(program.pid)
            self._end.add_done_callback(lambda _: os.close(file))

    @property
    def returncode(self) -> int | None:
        return self._end.result() if self._end.done() else None

    async def wait(self) -> int:
        return await asyncio.shield(self._end)

    def send_signal(self, number: signal.Signals) -> None:
        if self._end.done() or self._file is None:
            raise ProcessLookupError(self._pid)
        signal.pidfd_send_signal(self._file, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


async def begin(
    start: Starter, *words: str, environment: Mapping[str, str], log: Path = BESIDE_THE_TEST
) -> OwnProcess:
    """Begins `vaguemestre` with these words, by `execute` or a fork server's `start`."""
    return OwnProcess(await start(vaguemestre(*words), environment, log))
