"""What changes of the préfecture's people: the row that says it, and the fact that it was said.

The row has the content, in schema `site`; the fact says who changed what of whom, stands under the
evidence, and has notify write to that person. What would give rights needs two persons: the first
asks (ADR 0035).
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from services.desk import books
from services.desk.accounts.store import people as directory
from services.desk.accounts.store import person_asks, sessions
from services.desk.accounts.store.person_asks import Ask
from services.desk.domain.stamp import Stamp
from services.desk.store import diary_addresses, fact_history, facts
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.authors import by_account, by_person, by_source
from shared.facts.envelope import PersonId
from shared.facts.items.directory import PersonChange, PersonChanged, Stage
from shared.facts.origin import Origin
from shared.platform.database import Connection
from shared.site.staff import delegations_store, people_store
from shared.site.tables.bundle import Site
from shared.site.tables.delegations import Delegation, Given
from shared.site.tables.people import Absence, Person

ACCOUNT: Final = by_account("local")
"""The author where the local account, which is nobody of the préfecture, changes something."""
OWNER: Final = by_account("owner")
"""The author of what `site apply` brings; the row has the name that was given."""
PROVIDER: Final = by_source("provider")
"""The author of what the identity provider says of somebody whom nobody wrote down."""
_CHAINS: Final = 0x70656F70  # "peop": one change of somebody at a time
_DEPARTURES: Final = 0x6C656674  # "left": one departure that a directory tells at a time


@dataclass(frozen=True, slots=True)
class Departure:
    """The result of a person's departure: if a calendar feed ended, and which API keys."""

    diary: bool
    keys: Sequence[str]
    """The shown halves of the keys."""


