"""Deposits read with the site's keys; those counted that a portal left in clear, or not readable.

A portal elsewhere goes on without its half of the key and refuses nothing; who takes in what it
wrote sees it. What it wrote within an hour of ingest's start is left out: the portal is restarted
after ingest (docs/guide/exploitation.md).
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from prometheus_client import CollectorRegistry

from services.ingest.metrics import DEPOSITS_IN_CLEAR
from shared.content import encryption_metric, spool
from shared.content.encryption import key_id
from shared.content.keyring import Keyring
from shared.content.spool import FormDeposit, SpooledRequest
from shared.errors import PermanentFailure, TemporaryFailure
from shared.platform import disk_space
from shared.platform.clock import Clock
from shared.platform.observability.health import State, Well
from shared.platform.observability.logs import Log

log = Log("spool")
AFTER: Final = timedelta(hours=1)
"""After the start: until then a portal may not have been restarted yet."""
SAID_FOR: Final = timedelta(days=1)
LOOK: Final = (
    "deposits lie in clear though a key encrypts new files: give each portal its"
    " VAGUEMESTRE_ENCRYPTION_KEY (`vaguemestre keys use` tells it), and start it again."
)


class DepositReader:
    """The reader of the spool's deposits; it remembers when it last met one without encryption."""

    def __init__(self, registry: CollectorRegistry, keyring: Keyring, clock: Clock) -> None:
        self._counter = DEPOSITS_IN_CLEAR.on(registry)
        encryption_metric.show_key(registry, keyring.current)
        self._keyring = keyring
        self._clock = clock
        self._since = clock.now() + AFTER
        self._last: datetime | None = None

    def read(self, folder: Path) -> tuple[SpooledRequest, Mapping[str, bytes]]:
        """Reads a deposit as `spool.read` does, and raises as it does; blocks the thread."""
        what, contents = spool.read(folder, self._keyring)
        if self._keyring.current is None or not isinstance(what, FormDeposit):
            return what, contents
        with suppress(FileNotFoundError):  # another ingest was faster
            if what.at >= self._since and key_id(folder / spool.CONTENT) is None:
                self._counter.inc()
                self._last = max(what.at, self._last or what.at)
                log.warning("deposit_in_clear", kind=what.kind)
        return what, contents

    async def check(self) -> State:
        """Returns the health of the spool's encryption, always well: the key that writes deposits.

        For a day it also tells that a deposit came without encryption.
        """
        detail = encryption_metric.key_detail(self._keyring.current)
        if self._last is not None and self._clock.now() - self._last <= SAID_FOR:
            detail["look"] = LOOK
        return Well(detail)


async def set_apart(folder: Path, failure: PermanentFailure) -> None:
    """Moves a deposit that can't be read to `.refused/` in the spool, for a person to look at.

    Raises TemporaryFailure when it can't be moved now.
    """
    log.error("deposit_refused", deposit=folder.name, why=str(failure))
    await asyncio.to_thread(_move_apart, folder)


@contextmanager
def failure_aside(failures: list[TemporaryFailure]) -> Iterator[None]:
    """A context manager that adds a TemporaryFailure of its block to a list; it raises none."""
    try:
        yield
    except TemporaryFailure as failure:
        failures.append(failure)


def _move_apart(folder: Path) -> None:
    refused = folder.parent / ".refused"
    place = refused / folder.name
    try:
        refused.mkdir(mode=0o700, exist_ok=True)
        # One of this name was refused before: both wait for a person.
        folder.rename(place if not place.exists() else refused / f"{folder.name}-{uuid4().hex}")
    except OSError as error:
        raise TemporaryFailure(f"Spool {folder}: {disk_space.advice(error)}.") from error
