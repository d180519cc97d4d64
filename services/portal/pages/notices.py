"""Notices that the law wants beside a public form, and the same form on paper."""

import asyncio

from starlette.responses import Response

from services.portal.pages.visit import PublicVisit
from shared.paper import form

_kept: dict[str, bytes] = {}
"""The page of the applied identity, typeset once."""


async def privacy(visit: PublicVisit) -> Response:
    """Shows the privacy notice that articles 12 and 13 of the RGPD require."""
    site = visit.applied.site
    months = [row.retention_months for row in site.routing.categories if row.perimeter]
    return await visit.html(
        "privacy.html", shortest=min(months), longest=max(months), survey_mail=site.survey.mail
    )


async def accessibility(visit: PublicVisit) -> Response:
    """Shows the declaration of accessibility (law of 11 February 2005, article 47)."""
    return await visit.html("accessibility.html")


async def paper(visit: PublicVisit) -> Response:
    """Downloads the public form as PDF, to be filled by hand."""
    identity = visit.applied.site.identity
    of = identity.model_dump_json()
    if of not in _kept:
        async with visit.apart():
            made = await asyncio.to_thread(form.pdf, identity)
        _kept.clear()
        _kept[of] = made
    headers = {"content-disposition": 'inline; filename="formulaire.pdf"'}
    return Response(_kept[of], media_type="application/pdf", headers=headers)
