"""What applying or going live would do to open items and held notices: asked before it is done.

The answers belong to services that this package does not know; whoever builds the command line
gives them (services/__main__.py). Without them the command says that it does not know.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from shared.facts.envelope import Chrono, PersonId
from shared.facts.origin import Origin
from shared.facts.vocabulary import ClockName, NoticeKind
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.people import Person


@dataclass(frozen=True)
class Moved:
    """A running clock whose limit would change; `None`: no limit before, or none after."""

    chrono: Chrono | None
    clock: ClockName
    before: date | None
    after: date | None


class Moves(Protocol):
    """Interface of a function: finds the running clocks whose limits new rules would change."""

    async def __call__(
        self, connection: Connection, before: AppliedSite, after: AppliedSite
    ) -> Sequence[Moved]:
        """Returns every clock whose limit would move, in the order of its item's chrono."""
        ...


class WouldLeave(Protocol):
    """Interface of a function: counts, by kind, the held notices to be sent after go-live."""

    async def __call__(self, connection: Connection, moment: datetime) -> Mapping[NoticeKind, int]:
        """Returns the number of notices by kind; kinds without any may be left out."""
        ...


class Brings(Protocol):
    """Interface of a function: records a fact about each person added, so that they are told.

    See ADR 0035.
    """

    async def __call__(
        self,
        connection: Connection,
        site: Site,
        people: Sequence[Person],
        origin: Origin,
        now: datetime,
    ) -> None:
        """Records one fact about each person that was added."""
        ...


@dataclass(frozen=True, slots=True)
class RehearsedRules:
    """The digests of the two versions of the rules that a stored rehearsal compared."""

    number: int
    before: str
    after: str


class Rehearsals(Protocol):
    """Interface of a function: finds a kept rehearsal by its number; `None`: there is none."""

    async def __call__(self, connection: Connection, number: int) -> RehearsedRules | None:
        """Returns the rehearsal; `None` when there is none of that number."""
        ...


class Confirmations(Protocol):
    """Interface of a function: finds who confirmed, as second person, the numbers that change.

    `None`: nobody has yet.
    """

    async def __call__(
        self, connection: Connection, before: str, after: str, numbers: Sequence[str]
    ) -> PersonId | None:
        """Returns who confirmed these very numbers between rules of these digests, or `None`."""
        ...


@dataclass(frozen=True)
class Effects:
    """The functions, given to the `site` commands, that tell what new rules or going live do."""

    moves: Moves | None = None
    would_leave: WouldLeave | None = None
    brings: Brings | None = None
    rehearsals: Rehearsals | None = None
    confirmations: Confirmations | None = None
