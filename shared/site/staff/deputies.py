"""Who stands in for whom on a day, and with what: digests and daily acts, more if the site says so.

Nobody gains the proof, the rules or what is réservé because a colleague is away (ADR 0035).
"""

from collections.abc import Collection, Iterable
from datetime import date
from enum import StrEnum

from shared.facts.envelope import PersonId
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn


class Function(StrEnum):
    """The functions (posts) of people, by which site.yaml says what their deputy may do.

    Agent, head, director, quality officer, secretary general.
    """

    AGENT = "agent"
    HEAD = "head"
    DIRECTOR = "director"
    QUALITY_OFFICER = "quality_officer"
    GENERAL_SECRETARY = "general_secretary"


def named_people(site: Site) -> frozenset[PersonId]:
    """Returns the people that the rules name: officers, on-call person, heads, directors."""
    identity = site.identity
    chiefs = {who for row in site.services.services for who in (row.head, row.director)}
    functions = {identity.general_secretary, identity.quality_officer, identity.on_call}
    return frozenset(map(PersonId, chiefs | functions))


def functions(person: str, site: Site) -> frozenset[Function]:
    """Returns the functions of a person by the applied rules; who has none is an agent.

    Only the on-call person, without another function, has none at all.
    """
    identity, rows = site.identity, site.services.services
    holds = {
        Function.GENERAL_SECRETARY: person == identity.general_secretary,
        Function.QUALITY_OFFICER: person == identity.quality_officer,
        Function.DIRECTOR: any(row.director == person for row in rows),
        Function.HEAD: any(row.head == person for row in rows),
        Function.AGENT: person not in named_people(site),
    }
    return frozenset(function for function, true in holds.items() if true)


def passes(function: Function, what: StandIn, site: Site) -> bool:
    """Whether site.yaml gives this permission to the deputy of somebody with this function."""
    given: Collection[StandIn] = getattr(site.identity.deputies, function)
    return what in given


def passes_in_person(person: str, what: StandIn, site: Site) -> bool:
    """Whether a person's deputy gets this permission: only if each function of theirs passes it.

    All are needed because nothing says by which function the person holds an item.
    """
    held = functions(person, site)
    return bool(held) and all(passes(function, what, site) for function in held)


def replaced_people(person: str, directory: Directory, today: date) -> frozenset[PersonId]:
    """Returns the people for whom a person is the deputy on a local day."""
    return frozenset(
        PersonId(absence.person)
        for absence in directory.absences
        if absence.first <= today <= absence.last
        and (reader := directory.reader(absence.person, today)) is not None
        and reader.person.id == person != absence.person
    )


def trusted_people(
    holders: Iterable[tuple[str, Function]],
    what: StandIn,
    site: Site,
    directory: Directory,
    today: date,
) -> frozenset[PersonId]:
    """Returns these holders of functions, and the deputies to whom this permission passes today."""
    found = set[PersonId]()
    for holder, function in holders:
        found.add(PersonId(holder))
        reader = directory.reader(holder, today)
        if reader is not None and passes(function, what, site):
            found.add(PersonId(reader.person.id))
    return frozenset(found)
