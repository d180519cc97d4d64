"""Who hears a rung on a local day: by function, then by name, then the deputy of who is away."""

from collections.abc import Iterable, Sequence
from typing import assert_never

from shared.facts.clocks import RungReached
from shared.facts.envelope import PersonId
from shared.facts.words import Audience
from shared.site.bundle import Site
from shared.site.directory import Directory

ABOVE = frozenset({Audience.HEAD, Audience.DIRECTOR})
"""They hear counts of a service, never whose item it is (DOMAIN §2)."""


def people_for(
    rung: RungReached, audience: Audience, site: Site, people: Directory
) -> Sequence[PersonId]:
    """The people meant; none when the service or its people are unknown."""
    service = site.service_now(rung.service)
    office = site.service_now(site.identity.mail_office)
    match audience:
        case Audience.HOLDER:
            held = site.service_now(rung.holder.service)
            return _known([rung.holder.person or (held.head if held else None)])
        case Audience.HEAD:
            return _known([service.head if service else None])
        case Audience.DIRECTOR:
            return _known([service.director if service else None])
        case Audience.MAIL_OFFICE:
            return [PersonId(one.id) for one in people.of(site.identity.mail_office)]
        case Audience.MAIL_OFFICE_HEAD:
            return _known([office.head if office else None])
        case _:
            assert_never(audience)


def _known(found: Iterable[str | None]) -> Sequence[PersonId]:
    return [PersonId(one) for one in found if one is not None]
