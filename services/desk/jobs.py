"""The background jobs of `desk keep`: what each is made with, what makes one, how one claims."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from services.desk.domain.replan import Replan
from services.desk.settings import DeskSettings
from shared.content.blobs import Blobs
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job
from shared.site.applied_rules import AppliedRules

T = TypeVar("T")

Replanning: TypeAlias = Callable[[Connection], Awaitable[Replan]]
"""Plans by the versions that are applied in a transaction."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """The parts of the process `desk keep` with which a background job is made (pool, rules)."""

    pool: Pool
    rules: AppliedRules
    blobs: Blobs
    clock: Clock
    settings: DeskSettings
    replanning: Replanning
    """By what clocks are planned again for the nightly verification."""
    stopping: asyncio.Event
    """Set when the process is asked to end."""


JobMaker: TypeAlias = Callable[[JobContext], Job]
"""Makes the background job of a feature; the name under which it is registered is its own."""


async def claim_each(
    pool: Pool,
    claim: Callable[[Connection], Awaitable[T | None]],
    stopping: asyncio.Event,
    most: int,
) -> AsyncIterator[T]:
    """Yields what `claim` claims, each in a transaction of its own that has ended by then.

    Ends when nothing is due, after `most` of them, or once the process is asked to end.

    Raises:
        TemporaryFailure: the database is away.
    """
    for _ in range(most):
        if stopping.is_set():
            return
        async with transaction(pool) as connection:
            found = await claim(connection)
        if found is None:
            return
        yield found
