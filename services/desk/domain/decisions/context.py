"""What a decision is judged with, and the questions that many decisions ask."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import NoReturn, TypeAlias
from uuid import UUID

from services.desk.domain.clocks import ItemClock
from services.desk.domain.days import NOON
from services.desk.domain.item import Item, ItemStatus
from services.desk.domain.stamp import Stamp
from shared.errors import Refused
from shared.facts.authors import by_person
from shared.facts.envelope import ItemId, PersonId, ServiceId
from shared.facts.origin import UNKNOWN, Origin
from shared.facts.vocabulary import ClockName, NoticeKind
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person
from shared.site.tables.services import Service


@dataclass(frozen=True, slots=True)
class DecidingProgram:
    """A program that decides: a colleague of its services, who leads, signs and proves nothing."""

    id: str
    """As facts write their author: `application:<key>`, which no person's id is."""
    services: Collection[ServiceId]


DecidingAuthor: TypeAlias = Person | DecidingProgram
"""Whoever decides about an item."""


def author_of_decision(who: DecidingAuthor) -> str:
    """Returns whoever decides as the field `by` of a fact writes them."""
    return who.id if isinstance(who, DecidingProgram) else by_person(who.id)


@dataclass(frozen=True, slots=True)
class DecisionContext:
    """The context of a decision: who decides, the moment, the site's rules, an item's clocks."""

    who: DecidingAuthor
    decision: UUID
    """The same decision taken twice gives the same event ids."""
    now: datetime
    applied: AppliedSite
    directory: Directory
    clocks: Mapping[ClockName, ItemClock]
    leads: bool = False
    """Their session gives a chef's, a directeur's or the SG's role, by stand-in or by group."""
    origin: Origin = UNKNOWN
    """By which way they decide."""

    @property
    def person(self) -> Person:
        """The person who decides. Raises Refused if a program does."""
        if isinstance(self.who, DecidingProgram):
            raise by_session("This is a person's to decide, signed in on a page.")
        return self.who

    @property
    def by(self) -> str:
        """Whoever decides, as the field `by` of a fact names them."""
        return author_of_decision(self.who)

    @property
    def today(self) -> date:
        """The local day of the decision in the site's time zone."""
        return self.now.astimezone(self.applied.site.zone).date()

    def stamp(self, item: Item) -> Stamp:
        """Returns a function that makes the common fields of the new facts of an item."""
        return self.stamp_of(item.item_id, item.seq)

    def stamp_of(self, item_id: ItemId, after: int) -> Stamp:
        """Returns a function that makes the common fields of an item's facts after fact `after`."""
        return Stamp(item_id, after, self.decision, self.by, self.now, self.origin)

    def moment_of(self, day: date) -> datetime:
        """Returns the instant to record for a local day: noon, or now if the day is today.

        Raises Refused for a day in the future.
        """
        if day > self.today:
            raise Refused(
                f"{day} is still to come: give the day on which it happened.",
                "day-to-come",
                day=day,
            )
        if day == self.today:
            return self.now
        return datetime.combine(day, NOON, self.applied.site.zone)

    def service(self, service: str) -> Service:
        """Finds a service of the site by its id. Raises Refused if there is none."""
        found = self.applied.site.service.get(ServiceId(service))
        if found is None:
            known = ", ".join(sorted(self.applied.site.service))
            raise Refused(
                f"There is no service {service!r} in this site; there are {known}.",
                "no-such-service",
            )
        return found

    def member(self, person: str, service: Service) -> PersonId:
        """Finds a person by id; raises Refused unless they work in the service or lead it."""
        found = self.anybody(person)
        if service.id not in found.services and found.id not in {service.head, service.director}:
            there = ", ".join(agent.id for agent in self.directory.of(service.id)) or "nobody"
            raise Refused(
                f"{person} does not work in {service.id}: assign it to one of {there}, or to the"
                " service alone.",
                "not-a-member",
                person=found.id,
                service=service.id,
            )
        return PersonId(found.id)

    def of_service(self, service: Service) -> None:
        """Raises Refused unless whoever decides works in a service or leads it."""
        if isinstance(self.who, DecidingProgram):
            if service.id not in self.who.services:
                raise Refused("This key is not of that service.", "may-not-decide")
        else:
            self.member(self.who.id, service)

    def anybody(self, person: str) -> Person:
        """Finds a person of the préfecture by id. Raises Refused if there is none."""
        found = self.directory.person(person)
        if found is None:
            raise Refused(f"{person!r} is nobody of this site: check the id.", "nobody")
        return found

    def pieces(self, codes: Sequence[str]) -> tuple[str, ...]:
        """Returns the codes of missing pieces; raises Refused if the site has no label for one."""
        for code in codes:
            self._labelled("piece", code, self.applied.site.labels.pieces)
        return tuple(codes)

    def office(self, code: str) -> str:
        """Returns the code of another administration; raises Refused if it is unknown."""
        self._labelled("office", code, self.applied.site.labels.offices)
        return code

    @staticmethod
    def _labelled(what: str, code: str, among: Collection[str]) -> None:
        if code not in among:
            known = ", ".join(sorted(among)) or "none"
            raise Refused(
                f"There is no {what} {code!r} in labels.yaml; there are: {known}.", "no-such-code"
            )

    def signs(self, service: str, kind: NoticeKind) -> None:
        """Raises Refused if the person lacks a delegation of signature that this text requires.

        What leaves in our name has somebody's (CRPA L111-2), so no program orders it.
        """
        if isinstance(self.who, DecidingProgram):
            raise by_session(f"A {kind} leaves in the name of whoever writes it, on its page.")
        row = self.applied.site.service_now(ServiceId(service))
        code = service if row is None else row.id
        if kind not in self.applied.site.identity.delegation_required:
            return
        if self.directory.delegation(self.person.id, code, kind, self.today) is not None:
            return
        able = self.directory.signatories(code, kind, self.today)
        if not able:
            raise Refused(
                f"{self.person.id} has no delegation of signature for a {kind} of {code}, and"
                " nobody has one today: the page /delegations is where it is entered.",
                "nobody-signs",
            )
        raise Refused(
            f"{self.person.id} has no delegation of signature for a {kind} of {code}: put it into"
            f" signature, with {able[0].id} for one.",
            "no-delegation",
            person=able[0].id,
        )

    def worked_day(self, day: date, what: str) -> date:
        """Returns a day if it is a jour ouvré after today; else raises Refused.

        `what` names the date in the refusal, which says the next jour ouvré.
        """
        if day <= self.today:
            raise Refused(
                f"{day} is not to come: {what} is a day after {self.today}.",
                "day-not-to-come",
                day=day,
            )
        why = self.applied.days.why_off(day)
        if why is not None:
            following = self.applied.days.first_worked_not_before(day)
            raise Refused(
                f"{day} is not worked ({why}): take {following}.",
                "day-not-worked",
                day=day,
                off=why,
                following=following,
            )
        return day


