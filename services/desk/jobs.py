"""The background jobs of `desk keep`: what each is made with, and what makes one."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeAlias

from services.desk.domain.replan import Replan
from services.desk.settings import DeskSettings
from shared.content.blobs import Blobs
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool
from shared.platform.jobs import Job
from shared.site.applied_rules import AppliedRules

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
