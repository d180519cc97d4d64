"""`/service/ID/charge`: who holds what of a service, and whose items wait while they are away."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.service.hand_over import HAND_OVER
from services.desk.pages.service.list_filters import HOME
from services.desk.pages.visit import Visit
from services.desk.store import work
from services.desk.store.work import Load
from shared.facts.envelope import ServiceId


@dataclass(frozen=True, slots=True)
class WorkloadShare:
    """The workload of one person in a service, or of items that nobody holds."""

    who: str
    url: str
    load: Load
    oldest: str
    hand_over: str
    """Where all that they hold is given on; empty when that is nothing."""
    away: str
    """Who receives their mail meanwhile; empty when they are there."""


async def load(visit: Visit) -> Response:
    """Shows the workload of a service by person. Raises HTTPException 404 for an unknown one."""
    service: str = visit.request.path_params["service"]
    if service not in visit.applied.site.service:
        raise HTTPException(404, "Ce service n’existe pas.")
    names = Names(visit.applied.site, visit.directory)
    loads = {load.holder: load for load in await work.loads(visit.connection, service, visit.today)}
    there = [person.id for person in visit.directory.of(service)]
    holders = [*there, *sorted({load for load in loads if load is not None} - set(there))]
    shares = [
        _share(visit, names, service, loads.get(holder) or _none(holder)) for holder in holders
    ]
    return await visit.html(
        "service/load.html",
        service=service,
        service_name=names.service(service),
        head=names.person(visit.applied.site.service[ServiceId(service)].head),
        free=loads.get(None),
        free_url=f"{HOME}?service={service}&qui=tous&tas=libre",
        shares=shares,
        total=_total(list(loads.values())),
    )


def _none(holder: str) -> Load:
    return Load(holder, 0, 0, 0, 0, None)


def _share(visit: Visit, names: Names, service: str, one: Load) -> WorkloadShare:
    away = ""
    if one.holder is not None and visit.directory.is_away(one.holder, visit.today):
        reader = visit.directory.reader(one.holder, visit.today)
        away = "en absence, sans suppléant"
        if reader is not None and reader.instead_of is not None:
            away = f"en absence, {names.person(reader.person.id)} reçoit à sa place"
    return WorkloadShare(
        who=names.person(one.holder),
        url=f"{HOME}?service={service}&qui={one.holder}",
        load=one,
        hand_over=""
        if one.holder is None or not one.items
        else HAND_OVER.format(service=service, person=one.holder),
        oldest="" if one.oldest is None else labels_fr.short_day(one.oldest),
        away=away,
    )


def _total(loads: Sequence[Load]) -> Load:
    return Load(
        None,
        sum(load.items for load in loads),
        sum(load.late for load in loads),
        sum(load.at_risk for load in loads),
        sum(load.waiting for load in loads),
        min((load.oldest for load in loads if load.oldest), default=None),
    )
