"""Facts of replies: seen and sent, and letters of ours that the post brings back."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import ArrivalId, BlobKey, Chrono, Digest, EventId, NoticeId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import (
    LateCause,
    NoticeKind,
    Proof,
    ReturnReason,
    ServerAnswer,
    Settled,
    Way,
)


class ReplyObserved(ItemFact):
    """Fact: a possible reply to the item was seen in a Sent folder: its reminders hide meanwhile.

    Its clocks run on (CLOCKS, rule 10).
    """

    type: Literal["ReplyObserved"] = "ReplyObserved"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId
    message: Digest | None
    looks_like: NoticeKind | None = None


class ReplySent(ItemFact):
    """Fact: the reply to the item left at `happened_at`; only this stops the reply clock."""

    type: Literal["ReplySent"] = "ReplySent"
    weight: ClassVar[Weight] = Weight.STATEMENT
    proof: Proof
    observation: EventId | None = None
    """The `ReplyObserved` that it confirms."""
    departure: Chrono | None = None
    notice_id: NoticeId | None = None
    template: str | None = None
    """The standard letter from which it was composed, `letter@version`."""
    document: BlobKey | None = None
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class LateExplained(ItemFact):
    """Fact: a person said for what cause the reply was late; the last such statement counts."""

    type: Literal["LateExplained"] = "LateExplained"
    weight: ClassVar[Weight] = Weight.STATEMENT
    cause: LateCause


class LetterReturned(ItemFact):
    """Fact: a letter of ours was returned by the post, on the local day of `happened_at`.

    The clocks that its sending stopped stay stopped (ADR 0021).
    """

    type: Literal["LetterReturned"] = "LetterReturned"
    weight: ClassVar[Weight] = Weight.STATEMENT
    letter: EventId
    """The fact that says that it left."""
    kind: NoticeKind
    departure: Chrono | None = None
    """The departure's own chrono, where it took one."""
    reason: ReturnReason


class ReturnSettled(ItemFact):
    """Fact: a person settled a returned letter, and said what was done about it."""

    type: Literal["ReturnSettled"] = "ReturnSettled"
    weight: ClassVar[Weight] = Weight.STATEMENT
    returned: EventId
    """The `LetterReturned`; of a copy by mail that was not delivered, its notice's id."""
    outcome: Settled
    reason: str | None = None
    """Why nothing more is done."""
    kind: NoticeKind | None = None
    """`COPY`, of a copy by mail; `None`: a letter that the post returned."""
    way: Way | None = None
    """By which way such a copy was sent again."""


class RegisteredLetterSent(ItemFact):
    """Fact: a letter of ours left as a lettre recommandée with avis de réception."""

    type: Literal["RegisteredLetterSent"] = "RegisteredLetterSent"
    weight: ClassVar[Weight] = Weight.STATEMENT
    letter: EventId
    """The fact that says that it left."""
    kind: NoticeKind
    number: str
    """Of the post, without blanks: `2C12345678905`."""


class DeliveryNoticed(ItemFact):
    """Fact: the avis de réception of a registered letter came back, and what it says."""

    type: Literal["DeliveryNoticed"] = "DeliveryNoticed"
    weight: ClassVar[Weight] = Weight.STATEMENT
    letter: EventId
    """The fact that says that the letter left."""
    kind: NoticeKind
    number: str
    on: date
    """The local day that it names: of the signature, else of the first presentation."""
    reason: ReturnReason | None = None
    """Why nobody signed; `None`: somebody did."""


class SecureMailSent(ItemFact):
    """Fact: a letter of ours left as mail sécurisé, at the moment at which its links were mailed.

    The fact of its kind that stops clocks, such as `ReplySent`, is stated with it.
    """

    type: Literal["SecureMailSent"] = "SecureMailSent"
    weight: ClassVar[Weight] = Weight.EVENT
    letter: EventId
    """The fact that says that the letter left."""
    kind: NoticeKind
    remote: str
    """The id that Pastell gave it."""
    recipients: int
    """To whom it went, whoever had a copy included."""
    unread_from: date
    """The local day from which whoever is in charge is told that the addressee has not read it."""


class SecureMailRead(ItemFact):
    """Fact: a recipient of a mail sécurisé opened it for the first time, at `happened_at`."""

    type: Literal["SecureMailRead"] = "SecureMailRead"
    weight: ClassVar[Weight] = Weight.EVENT
    letter: EventId
    """The fact that says that the letter left."""
    kind: NoticeKind
    recipient: int
    """0: the addressee; 1 and on: who had a copy, in the order of the letter."""


ReplyFact = (
    ReplyObserved
    | ReplySent
    | LateExplained
    | LetterReturned
    | ReturnSettled
    | RegisteredLetterSent
    | DeliveryNoticed
    | SecureMailSent
    | SecureMailRead
)
