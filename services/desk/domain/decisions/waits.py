"""Decisions of what an item waits for: pieces, a third party, a signature."""

from dataclasses import dataclass
from datetime import date

from services.desk.domain.decisions.context import DecisionContext, not_ended
from services.desk.domain.decisions.regimes import not_once_complete
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import ArrivalId, BlobKey, PersonId
from shared.facts.items import Items
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import AwaitingThird, PiecesReceived, PiecesRequested, ThirdAnswered
from shared.facts.items.routing import ReplyInSignature, SignatureReturned
from shared.facts.vocabulary import ClockName, NoticeKind, Way


@dataclass(frozen=True, slots=True)
class AskPieces:
    """The command to ask the sender for missing pieces by a local date (CRPA L114-5).

    `sent`: the request was sent already.
    """

    until: date
    pieces: tuple[str, ...]
    way: Way = Way.MAIL
    pli: BlobKey | None = None
    """A composed request, which may name in words the pieces that have no code."""
    sent: bool = False
    template: str | None = None
    """The standard letter, `letter@version`."""
    copies: tuple[BlobKey, ...] = ()
    """The plis of its copies, by mail."""


@dataclass(frozen=True, slots=True)
class TakePieces:
    """The command to record that the sender's missing pieces arrived."""

    arrival_id: ArrivalId | None = None


@dataclass(frozen=True, slots=True)
class AwaitThird:
    """The command to record that an item waits for a third party (OFII, a town hall).

    No deadline stops for it.
    """

    who: str
    expected: date | None = None


@dataclass(frozen=True, slots=True)
class AskThird:
    """The command to ask a third party by a composed mail, or to chase it, by a jour ouvré.

    The item waits for them once the mail has left. No deadline stops for it.
    """

    who: str
    until: date
    pli: BlobKey
    """The composed letter, with the address to which it goes."""
    template: str | None = None
    """The standard letter, `letter@version`."""


@dataclass(frozen=True, slots=True)
class HearThird:
    """The command to record that the third party for whom an item waited answered."""


@dataclass(frozen=True, slots=True)
class ToSignature:
    """The command to give the draft of a reply to a signatory, who then holds the item."""

    signatory: str


@dataclass(frozen=True, slots=True)
class FromSignature:
    """The command to take the draft of a reply back from the signatory."""


def ask_pieces(item: Item, command: AskPieces, ground: DecisionContext) -> list[Items]:
    """Decides to ask for missing pieces: returns `NoticeOrdered`, or `PiecesRequested` if sent.

    Raises Refused.
    """
    not_ended(item)
    until = ground.worked_day(command.until, "the time limit of the pieces")
    if not command.pieces and command.pli is None:
        raise Refused("Name the missing pieces: L114-5 asks for their list.", "which-pieces")
    not_once_complete(item, ground)
    pieces = ground.pieces(command.pieces)
    stamp = ground.stamp(item)(1)
    if command.sent:
        return [PiecesRequested(**stamp, until=until)]
    ground.signs(item.service, NoticeKind.PIECES)
    return [
        NoticeOrdered(
            **stamp,
            kind=NoticeKind.PIECES,
            way=command.way,
            pli=command.pli,
            until=until,
            pieces=pieces,
            template=command.template,
            copies=command.copies,
        )
    ]


def take_pieces(item: Item, command: TakePieces, ground: DecisionContext) -> list[Items]:
    """Decides to record that missing pieces arrived: returns `PiecesReceived`. Raises Refused."""
    not_ended(item)
    if item.pieces_until is None:
        raise Refused(
            f"{item.chrono} waits for no pieces: ask for them first.",
            "no-pieces-awaited",
            chrono=item.chrono,
        )
    return [PiecesReceived(**ground.stamp(item)(1), arrival_id=command.arrival_id)]


def await_third(item: Item, command: AwaitThird, ground: DecisionContext) -> list[Items]:
    """Decides to record a wait for a third party: returns `AwaitingThird`.

    Raises Refused, also where the item waits for another one.
    """
    not_ended(item)
    expected = command.expected
    if expected is not None and expected <= ground.today:
        raise Refused(
            f"{expected} is not to come: give the day on which you expect them.",
            "day-not-to-come",
            day=expected,
        )
    who = one_third(item, ground.office(command.who))
    return [AwaitingThird(**ground.stamp(item)(1), who=who, expected=expected)]


def ask_third(item: Item, command: AskThird, ground: DecisionContext) -> list[Items]:
    """Decides to write to a third party: returns `NoticeOrdered`.

    Raises Refused, also where the item waits for another one.
    """
    not_ended(item)
    until = ground.worked_day(command.until, "the date of a third party's answer")
    who = one_third(item, ground.office(command.who))
    ground.signs(item.service, NoticeKind.THIRD)
    return [
        NoticeOrdered(
            **ground.stamp(item)(1),
            kind=NoticeKind.THIRD,
            way=Way.MAIL,
            pli=command.pli,
            until=until,
            addressee=who,
            template=command.template,
        )
    ]


def one_third(item: Item, who: str) -> str:
    """Returns `who`, unless the item waits for another third party already: then raises Refused."""
    if item.third not in (None, who):
        raise Refused(
            f"{item.chrono} waits for {item.third}: say first that it answered, or take the wait"
            " back.",
            "third-other",
            chrono=item.chrono,
            office=item.third,
        )
    return who


def hear_third(item: Item, _: HearThird, ground: DecisionContext) -> list[Items]:
    """Decides to record that the third party answered: returns `ThirdAnswered`. Raises Refused."""
    not_ended(item)
    if item.third is None:
        raise Refused(f"{item.chrono} waits for no third party.", "no-third", chrono=item.chrono)
    return [ThirdAnswered(**ground.stamp(item)(1))]


def to_signature(item: Item, command: ToSignature, ground: DecisionContext) -> list[Items]:
    """Decides to give a draft to a signatory: returns `ReplyInSignature`. Raises Refused."""
    not_ended(item)
    signatory = PersonId(ground.anybody(command.signatory).id)
    if item.signatory == signatory:
        raise Refused(
            f"{item.chrono} lies with {signatory} for signature already.",
            "signature-already",
            chrono=item.chrono,
            person=signatory,
        )
    return [ReplyInSignature(**ground.stamp(item)(1), signatory=signatory)]


def from_signature(item: Item, _: FromSignature, ground: DecisionContext) -> list[Items]:
    """Decides to take a draft back from the signatory: returns `SignatureReturned`.

    Raises Refused.
    """
    not_ended(item)
    if item.signatory is None:
        raise Refused(f"{item.chrono} is not in signature.", "not-in-signature", chrono=item.chrono)
    return [SignatureReturned(**ground.stamp(item)(1))]


def after_limit(item: Item, until: date, ground: DecisionContext) -> date:
    """Returns the new date of a holding reply: a jour ouvré after the limit it replaces.

    Raises Refused for any other day.
    """
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
