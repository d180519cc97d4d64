"""Who stands in for whom on a day, and with what: digests and daily acts, more if the site says so.

Nobody gains the proof, the rules or what is réservé because a colleague is away (ADR 0035).
"""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from shared.facts.envelope import PersonId
from shared.site.bundle import Site
from shared.site.directory import Directory
from shared.site.identity import StandIn


class Function(StrEnum):
    """What somebody is, as `deputies` of site.yaml names it: each passes its own on."""

    AGENT = "agent"
    HEAD = "head"
    DIRECTOR = "director"
    QUALITY_OFFICER = "quality_officer"
    GENERAL_SECRETARY = "general_secretary"


def named(site: Site) -> frozenset[PersonId]:
    """Whom the applied rules name: SG, référent qualité, on-call person, heads and directors."""
    identity = site.identity
    chiefs = {who for row in site.services.services for who in (row.head, row.director)}
    functions = {identity.general_secretary, identity.quality_officer, identity.on_call}
    return frozenset(map(PersonId, chiefs | functions))


def functions(person: str, site: Site) -> frozenset[Function]:
    """What the applied rules make of somebody; whom they name for nothing is an agent."""
    identity, rows = site.identity, site.services.services
    holds = {
        Function.GENERAL_SECRETARY: person == identity.general_secretary,
        Function.QUALITY_OFFICER: person == identity.quality_officer,
        Function.DIRECTOR: any(row.director == person for row in rows),
        Function.HEAD: any(row.head == person for row in rows),
        Function.AGENT: person not in named(site),
    }
    return frozenset(function for function, true in holds.items() if true)


def passes(function: Function, what: StandIn, site: Site) -> bool:
    """Whether this function's deputy has this beyond digests and daily acts."""
    given: Collection[StandIn] = getattr(site.identity.deputies, function)
    return what in given


def passes_in_person(person: str, what: StandIn, site: Site) -> bool:
    """Whether what somebody holds themselves passes so: by every function that they have.

    Nothing says by which of them an item came to be theirs.
    """
    held = functions(person, site)
    return bool(held) and all(passes(function, what, site) for function in held)


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
    holders: Iterable[tuple[str, Function]],
    what: StandIn,
    site: Site,
    directory: Directory,
    today: date,
) -> frozenset[PersonId]:
    """Whoever holds one of these functions, and whoever stands in for it today with this right."""
    found = set[PersonId]()
    for holder, function in holders:
        found.add(PersonId(holder))
        reader = directory.reader(holder, today)
        if reader is not None and passes(function, what, site):
            found.add(PersonId(reader.person.id))
    return frozenset(found)