@dataclass(frozen=True, slots=True)
class Personnel:
    """The service object that changes colleagues' records, in the caller's transaction.

    Each change is stored with a fact in the quality chain.
    """

    connection: Connection
    site: Site
    by: str
    """The author of facts and rows, as facts name it."""
    now: datetime
    origin: Origin

    async def write(self, person: Person, change: PersonChange) -> None:
        """Stores a colleague's changed record, and the change as a fact."""
        await people_store.set_person(self.connection, person, self.by, self.now)
        await self._state(PersonId(person.id), change)

    async def follow(self, before: Person | None, person: Person) -> None:
        """Stores a colleague's record as the identity provider has it, with a fact for changes."""
        await people_store.set_person(self.connection, person, self.by, self.now)
        for change in _differences(before, person):
            await self._state(PersonId(person.id), change)

    async def record_arrivals(self, people: Collection[Person]) -> None:
        """Records that these people were added to the directory, a fact each, and delegations."""
        persons = {person.id for person in people}
        await books.tell_delegations(self.connection, self._author, persons)
        for person in people:
            await self._state(PersonId(person.id), PersonChange.ARRIVED)

    async def lock_directory(self) -> None:
        """Takes the lock under which one departure of a colleague at a time is recorded.

        Waits while another transaction has it; held until the caller's transaction ends.
        """
        await self.connection.execute("SELECT pg_advisory_xact_lock($1)", _DEPARTURES)

    async def leave(self, person: Person) -> Departure:
        """Records that a person left the préfecture, and ends their sessions at once.

        The address of their calendar feed ends as well, and stays so should they come back; so do
        the keys of programs that they gave, whose tokens they saw. Returns what of these there was,
        for the access journal.
        """
        id_ = PersonId(person.id)
        await people_store.set_person(self.connection, person, self.by, self.now, gone=True)
        await sessions.end_all(self.connection, id_)
        await self._state(id_, PersonChange.LEFT)
        keys = await directory.revoke_keys_given_by(
            self.connection, by_person(id_), self.by, self.now
        )
        return Departure(await diary_addresses.end_address(self.connection, id_), tuple(keys))

    async def be_away(self, absence: Absence) -> None:
        """Stores an absence of a colleague, also as a fact."""
        await people_store.add_absence(self.connection, absence, self.by, self.now)
        await self._state(PersonId(absence.person), PersonChange.ABSENCE)

    async def be_back(self, person: PersonId, number: int) -> None:
        """Cancels an absence of a person. Raises Refused when there is no such absence."""
        await people_store.cancel_absence(self.connection, number, self.by, self.now)
        await self._state(person, PersonChange.ABSENCE_CANCELLED)

    async def may_sign(self, delegation: Delegation) -> None:
        """Stores a delegation of signature given by an arrêté, also as a fact."""
        await books.open_all(self.connection, self.site.identity.id, self.now)
        number = await delegations_store.give(self.connection, delegation, self.by, self.now)
        given = Given(**dict(delegation), number=number, author=self.by)
        await self._sign_otherwise(given, books.delegation_given(given))

    async def sign_no_more(self, number: int) -> None:
        """Ends a delegation of signature today. Raises Refused when there is none to end."""
        await books.open_all(self.connection, self.site.identity.id, self.now)
        ended = await delegations_store.end(self.connection, number, self.by, self.now)
        await self._sign_otherwise(ended, books.delegation_ended(ended))

    async def _sign_otherwise(self, one: Given, entry: books.BookEntry) -> None:
        await books.tell(self.connection, self._author, entry)
        await self._state(PersonId(one.person), PersonChange.DELEGATION)

    @property
    def _author(self) -> Author:
        return Author(self.site.identity.id, self.by, self.now, self.origin)

    async def ask(self, person: PersonId, change: PersonChange, value: str | None) -> None:
        """Requests a change of a colleague's record that a second person must confirm.

        Raises Refused when the same change waits already.
        """
        asked = Ask(uuid4(), person, change, value, self.by, self.now)
        await person_asks.put(self.connection, asked)
        await self._state(person, change, Stage.ASKED)

    async def confirm(self, ask: Ask, person: Person) -> None:
        """Carries out a requested change of a colleague's record, as the second person.

        Raises Refused for whoever asked, or if the request was settled.
        """
        if ask.asked_by == self.by:
            raise Refused("Two persons are needed: whoever asked can't confirm.", "two-persons")
        await self._settle(ask, agreed=True)
        field = "deputy" if ask.change is PersonChange.DEPUTY else "email"
        await self.write(person.model_copy(update={field: ask.value}), ask.change)

    async def refuse(self, ask: Ask) -> None:
        """Refuses or cancels a requested change of a colleague's record.

        Raises Refused if the request was agreed to or refused already.
        """
        await self._settle(ask, agreed=False)
        await self._state(ask.person, ask.change, Stage.REFUSED)

    async def _settle(self, ask: Ask, *, agreed: bool) -> None:
        if not await person_asks.settle(self.connection, ask.ask, self.by, self.now, agreed=agreed):
            raise Refused("This was settled already.", "ask-settled")

    async def _state(
        self, person: PersonId, change: PersonChange, stage: Stage = Stage.DONE
    ) -> None:
        chain = ids.person_id(self.site.identity.id, person)
        await self.connection.execute(
            "SELECT pg_advisory_xact_lock($1, hashtext($2))", _CHAINS, str(chain)
        )
        last = (await fact_history.last_seq(self.connection, [chain])).get(chain, 0)
        stamp = Stamp(chain, last, _cause(chain, last), self.by, self.now, self.origin)
        await facts.keep(
            self.connection, [PersonChanged(**stamp(1), person=person, change=change, stage=stage)]
        )


def _differences(before: Person | None, now: Person) -> Iterator[PersonChange]:
    if before is None:
        yield PersonChange.ARRIVED
        return
    if before.email != now.email:
        yield PersonChange.MAILBOX
    if before.services != now.services:
        yield PersonChange.SERVICES
    if before.deputy != now.deputy:
        yield PersonChange.DEPUTY
    record = ("first_name", "name", "capacity", "phone")
    if any(getattr(before, field) != getattr(now, field) for field in record):
        yield PersonChange.RECORD


def author_of(person: Person | None) -> str:
    """Returns the author of a change of records, as facts name it: a person or local account."""
    return ACCOUNT if person is None else by_person(person.id)


async def bring(
    connection: Connection, site: Site, people: Collection[Person], origin: Origin, now: datetime
) -> None:
    """Records as facts that these people were added to the directory by newly applied rules."""
    await Personnel(connection, site, OWNER, now, origin).record_arrivals(people)


def _cause(chain: UUID, last: int) -> UUID:
    return ids.event_id(chain, "changed", last + 1)
