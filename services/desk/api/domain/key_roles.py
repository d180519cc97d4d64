"""What a key of the API may know of, in the roles by which people's permissions are judged. Pure.

A key is a colleague of its services: `rights.sight` and `desk.known_to` say of it what they say of
an agent. With the scope `reserved` it reads what the head of those services reads.
"""

from services.desk.api.domain.keys import ApiKey, Scope
from services.desk.roles import Roles
from shared.facts.envelope import ServiceId
from shared.site.tables.bundle import Site


def roles_of_key(key: ApiKey, site: Site) -> Roles:
    """Returns the roles that a key stands for today; services that the site lost give nothing."""
    known = frozenset(ServiceId(row.id) for row in site.services.services)
    services = known if key.services is None else known & key.services
    reads = services if Scope.RESERVED in key.scopes else frozenset[ServiceId]()
    return Roles(persons=frozenset(), works_in=services, heads=reads)
