"""A call: a notice that something asks for, with its occasion, its kind and its recipient."""

from dataclasses import dataclass
from datetime import datetime

from shared.facts import ids
from shared.facts.envelope import BlobKey, EventId, NoticeId, PersonId
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.vocabulary import NoticeKind, Way

OURS = frozenset({
    NoticeKind.DIGEST, NoticeKind.WEEKLY, NoticeKind.ALERT, NoticeKind.PERSON_CHANGED,
    NoticeKind.EXERCISE, NoticeKind.ROOTS,
})  # fmt: skip
"""What is written to somebody of ours, or keeps our evidence."""


@dataclass(frozen=True, slots=True)
class ToSender:
    """The recipient of a notice that goes to the item's sender, whose address is in the pli."""

    @property
    def name(self) -> str:
        """The recipient's part of the notice's idempotency key, the same for every sender."""
        return "sender"


@dataclass(frozen=True, slots=True)
class ToColleague:
    """The recipient of a notice to one of our own people."""

    person: PersonId

    @property
    def name(self) -> str:
        """The recipient's part of the notice's idempotency key."""
        return f"person:{self.person}"


Recipient = ToSender | ToColleague


@dataclass(frozen=True, slots=True)
class Call:
    """A notice that an item's facts call for; occasion, kind, recipient: its idempotency key."""

    occasion: str
    kind: NoticeKind
    recipient: Recipient
    way: Way
    since: datetime
    """From when on it is owed; it is stale so long after it was first due (`due`)."""
    seq: int = 0
    """Of the fact that calls for it."""
    order: NoticeOrdered | None = None
    """The person's order that it carries out."""
    copy: BlobKey | None = None  # the pli of the copy that it is, of what `order` asked for
    awaited: bool = False
    """An alert to read within the opening hour, not one to wake somebody for."""

    def notice(self, site: str) -> NoticeId:
        """Returns the id of the notice, the same each time it is computed."""
        return ids.notice_id(site, self.occasion, self.kind, self.recipient.name)

    @property
    def ordered(self) -> EventId | None:
        """The event id of the order by which a person asked for the notice, or `None`."""
        return self.order.event_id if self.order else None

    @property
    def text(self) -> BlobKey | None:
        """The blob key of the text that a person wrote for this notice (its pli), or `None`."""
        return self.copy or (self.order.pli if self.order else None)
