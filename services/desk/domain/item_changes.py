"""What each later fact changes of an item, one case a fact.

What every letter has (registered, waiting to be qualified, receipt sent) stands in fold.py.
"""

from datetime import datetime
from typing import assert_never

from services.desk.domain.item import Item
from shared.facts.authors import is_rule
from shared.facts.envelope import EventId, ServiceId
from shared.facts.items import Items
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.closure import DecisionTaken, ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.corrections import (
    FactWithdrawn,
    ItemAbsorbed,
    ItemMergedInto,
    ItemSplitFrom,
    ReceiptCorrected,
)
from shared.facts.items.directory import PersonChanged
from shared.facts.items.evidence import EvidenceSealed
from shared.facts.items.notice_orders import NoticeDropped, NoticeOrdered, NoticeReleased
from shared.facts.items.pieces import AwaitingThird, PiecesReceived, PiecesRequested, ThirdAnswered
from shared.facts.items.registration import (
    ItemRegistered,
    SenderNoted,
    SenderWroteAgain,
    SubjectNoted,
)
from shared.facts.items.replies import (
    DeliveryNoticed,
    LateExplained,
    LetterReturned,
    RegisteredLetterSent,
    ReplyObserved,
    ReplySent,
    ReturnSettled,
    SecureMailRead,
    SecureMailSent,
)
from shared.facts.items.retention import (
    DocumentWithdrawn,
    ItemDestroyed,
    ItemWithdrawn,
    LegalHoldLifted,
    LegalHoldPlaced,
    SecondPersonAsked,
    WithdrawalAsked,
)
from shared.facts.items.routing import (
    ItemAssigned,
    ItemReclassified,
    NoteWritten,
    OpinionAsked,
    RegimeConfirmed,
    ReminderAnswered,
    ReplyInSignature,
    SignatureReturned,
    WaitEnded,
    WaitStarted,
)
from shared.facts.vocabulary import Waiting
from shared.replacement import replace


def after(item: Item, fact: Items) -> Item:
    """Returns the item as one more fact leaves it; returned letters are letter_returns.py's."""
    return _judged(_applied(item, fact), fact)


def debtors(item: Item) -> tuple[ServiceId, ...]:
    """Returns the services that read an item only for an opinion that they still owe."""
    asked = {opinion.service for opinion in item.opinions}
    return tuple(service for service in item.consulted if service in asked)


def lasting_copies(item: Item) -> tuple[ServiceId, ...]:
    """Returns the services in copy for something else than an opinion that they still owe."""
    return tuple(service for service in item.copies if service not in debtors(item))


def _judged(item: Item, fact: Items) -> Item:
    """An observation ends with the fact that says what it was."""
    match fact:
        case (
            ReplySent(observation=seen)
            | HoldingReplySent(observation=seen)
            | PiecesRequested(observation=seen)
            | AcknowledgementSent(observation=seen)
            | ItemTransferred(observation=seen)
        ) if seen is not None:
            left = tuple(
                seen_reply for seen_reply in item.observations if seen_reply.event_id != seen
            )
            return replace(item, observations=left)
        case _:
            return item


def _left(item: Item, done: EventId | None) -> tuple[SecondPersonAsked, ...]:
    return tuple(request for request in item.second_asked if request.event_id != done)


def _qualified(item: Item, fact: WaitEnded) -> tuple[tuple[datetime, ServiceId], ...]:
    """The services that were in charge: once an item is sorted, what was proposed stands."""
    if fact.waiting is not Waiting.TO_QUALIFY or item.held:
        return item.held
    return ((fact.happened_at, item.service),)


