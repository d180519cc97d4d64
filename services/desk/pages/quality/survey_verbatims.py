"""`/qualite/enquetes/N/remarques`: free texts, masked by the quality officer before anyone reads.

No file has them, and twelve months after they are erased.
"""

from uuid import UUID

from starlette.responses import Response

from services.desk.pages.quality.survey import URL, campaign_of, desk, improves
from services.desk.pages.visit import Visit
from services.desk.quality.store import survey as store
from services.desk.quality.store.survey import VerbatimState


async def page(visit: Visit) -> Response:
    """Shows a survey's readable remarks (free texts), and to the quality officer those to mask."""
    campaign, form = await campaign_of(visit)
    writes = improves(visit)
    found = await store.verbatims(visit.connection, campaign.number, VerbatimState.READABLE)
    waiting = await store.verbatims(visit.connection, campaign.number, VerbatimState.WAITING)
    return await visit.html(
        "quality/survey_verbatims.html",
        campaign=campaign,
        form=form,
        readable=found,
        waiting=waiting if writes else (),
        unread=len(waiting),
        improves=writes,
    )


async def settle(visit: Visit) -> Response:
    """Releases a survey's remark (free text) as it was masked, or withholds it. Raises Refused."""
    form = await visit.form()
    verbatim_id: UUID = visit.request.path_params["verbatim"]
    if form.text("retenir"):
        await desk(visit).withhold(verbatim_id)
        said = "Remarque retenue : rien n’en est gardé."
    else:
        text = form.require("texte", "Gardez au moins un mot, ou retenez la remarque.")
        await desk(visit).mask(verbatim_id, text)
        said = "Remarque lisible, telle que vous l’avez masquée."
    number = visit.request.path_params["number"]
    return await visit.to(f"{URL}/{number}/remarques", said=said)
