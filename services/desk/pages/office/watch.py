"""What an open page of the queue asks again and again: who has its letter, and what changed beside.

The page that is in sight posts to `…/regarder` each half minute, at each news and once it shows
another letter; the answer has the notice, the list and what was sorted last as they stand, to be
put into the page, and whether the next letter, which the page may hold already, is as it was: if
not, it is forgotten unseen. It reads nothing of the letter, so that it is no reading.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from services.desk.domain.item import ItemStatus
from services.desk.pages.office import claims, queue_list
from services.desk.pages.office import queue as letters
from services.desk.pages.office.next_letter import is_stale
from services.desk.pages.office.queue_address import page_request, params_at
from services.desk.pages.visit import Visit
from services.desk.store import item_numbers, items, queue_claims
from shared.facts.envelope import Chrono, ItemId, PersonId
from shared.web import forms
from shared.web.forms import Form

NO_CONTENT: Final = 204
AHEAD: Final = "avance"
"""What a page holds of the next letter: its number and how far its facts went."""
LEAVES: Final = "quitter"
"""What a page posts when it goes away."""


async def watch(visit: Visit) -> Response:
    """Renews the claim of an open page and answers with its notice and list as they stand now."""
    sent, item_id = visit.read(), await _item_id(visit)
    me, page = PersonId(visit.person.id), _page(sent)
    if item_id is None:
        return Response(status_code=NO_CONTENT)
    if sent.text("faire") == LEAVES:
        await queue_claims.end(visit.connection, item_id, me, page)
        await queue_claims.end_ahead(visit.connection, me)
        return Response(status_code=NO_CONTENT)
    item = (await items.read(visit.connection, [item_id]))[item_id]
    waits, claim = item.state is ItemStatus.TO_QUALIFY, None
    if waits and not await queue_claims.take(visit.connection, item_id, me, page=page):
        claim = await claims.other(visit, item_id)
    await queue_claims.end_beyond(visit.connection, me)
    stale = bool(sent.text(AHEAD)) and await is_stale(visit, sent.text(AHEAD))
    params = params_at(sent.text(forms.AGAIN), visit.applied.site)
    again = page_request(visit.request, params.address(item.chrono, dernier=params.last))
    return await replace(visit, request=again).html(
        "office/watch.html",
        chrono=item.chrono,
        claim=claims.notice(visit, claim),
        decided=not waits,
        stale=stale,
        last=await letters.last(visit, params.last),
        skip=params.address(apres=item.chrono),
        **await queue_list.beside(visit, params, item.chrono),
    )


async def _item_id(visit: Visit) -> ItemId | None:
    return await item_numbers.by_chrono(
        visit.connection, Chrono(visit.request.path_params["chrono"])
    )


def _page(sent: Form) -> UUID | None:
    try:
        return UUID(sent.text("vue"))
    except ValueError:
        return None
