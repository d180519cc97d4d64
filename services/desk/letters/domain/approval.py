"""Who writes and who approves the letters of a service (ADR 0016).

The letters of a service are written by whoever works there and approved by its head or director;
those of all services by the quality officer or the general secretary. Whoever stands in for one of
them today approves where the site lets deputies make rules (ADR 0035).
"""

from dataclasses import dataclass
from datetime import date

from shared.facts.envelope import PersonId, ServiceId
from shared.site.staff.deputies import Function, trusted_people
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn


@dataclass(frozen=True, slots=True)
class Readers:
    """The people who may write and approve the standard letters of a service on a local day."""

    writers: frozenset[PersonId]
    approvers: frozenset[PersonId]
    """Approvers named, and their deputies today where the site lets deputies approve."""
    named: frozenset[PersonId]
    """By their function: while one of them is not the author, nobody approves their own text."""


def known_as(service: ServiceId, site: Site) -> frozenset[ServiceId]:
    """Returns all ids that a service has had: its standard letters outlive a reorganisation."""
    row = site.service_now(service)
    names = () if row is None else (row.id, *row.replaces)
    return frozenset({service, *map(ServiceId, names)})


def readers(service: ServiceId | None, site: Site, directory: Directory, today: date) -> Readers:
    """Returns who may write and approve a service's standard letters (permissions).

    `service` `None`: the letters of all services. Empty for a service that is gone.
    """
    identity = site.identity
    officer = PersonId(identity.quality_officer)
    if service is None:
        holders = [
            (identity.quality_officer, Function.QUALITY_OFFICER),
            (identity.general_secretary, Function.GENERAL_SECRETARY),
        ]
        members: set[PersonId] = set()
    else:
        row = site.service_now(service)
        if row is None:
            return Readers(frozenset(), frozenset(), frozenset())
        holders = [(row.head, Function.HEAD), (row.director, Function.DIRECTOR)]
        members = {PersonId(member.id) for member in directory.of(row.id)} | {officer}
    approvers = trusted_people(holders, StandIn.RULES, site, directory, today)
    named = frozenset(PersonId(holder) for holder, _ in holders)
    return Readers(approvers | members, approvers, named)
