"""Topic `items`: what the register alone states about an item (key: item id)."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
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
    LateExplained,
    LetterReturned,
    ReplyObserved,
    ReplySent,
    ReturnSettled,
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
    RegimeConfirmed,
    ReminderAnswered,
    ReplyInSignature,
    SignatureReturned,
    WaitEnded,
    WaitStarted,
)

Items = (
    ItemRegistered
    | WaitStarted
    | WaitEnded
    | ItemAssigned
    | ItemReclassified
    | RegimeConfirmed
    | ReceiptCorrected
    | NoticeOrdered
    | ReceiptSent
    | AcknowledgementSent
    | PiecesRequested
    | PiecesReceived
    | AwaitingThird
    | ThirdAnswered
    | ReplyInSignature
    | SignatureReturned
    | HoldingReplySent
    | ReplyObserved
    | ReplySent
    | DecisionTaken
    | ItemTransferred
    | PersonTold
    | ItemClosed
    | ItemReopened
    | SenderWroteAgain
    | ItemMergedInto
    | ItemAbsorbed
    | ItemSplitFrom
    | ReminderAnswered
    | LateExplained
    | ItemWithdrawn
    | ItemDestroyed
    | FactWithdrawn
    | WithdrawalAsked
    | DocumentWithdrawn
    | LegalHoldPlaced
    | LegalHoldLifted
    | EvidenceSealed
    | LetterReturned
    | ReturnSettled
    | NoticeReleased
    | NoticeDropped
    | SubjectNoted
    | PersonChanged
    | SecondPersonAsked
    | SenderNoted
)

ITEMS: TypeAdapter[Items] = TypeAdapter(Annotated[Items, Field(discriminator="type")])
"""Decodes a record of topic `items`."""
