"""`/formulaire/papier.pdf`: the same form on paper, for whoever writes better by hand."""

import asyncio

from starlette.responses import Response

from services.desk.pages.visit import Visit
from shared import paper_form

_kept: dict[str, bytes] = {}
"""The page of the applied identity, typeset once."""


async def paper(visit: Visit) -> Response:
    """The PDF, one page."""
    identity = visit.applied.site.identity
    of = identity.model_dump_json()
    if of not in _kept:
        async with visit.apart():
            made = await asyncio.to_thread(paper_form.pdf, identity)
        _kept.clear()
        _kept[of] = made
    headers = {"content-disposition": 'inline; filename="formulaire.pdf"'}
    return Response(_kept[of], media_type="application/pdf", headers=headers)
