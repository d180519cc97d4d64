"""The roles that a person has today: by rules, people, standing in, and groups at the provider.

A person has the roles that the site's rules and people give them, the daily acts of whomever they
stand in for today (ADR 0035), and for their session the roles of their groups at the identity
provider. What a role may open is of rights.py.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.domain import oidc_roles
from services.desk.domain.oidc_roles import RoleGrant
from services.desk.store.visibility import Visibility
from shared.facts.envelope import PersonId, ServiceId
from shared.site.staff import deputies
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn
from shared.site.tables.roles import Role

READS: Final = "!"
"""Before a person in `Visibility.persons`: what they hold is read even where it is réservé."""


@dataclass(frozen=True, slots=True)
class Lent:
    """The roles that somebody has only today, because they stand in for an absent colleague."""

    persons: frozenset[PersonId] = frozenset()
    leads: frozenset[ServiceId] = frozenset()
    secretary: bool = False
    quality: bool = False


OWN: Final = Lent()
"""Nothing: all is theirs."""


@dataclass(frozen=True, slots=True)
class Roles:
    """The roles that somebody has today in the site and its services; permissions follow."""

    persons: frozenset[PersonId]
    """Themselves, and whom they stand in for."""
    works_in: frozenset[ServiceId] = frozenset()
    heads: frozenset[ServiceId] = frozenset()
    directs: frozenset[ServiceId] = frozenset()
    mail_office: bool = False
    secretary: bool = False
    quality: bool = False
    administrator: bool = False
    protects_data: bool = False
    cabinet: bool = False
    """They work in the service that opens events beside the SG (events.yaml)."""
    auditor: int | None = None
    """The session of an auditor on site, who is nobody of the préfecture."""
    by_group: frozenset[ServiceId] = frozenset()
    """Of `works_in`, what their groups give: nobody wrote it into the people."""
    lent: Lent = OWN
    """What comes by standing in."""
    unread: Lent = OWN
    """Of that, what opens nothing réservé."""
    unproven: Lent = OWN
    """Of that, what proves, withdraws and destroys nothing."""

    @property
    def readers(self) -> frozenset[PersonId]:
        """The persons whose réservé items somebody may read: themselves and those they replace."""
        return self.persons - self.unread.persons

    @property
    def reads(self) -> frozenset[ServiceId]:
        """The services led by somebody of which they may also read the réservé items."""
        return self.leads - self.unread.leads

    @property
    def reads_all(self) -> bool:
        """Whether somebody may read every réservé item of the site, as the SG may."""
        return self.secretary and not self.unread.secretary

    @property
    def proves(self) -> bool:
        """Whether somebody may handle evidence, audits and destruction: quality officer or SG."""
        quality = self.quality and not self.unproven.quality
        return quality or (self.secretary and not self.unproven.secretary)

    @property
    def answers_for_quality(self) -> bool:
        """Whether somebody may do the quality officer's acts, such as closing a month."""
        return self.quality and not self.unproven.quality

    @property
    def alerts(self) -> bool:
        """Whether somebody may open events and let mass replies leave: cabinet or SG."""
        return self.cabinet or self.secretary

    @property
    def proves_in(self) -> frozenset[ServiceId]:
        """The services whose items somebody may download the proof of, as their head."""
        return self.leads - self.unproven.leads

    @property
    def governs(self) -> frozenset[ServiceId]:
        """The services whose people somebody may change: those they lead, not as a deputy."""
        return self.leads - self.lent.leads

    @property
    def leads(self) -> frozenset[ServiceId]:
        """The services that somebody leads, as chef or directeur."""
        return self.heads | self.directs

    @property
    def services(self) -> frozenset[ServiceId]:
        """The services in which somebody works or that they lead."""
        return self.works_in | self.leads

    @property
    def everything(self) -> bool:
        """Whether somebody may see every item that is not réservé (mail office, SG, quality)."""
        return self.mail_office or self.secretary or self.quality

    @property
    def seen(self) -> Visibility:
        """The filter for queries that keeps only the items that somebody may know of."""
        return Visibility(
            everything=self.everything,
            secrets=self.mail_office or self.reads_all,
            persons=[
                *sorted(self.persons),
                *(f"{READS}{reader}" for reader in sorted(self.readers)),
            ],
            services=sorted(self.services),
            led=sorted(self.reads),
        )


NOBODY = Roles(frozenset())


def roles_of(
    person: PersonId,
    site: Site,
    directory: Directory,
    today: date,
    *,
    administrator: bool = False,
    granted: Collection[RoleGrant] = (),
) -> Roles:
    """Returns somebody's roles on a local day, with those that they have as a deputy.

    `granted`: roles from their groups at the identity provider, which pass to no deputy.
    """
    away = deputies.replaced_people(person, directory, today)
    own, all_ = frozenset({person}), frozenset({person}) | away
    known = [person for person in map(directory.person, all_) if person is not None]
    by_group = oidc_roles.services(granted, site)
    works = (
        frozenset(ServiceId(service) for person in known for service in person.services) | by_group
    )
    rows, identity = site.services.services, site.identity
    heads = frozenset(ServiceId(row.id) for row in rows if row.head in all_)
    heads |= oidc_roles.led(granted, Role.HEAD, site)
    directs = frozenset(ServiceId(row.id) for row in rows if row.director in all_)
    directs |= oidc_roles.led(granted, Role.DIRECTOR, site)
    given = {grant.role for grant in granted}

    def lent(what: StandIn | None) -> Lent:
        """The roles from colleagues alone whose function does not pass this on to a deputy."""
        says = identity.deputies

        def holds(who: str, passed: Collection[StandIn]) -> bool:
            return who in (all_ if what in passed else own)

        led = {
            ServiceId(row.id)
            for row in rows
            if holds(row.head, says.head) or holds(row.director, says.director)
        }
        led |= oidc_roles.led(granted, Role.HEAD, site) | oidc_roles.led(
            granted, Role.DIRECTOR, site
        )
        secretary = holds(identity.general_secretary, says.general_secretary)
        quality = holds(identity.quality_officer, says.quality_officer)
        return Lent(
            persons=frozenset(
                person_id
                for person_id in away - own
                if what is None or not deputies.passes_in_person(person_id, what, site)
            ),
            leads=(heads | directs) - led,
            secretary=not (secretary or Role.GENERAL_SECRETARY in given),
            quality=not (quality or Role.QUALITY_OFFICER in given),
        )

    return Roles(
        persons=all_,
        works_in=works,
        heads=heads,
        directs=directs,
        mail_office=identity.mail_office in works | heads,
        secretary=identity.general_secretary in all_ or Role.GENERAL_SECRETARY in given,
        quality=identity.quality_officer in all_ or Role.QUALITY_OFFICER in given,
        administrator=administrator,
        cabinet=bool(site.events.cabinet) and site.events.cabinet in works | heads,
        protects_data=person == identity.data_protection_officer,
        by_group=by_group,
        lent=lent(None),
        unread=lent(StandIn.RESERVED),
        unproven=lent(StandIn.PROOF),
    )
