"""What a notice needs to know of an item: the fold of its facts, whatever their order of arrival.

Withdrawn statements count for nothing; `seq` alone decides what is current (docs/clocks.md, 20).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.calendar.pieces import Pieces
from shared.facts.envelope import At, BlobKey, EventId, NoticeId, On, PersonId, Receipt, ServiceId
from shared.facts.items import Items
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.base import Classification
from shared.facts.items.closure import ItemClosed, ItemReopened, ItemTransferred
from shared.facts.items.corrections import FactWithdrawn, ItemMergedInto, ReceiptCorrected
from shared.facts.items.notice_orders import NoticeDropped, NoticeOrdered, NoticeReleased
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.facts.items.registration import (
    ItemRegistered,
    SenderNoted,
    SenderWroteAgain,
)
from shared.facts.items.replies import LetterReturned, ReplyObserved, ReplySent, ReturnSettled
from shared.facts.items.retention import ItemDestroyed, ItemWithdrawn
from shared.facts.items.routing import ItemAssigned, ItemReclassified, RegimeConfirmed, WaitEnded
from shared.facts.standing import standing
from shared.facts.vocabulary import NoticeKind, Proof, Settled, Waiting, Way

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
    )
)
"""The types of facts that can change what is said; the others are not kept."""


@dataclass(frozen=True, slots=True)
class NotifiedItem:
    """The state of an item as far as notices depend on it, computed from its facts."""

    registered: ItemRegistered
    classification: Classification
    service: ServiceId
    agent: PersonId | None
    receipt: Receipt
    provisional: bool
    qualified_at: datetime | None
    """Since when service and category stand on a person's or a certain rule's word."""
    regime: RegimeConfirmed | None = None
    orders: tuple[NoticeOrdered, ...] = ()
    dangers: tuple[tuple[EventId, datetime], ...] = ()
    """The messages in which a word of danger was read, and when they were registered."""
    read: AttachmentsRead | None = None
    """What was read of the files attached to the first message."""
    left: frozenset[NoticeKind] = frozenset()
    """What has left, whoever sent it and by whichever way."""
    left_notices: frozenset[NoticeId] = frozenset()
    """Notices of ours of which the register says that they left (a letter that was posted)."""
    posted: Mapping[NoticeKind, int] = field(default_factory=dict)
    """Kinds that a person posted and keyed or scanned at departure, and the `seq` that says so."""
    acknowledged_at: datetime | None = None
    """When the last acknowledgement left: what a rectification corrects."""
    answered: bool = False
    """A reply left, or one was observed and nobody has said that it was none."""
    replied: ReplySent | None = None
    """The reply that left, the last one said: what it overtook is moot (docs/clocks.md, 20)."""
    ended: bool = False
    """Closed, transferred or another item's message: nothing more is acknowledged."""
    merged: bool = False
    """It was another item's message: the receipt of the other speaks for it."""
    sender: BlobKey | None = None
    """The pli of who writes, where a person wrote it down: an answer goes there."""
    gone: bool = False
    """Its content is withdrawn or destroyed: nothing can be said any more."""
    pieces: Pieces = field(default_factory=Pieces)
    """The requests that left, whoever sent them, and what was received."""
    asking: tuple[NoticeOrdered, ...] = ()
    """Requests for pieces that were ordered; a notice of ours that left is in `left_notices`."""
    dropped: frozenset[NoticeId] = frozenset()
    """Notices that a person let go: they never leave."""
    returned: tuple[LetterReturned, ...] = ()
    """Letters that came back and were neither sent again nor given up."""
    readdressed: frozenset[EventId] = frozenset()
    """Of these, those whose address is corrected."""


def fold(facts: Iterable[Items]) -> NotifiedItem | None:
    """Returns the state of an item from its facts, in any order; `None` before registration."""
    given = list(facts)
    stands = sorted(standing(given), key=lambda fact: fact.seq)
    opening = next((fact for fact in given if isinstance(fact, ItemRegistered)), None)
    if opening is None:
        return None
    item = NotifiedItem(
        registered=opening,
        classification=opening.classification,
        service=opening.service,
        agent=opening.agent,
        receipt=opening.receipt,
        provisional=opening.provisional,
        qualified_at=opening.recorded_at if opening.qualified else None,
        dangers=_dangers(opening),
    )
    for fact in stands:
        item = _after(item, fact)
    return item


def _dangers(opening: ItemRegistered) -> tuple[tuple[EventId, datetime], ...]:
    """What a person took over from the past has been read: only what comes later alerts."""
    alerts = opening.danger and not opening.imported
    return ((opening.event_id, opening.recorded_at),) if alerts else ()


def _after(item: NotifiedItem, fact: Items) -> NotifiedItem:  # noqa: C901, PLR0911, PLR0912  (one case a fact)
    match fact:
        case WaitEnded(waiting=Waiting.TO_QUALIFY):
            return replace(item, qualified_at=item.qualified_at or fact.recorded_at)
        case ItemAssigned():
            return replace(item, service=fact.service, agent=fact.agent)
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
        case NoticeDropped():
            return replace(item, dropped=item.dropped | {fact.notice_id})
        case SenderWroteAgain(danger=True):
            return replace(item, dangers=(*item.dangers, (fact.event_id, fact.recorded_at)))
        case AttachmentsRead():
            return _having_read(item, fact)
        case ReplyObserved() | ReplySent():
            left = item.left | {NoticeKind.REPLY}
            item = replace(item, answered=True, left=left)
            if isinstance(fact, ReplySent):
                item = _sent_again(item, NoticeKind.REPLY, fact.happened_at)
                item = replace(item, replied=fact)
            if isinstance(fact, ReplySent) and fact.proof in {Proof.KEYED, Proof.SCANNED}:
                item = replace(item, posted={**item.posted, NoticeKind.REPLY: fact.seq})
            return item
        case SenderNoted():
            return replace(item, sender=fact.pli)
        case ItemClosed():
            return replace(item, ended=True, returned=())
        case ItemTransferred():
            return replace(item, ended=True)
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
        case ItemMergedInto():
            return replace(item, ended=True, merged=True)
        case ItemReopened():
            return replace(item, ended=False)
        case ItemWithdrawn() | ItemDestroyed():
            return replace(item, gone=True)
        case _:
            return _having_left(item, fact)


def _having_read(item: NotifiedItem, fact: AttachmentsRead) -> NotifiedItem:
    """Its danger alerts like any message's; its hold is the item's, where it was the first one."""
    if fact.danger and not item.registered.imported:
        item = replace(item, dangers=(*item.dangers, (fact.event_id, fact.recorded_at)))
    return replace(item, read=fact) if fact.arrival_id == item.registered.arrival_id else item


def _sent_again(item: NotifiedItem, kind: NoticeKind, at: datetime) -> NotifiedItem:
    """What leaves settles what came back of its kind before."""
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
    if fact.notice_id is None:
        item = replace(item, posted={**item.posted, kind: fact.seq})
    notices = {fact.notice_id} if fact.notice_id is not None else frozenset[NoticeId]()
    return replace(item, left=item.left | {kind}, left_notices=item.left_notices | notices)


def received_at(receipt: Receipt, zone: ZoneInfo) -> datetime:
    """Returns the moment of a receipt; for a stamped letter, the beginning of its local day."""
    match receipt:
        case At(instant=instant):
            return instant
        case On(day=day):
            return datetime(day.year, day.month, day.day, tzinfo=zone)
