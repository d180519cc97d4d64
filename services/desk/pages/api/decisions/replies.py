"""Decisions of what was said to the sender: what left, what came back, what was decided."""

from typing import Annotated, Final
from uuid import UUID

from pydantic import Field

from services.desk.domain.decisions.letter_returns import SettleCopy, SettleReturn, TakeBack
from services.desk.domain.decisions.postal_proofs import NoteDelivery, RegisterLetter
from services.desk.domain.decisions.replies import Decide, Declare, HoldOn
from services.desk.domain.decisions.sent_folder_replies import ConfirmReply, ObservedReply
from services.desk.pages.api.decisions.assignment import LEFT as SENT
from services.desk.pages.api.decisions.decision import (
    Day,
    Deciding,
    FactNumber,
    ItemDecision,
    Line,
    Taken,
)
from services.desk.pages.api.endpoint import Body
from services.desk.pages.item.replies import LEFT
from services.desk.store import print_queue
from shared.errors import Refused
from shared.facts.envelope import NoticeId
from shared.facts.vocabulary import Effect, NoticeKind, ReturnReason, Settled, Way
from shared.values import Code


class HoldingBody(Body):
    """The new date that a holding reply names."""

    until: Day
    sent: Annotated[bool, SENT]


class SeenBody(Body):
    """The meaning of a message seen in a Sent folder: reply, holding reply and so on."""

    seen: ObservedReply
    until: Day | None = None
    to: Code | None = None


class DepartureBody(Body):
    """A paper letter that was sent: its kind, the local day, and the date that it announces."""

    kind: NoticeKind = NoticeKind.REPLY
    day: Day | None = None
    until: Annotated[Day | None, Field(description="The date that it gives.")] = None
    registered: Annotated[
        Line, Field(max_length=40, description="The post's number, of a registered letter.")
    ] = ""


class PostedBody(Body):
    """The id of a letter of the print queue that was posted."""

    notice: UUID


class DayBody(Body):
    """The body of a decision that takes a local day and nothing else."""

    day: Day


class EffectBody(Body):
    """An explicit decision of the préfecture on a request: its effect, and its local day."""

    effect: Effect
    day: Day


class ReturnedBody(Body):
    """A letter that the post returned: why, on which day, and which letter."""

    reason: ReturnReason
    day: Day | None = None
    letter: Annotated[
        FactNumber | None, Field(description="Number of the fact that it left; null: the last one.")
    ] = None


class RegisteredBody(Body):
    """The post's number of a letter that left registered, and which letter."""

    number: Annotated[Line, Field(max_length=40)]
    letter: Annotated[
        FactNumber | None,
        Field(description="Number of the fact that it left; null: the last one without a number."),
    ] = None


class DeliveryBody(Body):
    """The words of a returned avis de réception: day, why nobody signed, of which letter."""

    day: Annotated[Day, Field(description="Of the signature, else of the first presentation.")]
    reason: Annotated[
        ReturnReason | None, Field(description="Why nobody signed; null: somebody did.")
    ] = None
    letter: Annotated[
        FactNumber | None,
        Field(description="Number of the fact that it left; null: the last one without an avis."),
    ] = None


class SettledBody(Body):
    """The way in which a letter returned by the post was dealt with."""

    outcome: Settled
    reason: Annotated[Code | None, Field(description="Of `nothing_more`.")] = None
    seq: Annotated[
        FactNumber | None, Field(description="Number of its return; null: the oldest open one.")
    ] = None


class CopyBody(Body):
    """A copy by email that was not delivered, and the way by which it was sent again."""

    notice: UUID
    way: Annotated[Way | None, Field(description="Null: known, nothing more is done.")] = None


async def hold_on(about: Deciding, said: HoldingBody) -> Taken:
    """Records that a holding reply with a new date was sent to an item's sender. Raises Refused."""
    return await about.about(HoldOn(said.until, sent=said.sent))


async def confirm_reply(about: Deciding, said: SeenBody) -> Taken:
    """Records what the item's oldest unjudged message in a Sent folder is: a reply, or what else.

    Raises Refused.
    """
    return await about.about(ConfirmReply(said.seen, said.until, said.to))


async def depart(about: Deciding, said: DepartureBody) -> Taken:
    """Records that a paper letter was sent, which gets a chrono of its own. Raises Refused."""
    if said.kind not in LEFT:
        raise Refused(f"A {said.kind} leaves in no letter of ours.", "no-such-code")
    return Taken(
        *await about.by.depart(
            about.item.item_id, said.kind, said.day, said.until, registered=said.registered
        )
    )