def _applied(item: Item, fact: Items) -> Item:  # noqa: C901, PLR0911, PLR0912  (one line a fact, every fact)
    match fact:
        case WaitEnded():
            return replace(item, waits=item.waits - {fact.waiting}, held=_qualified(item, fact))
        case ItemAssigned():
            readers = [other for other in debtors(item) if other != fact.service]
            return replace(
                item,
                service=fact.service,
                agent=fact.agent,
                held=item.held
                if is_rule(fact.by)
                else (*item.held, (fact.happened_at, fact.service)),
                copies=tuple(dict.fromkeys((*fact.copies, *readers))),
                consulted=debtors(item),
                informed=fact.informed,
                signatory=None,
            )
        case ItemReclassified():
            return replace(
                item,
                classification=fact.classification,
                second_asked=_left(item, fact.asked),
            )
        case RegimeConfirmed():
            return replace(item, regime=fact)
        case ReceiptCorrected():
            return replace(item, receipt=fact.receipt, provisional=False)
        case NoticeOrdered():
            return replace(item, orders=(*item.orders, fact))
        case AcknowledgementSent():
            return replace(item, acknowledged=True)
        case PiecesRequested():
            return replace(item, pieces_until=fact.until, pieces=item.pieces.with_request(fact))
        case PiecesReceived():
            return replace(item, pieces_until=None, pieces=item.pieces.with_reception(fact))
        case AwaitingThird():
            before = item.third_asks if item.third == fact.who else ()
            return replace(item, third=fact.who, third_asks=(*before, fact))
        case ThirdAnswered():
            return replace(item, third=None, third_asks=())
        case ReplyInSignature():
            return replace(item, signatory=fact.signatory)
        case SignatureReturned():
            return replace(item, signatory=None)
        case HoldingReplySent():
            return replace(item, holding_until=fact.until)
        case ReplyObserved():
            return replace(item, observations=(*item.observations, fact))
        case ReplySent():
            return replace(item, replies=(*item.replies, fact), signatory=None)
        case LateExplained():
            return replace(item, late_cause=fact.cause)
        case DecisionTaken():
            return replace(item, decision=fact)
        case ItemTransferred():
            return replace(item, transfer=fact)
        case PersonTold():
            return replace(item, person_told=True)
        case SubjectNoted():
            return replace(item, noted=fact.pli)
        case SenderNoted():
            return replace(item, sender_noted=fact.pli)
        case SenderWroteAgain():
            return replace(item, messages=(*item.messages, fact))
        case ItemClosed():
            return replace(item, closed=fact.reason, returned=())
        case ItemReopened():
            return replace(item, closed=None)
        case ItemMergedInto():
            return replace(item, merged_into=fact.survivor, merged_chrono=fact.survivor_chrono)
        case ItemAbsorbed():
            return replace(item, absorbed=(*item.absorbed, fact.absorbed_chrono))
        case OpinionAsked():
            new = () if fact.service in item.copies else (fact.service,)
            copies, consulted = (*item.copies, *new), tuple(dict.fromkeys((*item.consulted, *new)))
            opinions = (*item.opinions, fact)
            return replace(item, copies=copies, consulted=consulted, opinions=opinions)
        case NoteWritten():
            left = tuple(asked for asked in item.opinions if asked.event_id != fact.answers)
            return item if left == item.opinions else replace(item, opinions=left)
        case WithdrawalAsked():
            return replace(item, asked=(*item.asked, fact))
        case DocumentWithdrawn():
            rest = tuple(request for request in item.asked if request.event_id != fact.asked)
            gone = item.gone | {fact.arrival_id, *fact.copies}
            return replace(item, asked=rest, gone=gone)
        case LegalHoldPlaced():
            return replace(item, legal_hold=fact)
        case LegalHoldLifted():
            return replace(item, legal_hold=None, second_asked=_left(item, fact.asked))
        case SecondPersonAsked():
            return replace(item, second_asked=(*item.second_asked, fact))
        case ItemWithdrawn() | ItemDestroyed():
            return replace(item, destroyed=True, asked=())
        case (
            ItemRegistered()
            | WaitStarted()
            | ReceiptSent()
            | AttachmentsRead()
            | ItemSplitFrom()
            | ReminderAnswered()
            | FactWithdrawn()
            | EvidenceSealed()
            | PersonChanged()
            | LetterReturned()
            | ReturnSettled()
            | RegisteredLetterSent()
            | DeliveryNoticed()
            | SecureMailSent()
            | SecureMailRead()
            | NoticeReleased()
            | NoticeDropped()
        ):
            return item
        case _:
            assert_never(fact)
