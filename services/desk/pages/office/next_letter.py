"""The next letter before its turn: fetched while the one before is read, shown once it is theirs.

`…/d-avance` claims the letter that follows one that the clerk has open, one at a time, and answers
with its page. Nobody has looked at it yet: the journal has it under a word of its own. The decision
that leads on says what was fetched (`suivant`); only if the letter is still the clerk's and as it
was, the answer lets the page show it, and notes the reading then. Otherwise the decision leads on
as it does without a script. What is or ever was réservé is never fetched before its turn.
"""

from dataclasses import replace
from functools import partial
from typing import Final
from urllib.parse import urlsplit

from starlette.background import BackgroundTask
from starlette.responses import Response

from services.desk.accounts.store import sessions
from services.desk.pages import drawn_pages, journal_entries
from services.desk.pages.office import queue as letters
from services.desk.pages.office.preview import ArrivalPreview
from services.desk.pages.office.queue_address import QUEUE, QueueParams, asked_at, opened
from services.desk.pages.visit import Visit
from services.desk.store import item_numbers, queue, queue_claims
from services.desk.store.sheets import ItemSheet
from shared.facts.envelope import Chrono, PersonId
from shared.web import forms
from shared.web.forms import Form

NO_CONTENT: Final = 204
FETCHED: Final = "suivant"
"""What a page says that it fetched: `state` of its template, the chrono and how many facts."""


async def ahead(visit: Visit) -> Response:
    """Answers with the page of the letter that follows; nothing where there is none to fetch."""
    sent, me = visit.read(), PersonId(visit.person.id)
    here = Chrono(visit.request.path_params["chrono"])
    params = asked_at(sent.text(forms.AGAIN), visit.applied.site)
    if not await _mine(visit, here):
        return Response(status_code=NO_CONTENT)
    await queue_claims.end_ahead(visit.connection, me)
    place = await queue.place_of(visit.connection, here)
    found = await queue.claim_next(visit.connection, me, params.which, place, ahead=True)
    if found is None:
        return Response(status_code=NO_CONTENT)
    if found.was_reserved:
        await queue_claims.end(visit.connection, found.item_id, me)
        return Response(status_code=NO_CONTENT)
    address = params.address(found.chrono, dernier=here)
    fetched = replace(visit, request=opened(visit.request, address), sent=None)
    sheet = await fetched.item(found.chrono)
    values = await letters.shown(fetched, sheet, replace(params, last=here), None)
    await journal_entries.record_fetched(visit, f"{QUEUE}/{{chrono}}", found.chrono)
    answer = await fetched.html("office/qualify.html", **values)
    answer.background = _first_page(visit, sheet, values["content"])
    return answer


async def _mine(visit: Visit, chrono: Chrono) -> bool:
    """Whether the letter is open before whoever asks: behind no other is one fetched."""
    item_id = await item_numbers.by_chrono(visit.connection, chrono)
    claim = None if item_id is None else await queue_claims.holder(visit.connection, item_id)
    return claim is not None and claim.person == visit.person.id


def _first_page(visit: Visit, sheet: ItemSheet, content: ArrivalPreview) -> BackgroundTask | None:
    """What draws the first page of a paper, so that it is there when the letter is shown."""
    first, paper = sheet.item.opened.arrival_id, content.paper
    key = next((came.original for came in sheet.arrivals if came.arrival_id == first), None)
    if key is None or not paper.drawn:
        return None
    octets = partial(visit.blobs.get, key)
    return BackgroundTask(drawn_pages.prepare, drawn_pages.digest_of(key), octets, paper.turn(1))


async def lead(visit: Visit, form: Form, params: QueueParams, after: Chrono, said: str) -> Response:
    """Answers a decision: the letter that the page fetched may be shown, or where to go."""
    where = await letters.onward(visit, params, after)
    fetched, _, seq = form.text(FETCHED).partition(":")
    if not await _still(visit, where, fetched, seq):
        return await visit.to(where, said=said)
    await sessions.keep_answer(visit.connection, form.decision, where)
    await journal_entries.record_shown(visit, f"{QUEUE}/{{chrono}}", fetched)
    return await replace(visit, request=opened(visit.request, where)).html(
        "office/onward.html",
        where=where,
        sentence=said,
    )


async def _still(visit: Visit, where: str, fetched: str, seq: str) -> bool:
    """Whether the letter that was claimed is the one that was fetched, and as it was then."""
    if not fetched or urlsplit(where).path != f"{QUEUE}/{fetched}":
        return False
    known = await visit.connection.fetchrow(
        "SELECT seq, was_reserved FROM desk.items WHERE chrono = $1", fetched
    )
    return known is not None and str(known["seq"]) == seq and not known["was_reserved"]
