"""The addresses of one item: `/courrier/CHRONO` and what stands below."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages import originals
from services.desk.pages.item.shown import item
from services.desk.pages.page import Page
from services.desk.pages.rights import Right, Sight
from services.desk.pages.visit import Visit
from shared.errors import PermanentFailure


async def one_item(visit: Visit) -> Response:
    """What came, where it stands, how its limits are counted, and its past."""
    found = await visit.item(visit.request.path_params["chrono"])
    shown = await item(
        found,
        visit.applied,
        visit.directory,
        visit.now,
        visit.blobs,
        hidden=visit.sight(found.item) is not Sight.WHOLE,
    )
    return await visit.html("item/item.html", **shown)


async def one_picture(visit: Visit) -> Response:
    """A page of a paper, drawn. Raises HTTPException 404 for what may not be seen."""
    found = await visit.item(visit.request.path_params["chrono"])
    wanted: UUID = visit.request.path_params["arrival"]
    arrival = next((one for one in found.arrivals if one.arrival_id == wanted), None)
    gone = arrival is None or arrival.erased_at is not None
    if arrival is None or gone or visit.sight(found.item) is not Sight.WHOLE:
        raise HTTPException(404)
    try:
        original = await visit.blobs.get(arrival.original)
        picture = await originals.page(original, visit.request.path_params["page"])
    except PermanentFailure as error:
        raise HTTPException(404) from error
    return Response(picture, media_type="image/png")


PAGES: Final[Sequence[Page]] = (
    Page("/courrier/{chrono}", one_item, Right.BELONG),
    Page("/courrier/{chrono}/{arrival:uuid}/{page:int}.png", one_picture, Right.BELONG),
)
