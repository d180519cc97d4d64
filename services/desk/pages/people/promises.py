"""« Qui reçoit quoi pour mon service, aujourd’hui » : the rungs of its promises, with names.

It says what the digests do: who holds an item is told first, then its chef, then its directeur; a
deputy instead of whoever is away. Pure, from the applied rules and the people of the day.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from services.desk.french import labels_fr
from shared.calendar.local_days import plain_hour
from shared.facts.vocabulary import Audience
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.commitments import Commitment, Step
from shared.site.tables.services import Service


@dataclass(frozen=True, slots=True)
class PromiseStep:
    """A step of the reminders of a service's deadlines, in French: when it falls, who is told."""

    when: str
    who: str


@dataclass(frozen=True, slots=True)
class ServicePromise:
    """Commitments of a service with the same reminders, and who is told at each step."""

    names: Sequence[str]
    told: Sequence[PromiseStep]


def hearer(directory: Directory, person: str, today: date) -> str:
    """Formats the person told of a reminder, and the deputy when absent: « Thomas Renard (…) »."""
    reader = directory.reader(person, today)
    if reader is None:
        return "personne"
    if reader.instead_of is not None:
        there, away = reader.person, reader.instead_of
        return (
            f"{there.first_name} {there.name} (à la place de {away.first_name} {away.name},"
            " en absence)"
        )
    name = f"{reader.person.first_name} {reader.person.name}"
    alone = directory.is_away(person, today)
    return f"{name} (en absence, sans suppléant présent)" if alone else name


def digest(applied: AppliedSite, directory: Directory, service: Service, today: date) -> str:
    """Formats at what hour a service's digest of reminders leaves today, or why none does."""
    why = applied.days.why_off(today)
    if why is not None:
        return f"Aucun récapitulatif aujourd’hui : {why}."
    opens = directory.opening(applied.site, service.id).opens
    return f"Chacun reçoit un seul récapitulatif, à l’ouverture du service ({plain_hour(opens)})."


def promises(
    applied: AppliedSite, directory: Directory, service: Service, today: date
) -> Sequence[ServicePromise]:
    """Returns the commitments of a service, with the people whom each reminder tells today."""
    ladders = {ladder.id: ladder for ladder in applied.site.commitments.ladders}
    who = {audience: _who(audience, applied, directory, service, today) for audience in Audience}
    names: dict[str, list[str]] = {}
    for commitment in applied.site.commitments.commitments:
        if (not commitment.services or service.id in commitment.services) and ladders[
            commitment.ladder
        ].steps:
            names.setdefault(commitment.ladder, []).append(_named(commitment, applied))
    return [
        ServicePromise(named, [_told(step, who) for step in ladders[ladder].steps])
        for ladder, named in names.items()
    ]


def _named(one: Commitment, applied: AppliedSite) -> str:
    about = [
        *(labels_fr.NATURES[nature] for nature in one.natures),
        *(labels_fr.CHANNELS[channel] for channel in one.channels),
        *(row.label for row in applied.site.routing.categories if row.id in one.categories),
    ]
    name = labels_fr.CLOCKS[one.clock]
    return f"{name} ({', '.join(about)})" if about else name


def _told(step: Step, who: Mapping[Audience, str]) -> PromiseStep:
    return PromiseStep(_when(step.at), " ; ".join(who[audience] for audience in step.tell))


def _when(at: int) -> str:
    if not at:
        return "le jour de l’échéance"
    return f"{labels_fr.jours_ouvres(abs(at))} {'avant' if at < 0 else 'après'} l’échéance"


def _who(
    audience: Audience, applied: AppliedSite, directory: Directory, service: Service, today: date
) -> str:
    office = applied.site.service_now(applied.site.identity.mail_office)
    match audience:
        case Audience.HOLDER:
            head = hearer(directory, service.head, today)
            return f"qui suit le courrier (s’il n’est à personne : {head})"
        case Audience.HEAD:
            return hearer(directory, service.head, today)
        case Audience.DIRECTOR:
            return hearer(directory, service.director, today)
        case Audience.MAIL_OFFICE:
            return "tout le bureau du courrier"
        case Audience.MAIL_OFFICE_HEAD:
            return "personne" if office is None else hearer(directory, office.head, today)
        case _:
            assert_never(audience)
