"""What of an item's facts was a letter of ours, on paper: what the post may bring back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.facts.authors import AuthorKind, author_of
from shared.facts.envelope import Chrono, EventId
from shared.facts.items import Items
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.replies import DeliveryNoticed, ReplySent
from shared.facts.vocabulary import NoticeKind, Proof, Way

COMPOSED: Final = (
    NoticeKind.REPLY, NoticeKind.HOLDING_REPLY, NoticeKind.PIECES, NoticeKind.TRANSFER,
    NoticeKind.THIRD,
)  # fmt: skip
"""The kinds of letters that a service composes, and whose signature may be delegated."""

ON_PAPER = frozenset({Proof.KEYED, Proof.SCANNED, Proof.DECLARED})


@dataclass(frozen=True, slots=True)
class PaperLetter:
    """A letter to the sender that was posted on paper, and so may come back."""

    event_id: EventId
    """Of the fact that says that it left."""
    kind: NoticeKind
    seq: int
    left_at: datetime
    recorded_at: datetime
    departure: Chrono | None
    back: bool = False
    """Whether it came back, whatever was done then."""
    number: str | None = None
    """Of the post, of a registered letter."""
    delivery: DeliveryNoticed | None = None
    """What its avis de réception says, once that came back."""


def letter_of(fact: Items, kind: NoticeKind) -> PaperLetter | None:
    """Returns the paper letter that a fact records; `None` for an email or an observed reply."""
    if not _on_paper(fact):
        return None
    departure = fact.departure if isinstance(fact, ReplySent) else None
    return PaperLetter(fact.event_id, kind, fact.seq, fact.happened_at, fact.recorded_at, departure)


def kind_of(fact: Items) -> NoticeKind | None:  # noqa: PLR0911  (one line a fact)
    """Returns the kind of notice that a dispatch fact records (reply, …), or `None`."""
    match fact:
        case ReplySent():
            return NoticeKind.REPLY
        case HoldingReplySent():
            return NoticeKind.HOLDING_REPLY
        case PiecesRequested():
            return NoticeKind.PIECES
        case AcknowledgementSent():
            return fact.kind
        case PersonTold():
            return NoticeKind.TRANSFER
        case ReceiptSent():
            return NoticeKind.RECEIPT
        case _:
            return None


def _on_paper(fact: Items) -> bool:
    """Whether it may be what the post brings back: no mail of ours, nor one seen in Sent."""
    match fact:
        case ReplySent():
            return fact.proof in ON_PAPER
        case AcknowledgementSent() | PersonTold() | ReceiptSent():
            return fact.way is Way.PAPER
        case HoldingReplySent() | PiecesRequested():
            seen = fact.observation is not None and not _was_scanned(fact)
            return fact.notice_id is None and not seen
        case _:
            return False


def _was_scanned(fact: Items) -> bool:
    """Whether a scanned departure says it."""
    author = author_of(fact.by)
    return author is not None and author.kind is AuthorKind.SOURCE
