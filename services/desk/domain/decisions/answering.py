"""Decisions of what is said to the sender: hold on, reply, confirm what was seen, transmit."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, assert_never

from services.desk.domain.decisions.ground import Ground, not_ended, still_there
from services.desk.domain.item import Item
from services.desk.domain.left import Left, fact_of, passed_on, until_of
from shared.errors import Refused
from shared.facts.envelope import BlobKey, Chrono
from shared.facts.handled import (
    AcknowledgementSent,
    DecisionTaken,
    FactWithdrawn,
    HoldingReplySent,
    ItemTransferred,
    NoticeOrdered,
    PersonTold,
    PiecesRequested,
    ReplySent,
)
from shared.facts.items import Items
from shared.facts.words import ClockName, Effect, NoticeKind, Proof, Way

NOT_A_REPLY = "not_a_reply"


@dataclass(frozen=True, slots=True)
class HoldOn:
    """A réponse d'attente with a new date; `sent`: the service has written already."""

    until: date
    way: Way = Way.MAIL
    pli: BlobKey | None = None
    sent: bool = False
    template: str | None = None
    """The standard letter, `letter@version`."""


class Seen(StrEnum):
    """What a message seen in Sent turned out to be."""

    REPLY = "reply"
    HOLDING = "holding"
    ACKNOWLEDGEMENT = "acknowledgement"
    PIECES = "pieces"
    TRANSFER = "transfer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ConfirmReply:
    """One key on an observation; `until` for holding and pieces, `to` for a transfer."""

    seen: Seen
    until: date | None = None
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply composed at the desk leaves by notify, which tells when it left."""

    pli: BlobKey
    way: Way = Way.MAIL
    template: str | None = None
    """The standard letter, `letter@version`."""


@dataclass(frozen=True, slots=True)
class Depart:
    """A letter of ours left on a local day; `chrono` is the departure's own."""

    chrono: Chrono
    kind: NoticeKind = NoticeKind.REPLY
    day: date | None = None
    until: date | None = None
    template: str | None = None
    """The standard letter that was taken as a document, `letter@version`."""
    addressee: str | None = None
    """To which administration that letter says that it was transmitted."""


@dataclass(frozen=True, slots=True)
class Transfer:
    """Transmitted to another administration; `told`: the person knows already."""

    to: str
    way: Way = Way.MAIL
    told: bool = False
    pli: BlobKey | None = None
    template: str | None = None
    """The standard letter, `letter@version`."""


@dataclass(frozen=True, slots=True)
class Decide:
    """An explicit decision of a local day."""

    effect: Effect
    day: date


def hold_on(item: Item, command: HoldOn, ground: Ground) -> list[Items]:
    """`NoticeOrdered`, or `HoldingReplySent` when the service has written itself."""
    not_ended(item)
    until = _after_limit(item, command.until, ground)
    stamp = ground.stamp(item)(1)
    if command.sent:
        return [HoldingReplySent(**stamp, until=until)]
    return [
        NoticeOrdered(
            **stamp,
            kind=NoticeKind.HOLDING_REPLY,
            way=command.way,
            pli=command.pli,
            until=until,
            template=command.template,
        )
    ]


def _after_limit(item: Item, until: date, ground: Ground) -> date:
    """A new date of a holding reply: a jour ouvré after the limit it replaces."""
    ground.worked_day(until, "the new date")
    limits = [
        ground.clocks[name].limit
        for name in (ClockName.REPLY, ClockName.HOLDING)
        if name in ground.clocks and ground.clocks[name].runs
    ]
    if limits and until <= max(limits):
        raise Refused(
            f"{until} is not after the limit of {item.chrono} ({max(limits)}): a holding reply"
            " gives a later date.",
            "holding-too-early",
            until=until,
            limit=max(limits),
        )
    return until


