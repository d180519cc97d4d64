"""Whose letter it is: what an open page of the queue asks again and again, and how one insists.

The page that is in sight posts to `…/regarder` each half minute and at each news; the answer is
the notice and the list as they stand, to be put into the page. It reads nothing of the letter, so
that it is no reading.
"""

from dataclasses import replace
from typing import Final
from uuid import UUID

from starlette.responses import Response

from services.desk.domain.item import Item, ItemStatus
from services.desk.french.names import Names
from services.desk.pages.office import queue_list
from services.desk.pages.office.queue_address import asked_at
from services.desk.pages.office.queue_address import opened as opened_at
from services.desk.pages.visit import Visit
from services.desk.store import item_numbers, items, queue_claims
from services.desk.store.queue_claims import Claim
from shared.errors import Refused
from shared.facts.envelope import Chrono, ItemId, PersonId
from shared.web import forms
from shared.web.forms import Form

NO_CONTENT: Final = 204
LEAVES: Final = "quitter"
"""What a page posts when it goes away."""


async def guard(visit: Visit, item: Item) -> None:
    """Raises Refused when a colleague has the letter open: to insist is an act of its own."""
    claim = await queue_claims.holder(visit.connection, item.item_id)
    if claim is not None and claim.person != visit.person.id:
        raise Refused(
            f"{claim.person} has {item.chrono} open: take it over first.",
            "open-elsewhere",
            person=claim.person,
            chrono=item.chrono,
        )


async def opened(visit: Visit, item: Item) -> Claim | None:
    """Claims the letter of the page for its reader; returns the colleague's claim if there is one.

    Letters that the reader left without a word are given back.
    """
    me = PersonId(visit.person.id)
    await queue_claims.end_left(visit.connection, me, item.item_id)
    if await queue_claims.take(visit.connection, item.item_id, me):
        return None
    return await _other(visit, item.item_id)


async def seen(visit: Visit, item: Item) -> dict[str, object] | None:
    """Returns the notice that a colleague has a letter of the queue open; `None`: nobody has."""
    if item.state is not ItemStatus.TO_QUALIFY:
        return None
    return notice(visit, await _other(visit, item.item_id))


def notice(visit: Visit, claim: Claim | None) -> dict[str, object] | None:
    """Returns what a template says of a colleague's claim: who, and whether they took it over."""
    if claim is None:
        return None
    names = Names(visit.applied.site, visit.directory)
    return {
        "who": names.person(claim.person),
        "from_me": claim.taken_from == visit.person.id,
    }


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
        claim = await _other(visit, item_id)
    params = asked_at(sent.text(forms.AGAIN), visit.applied.site)
    again = opened_at(visit.request, params.address(item.chrono))
    return await replace(visit, request=again).html(
        "office/watch.html",
        chrono=item.chrono,
        claim=notice(visit, claim),
        decided=not waits,
        skip=params.address(apres=item.chrono),
        **await queue_list.beside(visit, params, item.chrono),
    )


async def insist(visit: Visit) -> Response:
    """Handles the form by which a clerk takes over a letter that a colleague has open."""
    sheet = await visit.item(visit.request.path_params["chrono"], decides=True)
    form, me = await visit.form(), PersonId(visit.person.id)
    before = await _other(visit, sheet.item.item_id)
    await queue_claims.take(visit.connection, sheet.item.item_id, me, over=True)
    names = Names(visit.applied.site, visit.directory)
    told = "" if before is None else f" {names.person(before.person)} en est averti."
    where = asked_at(form.text(forms.AGAIN), visit.applied.site).address(sheet.item.chrono)
    return await visit.to(where, said=f"Ce courrier est à vous.{told}")


async def _other(visit: Visit, item_id: ItemId) -> Claim | None:
    claim = await queue_claims.holder(visit.connection, item_id)
    return None if claim is None or claim.person == visit.person.id else claim


async def _item_id(visit: Visit) -> ItemId | None:
    return await item_numbers.by_chrono(
        visit.connection, Chrono(visit.request.path_params["chrono"])
    )


def _page(sent: Form) -> UUID | None:
    try:
        return UUID(sent.text("vue"))
    except ValueError:
        return None
