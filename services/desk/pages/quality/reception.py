"""`/qualite/accueil`: a place of reception today: hours, papers, incidents, tries, tallies.

Who works in the service of a place keeps it; its head states other hours; the référent qualité may
all of it, and who watches the quality system reads it.
"""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import rights
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import reception_words
from services.desk.pages.visit import Visit
from services.desk.quality import place_papers
from services.desk.quality.domain.places import PlacesState
from services.desk.quality.place_papers import PaperHouse
from services.desk.quality.place_service import PlaceDesk
from services.desk.quality.store import places as store
from services.desk.quality.store.places import SheetInUse
from services.desk.rights import Right
from shared.facts.quality.places import IncidentKind
from shared.site.place_hours import open_day
from shared.site.tables.places import ReceptionPlace
from shared.site.texts.place_hours import PlaceHours, place_hours

URL: Final = "/qualite/accueil"
PDF: Final = "application/pdf"
GONE: Final = 410


def desk(visit: Visit) -> PlaceDesk:
    """Makes the service object by which the signed-in person acts on places of reception."""
    return PlaceDesk(visit.connection, visit.author, visit.applied, visit.directory)


def improves(visit: Visit) -> bool:
    """Whether the signed-in person is the référent qualité, or the deputy."""
    return rights.may(visit.roles, Right.IMPROVE)


def keeps(visit: Visit, place: ReceptionPlace) -> bool:
    """Whether the person runs a reception place: its service's people or head, or quality."""
    return improves(visit) or _service(visit, place) in visit.roles.services


def governs(visit: Visit, place: ReceptionPlace) -> bool:
    """Whether the person may set a place's exceptional hours: its head, director, or quality."""
    return improves(visit) or _service(visit, place) in visit.roles.leads


def _service(visit: Visit, place: ReceptionPlace) -> str:
    found = visit.applied.site.service_now(place.service)
    return place.service if found is None else found.id


def known_places(visit: Visit) -> Sequence[ReceptionPlace]:
    """Returns the places of reception that the person runs or may read of, those run first."""
    watches = rights.may(visit.roles, Right.WATCH)
    found = [place for place in visit.applied.site.places.places if watches or keeps(visit, place)]
    return sorted(found, key=lambda place: not keeps(visit, place))


def place_of(visit: Visit, *, acts: bool = False, governing: bool = False) -> ReceptionPlace:
    """Returns the place of reception of the address.

    Raises HTTPException: 404 when the person may not know of it, 403 when they may only read.
    """
    code = visit.request.path_params["place"]
    return place_named(visit, code, acts=acts, governing=governing)


def place_named(
    visit: Visit, code: str, *, acts: bool = False, governing: bool = False
) -> ReceptionPlace:
    """Returns the place of reception with this code.

    Raises HTTPException: 404 when the person may not know of it, 403 when they may only read.
    """
    found = next((place for place in known_places(visit) if place.id == code), None)
    if found is None:
        raise HTTPException(404, "Ce lieu n’est pas dans la liste.")
    if (acts and not keeps(visit, found)) or (governing and not governs(visit, found)):
        raise HTTPException(403, "Ce lieu est tenu par un autre service.")
    return found


def told_hours(visit: Visit, place: ReceptionPlace, state: PlacesState) -> PlaceHours:
    """Returns the words in which the public is told a reception place's hours of today."""
    return place_hours(place, visit.applied.site, state.exceptions, visit.today, visit.applied.days)


