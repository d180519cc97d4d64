"""Who may change what of somebody: pure.

Whoever may change an address may sign in as that person, whoever may place somebody in a service
opens its letters to them, and a deputy acts for whom they stand in for: nobody opens such a door
for themselves, and whom the site names has theirs opened by themselves or by two (ADR 0035).
Only what somebody leads themselves counts, not what they stand in for.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from services.desk.roles import Roles, roles_of
from shared.facts.envelope import PersonId, ServiceId
from shared.site.staff.deputies import named_people
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.people import Person


def may_tell_absences(roles: Roles, me: PersonId | None, person: Person) -> bool:
    """Returns whether one may record a person's absences and deputy (permission).

    The person themselves may, their heads, and the mail office.
    """
    return person.id == me or roles.mail_office or bool(roles.governs & set(person.services))


def may_alone(me: PersonId | None, person: Person, site: Site) -> bool:
    """Returns whether one person may set somebody's deputy without a second person's consent.

    Of people whom the site's rules name, only they themselves.
    """
    return person.id == me or person.id not in named_people(site)


def may_place(roles: Roles, site: Site, service: str) -> bool:
    """Returns whether one may change who works in a service: its heads, the mail office may.

    The mail office itself is its own chef's affair: whoever works there sees all mail.
    """
    if service == site.identity.mail_office:
        return ServiceId(service) in roles.governs
    return ServiceId(service) in roles.governs or roles.mail_office


def placeable(person: Person, site: Site) -> bool:
    """Returns whether a person's services are changed on pages, not by the site's rules."""
    return person.id not in named_people(site)


def may_name(roles: Roles, site: Site) -> bool:
    """Returns whether one may change people's names and addresses (permission).

    The mail office's head may, and an administrator.
    """
    return roles.administrator or ServiceId(site.identity.mail_office) in roles.governs


def may_open(roles: Roles, service: str) -> bool:
    """Returns whether one may change a service's opening hours (permission).

    The service's heads may, and the mail office.
    """
    return ServiceId(service) in roles.leads or roles.mail_office


def gains(me: PersonId, site: Site, before: Directory, after: Directory, today: date) -> bool:
    """Returns whether a change of people's records gives its author new rights, on any day.

    Both are compared as if the author were never absent: an absence of their own they can cancel
    alone.
    """
    before, after = _present(me, before), _present(me, after)
    return any(
        not _within(roles_of(me, site, after, day), roles_of(me, site, before, day))
        for day in _days(after, today)
    )


def _present(me: PersonId, directory: Directory) -> Directory:
    others = tuple(absence for absence in directory.absences if absence.person != me)
    return replace(directory, absences=others)


def _days(directory: Directory, today: date) -> Iterable[date]:
    """Today, and each later day on which somebody goes away or comes back."""
    return {today, *(away.first for away in directory.absences if away.first > today)}


def _within(now: Roles, then: Roles) -> bool:
    return (
        now.persons <= then.persons
        and now.services <= then.services
        and now.leads <= then.leads
        and (then.mail_office or not now.mail_office)
        and (then.secretary or not now.secretary)
        and (then.quality or not now.quality)
    )
