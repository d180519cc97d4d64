"""The octets of an item: pages of papers as pictures, originals and attachments to take away.

What comes from outside is given as a file to keep, never opened here (pages/downloads.py).
"""

import asyncio
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages import originals
from services.desk.pages.downloads import a_file, ending
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.store.sheets import ArrivalAppearance
from shared.content import plis
from shared.content.plis import Attachment
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey
from shared.web import foreign_files


async def picture(visit: Visit) -> Response:
    """Shows a page of an item's scanned paper as a picture.

    Raises HTTPException 404 if the person may not see it or it can't be drawn.
    """
    arrival = await _arrival(visit)
    try:
        async with visit.apart():
            original = await visit.blobs.get(arrival.original)
            drawn = await originals.page(original, visit.request.path_params["page"])
    except PermanentFailure as error:
        raise HTTPException(404) from error
    return Response(drawn, media_type="image/png")


async def original(visit: Visit) -> Response:
    """Downloads the original of an item's arrival, byte for byte.

    Raises HTTPException 404 if it may not be seen.
    """
    arrival = await _arrival(visit)
    async with visit.apart():
        octets = await _blob(visit, arrival.original)
    return a_file(octets, f"{visit.request.path_params['chrono']}{ending(octets)}")


async def attachment(visit: Visit) -> Response:
    """Downloads one attachment of a message, by its number.

    Raises HTTPException 404 if it may not be seen.
    """
    arrival, number = await _arrival(visit), visit.request.path_params["number"]
    if arrival.pli is None:
        raise HTTPException(404)
    async with visit.apart():
        try:
            pli = await plis.read(visit.blobs, arrival.pli)
        except PermanentFailure as error:
            raise HTTPException(404) from error
        if number >= len(pli.attachments):
            raise HTTPException(404)
        wanted = pli.attachments[number]
        octets = await _octets(visit, arrival, wanted)
    return a_file(octets, wanted.name or "piece-jointe")


async def _arrival(visit: Visit) -> ArrivalAppearance:
    found = await visit.item(visit.request.path_params["chrono"])
    wanted: UUID = visit.request.path_params["arrival"]
    arrival = next((arrival for arrival in found.arrivals if arrival.arrival_id == wanted), None)
    gone = wanted in found.item.gone or found.item.destroyed
    if (
        arrival is None
        or gone
        or arrival.erased_at is not None
        or visit.sight(found.item) is not Sight.WHOLE
    ):
        raise HTTPException(404)
    return arrival


async def _octets(visit: Visit, arrival: ArrivalAppearance, wanted: Attachment) -> bytes:
    """Of a form, a blob of its own beside it; of a mail, the part of the original."""
    folder = arrival.original.rpartition("/")[0]
    try:
        return await visit.blobs.get(BlobKey(f"{folder}/{wanted.sha256}"))
    except PermanentFailure:
        whole = await _blob(visit, arrival.original)
    try:
        return await asyncio.to_thread(foreign_files.part, whole, wanted.sha256)
    except foreign_files.Unopened as failure:
        raise HTTPException(404) from failure


async def _blob(visit: Visit, key: BlobKey) -> bytes:
    try:
        return await visit.blobs.get(key)
    except PermanentFailure as error:
        raise HTTPException(404) from error
