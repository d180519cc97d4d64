"""Whom a mass reply may answer: one text for many, so that whoever needs more is left out. Pure."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from services.desk.domain.item import ENDED, Item
from shared.facts.envelope import Digest, ItemId
from shared.facts.vocabulary import (
    Authentication,
    Confidentiality,
    Nature,
    NoticeKind,
    Priority,
    SenderKind,
)
from shared.site.tables.bundle import Site
from shared.site.tables.notices import Action

PREVIEWS: Final = 10
T = TypeVar("T")


class LeftOut(StrEnum):
    """The reasons for which a mass reply does not answer an item of its event, each a code."""

    COMPLAINT = "complaint"
    APPEAL = "appeal"
    SENDER = "sender"
    """A kind of sender whom a person answers: lawyer, court, elected, administration, press."""
    RESERVED = "reserved"
    DANGER = "danger"
    """Words of danger, or a priority that is not the normal one."""
    ASKS_MORE = "asks_more"
    """Somebody ticked that it asks another question too."""
    WROTE_AGAIN = "wrote_again"
    """The sender wrote once more: nobody has confirmed that this too is about the event."""
    ANSWERED = "answered"
    """Answered, ended, or a reply is on its way."""
    HELD = "held"
    """Held when it came, or its sender's domain was not authenticated."""
    ROBOT = "robot"
    """A machine wrote it."""
    PAPER = "paper"
    """It came on paper and no address is known."""
    UNREACHABLE = "unreachable"
    """Its address is unusable."""
    NOT_YOURS = "not_yours"
    """Whoever orders may not decide about it."""
    NO_DELEGATION = "no_delegation"
    """Whoever orders has no delegation of signature for its service."""
    NOT_CHOSEN = "not_chosen"
    """Outside of the chosen group."""
    SAME_SENDER = "same_sender"
    """The sender's latest item is answered, or a mass reply told them before."""
    TOO_MANY = "too_many"
    """Beyond what one mass reply holds."""
    OTHER = "other"
    """The register refused it for a reason of its own."""
    LEFT = "left"
    """It does not belong to the event any more."""
    STOPPED = "stopped"
    """The mass reply was ended before its turn came."""
    EVENT_OVER = "event_over"
    UNREADABLE = "unreadable"


def held_senders(site: Site) -> AbstractSet[SenderKind]:
    """Returns the kinds of senders to whom nothing is sent automatically, our own people too.

    An unknown sender is none of them.
    """
    rows = (row for row in site.notices.rows if row.action is not Action.SEND)
    named = {kind for row in rows for kind in row.senders if not row.natures and not row.priorities}
    return (named - {SenderKind.UNKNOWN}) | {SenderKind.INTERNAL}


@dataclass(frozen=True, slots=True)
class MassContext:
    """The data besides an item by which a mass reply's choice of it is judged."""

    joined: Mapping[ItemId, datetime]
    """The items of the event, each with the moment at which somebody confirmed it."""
    asks_more: AbstractSet[ItemId]
    told: AbstractSet[ItemId]
    """Items that a mass reply of this event was ordered for: none hears it twice."""
    senders: AbstractSet[SenderKind]


def why_left_out(item: Item, about: MassContext) -> LeftOut | None:  # noqa: C901, PLR0911  (one line a reason)
    """Returns why a mass reply must leave an item out, whoever orders it, or `None`."""
    what, joined = item.classification, about.joined.get(item.item_id)
    if joined is None:
        return LeftOut.LEFT
    waiting = [order for order in item.orders if order.kind is NoticeKind.REPLY]
    told = item.item_id in about.told
    if told or item.state in ENDED or item.replies or item.observations or waiting:
        return LeftOut.ANSWERED
    if what.confidentiality is not Confidentiality.NORMAL:
        return LeftOut.RESERVED
    if what.nature is Nature.APPEAL:
        return LeftOut.APPEAL
    if what.nature is Nature.COMPLAINT:
        return LeftOut.COMPLAINT
    if what.sender_kind in about.senders:
        return LeftOut.SENDER
    endangered = item.opened.danger or any(message.danger for message in item.messages)
    if endangered or what.priority is not Priority.NORMALE:
        return LeftOut.DANGER
    if item.opened.automatic is not None:
        return LeftOut.ROBOT
    if item.opened.hold is not None or item.opened.authentication is Authentication.FAIL:
        return LeftOut.HELD
    if item.item_id in about.asks_more:
        return LeftOut.ASKS_MORE
    if any(message.recorded_at > joined for message in item.messages):
        return LeftOut.WROTE_AGAIN
    if not item.channel.electronic and item.sender is None:
        return LeftOut.PAPER
    return None


def latest_of_each(items: Sequence[Item], told: AbstractSet[Digest]) -> tuple[Sequence[Item], int]:
    """Returns each sender's latest item, by chrono, and how many items that leaves out.

    `told`: senders who had a mass reply of the event already; they are left out, for nobody gets
    one text twice. An item without a known sender counts as one of a sender of its own.
    """
    latest = dict[str, Item]()
    for item in sorted(items, key=lambda item: item.chrono):
        latest[item.correspondent or str(item.item_id)] = item
    chosen = [item for sender, item in latest.items() if sender not in told]
    return sorted(chosen, key=lambda item: item.chrono), len(items) - len(chosen)


def count_left_out(reasons: Iterable[LeftOut]) -> dict[str, int]:
    """Counts reasons (one for each item left out) by code, in the order of LeftOut; no zeros."""
    found = Counter(reasons)
    return {reason.value: found[reason] for reason in LeftOut if found[reason]}


def draw_ten(chosen: Sequence[T], seed: Digest) -> Sequence[T]:
    """Draws ten items of a list at random (all, if fewer): the same for the same list and seed.

    Both persons who decide thus read the same ones.
    """
    if len(chosen) <= PREVIEWS:
        return list(chosen)
    places = random.Random(seed).sample(range(len(chosen)), PREVIEWS)  # noqa: S311  (a sample, no secret)
    return [chosen[place] for place in sorted(places)]
