"""Whom the survey invites by mail after a reply: exclusions in one table, a draw. Pure.

A ticket is made of the campaign's seed and the item alone, so that whoever has both makes a draw
again. Each person left out is counted under the first rule that applies, and named nowhere.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from services.desk.domain.item import Item, ItemStatus
from services.desk.quality.domain.survey import SurveyCampaign
from shared.calendar.working_days import WorkingCalendar
from shared.errors import Refused
from shared.facts.envelope import Digest, ItemId
from shared.facts.vocabulary import (
    Authentication,
    Category,
    Confidentiality,
    Nature,
    Priority,
    Proof,
    SenderKind,
)

SHARES: Final = range(1, 101)
"""Hundredths."""
AHEAD: Final = timedelta(days=366)
"""So far ahead may the first day be."""
_TICKETS: Final = 2**32


class NotInvited(StrEnum):
    """The reasons for which the sender of an answered item is not invited to the survey."""

    UNFINISHED = "unfinished"
    """The letter came back, or the item is open again."""
    NO_ADDRESS = "no_address"
    """No mail server took our reply, or the sender's own mail was not authenticated."""
    ANONYMOUS = "anonymous"
    ROBOT = "robot"
    """A machine wrote it."""
    OFFICIAL = "official"
    """Elected, administration, court, lawyer, press: not a user of the counters."""
    RESERVED = "reserved"
    """Réservé or personal, now or at any time, or a category that the site names."""
    DANGER = "danger"
    """Words of danger, or a priority that is not the normal one."""
    EXERCISE = "exercise"
    EVENT = "event"
    """It belongs to an event, or one is open."""
    MASS = "mass"
    """Its reply went to many."""
    COMPLAINT = "complaint"
    """It is a complaint, or a complaint of the same person is open."""
    APPEAL = "appeal"
    """An appeal, or a decision was taken."""
    INVITED = "invited"
    """The same person was invited within the months that the site says."""
    NOT_DRAWN = "not_drawn"
    """Eligible, and outside of the share."""
    UNREADABLE = "unreadable"
    """A fact of it can't be read: nobody is written to."""


OFFICIALS: Final = frozenset(
    {
        SenderKind.LAWYER,
        SenderKind.COURT,
        SenderKind.ELECTED,
        SenderKind.MINISTRY,
        SenderKind.ADMINISTRATION,
        SenderKind.PRESS,
        SenderKind.DEFENSEUR,
        SenderKind.INTERNAL,
    }
)


@dataclass(frozen=True, slots=True)
class InvitationContext:
    """The data besides an item by which its sender is invited to the survey or not."""

    never: Collection[Category] = ()
    """Sensitive categories of the site."""
    event_open: bool = False
    in_events: AbstractSet[ItemId] = frozenset()
    in_exercises: AbstractSet[ItemId] = frozenset()
    massed: AbstractSet[ItemId] = frozenset()
    complaining: AbstractSet[Digest] = frozenset()
    """Persons of whom a complaint is open."""
    invited: AbstractSet[Digest] = frozenset()
    """Persons who were invited within the months that the site says."""


def _unfinished(item: Item, _: InvitationContext) -> bool:
    return item.state not in {ItemStatus.ANSWERED, ItemStatus.CLOSED}


def _no_address(item: Item, _: InvitationContext) -> bool:
    reply = item.reply
    ours = reply is not None and reply.proof is Proof.DELIVERED and reply.notice_id is not None
    return not ours or item.opened.authentication is Authentication.FAIL


def _anonymous(item: Item, _: InvitationContext) -> bool:
    return item.correspondent is None


def _robot(item: Item, _: InvitationContext) -> bool:
    return item.opened.automatic is not None


def _official(item: Item, _: InvitationContext) -> bool:
    return item.classification.sender_kind in OFFICIALS


def _reserved(item: Item, about: InvitationContext) -> bool:
    what = item.classification
    normal = what.confidentiality is Confidentiality.NORMAL and not item.was_reserved
    return not normal or what.category in about.never


def _danger(item: Item, _: InvitationContext) -> bool:
    read = item.opened.danger or any(message.danger for message in item.messages)
    return read or item.classification.priority is not Priority.NORMALE


def _exercise(item: Item, about: InvitationContext) -> bool:
    return item.item_id in about.in_exercises


def _event(item: Item, about: InvitationContext) -> bool:
    return about.event_open or item.item_id in about.in_events


def _mass(item: Item, about: InvitationContext) -> bool:
    return item.item_id in about.massed


def _complaint(item: Item, about: InvitationContext) -> bool:
    return item.complaint or item.correspondent in about.complaining


