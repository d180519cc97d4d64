"""Who may change what of somebody: pure.

Whoever may change an address may sign in as that person, and whoever may place somebody in a
service opens its letters to them: the wider the door, the fewer the keys.
"""

from services.desk.pages.rights import Roles
from shared.facts.envelope import PersonId, ServiceId
from shared.site.bundle import Site
from shared.site.people import Person


def may_tell_absences(roles: Roles, me: PersonId | None, person: Person) -> bool:
    """Absences and the deputy: the person, their chef or directeur, the mail office."""
    return person.id == me or roles.mail_office or bool(roles.leads & set(person.services))


def may_place(roles: Roles, site: Site, service: str) -> bool:
    """To put somebody into a service or take them out: its chef, its directeur, the mail office.

    The mail office itself is its own chef's affair: whoever works there sees all mail.
    """
    if service == site.identity.mail_office:
        return may_name(roles, site)
    return ServiceId(service) in roles.leads or roles.mail_office or roles.administrator


def may_name(roles: Roles, site: Site) -> bool:
    """Names, addresses, newcomers and leavers: the chef of the mail office, an administrator."""
    return roles.administrator or ServiceId(site.identity.mail_office) in roles.leads


def may_open(roles: Roles, service: str) -> bool:
    """Opening hours: the service's chef or directeur, the mail office."""
    return ServiceId(service) in roles.leads or roles.mail_office
