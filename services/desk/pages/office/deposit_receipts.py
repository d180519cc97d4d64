"""`/bureau/guichet/CHRONO/…`: the récépissé of a paper handed over, and a keying undone."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.days import local_day
from services.desk.domain.item import Item, ItemStatus
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages import journal_entries
from services.desk.pages.office import papers
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.service import SLIP
from services.desk.store import counter_day
from services.desk.store.counter_day import CounterEntry
from services.desk.store.sheets import ItemSheet
from shared.calendar.local_days import long_day
from shared.content import plis
from shared.content.follow_codes import PATH, follow_code
from shared.errors import PermanentFailure
from shared.facts.authors import by_person
from shared.facts.envelope import BlobKey, Via
from shared.facts.items.corrections import ItemSplitFrom
from shared.facts.vocabulary import Channel
from shared.paper import qr

COUNTER: Final = "/bureau/guichet"
RECEIPT: Final = f"{COUNTER}/{{chrono}}/recepisse.pdf"
SHOWN: Final = 10
"""Registrations that the counter shows to who made them."""
_QUIET: Final = 2


async def lately(visit: Visit) -> Sequence[Mapping[str, Any]]:
    """Returns the papers that the person registered last today at the counter, as lines to show."""
    author, since = by_person(visit.person.id), visit.midnight
    found = await counter_day.last(visit.connection, author, since, SHOWN)
    async with visit.apart():
        names = [await _name(visit, row.pli) for row in found]
    return [_line(visit, row, name) for row, name in zip(found, names, strict=True)]


def _line(visit: Visit, row: CounterEntry, name: str) -> Mapping[str, Any]:
    category = Names(visit.applied.site, visit.directory).category(row.category)
    return {
        "chrono": row.chrono,
        "at": labels_fr.moment(row.at, visit.applied.site.zone).partition(" à ")[2],
        "who": name,
        "what": category,
        "receipt": row.channel is Channel.HAND_DELIVERED and row.state is not ItemStatus.DESTROYED,
        "undone": row.state is ItemStatus.CLOSED,
        "undo": row.state is ItemStatus.OPEN and row.alone,
    }


async def _name(visit: Visit, pli: BlobKey | None) -> str:
    if pli is None:
        return ""
    try:
        return (await plis.read(visit.blobs, pli)).sender.name
    except PermanentFailure:
        return ""


async def receipt(visit: Visit) -> Response:
    """Downloads the récépissé de dépôt of a letter handed over at the counter, as PDF.

    The code by which the letter is followed is given with it, where a portal answers; the journal
    has who printed it. Raises HTTPException 404 for what nobody handed over, or was taken back or
    destroyed, and for what is réservé.
    """
    sheet = await visit.item(visit.request.path_params["chrono"])
    item, site = sheet.item, visit.applied.site
    stands = _handed_over(sheet) and not item.destroyed and item.closed != SLIP
    if not stands or item.was_reserved or visit.sight(item) is not Sight.WHOLE:
        raise HTTPException(404, "Ce courrier n’a pas de récépissé de dépôt.")
    await journal_entries.record_download(visit, RECEIPT, item.chrono)
    follows = await _follows(visit, item)
    names = Names(site, visit.directory)
    async with visit.apart():
        name = await _name(visit, item.opened.pli)
        lines = [
            ("Numéro", item.chrono),
            ("Déposé le", long_day(local_day(item.receipt, site.zone))),
            ("Enregistré le", labels_fr.moment(item.opened.recorded_at, site.zone)),
            *([("Remis par ou pour", name)] if name else []),
        ]
        data = {
            "authority": site.identity.authority,
            "office": names.service(site.identity.mail_office),
            "number": item.chrono,
            "lines": lines,
            **follows,
        }
        pdf = await asyncio.to_thread(papers.deposit_receipt, data)
    headers = {"content-disposition": f'inline; filename="recepisse-{item.chrono}.pdf"'}
    return Response(pdf, media_type="application/pdf", headers=headers)


def _handed_over(sheet: ItemSheet) -> bool:
    """Whether a page registered it from a hand: a file, or what was split off, came otherwise."""
    opened = sheet.item.opened
    keyed = opened.arrival_id is None and opened.via is Via.SESSION
    split = any(isinstance(fact, ItemSplitFrom) for fact in sheet.facts)
    return keyed and not split and opened.channel is Channel.HAND_DELIVERED


async def _follows(visit: Visit, item: Item) -> Mapping[str, str]:
    """How the letter is followed; the database learns the digest of its code with the paper."""
    home = visit.settings.portal_url
    if home is None:
        return {"code": "", "page": "", "qr": ""}
    keys = visit.settings.site_keys
    code = follow_code(keys, item.chrono)
    await counter_day.give_code(visit.connection, code.digest, item.item_id, keys.id, visit.now)
    home = home.rstrip("/")
    return {
        "code": code.shown,
        "page": f"{home}{PATH}".removeprefix("https://").removeprefix("http://"),
        "qr": qr.svg(f"{home}{code.path}", "m", quiet=_QUIET),
    }


async def take_back(visit: Visit) -> Response:
    """Handles the form that undoes a registration of today by whoever made it.

    Its number stays, closed as an error of keying and out of the perimeter: nobody wrote.
    """
    sheet = await visit.item(visit.request.path_params["chrono"])
    form, item = await visit.form(), sheet.item
    if await visit.decider(form.decision).unregister(item.item_id, visit.midnight) is None:
        said = f"{item.chrono} ne s’annule plus ici : ouvrez-le pour le classer ou le corriger."
        return await visit.to(COUNTER, said=said, refused=True)
    said = f"{item.chrono} : enregistrement annulé. Le numéro reste, classé (erreur de saisie)."
    return await visit.to(COUNTER, said=said)
