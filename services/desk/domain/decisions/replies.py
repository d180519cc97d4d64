"""Decisions of what is said to the sender: hold on, reply, what left, transmit, decide."""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions.context import (
    DecisionContext,
    in_hand,
    not_ended,
    refuse_answered,
    still_there,
)
from services.desk.domain.decisions.postal_proofs import number_fact, number_of
from services.desk.domain.decisions.waits import after_limit, one_third
from services.desk.domain.dispatch import Dispatch, fact_of, passed_on, until_of
from services.desk.domain.item import Item
from services.desk.domain.paper_letters import letter_of
from shared.errors import Refused
from shared.facts.envelope import BlobKey, Chrono
from shared.facts.items import Items
from shared.facts.items.acknowledgements import HoldingReplySent, PersonTold
from shared.facts.items.closure import DecisionTaken, ItemTransferred
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.replies import ReplySent
from shared.facts.vocabulary import Effect, NoticeKind, Proof, Way


@dataclass(frozen=True, slots=True)
class HoldOn:
    """The command to send a holding reply that names a new date; `sent`: it was sent already."""

    until: date
    way: Way = Way.MAIL
    pli: BlobKey | None = None
    sent: bool = False
    template: str | None = None
    """The standard letter, `letter@version`."""
    copies: tuple[BlobKey, ...] = ()
    """The plis of its copies, by mail."""


@dataclass(frozen=True, slots=True)
class SendReply:
    """The command to send a reply composed at the desk; the service notify sends it."""

    pli: BlobKey
    way: Way = Way.MAIL
    template: str | None = None
    """The standard letter, `letter@version`."""
    copies: tuple[BlobKey, ...] = ()
    """The plis of its copies, by mail."""


@dataclass(frozen=True, slots=True)
class Depart:
    """The command to record that a paper letter was sent on a local day, under its own `chrono`."""

    chrono: Chrono
    kind: NoticeKind = NoticeKind.REPLY
    day: date | None = None
    until: date | None = None
    template: str | None = None
    """The standard letter that was taken as a document, `letter@version`."""
    addressee: str | None = None
    """To which administration that letter says that it was transmitted."""
    document: BlobKey | None = None
    """The letter as it came back signed from the parapheur."""
    registered: str = ""
    """The post's number of a registered letter, as it was typed."""


@dataclass(frozen=True, slots=True)
class Declare:
    """The command to record an answer that left no trace here (by telephone, own mailbox)."""

    day: date


@dataclass(frozen=True, slots=True)
class TransferItem:
    """The command to transmit an item to another administration; `told`: the sender knows."""

    to: str
    way: Way = Way.MAIL
    told: bool = False
    pli: BlobKey | None = None
    template: str | None = None
    """The standard letter, `letter@version`."""
    copies: tuple[BlobKey, ...] = ()
    """The plis of its copies, by mail."""


@dataclass(frozen=True, slots=True)
class Decide:
    """The command to record that the préfecture took an explicit decision on a local day."""

    effect: Effect
    day: date


def hold_on(item: Item, command: HoldOn, ground: DecisionContext) -> list[Items]:
    """Decides to send a holding reply: returns `NoticeOrdered`, or `HoldingReplySent` if it left.

    Raises Refused.
    """
    not_ended(item)
    until = after_limit(item, command.until, ground)
    stamp = ground.stamp(item)(1)
    if command.sent:
        return [HoldingReplySent(**stamp, until=until)]
    ground.signs(item.service, NoticeKind.HOLDING_REPLY)
    return [
        NoticeOrdered(
            **stamp,
            kind=NoticeKind.HOLDING_REPLY,
            way=command.way,
            pli=command.pli,
            until=until,
            template=command.template,
            copies=command.copies,
        )
    ]


def _unanswered(item: Item) -> None:
    """Refuses a second reply, save of one that the post brought back."""
    if item.replies and item.came_back(NoticeKind.REPLY) is None:
        refuse_answered(item)
    in_hand(item)


def _no_reply_yet(item: Item) -> None:
    """Refuses a second reply, also while the first is ordered and has not left."""
    _unanswered(item)
    back = item.came_back(NoticeKind.REPLY)
    waiting = [
        order
        for order in item.orders
        if order.kind is NoticeKind.REPLY and (back is None or order.seq > back.seq)
    ]
    if waiting:
        raise Refused(
            f"A reply to {item.chrono} was ordered on {waiting[-1].happened_at:%Y-%m-%d}: undo that"
            " order before writing another.",
            "reply-ordered",
            chrono=item.chrono,
            day=waiting[-1].happened_at.date(),
        )


