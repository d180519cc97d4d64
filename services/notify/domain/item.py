"""What a notice needs to know of an item, as its facts are folded (fold.py)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from shared.calendar.pieces import Pieces
from shared.facts.envelope import At, BlobKey, EventId, NoticeId, On, PersonId, Receipt, ServiceId
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.base import Classification
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import AwaitingThird
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.replies import LetterReturned, ReplySent, SecureMailSent
from shared.facts.items.routing import OpinionAsked, RegimeConfirmed, ReplyInSignature
from shared.facts.vocabulary import NoticeKind


@dataclass(frozen=True, slots=True)
class NotifiedItem:
    """The state of an item as far as notices depend on it, computed from its facts."""

    registered: ItemRegistered
    classification: Classification
    service: ServiceId
    agent: PersonId | None
    informed: tuple[PersonId, ...]
    """Colleagues who read it though they do not handle it."""
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
    left_notices: Mapping[NoticeId, datetime] = field(default_factory=dict)
    """Notices of ours of which the register says that they left (or were posted), and when."""
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
    opinions: tuple[OpinionAsked, ...] = ()  # that other services have not given
    signing: ReplyInSignature | None = None  # a letter lies with somebody to be read or signed
    third: AwaitingThird | None = None  # the last ask of a third party who has not answered
    dropped: frozenset[NoticeId] = frozenset()  # that a person let go: they never leave
    returned: tuple[LetterReturned, ...] = ()  # and were neither sent again nor given up
    unread: tuple[SecureMailSent, ...] = ()  # that their addressee has not read, as far as is known
    readdressed: frozenset[EventId] = frozenset()
    """Of these, those whose address is corrected."""


def received_at(receipt: Receipt, zone: ZoneInfo) -> datetime:
    """Returns the moment of a receipt; for a stamped letter, the beginning of its local day."""
    match receipt:
        case At(instant=instant):
            return instant
        case On(day=day):
            return datetime(day.year, day.month, day.day, tzinfo=zone)
