"""What applying or going live would do to open items and held notices: asked before it is done.

The answers belong to services that this package does not know; whoever builds the command line
gives them (services/__main__.py). Without them the command says that it does not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.facts.envelope import Chrono
from shared.facts.origin import Origin
from shared.facts.vocabulary import ClockName, NoticeKind
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.people import Person


@dataclass(frozen=True)
class Moved:
    """A running clock whose limit would change; `None`: it has none before, or none after."""

    chrono: Chrono | None
    clock: ClockName
    before: date | None
    after: date | None


class Moves(Protocol):
    """Finds the running clocks that change when `after` replaces `before`. Changes nothing."""

    async def __call__(
        self, connection: Connection, before: AppliedSite, after: AppliedSite
    ) -> Sequence[Moved]:
        """Every clock that moves, in the order of its chrono."""
        ...


class WouldLeave(Protocol):
    """Counts the held notices that would leave after go-live at `moment`, by kind."""

    async def __call__(self, connection: Connection, moment: datetime) -> Mapping[NoticeKind, int]:
        """Counts by kind; kinds of which there is none may be left out."""
        ...


class Brings(Protocol):
    """Tells that people were added, so that it is proven and they are mailed (ADR 0035)."""

    async def __call__(
        self,
        connection: Connection,
        site: Site,
        people: Sequence[Person],
        origin: Origin,
        now: datetime,
    ) -> None:
        """One fact of each of them."""
        ...


@dataclass(frozen=True)
class Effects:
    """The functions that say what applying or going live does, given to `site` commands."""

    moves: Moves | None = None
    would_leave: WouldLeave | None = None
    brings: Brings | None = None
