"""`/preuve`: what the last verification found, the roots, and whether one that came is ours."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.datastructures import FormData
from starlette.responses import Response

from services.desk import proving
from services.desk.pages import words
from services.desk.pages.forms import Form
from services.desk.pages.visit import Visit
from services.desk.store import roots, verifications
from services.desk.store.verifications import Verification

SHOWN: Final = 60
CHECKS: Final[Mapping[str, str]] = {
    "chain": "Chaîne des faits",
    "row": "Fiche du courrier",
    "clock": "Délai",
    "month": "Mois clos",
    "document": "Document",
    "root": "Empreinte de la nuit",
    "count": "Total",
    "copy": "Copie d’un fait",
    "quality": "Chaîne qualité",
    "books": "Délégations et bordereaux",
}
"""What was compared, by the check that found it."""


async def nights(visit: Visit) -> Response:
    """The last nights; with a day and a root, whether they hold against the register."""
    asked = Form(FormData(visit.request.query_params))
    day, root = asked.day("jour"), asked.text("racine")
    every = await roots.every(visit.connection)
    last = await verifications.last(visit.connection)
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
        found=None if last is None else _found(last, visit),
        differences=[] if last is None else await _differences(visit, last),
    )


def _found(last: Verification, visit: Visit) -> dict[str, object]:
    """The last verification, as the page says it."""
    return {
        "at": words.moment(last.verified_at, visit.applied.site.zone),
        "items": last.items,
        "clocks": last.clocks,
        "differ": last.differ,
    }


async def _differences(visit: Visit, last: Verification) -> Sequence[tuple[str, ...]]:
    """Chrono or place, of what kind, what, what is proven, what stands there; the first of them."""
    found = await verifications.differences(visit.connection, last.number)
    return [
        (one.chrono or "", one.subject, CHECKS.get(one.check, one.check), one.what,
         one.proven, one.found)
        for one in found[:SHOWN]
    ]  # fmt: skip
