"""What each later fact changes of an item as far as notices depend on it, one case a fact."""

from collections.abc import Mapping
from datetime import datetime

from services.notify.domain.item import NotifiedItem
from shared.facts.envelope import NoticeId
from shared.facts.items import Items
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.closure import ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.corrections import FactWithdrawn, ItemMergedInto, ReceiptCorrected
from shared.facts.items.notice_orders import NoticeDropped, NoticeOrdered, NoticeReleased
from shared.facts.items.pieces import AwaitingThird, PiecesReceived, PiecesRequested, ThirdAnswered
from shared.facts.items.registration import ItemRegistered, SenderNoted, SenderWroteAgain
from shared.facts.items.replies import (
    LetterReturned,
    ReplyObserved,
    ReplySent,
    ReturnSettled,
    SecureMailRead,
    SecureMailSent,
)
from shared.facts.items.retention import ItemDestroyed, ItemWithdrawn
from shared.facts.items.routing import (
    ItemAssigned,
    ItemReclassified,
    NoteWritten,
    OpinionAsked,
    RegimeConfirmed,
    ReplyInSignature,
    SignatureReturned,
    WaitEnded,
)
from shared.facts.vocabulary import NoticeKind, Proof, Settled, Waiting, Way
from shared.replacement import replace

TELLING = frozenset(
    kind.__name__
    for kind in (
        ItemRegistered,
        WaitEnded,
        ItemAssigned,
        ItemReclassified,
        RegimeConfirmed,
        ReceiptCorrected,
        NoticeOrdered,
        ReceiptSent,
        AcknowledgementSent,
        HoldingReplySent,
        PiecesReceived,
        PiecesRequested,
        PersonTold,
        ReplyObserved,
        ReplySent,
        ItemTransferred,
        ItemClosed,
        ItemReopened,
        ItemMergedInto,
        SenderWroteAgain,
        ItemWithdrawn,
        ItemDestroyed,
        FactWithdrawn,
        LetterReturned,
        ReturnSettled,
        NoticeReleased,
        NoticeDropped,
        SenderNoted,
        AttachmentsRead,
        NoteWritten,
        OpinionAsked,
        AwaitingThird,
        ThirdAnswered,
        ReplyInSignature,
        SignatureReturned,
        SecureMailSent,
        SecureMailRead,
    )
)
"""The types of facts that can change what is said; the others are not kept."""


def after(item: NotifiedItem, fact: Items) -> NotifiedItem:  # noqa: C901, PLR0911, PLR0912  (one case a fact)
    """Returns the item as one more fact leaves it; facts that are not of TELLING change nothing."""
    match fact:
        case WaitEnded(waiting=Waiting.TO_QUALIFY):
            return replace(item, qualified_at=item.qualified_at or fact.recorded_at)
        case ItemAssigned():
            return replace(
                item,
                service=fact.service,
                agent=fact.agent,
                informed=fact.informed,
                signing=None,
            )
        case ReplyInSignature():
            return replace(item, signing=fact)
        case SignatureReturned():
            return replace(item, signing=None)
        case ItemReclassified():
            return replace(item, classification=fact.classification)
        case RegimeConfirmed():
            return replace(item, regime=fact)
        case ReceiptCorrected():
            return replace(item, receipt=fact.receipt, provisional=False)
        case NoticeOrdered():
            asks = (fact,) if fact.kind is NoticeKind.PIECES else ()
            return replace(item, orders=(*item.orders, fact), asking=(*item.asking, *asks))
        case PiecesReceived():
            return replace(item, pieces=item.pieces.with_reception(fact), asking=())
        case AwaitingThird():
            return replace(item, third=fact)
        case ThirdAnswered():
            return replace(item, third=None)
        case OpinionAsked():
            return replace(item, opinions=(*item.opinions, fact))
        case NoteWritten():
            rest = tuple(asked for asked in item.opinions if asked.event_id != fact.answers)
            return item if rest == item.opinions else replace(item, opinions=rest)
        case NoticeDropped():
            return replace(item, dropped=item.dropped | {fact.notice_id})
        case SenderWroteAgain(danger=True):
            return replace(item, dangers=(*item.dangers, (fact.event_id, fact.recorded_at)))
        case AttachmentsRead():
            return _having_read(item, fact)
        case ReplyObserved():
            return replace(item, answered=True, left=item.left | {NoticeKind.REPLY})
        case ReplySent():
            return _having_replied(item, fact)
        case SenderNoted():
            return replace(item, sender=fact.pli)
        case ItemClosed():
            return replace(item, ended=True, returned=(), signing=None)
        case ItemTransferred():
            return replace(item, ended=True, signing=None)
        case LetterReturned():
            return replace(item, returned=(*item.returned, fact))
        case ReturnSettled(outcome=Settled.ADDRESS_CORRECTED):
            return replace(item, readdressed=item.readdressed | {fact.returned})
        case ReturnSettled():
            still = tuple(
                letter_return
                for letter_return in item.returned
                if letter_return.event_id != fact.returned
            )
            return replace(item, returned=still)
        case SecureMailSent():
            return replace(item, unread=(*item.unread, fact))
        case SecureMailRead(recipient=0):
            unread = tuple(sent for sent in item.unread if sent.letter != fact.letter)
            return replace(item, unread=unread)
        case ItemMergedInto():
            return replace(item, ended=True, merged=True, signing=None)
        case ItemReopened():
            return replace(item, ended=False)
        case ItemWithdrawn() | ItemDestroyed():
            return replace(item, gone=True, signing=None)
        case _:
            return _having_left(item, fact)


