"""Decisions of the bureau du courrier about what has no item yet: a paper, a waiting arrival."""

from datetime import datetime
from functools import partial
from typing import Annotated, Final, Literal
from uuid import UUID

from pydantic import Field
from starlette.responses import Response

from services.desk.api.domain.keys import KeyScope
from services.desk.domain.decisions.counter import RegisterAtCounter
from services.desk.domain.disposition import Disposition
from services.desk.domain.postal_numbers import both_forms
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.decisions.decision import Day, DecisionDocument, Line, Taken, TextLines
from services.desk.pages.api.decisions.execution import may_sort, once
from services.desk.pages.api.documents import Document
from services.desk.pages.api.endpoint import Body, Endpoint
from services.desk.pages.api.page_query import PageQuery, no_cursor
from services.desk.store import arrivals_without_item
from services.desk.store.cursors import Cursor, MomentCursor
from shared.content import plis
from shared.content.plis import Correspondent, Pli
from shared.errors import Refused
from shared.facts.envelope import ArrivalId, BlobKey, Chrono
from shared.facts.vocabulary import Channel, Nature, SenderKind
from shared.values import Code

NOTHING: Final = "sans-suite"
MOST: Final = 100


class PaperBody(Body):
    """A paper letter to register, handed over or opened by hand, before it is scanned."""

    category: Code
    received_on: Day | None = None
    channel: Channel = Channel.HAND_DELIVERED
    nature: Nature | None = None
    sender_kind: SenderKind = SenderKind.UNKNOWN
    service: Code | None = None
    theme: Code | None = None
    sticker: Annotated[str | None, Field(pattern=r"^[0-9]{1,6}$")] = None
    subject: Annotated[Line, Field(max_length=1000)] = ""
    name: Annotated[Line, Field(max_length=250)] = ""
    postal: Annotated[TextLines, Field(max_length=1000)] = ""
    registered: Annotated[
        Line, Field(max_length=40, description="Number of a lettre recommandée.")
    ] = ""


async def register(call: ApiCall, said: PaperBody) -> Response:
    """Registers a paper letter as an item; a later scan joins it by its sticker number.

    Raises Refused; Problem unless the key may qualify mail.
    """
    may_sort(call)

    async def take(decision: UUID) -> Taken:
        by, sticker = await call.decider(decision), None
        if said.sticker is not None:
            sticker = said.sticker.zfill(6)
        await by.judge_paper(partial(_command, call, said, None), sticker)
        key = await _written(call, said, decision)
        return Taken(await by.register(partial(_command, call, said, key), sticker))

    return await once(call, said, take)


def _command(
    call: ApiCall, said: PaperBody, key: BlobKey | None, chrono: Chrono
) -> RegisterAtCounter:
    return RegisterAtCounter(
        chrono,
        said.category,
        said.received_on or call.today,
        said.channel,
        None if said.nature is Nature.UNKNOWN else said.nature,
        said.sender_kind,
        said.service,
        pli=key,
        theme=said.theme,
    )


async def _written(call: ApiCall, said: PaperBody, decision: UUID) -> BlobKey | None:
    if said.registered and said.channel is not Channel.REGISTERED_LETTER:
        raise Refused("That is the number of a lettre recommandée.", "not-registered-letter")
    if not (said.subject or said.name or said.postal or said.registered):
        return None
    who = Correspondent(name=said.name, postal=said.postal)
    text = f"Lettre recommandée n° {both_forms(said.registered)}" if said.registered else ""
    pli = Pli(kind="keyed", sender=who, answer_to=who, subject=said.subject, text=text)
    return await plis.write(call.blobs, call.today.year, decision, pli)


async def register_arrival(call: ApiCall, said: Body) -> Response:
    """Registers an arrival that has no item (quarantine, set aside, history) as a new item.

    It is then to be qualified. Raises Problem.
    """
    may_sort(call)

    async def take(decision: UUID) -> Taken:
        return Taken(await (await call.decider(decision)).take(await _waiting(call)))

    return await once(call, said, take)


