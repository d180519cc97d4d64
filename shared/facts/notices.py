"""Topic `notices`: what notify did with each message that was called for (key: notice id)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, TypeAdapter

from shared.facts.envelope import BlobKey, Digest, EventId, Fact, ItemId, NoticeId, PersonId, Topic
from shared.facts.vocabulary import NoticeKind, ServerAnswer, Way


class NoticeFact(Fact):
    """The base of all facts about a notice; `item_ids` are the items that it speaks of."""

    topic: ClassVar[Topic] = Topic.NOTICES
    notice_id: NoticeId
    item_ids: tuple[ItemId, ...]
    kind: NoticeKind
    way: Way
    occasion: str
    """The event id that calls for it, or `digest:<person>:<local day>`."""
    ordered: EventId | None = None
    """The `NoticeOrdered` that it carries out, when a person asked for it."""
    reader: PersonId | None = None
    """Somebody of ours; `None`: the sender."""
    revision: int | None = None
    """Of what is told of the notice: a lower one is old news; `None`: told before it was said."""

    @property
    def key(self) -> str:
        """The Kafka key, the notice's id: all facts about one notice travel in order."""
        return str(self.notice_id)


class NoticePlanned(NoticeFact):
    """Fact: a notice was planned; for one on paper `document` is the PDF to print."""

    type: Literal["NoticePlanned"] = "NoticePlanned"
    document: BlobKey | None = None


class NoticeHeld(NoticeFact):
    """Fact: a notice is held back until a person decides; `why` is a code."""

    type: Literal["NoticeHeld"] = "NoticeHeld"
    why: str


class NoticeSent(NoticeFact):
    """Fact: a notice was sent: a mail server took it, or it left on paper, at `happened_at`.

    `document` is exactly what left.
    """

    type: Literal["NoticeSent"] = "NoticeSent"
    message: Digest
    document: BlobKey | None = None
    attempts: int = 1
    answer: ServerAnswer | None = None
    """Of the server that took it; `None`: on paper, or told before November 2026."""


class NoticeFailed(NoticeFact):
    """Fact: a notice was refused for good, or its address can't be used.

    `status` is a code such as `5.1.1`.
    """

    type: Literal["NoticeFailed"] = "NoticeFailed"
    status: str


class NoticeBounced(NoticeFact):
    """Fact: a notice that was sent came back undelivered (bounce)."""

    type: Literal["NoticeBounced"] = "NoticeBounced"
    status: str


class NoticeWithdrawn(NoticeFact):
    """Fact: a notice will not be sent: a person dropped it, or nothing calls for it any more."""

    type: Literal["NoticeWithdrawn"] = "NoticeWithdrawn"
    why: str


Notices = NoticePlanned | NoticeHeld | NoticeSent | NoticeFailed | NoticeBounced | NoticeWithdrawn

NOTICES: TypeAdapter[Notices] = TypeAdapter(Annotated[Notices, Field(discriminator="type")])
"""Decodes a record of topic `notices`."""