def _having_replied(item: NotifiedItem, fact: ReplySent) -> NotifiedItem:
    posted = fact.proof in {Proof.KEYED, Proof.SCANNED}
    return replace(
        _sent_again(item, NoticeKind.REPLY, fact.happened_at),
        answered=True,
        left=item.left | {NoticeKind.REPLY},
        replied=fact,
        signing=None,
        posted={**item.posted, NoticeKind.REPLY: fact.seq} if posted else item.posted,
        left_notices=_with_notice(item, fact.notice_id, fact.happened_at),
    )


def _with_notice(
    item: NotifiedItem, notice: NoticeId | None, at: datetime
) -> Mapping[NoticeId, datetime]:
    return item.left_notices if notice is None else {**item.left_notices, notice: at}


def _having_read(item: NotifiedItem, fact: AttachmentsRead) -> NotifiedItem:
    """Its danger alerts like any message's; its hold is the item's, where it was the first one."""
    if fact.danger and not item.registered.imported:
        item = replace(item, dangers=(*item.dangers, (fact.event_id, fact.recorded_at)))
    return replace(item, read=fact) if fact.arrival_id == item.registered.arrival_id else item


def _sent_again(item: NotifiedItem, kind: NoticeKind, at: datetime) -> NotifiedItem:
    """What leaves settles what came back of its kind before."""
    if not item.returned:
        return item
    still = tuple(fact for fact in item.returned if fact.kind is not kind or at < fact.happened_at)
    return replace(item, returned=still)


def _having_left(item: NotifiedItem, fact: Items) -> NotifiedItem:
    match fact:
        case ReceiptSent():
            kind = NoticeKind.RECEIPT
        case AcknowledgementSent():
            kind = fact.kind
        case HoldingReplySent():
            kind = NoticeKind.HOLDING_REPLY
        case PiecesRequested():
            kind = NoticeKind.PIECES
        case PersonTold():
            kind = NoticeKind.TRANSFER
        case _:
            return item
    if isinstance(fact, PiecesRequested):
        item = replace(item, pieces=item.pieces.with_request(fact))
        if fact.notice_id is None:  # the paper that lay ready; what leaves by mail still leaves
            mails = tuple(fact for fact in item.asking if fact.way is Way.MAIL)
            item = replace(item, asking=mails)
    item = _sent_again(item, kind, fact.happened_at)
    if isinstance(fact, AcknowledgementSent):
        item = replace(item, acknowledged_at=fact.happened_at)
    posted = item.posted if fact.notice_id is not None else {**item.posted, kind: fact.seq}
    notices = _with_notice(item, fact.notice_id, fact.happened_at)
    return replace(item, posted=posted, left=item.left | {kind}, left_notices=notices)
