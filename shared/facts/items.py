"""Topic `items`: what the register alone states about an item (key: item id)."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from shared.facts.directory import PersonChanged
from shared.facts.gone import (
    DocumentWithdrawn,
    EvidenceSealed,
    LegalHoldLifted,
    LegalHoldPlaced,
    SecondPersonAsked,
    WithdrawalAsked,
)
from shared.facts.handled import (
    AcknowledgementSent,
    AwaitingThird,
    DecisionTaken,
    FactWithdrawn,
    HoldingReplySent,
    ItemClosed,
    ItemReopened,
    ItemTransferred,
    NoticeOrdered,
    PersonTold,
    PiecesReceived,
    PiecesRequested,
    ReceiptSent,
    ReminderAnswered,
    ReplyInSignature,
    ReplyObserved,
    ReplySent,
    SignatureReturned,
    ThirdAnswered,
)
from shared.facts.judged import NoticeDropped, NoticeReleased
from shared.facts.noted import SenderNoted, SubjectNoted
from shared.facts.opened import (
    ItemAbsorbed,
    ItemAssigned,
    ItemDestroyed,
    ItemMergedInto,
    ItemReclassified,
    ItemRegistered,
    ItemSplitFrom,
    ItemWithdrawn,
    ReceiptCorrected,
    RegimeConfirmed,
    SenderWroteAgain,
    WaitEnded,
    WaitStarted,
)
from shared.facts.returned import LetterReturned, ReturnSettled

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
