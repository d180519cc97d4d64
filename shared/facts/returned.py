"""Facts of our letters that the post brings back."""

from typing import ClassVar, Literal

from shared.facts.envelope import Chrono, EventId, Weight
from shared.facts.item import ItemFact
from shared.facts.words import NoticeKind, ReturnReason, Settled


class LetterReturned(ItemFact):
    """A letter of ours came back on the local day of `happened_at`.

    That it left stays true, and so does every clock that its leaving stopped (ADR 0021).
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
    """What was done of a letter that came back; a new departure of its kind needs no such word."""

    type: Literal["ReturnSettled"] = "ReturnSettled"
    weight: ClassVar[Weight] = Weight.STATEMENT
    returned: EventId
    """The `LetterReturned`."""
    outcome: Settled
    reason: str | None = None
    """Why nothing more is done."""
