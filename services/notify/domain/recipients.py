"""Who hears a rung on a local day: by function, then by name, then the deputy of who is away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import assert_never

from shared.facts.clocks import Holder
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Audience
from shared.site.staff.directory import Directory, Reader
from shared.site.tables.bundle import Site

ABOVE = frozenset({Audience.HEAD, Audience.DIRECTOR})
"""They hear counts of a service, never whose item it is (DOMAIN §2)."""


@dataclass(frozen=True, slots=True)
class RungRecipient:
    """The addressees of a reminder by role: service, holder, audience."""

    service: ServiceId
    holder: Holder
    audience: Audience


def readers_for(meant: RungRecipient, site: Site, people: Directory, day: date) -> Sequence[Reader]:
    """Returns the people who read a reminder on a local day; deputies replace absent ones.

    When nobody is left (a service that was closed, a head who left) it is the référent qualité,
    since a reminder that nobody reads would be lost.
    """
    named = (people.reader(person, day) for person in _people(meant, site, people))
    found = [reader for reader in named if reader is not None]
    officer = people.reader(site.identity.quality_officer, day)
    return found or ([officer] if officer is not None else [])


def _people(meant: RungRecipient, site: Site, people: Directory) -> Sequence[PersonId]:
    """The people meant; none when the service or its people are unknown."""
    service = site.service_now(meant.service)
    office = site.service_now(site.identity.mail_office)
    match meant.audience:
        case Audience.HOLDER:
            held = site.service_now(meant.holder.service)
            return _known([meant.holder.person or (held.head if held else None)])
        case Audience.HEAD:
            return _known([service.head if service else None])
        case Audience.DIRECTOR:
            return _known([service.director if service else None])
        case Audience.MAIL_OFFICE:
            return [PersonId(person.id) for person in people.of(site.identity.mail_office)]
        case Audience.MAIL_OFFICE_HEAD:
            return _known([office.head if office else None])
        case _:
            assert_never(meant.audience)


def _known(found: Iterable[str | None]) -> Sequence[PersonId]:
    return [PersonId(person_id) for person_id in found if person_id is not None]
