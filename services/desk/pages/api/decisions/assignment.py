"""Decisions of who has an item, and of what it waits for."""

from typing import Annotated, Final

from pydantic import Field

from services.desk.domain.decisions.classification import Assign
from services.desk.domain.decisions.closure import AnswerReminder
from services.desk.domain.decisions.replies import TransferItem
from services.desk.domain.decisions.transfer import NotToTransmit, ToTransmit
from services.desk.domain.decisions.waits import (
    AskPieces,
    AwaitThird,
    FromSignature,
    HearThird,
    TakePieces,
    ToSignature,
)
from services.desk.pages.api.decisions.decision import (
    Day,
    Deciding,
    ItemDecision,
    Taken,
    TextLines,
)
from services.desk.pages.api.endpoint import Body
from shared.facts.vocabulary import ClockName, Way
from shared.values import Code

LEFT: Final = Field(
    description="It has left by other means. False: the register would send it in the name of"
    " whoever writes it, which only a person decides (403 `by-session-only`)."
)
Codes = Annotated[tuple[Code, ...], Field(max_length=40)]


class AssignBody(Body):
    """The new service, agent and services in copy of an item; a field left out stays.

    But no agent goes along to another service.
    """

    service: Code | None = None
    agent: Annotated[Code | None, Field(description="Null: the service, without an agent.")] = None
    copies: Codes | None = None


class PiecesBody(Body):
    """The missing pieces that the sender was asked for, and the local day by which."""

    until: Day
    pieces: Codes
    sent: Annotated[bool, LEFT]


class ThirdBody(Body):
    """The other administration whose answer an item waits for, and the day it is expected."""

    who: Code
    expected: Day | None = None


class OpinionBody(Body):
    """The service that is asked for its opinion, the local day by which, and the question."""

    service: Code
    until: Day
    question: Annotated[TextLines, Field(min_length=1, max_length=4000)]


class SignatureBody(Body):
    """The person who is to sign the reply, and holds the item meanwhile."""

    signatory: Code


class TransferBody(Body):
    """The administration to which an item was transmitted, and how its sender was told."""

    to: Code
    way: Annotated[Way, Field(description="How the sender was told.")]
    sent: Annotated[bool, LEFT]


class ReminderBody(Body):
    """The answer to a deadline reminder: the reason of the delay, and the day of the reply."""

    reason: Code
    until: Day
    clock: ClockName = ClockName.REPLY


async def assign(about: Deciding, said: AssignBody) -> Taken:
    """Assigns an item to a service, an agent and services in copy. Raises Refused."""
    item = about.item
    service = item.service if said.service is None else said.service
    stays = service == item.service and "agent" not in said.model_fields_set
    copies = item.copies if said.copies is None else said.copies
    kept = tuple(dict.fromkeys(copy for copy in copies if copy != service))
    return await about.about(Assign(service, item.agent if stays else said.agent, kept))


async def hand_back(about: Deciding, _: Body) -> Taken:
    """Assigns an item back to the mail office, to be qualified again. Raises Refused."""
    return Taken(await about.by.hand_back(about.item))


async def ask_pieces(about: Deciding, said: PiecesBody) -> Taken:
    """Records that the sender of an item was asked for missing pieces. Raises Refused."""
    return await about.about(AskPieces(said.until, said.pieces, sent=said.sent))


async def take_pieces(about: Deciding, _: Body) -> Taken:
    """Records that the missing pieces of an item arrived. Raises Refused."""
    return await about.about(TakePieces())


async def await_third(about: Deciding, said: ThirdBody) -> Taken:
    """Records that an item waits for the answer of another administration. Raises Refused."""
    return await about.about(AwaitThird(said.who, said.expected))


async def hear_third(about: Deciding, _: Body) -> Taken:
    """Records that the administration for which an item waited has answered. Raises Refused."""
    return await about.about(HearThird())


async def ask_opinion(about: Deciding, said: OpinionBody) -> Taken:
    """Asks another service for its opinion of an item, which it reads from then on. Raises Refused.

    No deadline stops for it.
    """
    blobs = about.call.blobs
    asked = await about.by.ask_opinion(about.item, said.service, said.until, said.question, blobs)
    return Taken(asked)


