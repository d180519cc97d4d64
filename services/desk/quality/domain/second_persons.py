"""Who may be the second of two persons: named by the site, never by a group. Pure.

Whoever makes accounts at the identity provider would make themselves a second person.
"""

from datetime import date

from shared.content.phrases import fold
from shared.facts.envelope import PersonId
from shared.site.staff.deputies import Function, trusted_people
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn
from shared.site.tables.people import Person


def second_persons(site: Site, directory: Directory, today: date) -> frozenset[PersonId]:
    """Returns the ids of who may confirm as second person: quality officer, SG, trusted deputies.

    `today`: the local day on which they decide. Deputies are those whom the site trusts with the
    proof.
    """
    identity = site.identity
    holders = [
        (identity.quality_officer, Function.QUALITY_OFFICER),
        (identity.general_secretary, Function.GENERAL_SECRETARY),
    ]
    return trusted_people(holders, StandIn.PROOF, site, directory, today)


def may_be_meant(typed: str, person: Person) -> bool:
    """Whether a name that was typed at a shell may mean this person: id, address or family name.

    A colleague of the same family name is taken for them: another one confirms then.
    """
    said = typed.strip().casefold()
    return said in {person.id, person.email.casefold()} or fold(person.name) in fold(typed)
