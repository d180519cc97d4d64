"""`/bureau/impressions`: what must be printed, what left, and the sheets for the scanner."""

import asyncio
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.french.printed_root import line as witness_line
from services.desk.pages.office import papers
from services.desk.pages.visit import Visit
from services.desk.store import print_queue, roots
from shared.errors import PermanentFailure
from shared.paper import sheets
from shared.web.forms import Mistyped

PRINTING: Final = "/bureau/impressions"
MOST_LABELS: Final = 960
"""Twenty pages at a time."""


async def show_print_queue(visit: Visit) -> Response:
    """Shows the letters to print, with forms for stickers, separator sheets and bordereaux."""
    found = await print_queue.to_print(visit.connection)
    asked = visit.request.query_params
    site, zone = visit.applied.site, visit.applied.site.zone
    return await visit.html(
        "office/printing.html",
        rows=[
            {
                "id": str(to_print.notice_id),
                "chrono": to_print.chrono,
                "kind": labels_fr.NOTICES[to_print.kind],
                "service": Names(site, visit.directory).service(to_print.service),
                "since": labels_fr.moment(to_print.since, zone),
            }
            for to_print in found
        ],
        services=[(service.id, service.name) for service in site.services.services],
        day=visit.today.isoformat(),
        next_label=await print_queue.next_label(visit.connection),
        ticked="toutes" in asked,
        labels=asked.get("etiquettes", "") if _batch(asked.get("etiquettes", "")) else "",
        most=MOST_LABELS,
    )


def _batch(text: str) -> bool:
    first, _, more = text.partition("-")
    count, _, skip = more.partition("-")
    return all(part.isascii() and part.isdigit() for part in (first, count, skip))


async def letter(visit: Visit) -> Response:
    """Downloads the PDF of one letter to print.

    Raises HTTPException 404 when it is no longer to be printed.
    """
    found = await print_queue.to_print(visit.connection, visit.request.path_params["notice"])
    if not found:
        raise HTTPException(404, "Cette lettre n’est plus à imprimer.")
    try:
        async with visit.apart():
            document = await visit.blobs.get(found[0].document)
    except PermanentFailure as error:
        raise HTTPException(404) from error
    return _pdf(document, found[0].chrono)


async def letters(visit: Visit) -> Response:
    """Downloads all letters to print as one PDF. Raises HTTPException 404 when there is none."""
    found = await print_queue.to_print(visit.connection)
    if not found:
        raise HTTPException(404, "Rien n’est à imprimer.")
    async with visit.apart():
        documents = [await visit.blobs.get(to_print.document) for to_print in found]
        pdf = await asyncio.to_thread(papers.together, documents)
    return _pdf(pdf, f"lettres-{visit.today}")


async def record_posted(visit: Visit) -> Response:
    """Handles the form that records the ticked letters as printed, signed and posted."""
    form = await visit.form()
    ticked = set(form.texts("notice"))
    found = [
        to_print
        for to_print in await print_queue.to_print(visit.connection)
        if str(to_print.notice_id) in ticked
    ]
    if not found:
        raise Mistyped("notice", "Cochez les lettres qui sont parties.")
    by = visit.decider(form.decision)
    for letter in found:
        await by.post(letter.item_id, letter.kind, letter.notice_id)
    many = "s" if len(found) > 1 else ""
    return await visit.to(PRINTING, said=f"{len(found)} lettre{many} partie{many}.")


async def separators(visit: Visit) -> Response:
    """Downloads the separator sheets for the scanner: a generic one and one of each service."""
    site = visit.applied.site
    services = site.services.services
    async with visit.apart():
        pdf = await asyncio.to_thread(sheets.separator_sheets, site.identity, services, visit.keys)
    return _pdf(pdf, "separateurs")


async def day_sheet(visit: Visit) -> Response:
    """Downloads the sheet that is scanned before a batch to give it its day of receipt."""
    day, site = _day(visit), visit.applied.site
    said = witness_line(await roots.last(visit.connection), site)
    async with visit.apart():
        pdf = await asyncio.to_thread(sheets.day_sheets, site.identity, [day], visit.keys, said)
    return _pdf(pdf, f"feuille-du-jour-{day}")


async def bordereau(visit: Visit) -> Response:
    """Downloads the list of papers of a service, registered on a day, to be signed for."""
    service, day = visit.request.query_params.get("service", ""), _day(visit)
    names = Names(visit.applied.site, visit.directory)
    if service not in {service.id for service in visit.applied.site.services.services}:
        raise HTTPException(404, "Ce service n’existe pas.")
    begin = datetime.combine(day, time(), visit.applied.site.zone)
    end = datetime.combine(day + timedelta(days=1), time(), visit.applied.site.zone)
    lines = await print_queue.carried_items(
        visit.connection, service, begin.astimezone(UTC), end.astimezone(UTC)
    )
    root = await roots.last(visit.connection)
    async with visit.apart():
        pdf = await asyncio.to_thread(papers.bordereau, names, service, day, lines, root)
    return _pdf(pdf, f"bordereau-{service}-{day}")


async def take_labels(visit: Visit) -> Response:
    """Handles the form that reserves sticker numbers; the next page has their PDF."""
    form = await visit.form()
    count, skip = form.number("count"), form.number("skip") or 0
    if count is None or not 1 <= count <= MOST_LABELS:
        raise Mistyped("count", f"Entre 1 et {MOST_LABELS} étiquettes à la fois.")
    if skip >= sheets.LABELS_A_PAGE:
        raise Mistyped("skip", f"Une planche a {sheets.LABELS_A_PAGE} places.")
    first = await print_queue.take_labels(visit.connection, count, visit.person.id, visit.now)
    said = f"Étiquettes {first:06d} à {first + count - 1:06d} : imprimez-les à 100 %."
    return await visit.to(f"{PRINTING}?etiquettes={first}-{count}-{skip}", said=said)


async def labels(visit: Visit) -> Response:
    """Downloads stickers with reserved numbers as PDF.

    Raises HTTPException 404 for numbers that nobody reserved.
    """
    asked = visit.request.path_params
    first, count, skip = asked["first"], asked["count"], asked["skip"]
    if not 0 < first < first + count < 2**31 or skip >= sheets.LABELS_A_PAGE:
        raise HTTPException(404)
    if not await print_queue.was_taken(visit.connection, first, count):
        raise HTTPException(404, "Ces numéros n’ont pas été réservés : demandez des étiquettes.")
    identity = visit.applied.site.identity
    async with visit.apart():
        pdf = await asyncio.to_thread(sheets.label_sheets, identity, first, count, visit.keys, skip)
    return _pdf(pdf, f"etiquettes-{first:06d}")


async def label(visit: Visit) -> Response:
    """Downloads one sticker as PDF of its own size, for the counter's label printer.

    Raises HTTPException 404 for a number that nobody reserved.
    """
    number = visit.request.path_params["number"]
    if not await print_queue.was_reserved(visit.connection, number):
        raise HTTPException(404, "Ce numéro n’a pas été réservé : demandez des étiquettes.")
    identity = visit.applied.site.identity
    async with visit.apart():
        pdf = await asyncio.to_thread(sheets.one_label, identity, number, visit.keys)
    return _pdf(pdf, f"etiquette-{number:06d}")


def _day(visit: Visit) -> date:
    try:
        return date.fromisoformat(visit.request.query_params.get("jour", ""))
    except ValueError:
        return visit.today


def _pdf(pdf: bytes, name: str) -> Response:
    headers = {"content-disposition": f'inline; filename="{name}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)
