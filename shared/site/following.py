"""The rules that a process runs with: read at start, switched when a version is applied."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import asyncpg
from pydantic import SecretStr

from shared.database import UNREACHABLE, Pool, connect_alone, transaction
from shared.errors import TemporaryFailure
from shared.logs import Log
from shared.site import store
from shared.site.bundle import AppliedSite

CHANNEL = "site"
POLL_SECONDS = 30.0
PAUSE_SECONDS = 2.0

log = Log("site")

Switched = Callable[[AppliedSite], Awaitable[None]]
"""What a process does once with each new version, such as planning its open items again."""


class RulesInForce:
    """The applied version of this process, in memory; `follow` keeps it up to date."""

    def __init__(self, pool: Pool, url: SecretStr, applied: AppliedSite) -> None:
        self._pool = pool
        self._url = url
        self._applied = applied

    @property
    def applied(self) -> AppliedSite:
        """What runs now: take it once at the beginning of a batch."""
        return self._applied

    def said(self) -> dict[str, str | int | None]:
        """Version, digest and go-live, for /health."""
        live = self._applied.go_live
        return {
            "site": self._applied.site.identity.id,
            "version": self._applied.version,
            "digest": self._applied.digest[:12],
            "go_live": None if live is None else live.isoformat(),
        }

    async def follow(self, switched: Switched | None = None) -> None:
        """Until cancelled: listens for new versions and go-live, and asks every 30 seconds.

        When `switched` raises a TemporaryFailure it is called again with the same version later.
        """
        while True:
            try:
                connection = await connect_alone(self._url, "site")
            except TemporaryFailure:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            try:
                await self._listen(connection, switched)
            except (TemporaryFailure, *UNREACHABLE) as error:
                log.warning("rules_connection_lost", error=type(error).__name__)
                await asyncio.sleep(PAUSE_SECONDS)
            finally:
                connection.terminate()

    async def _listen(
        self, connection: "asyncpg.Connection[asyncpg.Record]", switched: Switched | None
    ) -> None:
        told = asyncio.Event()
        connection.add_termination_listener(lambda _: told.set())
        await connection.add_listener(CHANNEL, lambda *_: told.set())
        while True:
            told.clear()
            state = await store.state(connection)
            if state != (self._applied.version, self._applied.go_live):
                applied = await store.current(connection)
                if switched is not None:
                    await switched(applied)
                self._applied = applied
                log.info("rules_switched", version=applied.version)
            with suppress(TimeoutError):
                await asyncio.wait_for(told.wait(), POLL_SECONDS)


async def rules_in_force(pool: Pool, url: SecretStr) -> RulesInForce:
    """The last applied rules. Raises NoSite when there are none, or TemporaryFailure."""
    async with transaction(pool) as connection:
        return RulesInForce(pool, url, await store.current(connection))
