"""Who works where at one moment, who is away, and who is told instead.

Looked up when a digest is made, never kept (docs/design.md §9). Days are local.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from shared.errors import Refused
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import NoticeKind
from shared.platform.postgres.rows import UnreadableRow
from shared.site.tables.bundle import Site
from shared.site.tables.delegations import Delegation
from shared.site.tables.identity import OpeningHours
from shared.site.tables.people import Absence, Person


@dataclass(frozen=True)
class Reader:
    """A person to whom a message goes, and the absent colleague for whom they are deputy."""

    person: Person
    instead_of: Person | None = None


@dataclass(frozen=True)
class Directory:
    """The people of the préfecture at one moment: absences, opening hours, delegations."""

    people: Mapping[PersonId, Person]
    absences: Sequence[Absence]
    hours: Mapping[ServiceId, OpeningHours]
    """Only those that replace what the applied rules say."""
    delegations: Sequence[Delegation] = ()
    """Of signature: those that stand, and those to come."""
    unreadable: Sequence[UnreadableRow] = ()
    """Rows of any of these that are missing here."""

    def person(self, person: str) -> Person | None:
        """Returns the person with this id; `None` when unknown or gone."""
        return self.people.get(PersonId(person))

    def somebody(self, who: str) -> Person:
        """Returns the person of the préfecture with this id.

        Raises Refused when unknown or gone.
        """
        found = self.person(who)
        if found is None:
            raise Refused(
                f"{who!r} is nobody of this site: use the id of a person, such as"
                f" {', '.join(sorted(self.people)[:3]) or 'm.durand'}."
            )
        return found

    def of(self, service: str) -> Sequence[Person]:
        """Lists the people who work in a service, sorted by name."""
        there = (person for person in self.people.values() if service in person.services)
        return sorted(there, key=lambda person: (person.name, person.first_name))

    def opening(self, site: Site, service: str) -> OpeningHours:
        """Returns a service's local opening hours: as changed, its own, or the préfecture's."""
        row = site.service_now(service)
        own = row.opening if row is not None else None
        return self.hours.get(ServiceId(service)) or own or site.identity.opening

    def is_away(self, person: str, day: date) -> bool:
        """Whether the person is absent on this local day."""
        return any(
            absence.person == person and absence.first <= day <= absence.last
            for absence in self.absences
        )

    def delegation(
        self, person: str, service: str, kind: NoticeKind, day: date
    ) -> Delegation | None:
        """Returns a person's delegation to sign this kind of text for a service, or `None`.

        `day`: the local day of the signature.
        """
        if self.person(person) is None:
            return None
        mine = (delegation for delegation in self.delegations if delegation.person == person)
        return next(
            (delegation for delegation in mine if delegation.covers(service, kind, day)), None
        )

    def signatories(self, service: str, kind: NoticeKind, day: date) -> Sequence[Person]:
        """Lists who may sign this kind of text for a service on a local day; absent people last."""
        able = (
            person
            for person in self.people.values()
            if self.delegation(person.id, service, kind, day) is not None
        )
        return sorted(able, key=lambda one: (self.is_away(one.id, day), one.name, one.first_name))

    def reader(self, person: str, day: date) -> Reader | None:
        """Returns who reads a person's messages on a local day: a deputy while they are absent.

        When every deputy is away too, the person themselves: a digest that waits in their mailbox
        is better than one that nobody has. `None` when the person is unknown or gone.
        """
        wanted = self.person(person)
        if wanted is None:
            return None
        seen, present = {wanted.id}, wanted
        while self.is_away(present.id, day):
            deputy = self.person(present.deputy) if present.deputy else None
            if deputy is None or deputy.id in seen:
                return Reader(wanted)
            seen.add(deputy.id)
            present = deputy
        return Reader(present, wanted if present.id != wanted.id else None)

    def first_reader(self, persons: Iterable[str | None], day: date) -> Reader | None:
        """Returns the reader (self or deputy) of the first of these persons who has not left.

        `None`: all have.
        """
        readers = (self.reader(person, day) for person in persons if person is not None)
        return next((reader for reader in readers if reader is not None), None)