def check_signed(item: Item, kind: NoticeKind) -> None:
    """Raises Refused where a letter that came back signed may no longer be sent to the sender."""
    (_no_reply_yet if kind is NoticeKind.REPLY else not_ended)(item)


def reply(item: Item, command: SendReply, ground: DecisionContext) -> list[Items]:
    """Decides to send a reply: returns `NoticeOrdered`; the deadline stops when it has left.

    Raises Refused if the item is answered or ended, if a reply is ordered already, or if the person
    has no delegation of signature for it.
    """
    _no_reply_yet(item)
    ground.signs(item.service, NoticeKind.REPLY)
    return [
        NoticeOrdered(
            **ground.stamp(item)(1),
            kind=NoticeKind.REPLY,
            way=command.way,
            pli=command.pli,
            template=command.template,
            copies=command.copies,
        )
    ]


def depart(item: Item, command: Depart, ground: DecisionContext) -> list[Items]:
    """Decides to record a paper letter that was sent: returns the fact of its kind.

    Raises Refused.
    """
    if command.kind is NoticeKind.REPLY:
        _unanswered(item)
    still_there(item)
    number = number_of(command.registered) if command.registered else None
    at = ground.moment_of(command.day or ground.today)
    passed = passed_on(command.kind, command.addressee, item, ground.stamp(item), at)
    fact = fact_of(
        Dispatch(
            kind=command.kind,
            at=at,
            way=Way.PAPER,
            proof=Proof.KEYED,
            until=command.until or until_of(command.kind, item.orders),
            departure=command.chrono,
            document=command.document,
            template=command.template,
            addressee=command.addressee,
        ),
        ground.stamp(item),
        len(passed) + 1,
    )
    if fact is not None and command.kind is NoticeKind.THIRD and command.addressee is not None:
        one_third(item, command.addressee)
    if fact is None and command.kind is NoticeKind.THIRD:
        raise Refused(
            f"Nobody knows to which third party this letter of {item.chrono} goes: take it from"
            " the standard letters first.",
            "which-third",
            chrono=item.chrono,
        )
    if fact is None:
        raise Refused(
            f"What date does this {command.kind} give? Add --until YYYY-MM-DD.", "which-date"
        )
    letter = letter_of(fact, command.kind)
    if number is None or letter is None:
        return [*passed, fact]
    return [*passed, fact, number_fact(letter, number, item, ground, len(passed) + 2)]


def declare(item: Item, command: Declare, ground: DecisionContext) -> list[Items]:
    """Decides to record an answer on a person's word: returns `ReplySent` (docs/domain.md §8).

    Raises Refused.
    """
    _unanswered(item)
    at = ground.moment_of(command.day)
    return [ReplySent(**ground.stamp(item)(1, at), proof=Proof.DECLARED)]


def transfer(item: Item, command: TransferItem, ground: DecisionContext) -> list[Items]:
    """Decides to transmit an item: returns `ItemTransferred` and a notice to the sender.

    In its place `PersonTold` if the sender knows. See CRPA L114-2. Raises Refused.
    """
    not_ended(item)
    if item.transfer is not None:
        raise Refused(
            f"{item.chrono} was transmitted to {item.transfer.to} already.",
            "transferred-already",
            chrono=item.chrono,
            office=item.transfer.to,
        )
    stamp, to = ground.stamp(item), ground.office(command.to)
    if not command.told:
        ground.signs(item.service, NoticeKind.TRANSFER)
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
            copies=command.copies,
        )
    )
    return [ItemTransferred(**stamp(1), to=to), told]


def decide_effect(item: Item, command: Decide, ground: DecisionContext) -> list[Items]:
    """Decides to record an explicit decision: returns `DecisionTaken`.

    The deadline of the implied decision ends with it. Raises Refused when no regime is confirmed.
    """
    still_there(item)
    if item.regime is None or item.regime.regime is None:
        raise Refused(
            f"No implied decision runs for {item.chrono}: confirm its regime first.",
            "no-regime-yet",
            chrono=item.chrono,
        )
    at = ground.moment_of(command.day)
    return [DecisionTaken(**ground.stamp(item)(1, at), effect=command.effect, day=command.day)]
