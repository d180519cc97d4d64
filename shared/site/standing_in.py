"""Who stands in for whom on a day, and with what: digests and daily acts, more if the site says so.

Nobody gains the proof, the rules or what is réservé because a colleague is away (ADR 0035).
"""

from collections.abc import Collection
from datetime import date

from shared.facts.envelope import PersonId
from shared.site.bundle import Site
from shared.site.directory import Directory
from shared.site.identity import StandIn


def named(site: Site) -> frozenset[PersonId]:
    """Whom the applied rules name: SG, référent qualité, on-call person, heads and directors."""
    identity = site.identity
    chiefs = {who for row in site.services.services for who in (row.head, row.director)}
    functions = {identity.general_secretary, identity.quality_officer, identity.on_call}
    return frozenset(map(PersonId, chiefs | functions))


def passed_on(person: str, site: Site) -> frozenset[StandIn]:
    """What this person's deputy has of theirs beyond digests and daily acts."""
    identity, rows = site.identity, site.services.services
    says = identity.deputies
    given: set[StandIn] = set()
    if person == identity.general_secretary:
        given |= {*says.general_secretary}
    if person == identity.quality_officer:
        given |= {*says.quality_officer}
    if any(row.director == person for row in rows):
        given |= {*says.director}
    if any(row.head == person for row in rows):
        given |= {*says.head}
    return frozenset(given or (says.agent if person not in named(site) else ()))


def replaced(person: str, directory: Directory, today: date) -> frozenset[PersonId]:
    """For whom somebody stands in on a local day."""
    return frozenset(
        PersonId(absence.person)
        for absence in directory.absences
        if absence.first <= today <= absence.last
        and (reader := directory.reader(absence.person, today)) is not None
        and reader.person.id == person != absence.person
    )


def trusted(
    persons: Collection[PersonId], what: StandIn, site: Site, directory: Directory, today: date
) -> frozenset[PersonId]:
    """These persons, and whoever stands in for them today with this right."""
    present = {
        PersonId(reader.person.id)
        for one in persons
        if what in passed_on(one, site) and (reader := directory.reader(one, today)) is not None
    }
    return frozenset(persons) | present
