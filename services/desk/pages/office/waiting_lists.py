"""`/bureau/attente/LIST`: quarantine, set aside, history, one by one."""

import asyncio
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.disposition import Disposition
from services.desk.french import labels_fr
from services.desk.pages import drawn_pages
from services.desk.pages.downloads import a_file
from services.desk.pages.drawn_pages import digest_of
from services.desk.pages.office.preview import preview
from services.desk.pages.office.queue_address import QUEUE
from services.desk.pages.visit import Visit
from services.desk.store import arrivals_without_item, page_turns
from services.desk.store.arrivals_without_item import UnregisteredArrival
from services.desk.store.cursors import Cursor, MomentCursor, moment_cursor
from shared.content import spool
from shared.content.file_kinds import ending
from shared.content.spool import RereadRequest
from shared.errors import PermanentFailure, Refused
from shared.facts.envelope import ArrivalId, PersonId, Via

LISTS: Final[Mapping[str, tuple[Disposition, str]]] = {
    "quarantaine": (Disposition.QUARANTINE, "En quarantaine"),
    "ecartes": (Disposition.SET_ASIDE, "Mis de côté"),
    "anterieurs": (Disposition.HISTORY, "Reçus avant la mise en service"),
}
A_PAGE: Final = 50
NOTHING: Final = "sans-suite"
"""Why a person sets aside what lay in quarantine, unless they choose otherwise."""
REASONS: Final = (NOTHING, "spam", "publicite", "doublon", "depart-saisi")


async def show_list(visit: Visit) -> Response:
    """Shows one list of arrivals without item: quarantine, set aside or history.

    Raises HTTPException 404 for another name.
    """
    name = visit.request.path_params["liste"]
    if name not in LISTS:
        raise HTTPException(404)
    word, title = LISTS[name]
    after = _after(visit)
    found, count = await arrivals_without_item.apart(visit.connection, word, A_PAGE + 1, after)
    page, here = found[:A_PAGE], f"/bureau/attente/{name}"
    more = len(found) > A_PAGE
    return await visit.html(
        "office/waiting.html",
        title=title,
        name=name,
        count=count,
        first="" if after is None else here,
        following=f"{here}?{urlencode({'apres': str(page[-1].place)})}" if more else "",
        lists=[(key, shown) for key, (_, shown) in LISTS.items()],
        rows=[_row(arrival, visit) for arrival in page],
    )


def _after(visit: Visit) -> MomentCursor | None:
    """Where the page begins; `None`: at the head, also for an address that is none."""
    place = moment_cursor(visit.request.query_params.get("apres", ""))
    try:
        return None if place is None else Cursor(place.key, str(UUID(place.name)))
    except ValueError:
        return None


def _row(one: UnregisteredArrival, visit: Visit) -> Mapping[str, str]:
    return {
        "id": str(one.arrival_id),
        "since": labels_fr.moment(one.received_at, visit.applied.site.zone),
        "source": labels_fr.source(one.source),
        "reason": "" if one.reason is None else visit.applied.site.labels.reason(one.reason),
        "sender": one.sender,
        "subject": one.subject,
    }


async def looked_at(visit: Visit) -> Response:
    """Shows one arrival that waits without item: its content, why it waits, what can be done."""
    found = await _found(visit)
    name = next(key for key, (word, _) in LISTS.items() if word is found.word)
    turns = await page_turns.of_documents(visit.connection, [digest_of(found.original)])
    async with visit.apart():
        zone = visit.applied.site.zone
        content = await preview(visit.blobs, found.pli, found.original, turns, zone)
    return await visit.html(
        "office/apart.html",
        id=str(found.arrival_id),
        title=LISTS[name][1],
        name=name,
        row=_row(found, visit),
        content=content,
        quarantine=found.word is Disposition.QUARANTINE,
        history=found.word is Disposition.HISTORY,
        reasons=[(code, visit.applied.site.labels.reason(code)) for code in REASONS],
    )


async def picture(visit: Visit) -> Response:
    """Shows a page of a waiting scanned paper as a picture.

    Raises HTTPException 404 if it can't be drawn.
    """
    found = await _found(visit)
    digest = digest_of(found.original)
    return await drawn_pages.answer(
        visit, digest, lambda: visit.blobs.get(found.original), kept=False
    )


async def original(visit: Visit) -> Response:
    """Downloads the original of a waiting arrival, byte for byte.

    Raises HTTPException 404 when it is gone.
    """
    found = await _found(visit)
    try:
        async with visit.apart():
            octets = await visit.blobs.get(found.original)
    except PermanentFailure as error:
        raise HTTPException(404) from error
    return a_file(octets, f"{str(found.arrival_id)[:13]}{ending(octets)}")


async def take(visit: Visit) -> Response:
    """Handles the form that registers a waiting arrival as an item, to be qualified."""
    form = await visit.form()
    item = await visit.decider(form.decision).take(_id(visit))
    return await visit.to(f"{QUEUE}/{item.chrono}", said=f"Enregistré sous {item.chrono}.")


async def put_away(visit: Visit) -> Response:
    """Handles the form that sets a quarantined arrival aside (kept six months). Raises Refused."""
    form = await visit.form()
    reason = form.text("reason") or NOTHING
    if reason not in REASONS:
        raise Refused("No such reason.", "no-such-code")
    await visit.decider(form.decision).set_aside(_id(visit), reason)
    said = "Mis de côté : gardé six mois, et toujours à un geste du registre."
    return await visit.to("/bureau/attente/quarantaine", said=said)


async def read_again(visit: Visit) -> Response:
    """Handles the form that asks ingest to read an arrival again, with the present rules."""
    asked = visit.read()
    found = await _found(visit)
    request = RereadRequest(
        id=asked.decision,
        at=visit.now,
        arrival_id=found.arrival_id,
        by=PersonId(visit.person.id),
        via=Via.SESSION,
    )
    # Before the decision: asked twice, it lies there once.
    async with visit.apart():
        await asyncio.to_thread(spool.deposit, visit.settings.spool, request)
    await visit.form()
    back = next(key for key, (word, _) in LISTS.items() if word is found.word)
    return await visit.to(
        f"/bureau/attente/{back}", said="Relecture demandée : son résultat arrive sous une minute."
    )


def _id(visit: Visit) -> ArrivalId:
    return ArrivalId(visit.request.path_params["arrival"])


async def _found(visit: Visit) -> UnregisteredArrival:
    found = await arrivals_without_item.read_arrival(visit.connection, _id(visit))
    if found is None:
        raise HTTPException(404, "Ce message n’attend plus : quelqu’un s’en est occupé.")
    return found