def by_session(sentence: str) -> Refused:
    """Makes the Refused, for the caller to raise: only who is signed in decides it, on a page."""
    return Refused(sentence, "by-session")


def not_ended(item: Item) -> None:
    """Raises Refused if an item no longer waits for an answer (answered, closed, merged …)."""
    match item.state:
        case ItemStatus.MERGED:
            raise Refused(
                f"{item.chrono} was merged into another item: decide there.",
                "merged",
                chrono=item.chrono,
            )
        case ItemStatus.CLOSED:
            raise Refused(
                f"{item.chrono} is closed ({item.closed}): reopen it first.",
                "closed",
                chrono=item.chrono,
            )
        case ItemStatus.ANSWERED:
            refuse_answered(item)
        case ItemStatus.RETURNED:
            raise Refused(
                f"A letter of {item.chrono} came back: say first what was done of it.",
                "returned-open",
                chrono=item.chrono,
            )
        case ItemStatus.TRANSFERRED:
            raise Refused(
                f"{item.chrono} was transmitted and the person told: it has ended here.",
                "transferred",
                chrono=item.chrono,
            )
        case _:
            still_there(item)


def in_hand(item: Item) -> None:
    """Raises Refused if an item is ended, unless one of our letters came back from the post."""
    if item.state is not ItemStatus.RETURNED:
        not_ended(item)


def refuse_answered(item: Item) -> NoReturn:
    """Raises Refused, saying that the item has been answered already."""
    raise Refused(
        f"{item.chrono} is answered: undo the reply first if it was none.",
        "answered",
        chrono=item.chrono,
    )


def still_there(item: Item) -> None:
    """Raises Refused if an item was merged into another or destroyed."""
    if item.destroyed:
        raise Refused(
            f"{item.chrono} was destroyed: only its past remains.", "destroyed", chrono=item.chrono
        )
    if item.merged_into is not None:
        raise Refused(
            f"{item.chrono} was merged into another item: decide there.",
            "merged",
            chrono=item.chrono,
        )
