"""Facts of the evidence, and of how a content ends: asked, withdrawn, kept for a judge, sealed."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import ArrivalId, Digest, EventId, Weight
from shared.facts.item import ItemFact
from shared.facts.words import TwoPersonAct


class WithdrawalAsked(ItemFact):
    """A person asks that a document go for good; nothing goes before another one confirms it."""

    type: Literal["WithdrawalAsked"] = "WithdrawalAsked"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId | None
    """The message whose content must go, with its copies; `None`: all that the item holds."""
    reason: str


class DocumentWithdrawn(ItemFact):
    """A second person confirmed: the bytes of one message and of its copies are gone."""

    type: Literal["DocumentWithdrawn"] = "DocumentWithdrawn"
    arrival_id: ArrivalId
    copies: tuple[ArrivalId, ...] = ()
    """Other appearances of the same octets, gone with it."""
    asked: EventId
    """The `WithdrawalAsked` of the first person."""
    reason: str


class LegalHoldPlaced(ItemFact):
    """Nothing of it may be destroyed while this stands: a judge or an auditor may ask for it."""

    type: Literal["LegalHoldPlaced"] = "LegalHoldPlaced"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str


class LegalHoldLifted(ItemFact):
    """It may be destroyed again when its time has come."""

    type: Literal["LegalHoldLifted"] = "LegalHoldLifted"
    weight: ClassVar[Weight] = Weight.STATEMENT
    reason: str
    asked: EventId | None = None
    """The `SecondPersonAsked` of the first person; one was enough before November 2026."""


class SecondPersonAsked(ItemFact):
    """A person asks what needs two; nothing changes before another one confirms it."""

    type: Literal["SecondPersonAsked"] = "SecondPersonAsked"
    weight: ClassVar[Weight] = Weight.STATEMENT
    act: TwoPersonAct
    reason: str


class EvidenceSealed(ItemFact):
    """A root: one SHA-256 over the heads of all chains that grew since the last one.

    One a night, and one an hour of work in which something grew (ADR 0048), sealed at
    `happened_at`. Its item id is the register's own (shared/ids.register_id); `seq` counts the
    roots, so that they are a chain too: whoever knows one proves every fact before it.
    """

    type: Literal["EvidenceSealed"] = "EvidenceSealed"
    day: date
    """The local day whose facts it ends with."""
    root: Digest
    chains: int
    """How many chains have grown since the root before."""
