"""Facts of what an item waits for from outside: missing pieces, the answer of a third party."""

from datetime import date
from typing import ClassVar, Literal

from shared.facts.envelope import ArrivalId, Digest, EventId, NoticeId, Weight
from shared.facts.items.base import ItemFact
from shared.facts.vocabulary import ServerAnswer


class PiecesRequested(ItemFact):
    """Fact: the sender was asked for missing pieces, by a local date (CRPA L114-5)."""

    type: Literal["PiecesRequested"] = "PiecesRequested"
    weight: ClassVar[Weight] = Weight.STATEMENT
    until: date
    notice_id: NoticeId | None = None
    observation: EventId | None = None
    """The `ReplyObserved` that this turned out to be."""
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way, or stated before it was kept."""


class PiecesReceived(ItemFact):
    """Fact: missing pieces arrived, which ends every open request of the item (CLOCKS, rule 13)."""

    type: Literal["PiecesReceived"] = "PiecesReceived"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId | None = None


class AwaitingThird(ItemFact):
    """Fact: the item waits for the answer of a third party; no clock stops (DOMAIN §6).

    Said again of the same `who`, it is a chase: the wait goes on, with the later date.
    """

    type: Literal["AwaitingThird"] = "AwaitingThird"
    weight: ClassVar[Weight] = Weight.STATEMENT
    who: str
    expected: date | None = None
    notice_id: NoticeId | None = None
    """The letter that asks them, if it left by mail."""
    message: Digest | None = None
    """SHA-256 of that mail's Message-ID, by which their answer is known."""
    answer: ServerAnswer | None = None
    """Of the mail server that took it; `None`: another way."""


class ThirdAnswered(ItemFact):
    """Fact: the third party for whose answer the item waited has answered."""

    type: Literal["ThirdAnswered"] = "ThirdAnswered"
    weight: ClassVar[Weight] = Weight.STATEMENT
    arrival_id: ArrivalId | None = None
    """The message that is their answer; `None`: a person said so."""


PieceFact = PiecesRequested | PiecesReceived | AwaitingThird | ThirdAnswered
