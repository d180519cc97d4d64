"""An item: what its facts say of it, folded in order. The register's rows are made from this."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from services.desk.domain.paper_letters import PaperLetter
from shared.calendar.pieces import Pieces
from shared.facts.envelope import (
    ArrivalId,
    BlobKey,
    Chrono,
    Digest,
    EventId,
    ItemId,
    PersonId,
    Receipt,
    ServiceId,
)
from shared.facts.items.base import Classification
from shared.facts.items.closure import DecisionTaken, ItemTransferred
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.items.pieces import AwaitingThird
from shared.facts.items.registration import ItemRegistered, SenderWroteAgain
from shared.facts.items.replies import LetterReturned, ReplyObserved, ReplySent
from shared.facts.items.retention import LegalHoldPlaced, SecondPersonAsked, WithdrawalAsked
from shared.facts.items.routing import OpinionAsked, RegimeConfirmed
from shared.facts.vocabulary import Channel, LateCause, Nature, NoticeKind, Waiting


class ItemStatus(StrEnum):
    """The state of an item (open, closed, answered …); the first that applies, from the top."""

    DESTROYED = "destroyed"
    MERGED = "merged"
    RETURNED = "returned"
    """Reopened by a letter of ours that came back: a person decides what is done."""
    CLOSED = "closed"
    ANSWERED = "answered"
    TRANSFERRED = "transferred"
    TO_QUALIFY = "to_qualify"
    OBSERVED = "observed"
    """A message to the sender was seen in Sent: a person says what it was."""
    IN_SIGNATURE = "in_signature"
    AWAITING_PIECES = "awaiting_pieces"
    AWAITING_THIRD = "awaiting_third"
    OPEN = "open"


DONE = frozenset(
    {
        ItemStatus.DESTROYED,
        ItemStatus.MERGED,
        ItemStatus.CLOSED,
        ItemStatus.ANSWERED,
        ItemStatus.TRANSFERRED,
    }
)
"""Nothing is left to do: no list of work shows it."""
ENDED = DONE | {ItemStatus.RETURNED}
"""Nothing is left to answer: a letter that came back is to be dealt with, its answer had left."""


@dataclass(frozen=True, slots=True)
class Item:
    """An item in its present state, computed from its facts; `seq` is their number."""

    opened: ItemRegistered
    seq: int
    receipt: Receipt
    provisional: bool
    classification: Classification
    service: ServiceId
    agent: PersonId | None
    held: tuple[tuple[datetime, ServiceId], ...] = ()
    """The services that a person or a certain rule put in charge, each with the moment."""
    copies: tuple[ServiceId, ...] = ()
    informed: tuple[PersonId, ...] = ()
    waits: frozenset[Waiting] = frozenset()
    regime: RegimeConfirmed | None = None
    orders: tuple[NoticeOrdered, ...] = ()
    told_receipt: bool = False
    acknowledged: bool = False
    pieces_until: date | None = None
    pieces: Pieces = field(default_factory=Pieces)
    third: str | None = None
    third_asks: tuple[AwaitingThird, ...] = ()  # that say it: the first, and each chase since
    signatory: PersonId | None = None
    holding_until: date | None = None
    observations: tuple[ReplyObserved, ...] = ()
    """Replies seen in Sent that nobody has judged yet."""
    replies: tuple[ReplySent, ...] = ()
    late_cause: LateCause | None = None
    """Why its reply was late, as somebody said last."""
    decision: DecisionTaken | None = None
    transfer: ItemTransferred | None = None
    person_told: bool = False
    messages: tuple[SenderWroteAgain, ...] = ()
    closed: str | None = None  # the reason
    merged_into: ItemId | None = None
    merged_chrono: Chrono | None = None
    absorbed: tuple[Chrono, ...] = field(default=())
    destroyed: bool = False
    asked: tuple[WithdrawalAsked, ...] = ()
    """Withdrawals that a second person has not confirmed yet."""
    gone: frozenset[ArrivalId] = frozenset()
    """Messages whose content was withdrawn."""
    legal_hold: LegalHoldPlaced | None = None
    second_asked: tuple[SecondPersonAsked, ...] = ()
    """Requests that wait for a second person."""
    noted: BlobKey | None = None
    """The pli of its subject, where a person wrote one down."""
    sender_noted: BlobKey | None = None
    """The pli of who writes, where a person wrote it down."""
    letters: tuple[PaperLetter, ...] = ()
    """Ours that left on paper."""
    returned: tuple[LetterReturned, ...] = ()
    """Letters that came back and that nobody has settled."""
    readdressed: frozenset[EventId] = frozenset()  # of these, to be sent again: address corrected
    copies_settled: frozenset[EventId] = frozenset()  # notices: what was done is said
    opinions: tuple[OpinionAsked, ...] = ()  # that other services have not given
    consulted: tuple[ServiceId, ...] = ()  # in copy since their opinion was asked, nothing else
    was_reserved: bool = False
    """At any time, even if that was taken back."""

    @property
    def item_id(self) -> ItemId:
        """The id of the item (a UUID)."""
        return self.opened.item_id

    @property
    def chrono(self) -> Chrono:
        """The item's chrono, which never changes."""
        return self.opened.chrono

    @property
    def channel(self) -> Channel:
        """The channel by which the item came (letter, email, form)."""
        return self.opened.channel

    @property
    def correspondent(self) -> Digest | None:
        """The pseudonym of the person to whom the item is answered, or `None`."""
        return self.opened.correspondent

    @property
    def arrival_id(self) -> ArrivalId | None:
        """The id of the arrival that opened the item; `None` if it was keyed at the counter."""
        return self.opened.arrival_id

    @property
    def pli(self) -> BlobKey | None:
        """The key of the pli with the item's content, or `None`; a later scan may bring it.

        `None` too when the content was withdrawn.
        """
        if self.opened.pli is not None:
            return None if self.opened.arrival_id in self.gone else self.opened.pli
        left = (message for message in self.messages if message.arrival_id not in self.gone)
        return next((message.pli for message in left if message.pli), None)

    @property
    def sender(self) -> BlobKey | None:
        """Key of the pli with the sender as a person noted them; `None`: nobody did, or erased."""
        gone = self.arrival_id is not None and self.arrival_id in self.gone
        return None if gone or self.destroyed else self.sender_noted

    @property
    def complaint(self) -> bool:
        """Whether the item is a complaint, which the head of its service holds (DOMAIN §7)."""
        return self.classification.nature is Nature.COMPLAINT

    @property
    def reply(self) -> ReplySent | None:
        """The earliest reply to the item, which stopped its clock (CLOCKS, rule 20), or `None`."""
        return min(self.replies, key=lambda reply: (reply.happened_at, reply.seq), default=None)

    @property
    def to_settle(self) -> tuple[LetterReturned, ...]:
        """Letters to the sender that the post returned and the mail office must deal with."""
        return tuple(letter for letter in self.returned if letter.event_id not in self.readdressed)

    def came_back(self, kind: NoticeKind) -> LetterReturned | None:
        """Returns the last letter of a kind that the post returned, not sent again, or `None`."""
        return next((letter for letter in reversed(self.returned) if letter.kind is kind), None)

    @property
    def transferred(self) -> bool:
        """Whether the item was transmitted to another administration and its sender told so."""
        return self.transfer is not None and self.person_told

    @property
    def state(self) -> ItemStatus:
        """The state of the item: the first of `ItemStatus` that applies."""
        return next(state for state, holds in _states(self) if holds)

    @property
    def ended(self) -> bool:
        """Whether the item needs no answer any more (answered, closed, transmitted, merged …)."""
        return self.state in ENDED


def _states(item: Item) -> tuple[tuple[ItemStatus, bool], ...]:
    return (
        (ItemStatus.DESTROYED, item.destroyed),
        (ItemStatus.MERGED, item.merged_into is not None),
        (
            ItemStatus.RETURNED,
            bool(item.returned)
            and (item.closed is not None or bool(item.replies) or item.transferred),
        ),
        (ItemStatus.CLOSED, item.closed is not None),
        (ItemStatus.ANSWERED, bool(item.replies)),
        (ItemStatus.TRANSFERRED, item.transferred),
        (ItemStatus.TO_QUALIFY, Waiting.TO_QUALIFY in item.waits),
        (ItemStatus.OBSERVED, bool(item.observations)),
        (ItemStatus.IN_SIGNATURE, item.signatory is not None),
        (ItemStatus.AWAITING_PIECES, item.pieces_until is not None),
        (ItemStatus.AWAITING_THIRD, item.third is not None),
        (ItemStatus.OPEN, True),
    )
