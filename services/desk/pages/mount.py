"""What a feature serves beside pages: an application of its own below one address."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from starlette.routing import BaseRoute

from services.desk.settings import DeskSettings
from shared.content.blobs import Blobs
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.site.applied_rules import AppliedRules


@dataclass(frozen=True)
class MountContext:
    """The parts of which a feature builds an application: database, clock, rules, originals."""

    pool: Pool
    clock: Clock
    rules: AppliedRules
    blobs: Blobs
    settings: DeskSettings


Mounting: TypeAlias = Callable[[MountContext], BaseRoute]
"""Builds the application of a feature, with its address."""
