"""The roads by which the roots of the evidence leave, and who stands at the end of each (ADR 0048).

Two of ours, so that neither guards the figures of their own alone, and another house, which no
administrator of this one reaches.
"""

from datetime import date
from enum import StrEnum

from shared.site.staff.deputies import Function, passes
from shared.site.staff.directory import Directory, Reader
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn


class Road(StrEnum):
    """The recipients (roads) to whom evidence roots are emailed: officers, an outside address."""

    QUALITY_OFFICER = "quality_officer"
    GENERAL_SECRETARY = "general_secretary"
    OUTSIDE = "outside"


def roads(site: Site) -> tuple[Road, ...]:
    """Returns the recipients (roads) to whom a site's evidence roots are emailed.

    One person who holds both functions is one recipient.
    """
    identity = site.identity
    ours = [Road.QUALITY_OFFICER]
    if identity.general_secretary != identity.quality_officer:
        ours.append(Road.GENERAL_SECRETARY)
    return (*ours, *([Road.OUTSIDE] if identity.roots_address is not None else []))


def reader_of_roots(road: Road, site: Site, people: Directory, today: date) -> Reader | None:
    """Returns our person who gets the evidence roots for a road on a local day; `None`: nobody.

    A deputy gets them only where the site trusts deputies with the proof (ADR 0035).
    """
    if road is Road.OUTSIDE:
        return None
    identity = site.identity
    holder = getattr(identity, road.value)
    person = people.person(holder)
    if person is None:
        return None
    reader = people.reader(person.id, today)
    proves = passes(Function(road.value), StandIn.PROOF, site)
    return reader if reader is None or proves else Reader(person)
