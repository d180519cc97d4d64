"""Who may open which page, and who may know, read and decide what of an item. Pure.

A person has the roles that the site's rules and people give them, the daily acts of whomever they
stand in for today (ADR 0035), and for their session the roles of their groups at the identity
provider. An administrator looks after accounts: the role opens no letter. `desk.known_to`
(sql/0094) says in SQL what `sight` says here.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum, auto
from typing import Final, Protocol

from services.desk.domain import oidc_roles
from services.desk.domain.oidc_roles import RoleGrant
from services.desk.store.visibility import Visibility
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Confidentiality
from shared.site.staff import deputies
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.site.tables.identity import StandIn
from shared.site.tables.roles import Role

READS: Final = "!"
"""Before a person in `Visibility.persons`: what they hold is read even where it is réservé."""


class Right(Enum):
    """The right (permission) that a page requires."""

    OPEN = auto()
    """Nothing: the public form, the sign-in."""
    BELONG = auto()
    """To be somebody of the préfecture; what they see depends on the item."""
    TEND = auto()
    """To belong, or to be an administrator: people and opening hours."""
    SORT = auto()
    """Bureau du courrier: qualify, register, quarantine, departures, papers to print."""
    LEAD = auto()
    """Chef or directeur, of the service that the address names if it names one."""
    WATCH = auto()
    """Référent qualité, SG, directeur: figures of several services, exports."""
    IMPROVE = auto()
    """Référent qualité, or the deputy: writes in the quality system."""
    PROVE = auto()
    """Référent qualité or SG: evidence, withdrawal, destruction."""
    OVERSEE = auto()
    """Référent qualité, SG, délégué à la protection des données: the journal."""
    GOVERN = auto()
    """Administrateur: accounts and sessions."""


@dataclass(frozen=True, slots=True)
class Lent:
    """The roles that somebody has only today, as the deputy of an absent colleague."""

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
    away = deputies.replaced(person, directory, today)
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
        protects_data=person == identity.data_protection_officer,
        by_group=by_group,
        lent=lent(None),
        unread=lent(StandIn.RESERVED),
        unproven=lent(StandIn.PROOF),
    )


_ASKED: Final[Mapping[Right, Callable[[Roles], bool]]] = {
    Right.OPEN: lambda _: True,
    Right.BELONG: lambda roles: bool(roles.persons),
    Right.TEND: lambda roles: bool(roles.persons) or roles.administrator,
    Right.SORT: lambda roles: roles.mail_office,
    Right.LEAD: lambda roles: bool(roles.leads),
    Right.WATCH: lambda roles: roles.quality or roles.secretary or bool(roles.directs),
    Right.IMPROVE: lambda roles: roles.quality,
    Right.PROVE: lambda roles: roles.proves,
    Right.OVERSEE: lambda roles: roles.proves or roles.protects_data,
    Right.GOVERN: lambda roles: roles.administrator,
}


def may(roles: Roles, right: Right, service: str | None = None) -> bool:
    """Returns whether these roles include a right (permission); `service` narrows `LEAD` to one."""
    if right is Right.LEAD and service is not None:
        return service in roles.leads
    return _ASKED[right](roles)


class Concerned(Protocol):
    """The fields of an item (service, agent, signatory, …) on which permissions depend."""

    @property
    def service(self) -> ServiceId: ...  # noqa: D102  (fields, see Item)
    @property
    def copies(self) -> Collection[ServiceId]: ...  # noqa: D102
    @property
    def informed(self) -> Collection[PersonId]: ...  # noqa: D102
    @property
    def agent(self) -> PersonId | None: ...  # noqa: D102
    @property
    def signatory(self) -> PersonId | None: ...  # noqa: D102


class Sight(Enum):
    """The part of an item that somebody may see: nothing, its outline, or the whole."""

    NOTHING = auto()
    """Not even that it exists: its address answers 404."""
    OUTLINE = auto()
    """Chrono, service, limits, past; no content, no sender: the mail office and a réservé item."""
    WHOLE = auto()


def sight(roles: Roles, item: Concerned, confidentiality: Confidentiality) -> Sight:
    """Returns how much of an item somebody may see: nothing, the outline or the whole.

    A normal item is known where it is handled (its service, those in copy, whoever holds it or was
    informed, the directors above) and to those who see to all mail: mail office, référent qualité,
    SG. A réservé or personal one is read by whoever holds it or was informed, its chef, its
    directeur and the SG; the mail office sees the outline, since it moves the paper.
    """
    holders = {item.agent, item.signatory, *item.informed}
    if roles.readers & holders or item.service in roles.reads or roles.reads_all:
        return Sight.WHOLE
    if confidentiality is not Confidentiality.NORMAL:
        return Sight.OUTLINE if roles.mail_office else Sight.NOTHING
    handled = roles.persons & holders or roles.services & {item.service, *item.copies}
    return Sight.WHOLE if roles.everything or handled else Sight.NOTHING


def may_decide(roles: Roles, item: Concerned, confidentiality: Confidentiality) -> bool:
    """Returns whether somebody may take decisions about an item that they see (permission).

    Whoever holds it, its service, its chef and directeur, the SG, and the mail office, which sorts
    and moves every paper. A service in copy, somebody informed and the référent qualité only read.
    """
    if sight(roles, item, confidentiality) is Sight.NOTHING:
        return False
    holds = bool(roles.persons & {item.agent, item.signatory})
    return holds or item.service in roles.services or roles.mail_office or roles.secretary


def may_prove(roles: Roles, item: Concerned) -> bool:
    """Returns whether somebody who sees an item may download its proof and ask for its deletion."""
    return roles.proves or item.service in roles.proves_in