async def home(visit: Visit) -> Response:
    """Shows one place of reception that the person runs, by default the first."""
    mine = known_places(visit)
    if not mine:
        return await visit.html("quality/reception.html", place=None, places=())
    asked = visit.request.query_params.get("lieu", "")
    place = next((found for found in mine if found.id == asked), mine[0])
    state = await store.places(visit.connection, visit.applied.site)
    words = await store.words(visit.connection, state)
    papers = place_papers.papers_of(
        await store.sheets(visit.connection, visit.applied.site, state), place.id
    )
    by, names = desk(visit), Names(visit.applied.site, visit.directory)
    counted = await store.tallies(visit.connection, place.id, visit.today, by.half)
    return await visit.html(
        "quality/reception.html",
        place=place,
        places=[(found.id, found.name) for found in mine],
        hours=told_hours(visit, place, state),
        days=[
            reception_words.day_line(
                open_day(place, state.exceptions, day, visit.applied.days), visit.today
            )
            for day in (visit.today, visit.today + timedelta(days=1))
        ],
        papers=[reception_words.paper_line(sheet, visit.today) for sheet in papers],
        reprint=reception_words.reprint(
            state.displayed.get(place.id),
            papers,
            lambda since: place_papers.set_digest(place, visit.applied, state, visit.today, since),
        ),
        mark=_mark(visit, place, state, papers),
        companion=reception_words.companion(state.companions.get(place.id), words),
        exceptions=[
            reception_words.exception_line(stated, words, names)
            for stated in state.hours
            if stated.exception.place == place.id and stated.exception.last >= visit.today
        ],
        incidents=[
            reception_words.incident_line(incident, words, visit.applied.site.zone)
            for incident in state.open_incidents(place.id)
        ],
        kinds=[(kind.value, said) for kind, said in reception_words.INCIDENTS.items()],
        tried=next(
            (day for day in state.days if (day.place, day.on) == (place.id, visit.today)), None
        ),
        tallies=[
            (kind, reception_words.tally(visit.applied.site.places, kind), counted.get(kind, 0))
            for kind in by.tally_kinds(place)
        ],
        half=reception_words.HALVES[by.half],
        help=[visit.applied.site.places.help.get(kind, kind) for kind in place.help],
        keeps=keeps(visit, place),
        governs=governs(visit, place),
        improves=improves(visit),
        watches=rights.may(visit.roles, Right.WATCH),
    )


def _mark(
    visit: Visit, place: ReceptionPlace, state: PlacesState, papers: Sequence[SheetInUse]
) -> str:
    today = visit.today
    return place_papers.mark(
        papers, place_papers.set_digest(place, visit.applied, state, today, today)
    )


async def set_(visit: Visit) -> Response:
    """Downloads the papers of a reception place to print (PDF): poster, panel and slips in use."""
    place = place_of(visit)
    state = await store.places(visit.connection, visit.applied.site)
    sheets = await store.sheets(visit.connection, visit.applied.site, state)
    papers = place_papers.papers_of(sheets, place.id)
    return await _pdf(visit, place, state, papers, f"accueil-{place.id}.pdf", whole=True)


async def paper(visit: Visit) -> Response:
    """Downloads one paper of a reception place to print.

    A version out of use can't be printed (410).
    """
    place, wanted = place_of(visit), visit.request.path_params
    state = await store.places(visit.connection, visit.applied.site)
    sheets = await store.sheets(visit.connection, visit.applied.site, state)
    found = [
        sheet
        for sheet in place_papers.papers_of(sheets, place.id)
        if sheet.version.letter == wanted["letter"]
    ]
    if not found:
        raise HTTPException(404, "Ce lieu n’a pas de fiche de ce nom en service.")
    if found[0].version.number != wanted["version"]:
        raise HTTPException(
            GONE, f"Cette version n’est pas celle en service : c’est la {found[0].version.number}."
        )
    name = f"{found[0].version.letter}-{found[0].version.number}.pdf"
    return await _pdf(visit, place, state, found, name, whole=False)


async def _pdf(
    visit: Visit,
    place: ReceptionPlace,
    state: PlacesState,
    papers: Sequence[SheetInUse],
    name: str,
    *,
    whole: bool,
) -> Response:
    identity = visit.applied.site.identity
    house = PaperHouse(identity.authority, identity.emergency_line, identity.website)
    told, today = told_hours(visit, place, state), visit.today
    sheets = await store.sheets(visit.connection, visit.applied.site, state)
    mark = _mark(visit, place, state, place_papers.papers_of(sheets, place.id))
    async with visit.apart():
        content = await asyncio.to_thread(
            place_papers.print_papers, papers, told, house, today, mark, whole=whole
        )
    return our_file(content, PDF, name)


def incident_kind(word: str) -> IncidentKind | None:
    """Parses the kind of booking incident that a form names; `None` for another word."""
    return IncidentKind(word) if word in set(IncidentKind) else None