async def post(about: Deciding, said: PostedBody) -> Taken:
    """Records that a letter of the print queue was posted. Raises Refused."""
    found = await print_queue.to_print(about.call.connection, said.notice)
    if not found or found[0].item_id != about.item.item_id:
        raise Refused("This letter is not to be printed.", "not-to-print")
    letter = found[0]
    return Taken(await about.by.post(letter.item_id, letter.kind, letter.notice_id))


async def declare(about: Deciding, said: DayBody) -> Taken:
    """Records that an item was answered by telephone or elsewhere, with no copy here.

    Raises Refused.
    """
    return await about.about(Declare(said.day))


async def decide(about: Deciding, said: EffectBody) -> Taken:
    """Records that the préfecture took an explicit decision on a request. Raises Refused."""
    return await about.about(Decide(said.effect, said.day))


async def take_back(about: Deciding, said: ReturnedBody) -> Taken:
    """Records that the post returned a letter of ours to an item's sender. Raises Refused."""
    return await about.about(TakeBack(said.reason, said.day, letter=said.letter))


async def register_letter(about: Deciding, said: RegisteredBody) -> Taken:
    """Records that a letter of ours left registered, under the post's number. Raises Refused."""
    return await about.about(RegisterLetter(said.number, said.letter))


async def note_delivery(about: Deciding, said: DeliveryBody) -> Taken:
    """Records what the avis de réception of a registered letter says. Raises Refused."""
    return await about.about(NoteDelivery(said.day, said.reason, said.letter))


async def settle(about: Deciding, said: SettledBody) -> Taken:
    """Records how a letter returned by the post was dealt with. Raises Refused."""
    reason = None if said.reason is None else about.reason(said.reason, "close")
    return await about.about(SettleReturn(said.outcome, reason, said.seq))


async def settle_copy(about: Deciding, said: CopyBody) -> Taken:
    """Records what was done of a copy by email that was not delivered. Raises Refused."""
    command = SettleCopy(NoticeId(said.notice), said.way)
    return Taken(await about.by.settle_copy(about.item.item_id, command))


_PAGE: Final = "/courrier/{chrono}"
DECISIONS: Final = (
    ItemDecision(
        "hold-on",
        HoldingBody,
        hold_on,
        "Record that a holding reply left",
        "Noter une réponse d’attente déjà partie",
        (f"{_PAGE}/attente",),
    ),
    ItemDecision(
        "confirm-reply",
        SeenBody,
        confirm_reply,
        "Say what a message seen in a Sent folder was",
        "Dire ce qu’était le message vu dans les envois",
        (f"{_PAGE}/envoi-vu",),
    ),
    ItemDecision(
        "depart",
        DepartureBody,
        depart,
        "Record a letter that left on paper",
        "Enregistrer un départ sur papier",
        (f"{_PAGE}/depart", "/bureau/departs/partir"),
    ),
    ItemDecision(
        "post",
        PostedBody,
        post,
        "Record that a printed letter was posted",
        "Noter qu’une lettre imprimée est partie",
        ("/bureau/impressions/parties",),
        sorts=True,
    ),
    ItemDecision(
        "declare",
        DayBody,
        declare,
        "Record an answer of which nothing is kept here",
        "Déclarer une réponse",
        (f"{_PAGE}/declarer",),
    ),
    ItemDecision(
        "decide",
        EffectBody,
        decide,
        "Record an explicit decision",
        "Noter une décision expresse",
        (f"{_PAGE}/decision",),
    ),
    ItemDecision(
        "take-back",
        ReturnedBody,
        take_back,
        "Record that the post brought a letter back",
        "Noter qu’une lettre est revenue",
        (f"{_PAGE}/pli-revenu", "/bureau/retours/revenu"),
    ),
    ItemDecision(
        "register-letter",
        RegisteredBody,
        register_letter,
        "Record that a letter left registered",
        "Noter un numéro de recommandé",
        (f"{_PAGE}/recommande",),
    ),
    ItemDecision(
        "note-delivery",
        DeliveryBody,
        note_delivery,
        "Record what a returned avis de réception says",
        "Noter un avis de réception revenu",
        (f"{_PAGE}/avis-de-reception",),
    ),
    ItemDecision(
        "settle-return",
        SettledBody,
        settle,
        "Record what was done of it",
        "Noter la suite d’un pli revenu",
        (f"{_PAGE}/suite-du-pli", "/bureau/retours/{chrono}/suite"),
    ),
    ItemDecision(
        "settle-copy",
        CopyBody,
        settle_copy,
        "Record what was done of a copy that was not delivered",
        "Noter la suite d’une copie non remise",
        (f"{_PAGE}/copie/{{notice:uuid}}",),
    ),
)
