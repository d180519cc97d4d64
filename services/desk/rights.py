"""Who may open which page, and who may know, read and decide what of an item. Pure.

An administrator looks after accounts: the role opens no letter. `desk.known_to` (sql/0094) says in
SQL what `sight` says here.
"""

from collections.abc import Callable, Collection, Mapping
from enum import Enum, auto
from typing import Final, Protocol

from services.desk.roles import Roles
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Confidentiality


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
    ALERT = auto()
    """Cabinet or SG: opens events, and lets mass replies leave (module 7)."""
    FOLLOW = auto()
    """Whoever alerts, watches or sorts: reads what an event is, confirms which mail is about it."""
    PROVE = auto()
    """Référent qualité or SG: evidence, withdrawal, destruction."""
    OVERSEE = auto()
    """Référent qualité, SG, délégué à la protection des données: the journal."""
    REHEARSE = auto()
    """Administrateur, référent qualité, SG: what other rules or a release would change."""
    AUDIT = auto()
    """An auditor on site, in their own dated session: to anybody else such a page is not there."""
    GOVERN = auto()
    """Administrateur: accounts and sessions."""


_ASKED: Final[Mapping[Right, Callable[[Roles], bool]]] = {
    Right.OPEN: lambda _: True,
    Right.BELONG: lambda roles: bool(roles.persons),
    Right.TEND: lambda roles: bool(roles.persons) or roles.administrator,
    Right.SORT: lambda roles: roles.mail_office,
    Right.LEAD: lambda roles: bool(roles.leads),
    Right.WATCH: lambda roles: roles.quality or roles.secretary or bool(roles.directs),
    Right.IMPROVE: lambda roles: roles.quality,
    Right.ALERT: lambda roles: roles.alerts,
    Right.FOLLOW: lambda roles: (
        roles.alerts or roles.mail_office or roles.quality or roles.secretary or bool(roles.directs)
    ),
    Right.PROVE: lambda roles: roles.proves,
    Right.OVERSEE: lambda roles: roles.proves or roles.protects_data,
    Right.REHEARSE: lambda roles: roles.administrator or roles.quality or roles.secretary,
    Right.AUDIT: lambda roles: roles.auditor is not None,
    Right.GOVERN: lambda roles: roles.administrator,
}


def may(roles: Roles, right: Right, service: str | None = None) -> bool:
    """Returns whether these roles include a right (permission).

    `service`: the right `LEAD` must be over this service; without it, over any.
    """
    if right is Right.LEAD and service is not None:
        return service in roles.leads
    return _ASKED[right](roles)


class Concerned(Protocol):
    """Interface of an item: its fields (service, agent …) on which permissions depend."""

    @property
    def service(self) -> ServiceId: ...  # noqa: D102  (fields, see Item)
    @property
    def copies(self) -> Collection[ServiceId]: ...  # noqa: D102  (a field, see the class that has it)
    @property
    def informed(self) -> Collection[PersonId]: ...  # noqa: D102  (a field, see the class that has it)
    @property
    def agent(self) -> PersonId | None: ...  # noqa: D102  (a field, see the class that has it)
    @property
    def signatory(self) -> PersonId | None: ...  # noqa: D102  (a field, see the class that has it)


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
