"""The cache of the applied rules: one class, and by how one asks it, how fresh the answer is.

A version is large and never changes, so it is read once by a process; what is asked each time is
whether another one, or another word on go-live, was committed since.

- `in_transaction`, `if_any`, `all_versions`: as fresh as the transaction in which they are asked;
  for whoever decides, plans or erases.
- `applied`: as fresh as the last question, or as `follow` keeps it (a moment, 30 seconds where a
  word was lost); for loops that hold no transaction.
- `last`: the same, and `None` before the first question; for whoever answers while PostgreSQL is
  away.

Ask once at the beginning of a transaction and keep the answer: of two questions in one transaction
the second may see an apply that was committed between them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from pydantic import SecretStr

from shared.errors import TemporaryFailure
from shared.platform.database import Connection, Pool, transaction
from shared.platform.notifications import ListeningSession, follow_channel
from shared.platform.observability.logs import Log
from shared.site import store
from shared.site.tables.bundle import AppliedSite

CHANNEL = "site"
POLL_SECONDS = 30.0
NONE_YET = "No rules were applied yet: run `vaguemestre site apply`."
EDITION = """
    (SELECT coalesce(max(version), 0) FROM site.versions) + (SELECT count(*) FROM site.go_live)
"""
"""The number of all applied versions of the rules, as a part of a statement."""

log = Log("site")


class Rules(Protocol):
    """The interface by which a transaction reads the applied rules of the site."""

    async def in_transaction(self, connection: Connection) -> AppliedSite:
        """Returns the applied rules of the site.

        Raises TemporaryFailure when none were applied yet.
        """

    async def if_any(self, connection: Connection) -> AppliedSite | None:
        """Returns the applied rules of the site; `None` when none were applied yet."""


@dataclass(frozen=True)
class AllVersions:
    """All versions of the site's rules ever applied, oldest first, with the present go-live."""

    edition: int
    """It grows with each version and each word on go-live."""
    sites: tuple[AppliedSite, ...]


class AppliedRules:
    """A process's cache of the site's applied rules; its module says how fresh it is."""

    def __init__(self, applied: AppliedSite | None = None) -> None:
        self._kept = applied
        self._all: AllVersions | None = None

    @property
    def last(self) -> AppliedSite | None:
        """The rules last read from PostgreSQL, for when it is away.

        `None` before the first read.
        """
        return self._kept

    @property
    def applied(self) -> AppliedSite:
        """The site's rules that run now, to be taken once for each batch. Raises NoSite."""
        if self._kept is None:
            raise store.NoSite(NONE_YET)
        return self._kept

    async def in_transaction(self, connection: Connection) -> AppliedSite:
        """Returns the applied rules as the transaction sees them.

        Raises TemporaryFailure: none yet.
        """
        found = await self.if_any(connection)
        if found is None:
            raise TemporaryFailure(NONE_YET)
        return found

    async def if_any(self, connection: Connection) -> AppliedSite | None:
        """Returns the applied rules as the transaction sees them.

        `None` when none were applied yet.
        """
        version, go_live = await store.state(connection)
        if version is None:
            return None
        if self._kept is None or (self._kept.version, self._kept.go_live) != (version, go_live):
            self._kept = await store.current(connection)
        return self._kept

    async def all_versions(self, connection: Connection) -> AllVersions:
        """Returns all applied versions of the rules. Raises TemporaryFailure when there is none."""
        edition = await connection.fetchval(f"SELECT {EDITION} AS edition")
        if self._all is None or self._all.edition != edition:
            known = await store.versions(connection)
            if not known:
                raise TemporaryFailure(NONE_YET)
            sites = [await store.version(connection, line.version) for line in known]
            self._all = AllVersions(edition, tuple(sites))
        return self._all

    def health_detail(self) -> dict[str, str | int | None]:
        """Returns the site's id and the applied rules' version, digest and go-live, for /health.

        `digest`: its first 12 signs. Raises NoSite.
        """
        live = self.applied.go_live
        return {
            "site": self.applied.site.identity.id,
            "version": self.applied.version,
            "digest": self.applied.digest[:12],
            "go_live": None if live is None else live.isoformat(),
        }

    async def follow(self, url: SecretStr) -> None:
        """Keeps the cache fresh as a background job: by NOTIFY, and by asking every 30 seconds.

        No callback is called when the rules change, since another reader of the cache may have seen
        the change before; work that follows from new rules is found in its own tables.
        """
        await follow_channel(url, "site", CHANNEL, POLL_SECONDS, self._refresh)

    async def _refresh(self, session: ListeningSession, _payloads: Sequence[str] | None) -> None:
        state = await store.state(session)
        if state != (self.applied.version, self.applied.go_live):
            self._kept = await store.current(session)
            log.info("rules_switched", version=self._kept.version)


async def applied_rules(pool: Pool) -> AppliedRules:
    """Makes a process's cache of the applied rules. Raises NoSite or TemporaryFailure."""
    async with transaction(pool) as connection:
        return AppliedRules(await store.current(connection))