def _appeal(item: Item, _: InvitationContext) -> bool:
    return item.classification.nature is Nature.APPEAL or item.decision is not None


def _invited(item: Item, about: InvitationContext) -> bool:
    return item.correspondent in about.invited


EXCLUSIONS: Final[Mapping[NotInvited, Callable[[Item, InvitationContext], bool]]] = {
    NotInvited.UNFINISHED: _unfinished,
    NotInvited.NO_ADDRESS: _no_address,
    NotInvited.ANONYMOUS: _anonymous,
    NotInvited.ROBOT: _robot,
    NotInvited.OFFICIAL: _official,
    NotInvited.RESERVED: _reserved,
    NotInvited.DANGER: _danger,
    NotInvited.EXERCISE: _exercise,
    NotInvited.EVENT: _event,
    NotInvited.MASS: _mass,
    NotInvited.COMPLAINT: _complaint,
    NotInvited.APPEAL: _appeal,
    NotInvited.INVITED: _invited,
}
"""Who is never invited, in the order in which the rules are asked."""


def why_not(item: Item, about: InvitationContext) -> NotInvited | None:
    """Returns the first rule by which an item's sender is not invited to the survey, or `None`."""
    return next((why for why, holds in EXCLUSIONS.items() if holds(item, about)), None)


def ticket(seed: str, item_id: ItemId) -> str:
    """Returns an item's ticket in a survey campaign's draw: SHA-256 of seed and id, in hex."""
    return hashlib.sha256(f"{seed}\n{item_id}".encode()).hexdigest()


def is_drawn(seed: str, item_id: ItemId, share: int) -> bool:
    """Whether an item's ticket wins an invitation: its first 32 bits lie below the share.

    `share`: in hundredths.
    """
    return int(ticket(seed, item_id)[:8], 16) * 100 < share * _TICKETS


@dataclass(frozen=True, slots=True)
class InvitationDraw:
    """The result of a draw of survey invitations: the invited, and the others by reason."""

    items: Sequence[ItemId] = ()
    """In the order of their tickets."""
    left_out: Mapping[NotInvited, int] = field(default_factory=dict)


def draw(
    candidates: Mapping[ItemId, Item | None], about: InvitationContext, seed: str, share: int
) -> InvitationDraw:
    """Draws whom to invite to the survey among answered items; a person wins at most once.

    An item that can't be read is `None`.
    """
    chosen, left_out, persons = list[ItemId](), Counter[NotInvited](), set[Digest | None]()
    for item_id in sorted(candidates, key=lambda item_id: ticket(seed, item_id)):
        item = candidates[item_id]
        why = NotInvited.UNREADABLE if item is None else why_not(item, about)
        if why is None and not is_drawn(seed, item_id, share):
            why = NotInvited.NOT_DRAWN
        person = None if item is None else item.correspondent
        if why is None and person in persons:
            why = NotInvited.INVITED
        if why is None:
            chosen.append(item_id)
            persons.add(person)
        else:
            left_out[why] += 1
    return InvitationDraw(chosen, left_out)


def days_due(
    campaign: SurveyCampaign, today: date, days: WorkingCalendar, after: int
) -> tuple[date, date] | None:
    """Returns the first and last local day of the replies from which invitations are drawn today.

    `None` if there are none. `after`: jours ouvrés between a reply and the invitation. Raises
    BeyondCalendar.
    """
    opened = campaign.invitations
    if opened is None or campaign.invitations_over or not days.is_worked(today):
        return None
    last = days.add(today, 1 - after) - timedelta(days=1)
    seen = max((fact.last for fact in campaign.draws), default=None)
    first = opened.starts if seen is None else max(opened.starts, seen + timedelta(days=1))
    return (first, last) if first <= last else None


def may_open(campaign: SurveyCampaign, share: int, starts: date, today: date) -> None:
    """Raises Refused for invitations: closed campaign, a second time, wrong share or first day."""
    if not campaign.open:
        raise Refused("This campaign is closed.", "campaign-closed")
    if campaign.invitations is not None:
        raise Refused("This campaign invites already, or did.", "invitations-opened")
    if share not in SHARES:
        raise Refused("The share is 1 to 100 in a hundred.", "invitations-share")
    if not today <= starts <= today + AHEAD:
        raise Refused("It starts today or within a year.", "invitations-start")


def may_stop(campaign: SurveyCampaign) -> None:
    """Raises Refused for stopping survey invitations that do not run."""
    if campaign.invitations is None or campaign.invitations_over:
        raise Refused("This campaign invites nobody now.", "invitations-not-running")