def confirm_reply(item: Item, command: ConfirmReply, ground: Ground) -> list[Items]:
    """Says what the oldest observation was, at the moment of the message itself."""
    still_there(item)
    if not item.observations:
        raise Refused(
            f"No message in Sent waits to be confirmed for {item.chrono}.",
            "nothing-seen",
            chrono=item.chrono,
        )
    observed = item.observations[0]
    stamp = ground.stamp(item)
    at, observation = observed.happened_at, observed.event_id
    match command.seen:
        case Seen.REPLY:
            return [ReplySent(**stamp(1, at), proof=Proof.SEEN, observation=observation)]
        case Seen.ACKNOWLEDGEMENT:
            return [
                AcknowledgementSent(
                    **stamp(1, at),
                    kind=_form(observed.looks_like),
                    notice_id=None,
                    way=Way.MAIL,
                    observation=observation,
                )
            ]
        case Seen.HOLDING:
            until = _dated(command.until, "the new date that it gives")
            return [HoldingReplySent(**stamp(1, at), until=until, observation=observation)]
        case Seen.PIECES:
            until = _dated(command.until, "the time limit that it gives")
            return [PiecesRequested(**stamp(1, at), until=until, observation=observation)]
        case Seen.TRANSFER:
            if command.to is None:
                raise Refused("Say to which office it was transmitted: --to CODE.", "which-office")
            return [
                ItemTransferred(
                    **stamp(1, at), to=ground.office(command.to), observation=observation
                ),
                PersonTold(**stamp(2, at), notice_id=None, way=Way.MAIL),
            ]
        case Seen.NONE:
            return [
                FactWithdrawn(
                    **stamp(1), fact=observation, fact_type=observed.type, reason=NOT_A_REPLY
                )
            ]
        case _:
            assert_never(command.seen)


def _form(
    looks_like: NoticeKind | None,
) -> Literal[NoticeKind.SIMPLE, NoticeKind.SVR, NoticeKind.SVA]:
    """The form that the standard text shows; one that nobody recognised promises nothing."""
    match looks_like:
        case NoticeKind.SVR | NoticeKind.SVA:
            return looks_like
        case _:
            return NoticeKind.SIMPLE


def _dated(until: date | None, what: str) -> date:
    if until is None:
        raise Refused(f"Give {what}: --until YYYY-MM-DD.", "which-date")
    return until


def reply(item: Item, command: Reply, ground: Ground) -> list[Items]:
    """`NoticeOrdered`: the clock stops when it has left, not when it is asked for."""
    not_ended(item)
    waiting = [order for order in item.orders if order.kind is NoticeKind.REPLY]
    if waiting:
        raise Refused(
            f"A reply to {item.chrono} was ordered on {waiting[-1].happened_at:%Y-%m-%d}: undo that"
            " order before writing another.",
            "reply-ordered",
            chrono=item.chrono,
            day=waiting[-1].happened_at.date(),
        )
    return [
        NoticeOrdered(
            **ground.stamp(item)(1),
            kind=NoticeKind.REPLY,
            way=command.way,
            pli=command.pli,
            template=command.template,
        )
    ]


def depart(item: Item, command: Depart, ground: Ground) -> list[Items]:
    """What left on paper, keyed at the mail office."""
    if command.kind is NoticeKind.REPLY:
        not_ended(item)
    still_there(item)
    at = ground.moment_of(command.day or ground.today)
    passed = passed_on(command.kind, command.addressee, item, ground.stamp(item), at)
    fact = fact_of(
        Left(
            kind=command.kind,
            at=at,
            way=Way.PAPER,
            proof=Proof.KEYED,
            until=command.until or until_of(command.kind, item.orders),
            departure=command.chrono,
            template=command.template,
        ),
        ground.stamp(item),
        len(passed) + 1,
    )
    if fact is None:
        raise Refused(
            f"What date does this {command.kind} give? Add --until YYYY-MM-DD.", "which-date"
        )
    return [*passed, fact]


def transfer(item: Item, command: Transfer, ground: Ground) -> list[Items]:
    """`ItemTransferred`, and the word to the person (CRPA L114-2)."""
    not_ended(item)
    if item.transfer is not None:
        raise Refused(
            f"{item.chrono} was transmitted to {item.transfer.to} already.",
            "transferred-already",
            chrono=item.chrono,
            office=item.transfer.to,
        )
    stamp, to = ground.stamp(item), ground.office(command.to)
    told: Items = (
        PersonTold(**stamp(2), notice_id=None, way=command.way)
        if command.told
        else NoticeOrdered(
            **stamp(2),
            kind=NoticeKind.TRANSFER,
            way=command.way,
            pli=command.pli,
            addressee=to,
            template=command.template,
        )
    )
    return [ItemTransferred(**stamp(1), to=to), told]


def decide_effect(item: Item, command: Decide, ground: Ground) -> list[Items]:
    """`DecisionTaken`: an explicit decision ends the clock of the implied one."""
    still_there(item)
    if item.regime is None or item.regime.regime is None:
        raise Refused(
            f"No implied decision runs for {item.chrono}: confirm its regime first.",
            "no-regime-yet",
            chrono=item.chrono,
        )
    at = ground.moment_of(command.day)
    return [DecisionTaken(**ground.stamp(item)(1, at), effect=command.effect, day=command.day)]
