"""`/qualite/label/perimetre`: the services that the label covers, since when, and changing it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.label_perimeter import LabelPerimeter
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import figure_words, label
from services.desk.pages.refusals import french
from services.desk.pages.visit import Visit
from services.desk.quality import perimeter_service
from services.desk.quality.domain.perimeter_preview import PerimeterPreview
from services.desk.quality.perimeter_service import PerimeterService
from services.desk.quality.store import texts
from services.desk.store import label_perimeter
from shared.calendar.local_days import month_of
from shared.errors import Refused
from shared.facts.authors import by_person
from shared.facts.envelope import EventId, ServiceId
from shared.facts.quality.perimeter import PerimeterAsked, PerimeterChanged
from shared.web.forms import YEARS, Form, Mistyped

PATH: Final = f"{label.HOME}/perimetre"
TRIAL: Final = f"{PATH}/essai"
OPENED: Final = "demande"
"""Of the address: the service whose request is shown with what it would move."""
IN, OUT = "dans", "hors"
WAYS: Final = ((OUT, "sort du périmètre"), (IN, "revient dans le périmètre"))
ERASED: Final = "texte effacé"


@dataclass(frozen=True, slots=True)
class PerimeterPeriod:
    """A change of the label's perimeter in words: a service in or out, since when, why, by whom."""

    since: date
    inside: bool
    why: str
    asked_by: str
    by: str
    on: str
    """The local day on which the second person confirmed it."""


@dataclass(frozen=True, slots=True)
class PendingRequest:
    """A request to change the label's perimeter that waits for a second person, with its effect."""

    service: ServiceId
    name: str
    request: EventId
    inside: bool
    since: date
    why: str
    by: str
    mine: bool
    shown: str
    """The digest of the preview; empty without it."""
    preview: PerimeterPreview | None
    """`None`: not asked for, since it reads every item since that day."""


async def periods(
    visit: Visit, known: LabelPerimeter
) -> Sequence[tuple[str, bool, Sequence[PerimeterPeriod]]]:
    """Returns each service's name, whether the label covers it today, and its past changes."""
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    said = await texts.texts(
        visit.connection, [(fact.subject_id, fact.why) for fact in known.changes]
    )
    asked = await label_perimeter.requests(visit.connection)

    def period(fact: PerimeterChanged) -> PerimeterPeriod:
        first = asked.get(fact.asked)
        return PerimeterPeriod(
            fact.since,
            fact.inside,
            said.get((fact.subject_id, fact.why), ERASED),
            "" if first is None else names.author(first.by),
            names.author(fact.by),
            labels_fr.short_day(fact.recorded_at.astimezone(zone).date()),
        )

    services = [ServiceId(row.id) for row in visit.applied.site.services.services]
    gone = sorted({fact.service for fact in known.changes} - set(services))
    return [
        (
            names.service(service),
            known.inside(service, visit.today),
            [period(fact) for fact in known.periods(service)],
        )
        for service in (*services, *gone)
    ]


async def page(visit: Visit) -> Response:
    """Shows which services the label covers, since when, and changes that await a second person."""
    known = await label_perimeter.perimeter(visit.connection)
    routing = visit.applied.site.routing.categories
    _, confirming = perimeter_service.who_confirms(visit.applied.site, visit.directory, visit.today)
    return await visit.html(
        "quality/perimeter.html",
        services=await periods(visit, known),
        pending=[await _pending(visit, request) for request in known.asked.values()],
        categories=[(row.label, row.reason) for row in routing if not row.perimeter],
        names=Names(visit.applied.site, visit.directory),
        confirms=visit.person.id in confirming,
        writes=label.writes(visit),
        choices=[(row.id, row.name) for row in visit.applied.site.services.services],
        ways=WAYS,
        path=PATH,
        trial=TRIAL,
        lines=preview_lines,
        month=month_of,
    )


