"""What people do to the library of standard letters, each in the caller's transaction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.desk.domain.decisions.second import signed_in
from services.desk.letters import store as letters
from services.desk.letters.domain import library
from services.desk.letters.domain.approval import Readers, known_as, readers
from services.desk.letters.domain.library import (
    OPEN,
    LetterContent,
    LetterId,
    LetterState,
    LetterVersion,
)
from services.desk.letters.domain.sheets import SheetKind
from shared.errors import Refused
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.origin import UNKNOWN, Origin
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.people import Person

LetterTransition = Callable[[LetterVersion, PersonId, datetime, Readers], LetterVersion]


@dataclass(frozen=True, slots=True)
class LetterLibrary:
    """The service object by which a person writes, submits or approves standard letters."""

    connection: Connection
    person: Person
    now: datetime
    applied: AppliedSite
    directory: Directory
    origin: Origin = UNKNOWN
    """By which way they do it; approving and withdrawing are by session (ADR 0036)."""

    @property
    def who(self) -> PersonId:
        """The id of the person who writes or approves standard letters."""
        return PersonId(self.person.id)

    @property
    def today(self) -> date:
        """The local day in the site's time zone."""
        return self.now.astimezone(self.applied.site.zone).date()

    def readers(self, service: ServiceId | None) -> Readers:
        """Returns who may write and approve the standard letters of a service today."""
        return readers(service, self.applied.site, self.directory, self.today)

    async def write(
        self, letter: LetterId, service: ServiceId | None, content: LetterContent
    ) -> LetterVersion | None:
        """Saves a draft of a standard letter; `None` if the text is unchanged. Raises Refused."""
        known = await letters.versions(self.connection, letter, lock=True)
        if not known:
            if service is not None and service not in self.applied.site.service:
                raise Refused(f"There is no service {service!r} in this site.", "no-such-service")
            draft = library.first(
                letter, service, content, self.who, self.now, self.readers(service)
            )
        elif known[0].content == content and known[0].state is not LetterState.WITHDRAWN:
            return None
        else:
            rights = self.readers(known[0].service)
            draft = library.write(known[0], content, self.who, self.now, rights)
        await letters.save(self.connection, draft)
        return draft

    async def submit(self, letter: str) -> LetterVersion:
        """Submits the draft of a standard letter for approval. Raises Refused."""
        return await self._step(letter, OPEN, library.submit)

    async def approve(self, letter: str) -> LetterVersion:
        """Approves the submitted version, which replaces the one in use. Raises Refused."""
        signed_in(self.origin)
        known = await letters.versions(self.connection, letter, lock=True)
        waiting = _one(letter, known, OPEN)
        approved = library.approve(waiting, self.who, self.now, self.readers(waiting.service))
        before = next((version for version in known if version.state is LetterState.APPROVED), None)
        if before is not None:
            rights = self.readers(before.service)
            await letters.save(
                self.connection, library.withdraw(before, self.who, self.now, rights)
            )
        await letters.save(self.connection, approved)
        return approved

    async def withdraw(self, letter: str) -> LetterVersion:
        """Withdraws a standard letter's version in use, else its open draft. Raises Refused."""
        known = await letters.versions(self.connection, letter, lock=True)
        in_use = any(version.state is LetterState.APPROVED for version in known)
        if in_use:
            signed_in(self.origin)
        states = frozenset({LetterState.APPROVED}) if in_use else OPEN
        return await self._step(letter, states, library.withdraw)

    async def _step(
        self, letter: str, states: frozenset[LetterState], step: LetterTransition
    ) -> LetterVersion:
        known = await letters.versions(self.connection, letter, lock=True)
        one = _one(letter, known, states)
        after = step(one, self.who, self.now, self.readers(one.service))
        await letters.save(self.connection, after)
        return after


async def in_use(
    connection: Connection, letter: str, service: ServiceId, site: Site
) -> LetterVersion:
    """Returns the approved version of a standard letter, for items of this service.

    Raises Refused if none is approved, if it belongs to another service, or if it is a text that
    hangs at a place of reception and answers no item.
    """
    known = await letters.versions(connection, letter)
    found = _one(letter, known, frozenset({LetterState.APPROVED}))
    if isinstance(found.content.kind, SheetKind):
        raise Refused(f"{letter} hangs at a place: it answers no item.", "letter-is-sheet")
    if found.service is not None and found.service not in known_as(service, site):
        raise Refused(
            f"{letter} is a letter of {found.service}, and the item is with {service}.",
            "letter-elsewhere",
            service=found.service,
        )
    return found


def _one(
    letter: str, known: Sequence[LetterVersion], states: frozenset[LetterState]
) -> LetterVersion:
    """The version in one of these states. Raises Refused."""
    if not known:
        raise Refused(f"There is no letter {letter!r}.", "no-such-letter")
    found = next((version for version in known if version.state in states), None)
    if found is None:
        wanted = " or ".join(sorted(states))
        raise Refused(
            f"No version of {letter} is {wanted}; the last one is {known[0].state}.",
            "letter-state",
            name=known[0].name,
            letter_state=known[0].state.value,
        )
    return found