async def to_signature(about: Deciding, said: SignatureBody) -> Taken:
    """Gives the draft of a reply to the person who is to sign it. Raises Refused."""
    return await about.about(ToSignature(said.signatory))


async def from_signature(about: Deciding, _: Body) -> Taken:
    """Takes the draft of a reply back from the person who was to sign it. Raises Refused."""
    return await about.about(FromSignature())


async def to_transmit(about: Deciding, _: Body) -> Taken:
    """Marks an item as one to transmit to another administration. Raises Refused."""
    return await about.about(ToTransmit())


async def not_to_transmit(about: Deciding, _: Body) -> Taken:
    """Removes the mark that an item is to be transmitted to another administration.

    Raises Refused.
    """
    return await about.about(NotToTransmit())


async def transfer(about: Deciding, said: TransferBody) -> Taken:
    """Records that an item was transmitted to another administration and its sender told.

    Raises Refused.
    """
    return await about.about(TransferItem(said.to, said.way, said.sent))


async def answer_reminder(about: Deciding, said: ReminderBody) -> Taken:
    """Answers a reminder of an item's deadline with a reason and a day. Raises Refused."""
    reason = about.reason(said.reason, "late")
    return await about.about(AnswerReminder(said.clock, reason, said.until))


_PAGE: Final = "/courrier/{chrono}"
DECISIONS: Final = (
    ItemDecision(
        "assign",
        AssignBody,
        assign,
        "Give it to a service, an agent, services in copy",
        "Attribuer à un service, à un agent, en copie",
        tuple(f"{_PAGE}/{slug}" for slug in ("prendre", "attribuer", "autre-service", "copies")),
    ),
    ItemDecision(
        "hand-back",
        Body,
        hand_back,
        "Give it back to the bureau du courrier",
        "Rendre au bureau du courrier",
        (f"{_PAGE}/pas-pour-nous",),
    ),
    ItemDecision(
        "ask-pieces",
        PiecesBody,
        ask_pieces,
        "Record that pieces were asked for",
        "Noter une demande de pièces déjà partie",
        (f"{_PAGE}/pieces",),
    ),
    ItemDecision(
        "take-pieces",
        Body,
        take_pieces,
        "Record that the pieces came",
        "Noter que les pièces sont reçues",
        (f"{_PAGE}/pieces-recues",),
    ),
    ItemDecision(
        "await-third",
        ThirdBody,
        await_third,
        "Wait for another administration",
        "Attendre un tiers",
        (f"{_PAGE}/tiers",),
    ),
    ItemDecision(
        "hear-third",
        Body,
        hear_third,
        "Record that it answered",
        "Noter que le tiers a répondu",
        (f"{_PAGE}/tiers-repondu",),
    ),
    ItemDecision(
        "ask-opinion",
        OpinionBody,
        ask_opinion,
        "Ask another service for its opinion, by a day",
        "Demander l’avis d’un autre service, pour une date",
        (f"{_PAGE}/avis",),
    ),
    ItemDecision(
        "to-signature",
        SignatureBody,
        to_signature,
        "Give the draft of a reply to whoever signs",
        "Mettre à la signature",
        (f"{_PAGE}/signature",),
    ),
    ItemDecision(
        "from-signature",
        Body,
        from_signature,
        "Take the draft back",
        "Noter le retour de la signature",
        (f"{_PAGE}/retour-signature",),
    ),
    ItemDecision(
        "to-transmit",
        Body,
        to_transmit,
        "Note that it is to be passed on",
        "Noter à transmettre hors de la préfecture",
        (f"{_PAGE}/a-transmettre",),
    ),
    ItemDecision(
        "not-to-transmit",
        Body,
        not_to_transmit,
        "Note that it is not to be passed on",
        "Ne plus transmettre",
        (f"{_PAGE}/ne-plus-transmettre",),
    ),
    ItemDecision(
        "transfer",
        TransferBody,
        transfer,
        "Record that it was passed on and its sender told",
        "Noter une transmission dont la personne est prévenue",
        (f"{_PAGE}/transmettre",),
    ),
    ItemDecision(
        "answer-reminder",
        ReminderBody,
        answer_reminder,
        "Say why it is late, and until when",
        "Répondre au rappel",
        (f"{_PAGE}/rappel",),
    ),
)
