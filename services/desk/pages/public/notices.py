"""What the law wants said beside a public form: `/formulaire/donnees` and `…/accessibilite`."""

from starlette.responses import Response

from services.desk.pages.visit import Visit


async def privacy(visit: Visit) -> Response:
    """The notice that articles 13 and 12 of the RGPD ask for, short and plain."""
    site = visit.applied.site
    months = [row.retention_months for row in site.routing.categories if row.perimeter]
    return await visit.html(
        "public/privacy.html", identity=site.identity, shortest=min(months), longest=max(months)
    )


async def accessibility(visit: Visit) -> Response:
    """The declaration of article 47 of the law of 11 February 2005, as site.yaml words it."""
    return await visit.html("public/accessibility.html", identity=visit.applied.site.identity)
