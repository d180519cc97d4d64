"""How a program's decision is taken: once for each idempotency key, on the item that it saw.

The row is locked, then compared with what the program saw (If-Match), then decided about by the
service object of the pages; what is answered is kept with the decision, in one transaction.
"""

import re
from collections.abc import Awaitable, Callable
from functools import partial
from hashlib import sha256
from typing import Final
from uuid import UUID, uuid4

from starlette.responses import Response

from services.desk import rights
from services.desk.api.store import decisions
from services.desk.domain.item import Item
from services.desk.pages.api import item as items_
from services.desk.pages.api.call import ApiCall
from services.desk.pages.api.decisions.decision import (
    Deciding,
    DecisionDocument,
    ItemDecision,
    Taken,
)
from services.desk.pages.api.documents import is_named, tag_of_document
from services.desk.pages.api.endpoint import Body
from services.desk.pages.refusals import french
from services.desk.rights import Right
from services.desk.store import items
from services.desk.store.items import StoredItemRow
from services.desk.store.sheets import ItemSheet
from shared.errors import Refused
from shared.web.problem_details import Problem
from shared.web.program_requests import idempotency_key

ASIDE: Final = "set_aside"
NOT_THEIRS: Final = frozenset({"may-not-decide", "needs-whole-sight"})


async def of_item(decision: ItemDecision, call: ApiCall, said: Body) -> Response:
    """Takes a decision about the item in the request's address; returns what came of it as JSON.

    Raises Problem.
    """
    if decision.sorts:
        may_sort(call)
    return await once(call, said, partial(_about, decision, call, said))


async def once(call: ApiCall, said: Body, take: Callable[[UUID], Awaitable[Taken]]) -> Response:
    """Takes a decision once for an Idempotency-Key; a repeated request gets the first answer.

    Raises Problem, and then nothing is stored.
    """
    name, path = idempotency_key(call.request), call.request.url.path
    digest = sha256(f"{path}\n{said.model_dump_json(exclude_unset=True)}".encode()).hexdigest()
    told = await decisions.claim(call.connection, call.key.key, name, digest, call.now)
    if told is not None:
        if told.digest != digest:
            raise Problem("idempotency-other")
        return _answer(told.answer)
    # The claimed row says "once": an id that followed from the word would, when the word is used
    # again after it was forgotten, make facts that are there already.
    decision = uuid4()
    try:
        taken = await take(decision)
    except Refused as refused:
        raise await refusal(refused, call) from None
    answer = (await _document(decision, taken, call)).model_dump_json()
    await decisions.keep(call.connection, call.key.key, name, answer)
    return _answer(answer)


async def refusal(refused: Refused, call: ApiCall) -> Problem:
    """Makes the Problem, for the caller to raise, that answers a refused decision.

    `refused`, with the reason code and the sentence in French and English; `by-session-only` or
    `not-yours` (both 403) where the caller is not the one to decide it.
    """
    if refused.why == "by-session":
        return Problem("by-session-only")
    if refused.why in NOT_THEIRS:
        return Problem("not-yours")
    english = await _unnamed(str(refused), call)
    said = {"french": french(refused, await call.names()), "english": english}
    return Problem("refused", said, why=refused.why)


async def _unnamed(sentence: str, call: ApiCall) -> str:
    """The sentence of a command, in which no colleague is named by their id."""
    directory = await call.directories(call.connection, call.now)
    ids = sorted((re.escape(str(id_)) for id_ in directory.people), key=len, reverse=True)
    return re.sub(rf"(?<![\w.-])({'|'.join(ids)})(?![\w-])", "a colleague", sentence)


def may_sort(call: ApiCall) -> None:
    """Raises Problem unless the key may qualify mail, as one of the mail office's service does."""
    if not rights.may(call.roles, Right.SORT):
        raise Problem("not-yours")


async def _about(decision: ItemDecision, call: ApiCall, said: Body, id_: UUID) -> Taken:
    sheet = await _seen(decision, call, said)
    return await decision.take(Deciding(call, sheet, await call.decider(id_)), said)


async def _seen(decision: ItemDecision, call: ApiCall, said: Body) -> ItemSheet:
    """The item of the address as the program saw it, locked with all that the decision touches.

    At once, in the one order of locks. Raises Problem, also where another of them is not the key's
    to decide about.
    """
    wanted = call.request.headers.get("if-match")
    if wanted is None:
        raise Problem("if-match")
    before = await call.row(call.request.path_params["chrono"])
    others = await decision.others(call, before, said)
    await items.lock_rows(call.connection, sorted({before.item.item_id, *others}))
    for other in (await items.read(call.connection, others)).values() if others else ():
        call.may_decide(other)
    sheet = await call.item()
    call.may_decide(sheet.item)
    now = StoredItemRow(sheet.item, sheet.facts)
    moved = set(await decision.others(call, now, said)) != set(others)  # before it was locked
    if moved or not is_named(tag_of_document(items_.document(sheet, call)), wanted):
        raise Problem("stale")
    return sheet


async def _document(decision: UUID, taken: Taken, call: ApiCall) -> DecisionDocument:
    item = taken.item
    if item is None:
        return DecisionDocument(
            decision=decision, chrono=None, version=0, state=ASIDE, departure=None, tag=None
        )
    return DecisionDocument(
        decision=decision,
        chrono=item.chrono,
        version=item.seq,
        state=item.state,
        departure=taken.departure,
        tag=await _tag(item, call),
    )


async def _tag(item: Item, call: ApiCall) -> str | None:
    """The tag of the item now; `None` where it is not the key's to know any more."""
    try:
        sheet = await call.sheet(item.chrono)
    except Problem:
        return None
    return tag_of_document(items_.document(sheet, call))


def _answer(document: str) -> Response:
    return Response(document, headers={"cache-control": "no-store"}, media_type="application/json")
