"""What left for the sender, by the facts of an item, and what the mail server answered to each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from shared.facts.items import Items
from shared.facts.items.acknowledgements import (
    AcknowledgementSent,
    HoldingReplySent,
    PersonTold,
    ReceiptSent,
)
from shared.facts.items.pieces import PiecesRequested
from shared.facts.items.replies import ReplySent
from shared.facts.standing import withdrawn

_WHAT: Final[Mapping[type[Items], str]] = {
    ReceiptSent: "accusé d’enregistrement",
    AcknowledgementSent: "accusé de réception",
    PiecesRequested: "demande de pièces",
    HoldingReplySent: "réponse d’attente",
    PersonTold: "avis de transmission",
    ReplySent: "réponse",
}


@dataclass(frozen=True, slots=True)
class ProofDispatch:
    """A text sent to an item's sender, with the answer of the mail server that took it."""

    seq: int
    """The fact that says so."""
    what: str
    at: datetime
    answer: str | None
    """« 250 2.0.0 4XyZ00001 »; `None`: on paper, by another way, or before it was kept."""
    undone: bool
    """The fact was taken back, as when the mail came back."""


def dispatches(facts: Sequence[Items]) -> Sequence[ProofDispatch]:
    """Returns the texts sent to an item's sender, in the order of the facts."""
    gone = withdrawn(facts)
    return [
        ProofDispatch(
            fact.seq,
            _WHAT[type(fact)],
            fact.happened_at,
            getattr(fact, "answer", None),
            fact.event_id in gone,
        )
        for fact in facts
        if type(fact) in _WHAT
    ]
