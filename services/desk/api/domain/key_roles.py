"""What a key of the API may know of, in the roles by which people's permissions are judged. Pure.

A key is a colleague of its services: `rights.sight` and `desk.known_to` say of it what they say of
an agent. With the scope `reserved` it reads what the head of those services reads; with `decide` it
decides as an agent of them does, of the bureau du courrier too where that is one of them. Whoever
lets it read letters or decide does so already.
"""

from datetime import date

from services.desk.api.domain.keys import ApiKey, KeyScope
from services.desk.roles import Roles
from shared.facts.envelope import PersonId, ServiceId
from shared.site.staff.deputies import Function, trusted_people
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn


def roles_of_key(key: ApiKey, site: Site) -> Roles:
    """Returns the roles (permissions) that an API key has today.

    A service that the site has no more gives none.
    """
    known = frozenset(ServiceId(row.id) for row in site.services.services)
    services = known if key.services is None else known & key.services
    reads = services if KeyScope.RESERVED in key.scopes else frozenset[ServiceId]()
    sorts = KeyScope.DECIDE in key.scopes and site.identity.mail_office in services
    # An agent reads as head of nothing; what a head alone may decide, `leads` says (decisions).
    return Roles(persons=frozenset(), works_in=services, heads=reads, mail_office=sorts)


def confirmers(key: ApiKey, site: Site, directory: Directory, today: date) -> frozenset[PersonId]:
    """Returns who may confirm an API key as the second person on a local day: their ids.

    The SG; for a key that reads no réservé item and names its services, also whoever is head or
    director of each of them. They are named by the site, never by a group at the identity provider:
    whoever makes accounts there would make themselves a second person. Deputies are those whom the
    site trusts with what is réservé (ADR 0035).
    """

    def who(*holders: tuple[str, Function]) -> frozenset[PersonId]:
        return trusted_people(holders, StandIn.RESERVED, site, directory, today)

    secretary = who((site.identity.general_secretary, Function.GENERAL_SECRETARY))
    if key.services is None or KeyScope.RESERVED in key.scopes:
        return secretary
    rows = {row.id: row for row in site.services.services}
    chiefs = [
        who((rows[service].head, Function.HEAD), (rows[service].director, Function.DIRECTOR))
        if service in rows
        else frozenset[PersonId]()
        for service in key.services
    ]
    return secretary | frozenset.intersection(*chiefs)
