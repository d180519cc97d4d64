"""What a message of ours, seen in a Sent folder, turned out to be: one key of a person."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Literal, assert_never

from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.items import Items
from shared.facts.items.acknowledgements import AcknowledgementSent, HoldingReplySent, PersonTold
from shared.facts.items.closure import ItemTransferred
from shared.facts.items.corrections import FactWithdrawn
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.replies import ReplySent
from shared.facts.vocabulary import NoticeKind, Proof, Way

NOT_A_REPLY = "not_a_reply"


class ObservedReply(StrEnum):
    """The meaning that a person gives to a message of ours seen in a Sent folder."""

    REPLY = "reply"
    HOLDING = "holding"
    ACKNOWLEDGEMENT = "acknowledgement"
    PIECES = "pieces"
    TRANSFER = "transfer"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class ConfirmReply:
    """The command to say what a message in a Sent folder is (reply, holding reply, …).

    `until` goes with a holding reply or a request for pieces, `to` with a transfer.
    """

    seen: ObservedReply
    until: date | None = None
    to: str | None = None


def confirm_reply(item: Item, command: ConfirmReply, ground: DecisionContext) -> list[Items]:
    """Decides what the oldest unjudged message in a Sent folder is: returns the fact of that kind.

    The fact has the moment at which that message was sent. Raises Refused.
    """
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
        case ObservedReply.REPLY:
            return [ReplySent(**stamp(1, at), proof=Proof.SEEN, observation=observation)]
        case ObservedReply.ACKNOWLEDGEMENT:
            return [
                AcknowledgementSent(
                    **stamp(1, at),
                    kind=_form(observed.looks_like),
                    notice_id=None,
                    way=Way.MAIL,
                    observation=observation,
                )
            ]
        case ObservedReply.HOLDING:
            until = _dated(command.until, "the new date that it gives")
            return [HoldingReplySent(**stamp(1, at), until=until, observation=observation)]
        case ObservedReply.PIECES:
            until = _dated(command.until, "the time limit that it gives")
            return [PiecesRequested(**stamp(1, at), until=until, observation=observation)]
        case ObservedReply.TRANSFER:
            if command.to is None:
                raise Refused("Say to which office it was transmitted: --to CODE.", "which-office")
            return [
                ItemTransferred(
                    **stamp(1, at), to=ground.office(command.to), observation=observation
                ),
                PersonTold(**stamp(2, at), notice_id=None, way=Way.MAIL),
            ]
        case ObservedReply.NONE:
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