class AsideBody(Body):
    """The reason for which an arrival in quarantine is set aside: no item is made of it."""

    reason: Literal["sans-suite", "spam", "publicite", "doublon", "depart-saisi"] = NOTHING


async def set_aside(call: ApiCall, said: AsideBody) -> Response:
    """Sets an arrival in quarantine aside, so that no item is made of it. Raises Problem."""
    may_sort(call)

    async def take(decision: UUID) -> Taken:
        by = await call.decider(decision)
        await by.set_aside(await _waiting(call), said.reason)
        return Taken(None)

    return await once(call, said, take)


class WaitingQuery(PageQuery):
    """The parameters of the list of arrivals without item: which disposition, and which page."""

    word: Literal["quarantine", "set_aside", "history"] = "quarantine"
    limit: int = Field(MOST, ge=1, le=200)

    @property
    def after_arrival(self) -> MomentCursor | None:
        """The cursor after which the page begins; `None`: at the start. Raises Problem."""
        found = self.behind
        try:
            return None if found is None else Cursor(found.key, str(UUID(found.name)))
        except ValueError:
            raise no_cursor() from None


class WaitingArrivalDocument(Document):
    """An arrival without an item (quarantine, set aside, history): no name and no text of it."""

    arrival: UUID
    word: str
    reason: str | None
    source: str
    received_at: datetime


class WaitingArrivalsDocument(Document):
    """A page of the list of arrivals without an item, and their total number.

    The latest come first; of the quarantine the oldest.
    """

    arrivals: list[WaitingArrivalDocument]
    total: int
    next: str | None


async def waiting(call: ApiCall, query: WaitingQuery) -> WaitingArrivalsDocument:
    """Lists a page of the arrivals of which no item was made: quarantine, set aside, history.

    Raises Problem unless the key may qualify mail.
    """
    may_sort(call)
    word = Disposition(query.word)
    found, total = await arrivals_without_item.apart(
        call.connection, word, query.one_more, query.after_arrival
    )
    (shown, more), following = query.page(found), None
    if more:
        following = query.next_address("/arrivals", shown[-1].place)
    rows = [
        WaitingArrivalDocument(
            arrival=row.arrival_id,
            word=row.word,
            reason=row.reason,
            source=row.source,
            received_at=row.received_at,
        )
        for row in shown
    ]
    return WaitingArrivalsDocument(arrivals=rows, total=total, next=following)


async def _waiting(call: ApiCall) -> ArrivalId:
    arrival = ArrivalId(call.request.path_params["arrival"])
    if await arrivals_without_item.read_arrival(call.connection, arrival) is None:
        raise Refused("Somebody saw to it.", "waits-no-more")
    return arrival


ENDPOINTS: Final = (
    Endpoint(
        "/items",
        register,
        KeyScope.DECIDE,
        "Register a paper of the counter",
        "Enregistrer un papier remis au guichet",
        DecisionDocument,
        method="POST",
        body=PaperBody,
    ),
    Endpoint(
        "/arrivals",
        waiting,
        KeyScope.DECIDE,
        "Arrivals that wait without item",
        "Les arrivées mises à part, sans numéro",
        WaitingArrivalsDocument,
        WaitingQuery,
    ),
    Endpoint(
        "/arrivals/{arrival:uuid}/set-aside",
        set_aside,
        KeyScope.DECIDE,
        "Set an arrival in quarantine aside",
        "Mettre de côté une arrivée en quarantaine",
        DecisionDocument,
        method="POST",
        body=AsideBody,
    ),
    Endpoint(
        "/arrivals/{arrival:uuid}/register",
        register_arrival,
        KeyScope.DECIDE,
        "Register an arrival that waits without item",
        "Enregistrer une arrivée mise à part",
        DecisionDocument,
        method="POST",
        body=Body,
    ),
)
