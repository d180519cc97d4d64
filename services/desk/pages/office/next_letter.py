"""The next letter before its turn: fetched while the one before is read, shown once it is theirs.

`…/d-avance` claims the letter that follows one that the clerk has open, one at a time, and answers
with its page. Nobody has looked at it yet: the journal has it under a word of its own. The key that
decides shows it and asks `…/montrer` behind it: only if the letter is the clerk's and as it was
fetched, it stays, and may be decided of; its reading is noted either way. The decision follows at
once and says what the page shows (`montre`); where that is the clerk's no more, it leads on as it
does without a script. What is or ever was réservé is never fetched before its turn.
"""

from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from starlette.background import BackgroundTask
from starlette.responses import Response

from services.desk.accounts.store import sessions
from services.desk.domain.item import ItemStatus
from services.desk.pages import drawn_pages, journal_entries
from services.desk.pages.office import queue as letters
from services.desk.pages.office.preview import ArrivalPreview
from services.desk.pages.office.queue_address import QUEUE, QueueParams, page_request, params_at
from services.desk.pages.visit import Visit
from services.desk.store import access_journal, item_numbers, queue, queue_claims
from services.desk.store.sheets import ItemSheet
from shared.facts.envelope import Chrono, ItemId, PersonId
from shared.web import forms
from shared.web.forms import Form

NO_CONTENT: Final = 204
CONFLICT: Final = 409
SEEN: Final = "vu"
"""Sent with the question of a page that shows the letter already."""
SHOWN: Final = "montre"
"""The chrono of the letter that the page shows by now, as the decision before it says."""


@dataclass(frozen=True, slots=True)
class FetchedLetter:
    """A letter as it stands by now, of which a page may have been fetched before its turn."""

    item_id: ItemId
    state: str | None
    """What the form of its page says of it; `None`: it is not to be shown before its turn."""
    was_reserved: bool


async def ahead(visit: Visit) -> Response:
    """Shows the page of the letter that follows, fetched ahead; nothing (204) if there is none."""
    sent, me = visit.read(), PersonId(visit.person.id)
    here = Chrono(visit.request.path_params["chrono"])
    params = params_at(sent.text(forms.AGAIN), visit.applied.site)
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
    fetched = replace(visit, request=page_request(visit.request, address), sent=None)
    sheet = await fetched.item(found.chrono)
    values = await letters.letter_values(fetched, sheet, replace(params, last=here), None)
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


async def show(visit: Visit) -> Response:
    """Claims a letter that was fetched and notes its reading: 204, the page may show it.

    409: somebody else has it by now, or something was said of it since it was fetched. Its reading
    is noted all the same where the page shows it already (`vu`), as it was fetched for them today.
    """
    sent, chrono = visit.read(), Chrono(visit.request.path_params["chrono"])
    found, me = await _find(visit, chrono), PersonId(visit.person.id)
    if found is None:
        return Response(status_code=CONFLICT)
    theirs = found.state == sent.text("etat") and await queue_claims.take(
        visit.connection, found.item_id, me
    )
    if theirs or (sent.text(SEEN) and await _was_fetched(visit, chrono)):
        await journal_entries.record_shown(visit, f"{QUEUE}/{{chrono}}", chrono)
        if found.was_reserved:
            await sessions.note_reading(visit.connection, found.item_id, me, visit.now)
    return Response(status_code=NO_CONTENT if theirs else CONFLICT)


async def _was_fetched(visit: Visit, chrono: Chrono) -> bool:
    """Whether the letter's page was given to whoever asks before its turn, today."""
    return await access_journal.was_fetched(
        visit.connection, chrono, visit.decides_as, visit.midnight
    )


async def is_stale(visit: Visit, state: str) -> bool:
    """Whether a letter that was fetched is by now another: `state`, as its page said it."""
    found = await _find(visit, Chrono(state.partition(":")[0]))
    return found is None or found.state != state


async def _find(visit: Visit, chrono: Chrono) -> FetchedLetter | None:
    row = await visit.connection.fetchrow(
        "SELECT item_id, seq, state, was_reserved FROM desk.items WHERE chrono = $1", chrono
    )
    if row is None:
        return None
    may_be_shown = row["state"] == ItemStatus.TO_QUALIFY and not row["was_reserved"]
    state = f"{chrono}:{row['seq']}" if may_be_shown else None
    return FetchedLetter(ItemId(row["item_id"]), state, row["was_reserved"])


async def lead(visit: Visit, form: Form, params: QueueParams, after: Chrono, said: str) -> Response:
    """Answers a decision on a letter, whose next one the browser shows already or must go to.

    `said`: the sentence on what became of it. It is stored for a repeated request.
    """
    shown = Chrono(form.text(SHOWN))
    if not shown or not await _mine(visit, shown):
        return await visit.to(await letters.onward(visit, params, after), said=said)
    where = params.address(shown, dernier=after)
    await sessions.keep_answer(visit.connection, form.decision, where)
    return await visit.html("office/onward.html", where=where, sentence=said)
