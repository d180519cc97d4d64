"""Decisions of persons: `decide(item, command, ground)` gives facts, or Refused and why.

Pure: the item is what its locked row and facts say, the moment and the rules stand in the ground.
"""

from typing import TypeAlias, assert_never

from services.desk.domain.decisions import (
    answering,
    confirming,
    ending,
    holding,
    regimes,
    resorting,
    returning,
    second,
    sorting,
    transmitting,
    waiting_for,
    withdrawing,
)
from services.desk.domain.decisions.answering import (
    Decide,
    Declare,
    Depart,
    HoldOn,
    Reply,
    Transfer,
)
from services.desk.domain.decisions.confirming import ConfirmReply
from services.desk.domain.decisions.ending import AnswerReminder, Close, Reopen
from services.desk.domain.decisions.ground import Ground
from services.desk.domain.decisions.holding import Drop, Release
from services.desk.domain.decisions.regimes import ConfirmRegime, ExtendPeriod
from services.desk.domain.decisions.resorting import SortAgain
from services.desk.domain.decisions.returning import SettleReturn, TakeBack
from services.desk.domain.decisions.second import LeavePerimeter, LiftHold
from services.desk.domain.decisions.sorting import (
    Assign,
    CorrectReceipt,
    NoteSender,
    NoteSubject,
    Qualify,
    Reclassify,
)
from services.desk.domain.decisions.transmitting import NotToTransmit, ToTransmit
from services.desk.domain.decisions.waiting_for import (
    AskPieces,
    AwaitThird,
    FromSignature,
    HearThird,
    TakePieces,
    ToSignature,
)
from services.desk.domain.decisions.withdrawing import AskWithdrawal, PlaceHold
from services.desk.domain.item import Item
from shared.facts.items import Items

Command: TypeAlias = (
    Qualify
    | SortAgain
    | Assign
    | Reclassify
    | ConfirmRegime
    | ExtendPeriod
    | CorrectReceipt
    | NoteSubject
    | NoteSender
    | AskPieces
    | TakePieces
    | AwaitThird
    | HearThird
    | ToSignature
    | FromSignature
    | HoldOn
    | ConfirmReply
    | Reply
    | Declare
    | Depart
    | TakeBack
    | SettleReturn
    | Release
    | Drop
    | ToTransmit
    | NotToTransmit
    | Transfer
    | Decide
    | Close
    | Reopen
    | AnswerReminder
    | AskWithdrawal
    | PlaceHold
    | LiftHold
    | LeavePerimeter
)


def decide(item: Item, command: Command, ground: Ground) -> list[Items]:  # noqa: C901, PLR0911, PLR0912  (one line a command)
    """The facts that follow from a command about one item, in order of `seq`.

    Raises:
        Refused: it makes no sense for this item; the sentence says what would.
    """
    match command:
        case Qualify():
            return sorting.qualify(item, command, ground)
        case SortAgain():
            return resorting.sort_again(item, ground)
        case Assign():
            return sorting.assign(item, command, ground)
        case Reclassify():
            return sorting.reclassify(item, command, ground)
        case ConfirmRegime():
            return regimes.confirm_regime(item, command, ground)
        case ExtendPeriod():
            return regimes.extend_period(item, command, ground)
        case CorrectReceipt():
            return sorting.correct_receipt(item, command, ground)
        case NoteSubject():
            return sorting.note_subject(item, command, ground)
        case NoteSender():
            return sorting.note_sender(item, command, ground)
        case AskPieces():
            return waiting_for.ask_pieces(item, command, ground)
        case TakePieces():
            return waiting_for.take_pieces(item, command, ground)
        case AwaitThird():
            return waiting_for.await_third(item, command, ground)
        case HearThird():
            return waiting_for.hear_third(item, command, ground)
        case ToSignature():
            return waiting_for.to_signature(item, command, ground)
        case FromSignature():
            return waiting_for.from_signature(item, command, ground)
        case HoldOn():
            return answering.hold_on(item, command, ground)
        case ConfirmReply():
            return confirming.confirm_reply(item, command, ground)
        case Reply():
            return answering.reply(item, command, ground)
        case Declare():
            return answering.declare(item, command, ground)
        case Depart():
            return answering.depart(item, command, ground)
        case TakeBack():
            return returning.take_back(item, command, ground)
        case SettleReturn():
            return returning.settle(item, command, ground)
        case Release():
            return holding.release(item, command, ground)
        case Drop():
            return holding.drop(item, command, ground)
        case ToTransmit():
            return transmitting.to_transmit(item, ground)
        case NotToTransmit():
            return transmitting.not_to_transmit(item, ground)
        case Transfer():
            return answering.transfer(item, command, ground)
        case Decide():
            return answering.decide_effect(item, command, ground)
        case Close():
            return ending.close(item, command, ground)
        case Reopen():
            return ending.reopen(item, command, ground)
        case AnswerReminder():
            return ending.answer_reminder(item, command, ground)
        case AskWithdrawal():
            return withdrawing.ask_withdrawal(item, command, ground)
        case PlaceHold():
            return withdrawing.place_hold(item, command, ground)
        case LiftHold():
            return second.lift_hold(item, command, ground)
        case LeavePerimeter():
            return second.leave_perimeter(item, command, ground)
        case _:
            assert_never(command)
