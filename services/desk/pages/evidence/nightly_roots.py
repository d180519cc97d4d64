"""`/preuve`: what the last verification found, the roots, and whether one that came is ours."""

from collections.abc import Mapping, Sequence
from typing import Final

from starlette.datastructures import FormData
from starlette.responses import Response

from services.desk.domain.roots import Root
from services.desk.evidence import service
from services.desk.evidence.store import roots, verifications
from services.desk.evidence.store.verifications import Verification
from services.desk.french import labels_fr
from services.desk.pages.visit import Visit
from shared.site.staff.roads import Road
from shared.site.staff.roads import roads as roads_of
from shared.web.forms import Form

SHOWN: Final = 60
CHECKS: Final[Mapping[str, str]] = {
    "chain": "Chaîne des faits",
    "row": "Fiche du courrier",
    "clock": "Délai",
    "month": "Mois clos",
    "document": "Document",
    "root": "Empreinte du registre",
    "count": "Total",
    "followed": "Suivi montré au public",
    "copy": "Copie d’un fait",
    "quality": "Chaîne qualité",
    "books": "Délégations et bordereaux",
    "text": "Texte de la démarche qualité",
    "survey": "Enquête de satisfaction",
    "check": "Contrôle",
}
"""What was compared, by the check that found it."""
ROADS: Final[Mapping[str, str]] = {
    Road.QUALITY_OFFICER: "référent qualité",
    Road.GENERAL_SECRETARY: "secrétaire général",
    Road.OUTSIDE: "adresse extérieure",
}
"""To whom the roots leave."""


async def nights(visit: Visit) -> Response:
    """Shows the last roots (seals of evidence), and checks a root or day that a person typed."""
    asked = Form(FormData(visit.request.query_params))
    day, root = asked.day("jour"), asked.text("racine")
    every = await roots.every(visit.connection)
    last = await verifications.last(visit.connection)
    named = [sealed_root for sealed_root in every if root and sealed_root.is_named(root)]
    verdict = None
    if any(sealed_root.day == day for sealed_root in every) or (day is None and named):
        site = visit.applied.site.identity.id
        verdict = await service.of_root(visit.connection, site, day, root or None)
    zone = visit.applied.site.zone
    return await visit.html(
        "evidence/nights.html",
        roots=[_root(root, visit) for root in reversed(every[-SHOWN:])],
        roads=[
            (
                ROADS.get(road_state.road, road_state.road),
                labels_fr.moment(road_state.last, zone) if road_state.last else "",
                road_state.waiting,
            )
            for road_state in await roots.by_road(visit.connection)
        ],
        lacks_outside=Road.OUTSIDE not in roads_of(visit.applied.site),
        day=day,
        root=root,
        named=_root(named[0], visit) if named else None,
        holds=None if verdict is None else verdict.holds,
        unknown=bool(day or root) and verdict is None,
        found=None if last is None else _found(last, visit),
        differences=[] if last is None else await _differences(visit, last),
    )


def _root(one: Root, visit: Visit) -> Mapping[str, object]:
    """A root as the page says it."""
    at = labels_fr.moment(one.sealed_at, visit.applied.site.zone)
    return {"day": one.day, "at": at, "root": one.root, "chains": one.chains}


def _found(last: Verification, visit: Visit) -> dict[str, object]:
    """The last verification, as the page says it; no name that a mapping has itself."""
    return {
        "at": labels_fr.moment(last.verified_at, visit.applied.site.zone),
        "refolded": last.items,
        "clocks": last.clocks,
        "differ": last.differ,
        "said": last.said,
    }


async def _differences(visit: Visit, last: Verification) -> Sequence[tuple[str, ...]]:
    """Chrono or place, of what kind, what, what is proven, what stands there; the first of them."""
    found = await verifications.differences(visit.connection, last.number)
    return [
        (
            difference.chrono or "",
            difference.subject,
            CHECKS.get(difference.check, difference.check),
            difference.what,
            difference.proven,
            difference.found,
        )
        for difference in found[:SHOWN]
    ]