async def _pending(visit: Visit, request: PerimeterAsked) -> PendingRequest:
    names = Names(visit.applied.site, visit.directory)
    said = await texts.texts(visit.connection, [(request.subject_id, request.why)])
    found = None
    if visit.request.query_params.get(OPENED) == request.service:
        found = await perimeter_service.preview(visit.connection, visit.applied, request)
    return PendingRequest(
        request.service,
        names.service(request.service),
        request.event_id,
        request.inside,
        request.since,
        said.get((request.subject_id, request.why), ERASED),
        names.author(request.by),
        request.by == by_person(visit.person.id),
        "" if found is None else found.digest(request.event_id),
        found,
    )


def preview_lines(found: PerimeterPreview) -> Sequence[tuple[str, str, str, str]]:
    """Returns each figure that a perimeter change would move: month, promise, before, after."""
    return [
        (
            month_of(line.month),
            figure_words.TITLES.get(line.code, line.code),
            figure_words.whole(line.before),
            figure_words.whole(line.after),
        )
        for line in found.lines
    ]


async def trial(visit: Visit) -> Response:
    """Shows which figures a change of the label's perimeter would move, before it is requested."""
    asked = visit.request.query_params
    service, since = ServiceId(asked.get("service", "")), _day(asked.get("jour", ""))
    way = asked.get("sens", "")
    if since is None or way not in {IN, OUT}:
        return await visit.to(PATH, "Choisissez un service, un sens et un jour.", refused=True)
    known = await label_perimeter.perimeter(visit.connection)
    names = Names(visit.applied.site, visit.directory)
    try:
        perimeter_service.may_ask(
            known, visit.applied, service, since, visit.today, inside=way == IN
        )
    except Refused as why:
        return await visit.to(PATH, french(why, names), refused=True)
    request = perimeter_service.draft(visit.author, service, since, inside=way == IN)
    found = await perimeter_service.preview(visit.connection, visit.applied, request)
    return await visit.html(
        "quality/perimeter_trial.html",
        service=service,
        name=names.service(service),
        inside=way == IN,
        way=way,
        since=since,
        preview=found,
        lines=preview_lines,
        month=month_of,
        path=PATH,
    )


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if found.year in YEARS else None


def acts(visit: Visit) -> PerimeterService:
    """Makes the service object by which the signed-in person acts on the label's perimeter."""
    return PerimeterService(visit.connection, visit.author, visit.applied, visit.directory)


async def ask(visit: Visit) -> Response:
    """Requests a change of the label's perimeter; another person has to confirm it."""
    form = await visit.form()
    since, way = form.day("jour"), form.text("sens")
    if since is None:
        raise Mistyped("jour", "Donnez le jour à partir duquel cela compte.")
    if way not in {IN, OUT}:
        raise HTTPException(400, "Ce formulaire est incomplet.")
    why = form.require("pourquoi", "Dites pourquoi : un auditeur le lira.")
    await acts(visit).ask(ServiceId(form.text("service")), since, why, inside=way == IN)
    return await visit.to(PATH, said="Demandé : une autre personne doit le confirmer.")


async def confirm(visit: Visit) -> Response:
    """Confirms another person's request: a service's items count in the rates no more, or again."""
    form = await visit.form()
    service = ServiceId(form.text("service"))
    found = await acts(visit).confirm(service, _request(form), form.text("vu"))
    moved = found.out + found.back
    said = f"Confirmé : {moved} courriers ont changé de compte." if moved > 1 else "Confirmé."
    return await visit.to(PATH, said=said)


async def drop(visit: Visit) -> Response:
    """Drops a request to change the label's perimeter that nobody has confirmed."""
    form = await visit.form()
    await acts(visit).drop(ServiceId(form.text("service")), _request(form))
    return await visit.to(PATH, said="Demande abandonnée : rien n’a bougé.")


def _request(form: Form) -> EventId:
    try:
        return EventId(UUID(form.text("demande")))
    except ValueError:
        raise HTTPException(400, "Ce formulaire est incomplet.") from None
