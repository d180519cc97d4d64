"""`/preuve`: the roots of the nights, and whether one that came by mail is ours."""

from starlette.datastructures import FormData
from starlette.responses import Response

from services.desk import proving
from services.desk.pages.forms import Form
from services.desk.pages.visit import Visit
from services.desk.store import roots

SHOWN = 60


async def nights(visit: Visit) -> Response:
    """The last nights; with a day and a root, whether they hold against the register."""
    asked = Form(FormData(visit.request.query_params))
    day, root = asked.day("jour"), asked.text("racine")
    every = await roots.every(visit.connection)
    holds = None
    if day is not None and any(one.day == day for one in every):
        site = visit.applied.site.identity.id
        verdict = await proving.of_root(visit.connection, site, day, root or None)
        holds = verdict.holds
    return await visit.html(
        "evidence/nights.html",
        nights=list(reversed(every))[:SHOWN],
        day=day,
        root=root,
        holds=holds,
        unknown=day is not None and holds is None,
    )
