"""Decisions of persons: `decide(item, command, ground)` gives facts, or Refused and why.

Pure: the item is what its locked row and facts say, the moment and the rules stand in the ground.
"""

from typing import TypeAlias, assert_never

from services.desk.domain.decisions import (
    classification,
    closure,
    corrections,
    held_notices,
    lateness,
    letter_returns,
    notes,
    opinions,
    postal_proofs,
    reclassification,
    regimes,
    replies,
    second,
    sent_folder_replies,
    transfer,
    waits,
    withdrawal,
)
from services.desk.domain.decisions.classification import (
    Assign,
    Qualify,
    Reclassify,
)
from services.desk.domain.decisions.closure import AnswerReminder, Close, Reopen
from services.desk.domain.decisions.context import DecisionContext
from services.desk.domain.decisions.corrections import CorrectReceipt, NoteSender, NoteSubject
from services.desk.domain.decisions.held_notices import DropHeld, ReleaseHeld
from services.desk.domain.decisions.lateness import ExplainLate
from services.desk.domain.decisions.letter_returns import SettleCopy, SettleReturn, TakeBack
from services.desk.domain.decisions.notes import WriteNote
from services.desk.domain.decisions.opinions import AskOpinion
from services.desk.domain.decisions.postal_proofs import NoteDelivery, RegisterLetter
from services.desk.domain.decisions.reclassification import SortAgain
from services.desk.domain.decisions.regimes import ConfirmRegime, ExtendPeriod
from services.desk.domain.decisions.replies import (
    Decide,
    Declare,
    Depart,
    HoldOn,
    SendReply,
    TransferItem,
)
from services.desk.domain.decisions.second import LeavePerimeter, LiftHold
from services.desk.domain.decisions.sent_folder_replies import ConfirmReply
from services.desk.domain.decisions.transfer import NotToTransmit, ToTransmit
from services.desk.domain.decisions.waits import (
    AskPieces,
    AskThird,
    AwaitThird,
    FromSignature,
    HearThird,
    TakePieces,
    ToSignature,
)
from services.desk.domain.decisions.withdrawal import AskWithdrawal, PlaceHold
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
    | AskThird
    | HearThird
    | ToSignature
    | FromSignature
    | HoldOn
    | ConfirmReply
    | SendReply
    | Declare
    | Depart
    | TakeBack
    | SettleReturn
    | SettleCopy
    | RegisterLetter
    | NoteDelivery
    | ReleaseHeld
    | DropHeld
    | ToTransmit
    | NotToTransmit
    | TransferItem
    | Decide
    | Close
    | Reopen
    | AnswerReminder
    | ExplainLate
    | WriteNote
    | AskOpinion
    | AskWithdrawal
    | PlaceHold
    | LiftHold
    | LeavePerimeter
)


def decide(item: Item, command: Command, ground: DecisionContext) -> list[Items]:  # noqa: C901, PLR0911, PLR0912  (one line a command)
    """Decides a person's command about an item: returns the new facts that follow from it.

    Raises:
        Refused: the command makes no sense for this item; the message says what would.
    """
    match command:
        case Qualify():
            return classification.qualify(item, command, ground)
        case SortAgain():
            return reclassification.sort_again(item, ground)
        case Assign():
            return classification.assign(item, command, ground)
        case Reclassify():
            return classification.reclassify(item, command, ground)
        case ConfirmRegime():
            return regimes.confirm_regime(item, command, ground)
        case ExtendPeriod():
            return regimes.extend_period(item, command, ground)
        case CorrectReceipt():
            return corrections.correct_receipt(item, command, ground)
        case NoteSubject():
            return corrections.note_subject(item, command, ground)
        case NoteSender():
            return corrections.note_sender(item, command, ground)
        case AskPieces():
            return waits.ask_pieces(item, command, ground)
        case TakePieces():
            return waits.take_pieces(item, command, ground)
        case AskThird():
            return waits.ask_third(item, command, ground)
        case AwaitThird():
            return waits.await_third(item, command, ground)
        case HearThird():
            return waits.hear_third(item, command, ground)
        case ToSignature():
            return waits.to_signature(item, command, ground)
        case FromSignature():
            return waits.from_signature(item, command, ground)
        case HoldOn():
            return replies.hold_on(item, command, ground)
        case ConfirmReply():
            return sent_folder_replies.confirm_reply(item, command, ground)
        case SendReply():
            return replies.reply(item, command, ground)
        case Declare():
            return replies.declare(item, command, ground)
        case Depart():
            return replies.depart(item, command, ground)
        case TakeBack():
            return letter_returns.take_back(item, command, ground)
        case SettleReturn():
            return letter_returns.settle(item, command, ground)
        case SettleCopy():
            return letter_returns.settle_copy(item, command, ground)
        case RegisterLetter():
            return postal_proofs.register_letter(item, command, ground)
        case NoteDelivery():
            return postal_proofs.note_delivery(item, command, ground)
        case ReleaseHeld():
            return held_notices.release(item, command, ground)
        case DropHeld():
            return held_notices.drop(item, command, ground)
        case ToTransmit():
            return transfer.to_transmit(item, ground)
        case NotToTransmit():
            return transfer.not_to_transmit(item, ground)
        case TransferItem():
            return replies.transfer(item, command, ground)
        case Decide():
            return replies.decide_effect(item, command, ground)
        case Close():
            return closure.close(item, command, ground)
        case Reopen():
            return closure.reopen(item, command, ground)
        case AnswerReminder():
            return closure.answer_reminder(item, command, ground)
        case ExplainLate():
            return lateness.explain_late(item, command, ground)
        case WriteNote():
            return notes.write_note(item, command, ground)
        case AskOpinion():
            return opinions.ask_opinion(item, command, ground)
        case AskWithdrawal():
            return withdrawal.ask_withdrawal(item, command, ground)
        case PlaceHold():
            return withdrawal.place_hold(item, command, ground)
        case LiftHold():
            return second.lift_hold(item, command, ground)
        case LeavePerimeter():
            return second.leave_perimeter(item, command, ground)
        case _:
            assert_never(command)
