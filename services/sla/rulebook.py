"""The versions of the rules that are applied, as a transaction must see them."""

from dataclasses import dataclass
from typing import Protocol

from services.sla.domain.rules import Rulebook, Rules
from shared.database import Connection
from shared.errors import TemporaryFailure
from shared.site import store

EDITION = """
    SELECT (SELECT coalesce(max(version), 0) FROM site.versions)
         + (SELECT count(*) FROM site.go_live) AS edition
"""
"""It grows with each version and each word on go-live; older items are then planned again."""


@dataclass(frozen=True)
class Edition:
    """All versions, and the number of this edition."""

    number: int
    rulebook: Rulebook


class Editions(Protocol):
    """Answers with the rules of a transaction."""

    async def __call__(self, connection: Connection) -> Edition:
        """The current edition. Raises TemporaryFailure when no rules were applied yet."""
        ...


class KeptEditions:
    """Reads each version once; a transaction asks only whether there is another edition."""

    def __init__(self) -> None:
        self._kept: Edition | None = None

    async def __call__(self, connection: Connection) -> Edition:
        """The current edition. Raises TemporaryFailure when no rules were applied yet."""
        number = await connection.fetchval(EDITION)
        if self._kept is None or self._kept.number != number:
            self._kept = Edition(number, await read_rulebook(connection))
        return self._kept


async def read_rulebook(connection: Connection) -> Rulebook:
    """Every applied version, oldest first. Raises TemporaryFailure when there is none yet."""
    versions = await store.versions(connection)
    if not versions:
        raise TemporaryFailure("No rules were applied yet: run `vaguemestre site apply`.")
    found = [await store.version(connection, one.version) for one in versions]
    return Rulebook(tuple(Rules(one) for one in found))
