"""`/formulaire/donnees`: what we keep of a form, why, how long, and what a person may ask."""

from starlette.responses import Response

from services.desk.pages.visit import Visit


async def privacy(visit: Visit) -> Response:
    """The notice that articles 13 and 12 of the RGPD ask for, short and plain."""
    site = visit.applied.site
    months = [row.retention_months for row in site.routing.categories if row.perimeter]
    return await visit.html(
        "public/privacy.html", identity=site.identity, shortest=min(months), longest=max(months)
    )
