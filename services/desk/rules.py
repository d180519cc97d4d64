"""The applied rules, as each transaction must see them."""

from collections.abc import Awaitable, Callable
from typing import TypeAlias

from shared.database import Connection
from shared.errors import TemporaryFailure
from shared.site import store
from shared.site.bundle import AppliedSite

Rules: TypeAlias = Callable[[Connection], Awaitable[AppliedSite]]
"""Answers with the rules that apply in a transaction."""


class KeptRules:
    """Reads a version once; each transaction asks only whether another was applied since."""

    def __init__(self) -> None:
        self._kept: AppliedSite | None = None

    @property
    def last(self) -> AppliedSite | None:
        """What applied when it was last asked: all that is known while PostgreSQL is away."""
        return self._kept

    async def __call__(self, connection: Connection) -> AppliedSite:
        """The rules of this moment.

        Raises:
            TemporaryFailure: none were applied yet; whoever asks tries again later.
        """
        version, go_live = await store.state(connection)
        if version is None:
            raise TemporaryFailure("No rules were applied yet: run `vaguemestre site apply`.")
        if self._kept is None or (self._kept.version, self._kept.go_live) != (version, go_live):
            self._kept = await store.current(connection)
        return self._kept
