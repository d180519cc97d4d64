"""The addresses of people and services: what everybody may look at, and what some may change."""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.accounts.store import people, person_asks
from services.desk.accounts.store.person_asks import Ask
from services.desk.french.labels_fr import moment
from services.desk.french.names import Names
from services.desk.pages.page import Page
from services.desk.pages.people import changes, delegation_pages, permissions, promises
from services.desk.pages.people.changes import person_of
from services.desk.pages.visit import Visit
from services.desk.rights import Right
from services.desk.store import work
from shared.calendar.local_days import plain_hour
from shared.facts.authors import by_person
from shared.facts.envelope import PersonId
from shared.facts.items.directory import PersonChange
from shared.site.tables.people import Person
from shared.site.tables.services import Service


async def everybody(visit: Visit) -> Response:
    """Shows every service with its people, opening hours, and absences of today."""
    site, directory = visit.applied.site, visit.directory
    services = [
        {
            "row": row,
            "opens": plain_hour(directory.opening(site, row.id).opens),
            "closes": plain_hour(directory.opening(site, row.id).closes),
            "people": directory.of(row.id),
            "head": directory.person(row.head),
            "director": directory.person(row.director),
        }
        for row in site.services.services
    ]
    placed = {service.id for service in site.services.services}
    elsewhere = [
        person for person in directory.people.values() if not placed & set(person.services)
    ]
    names = Names(site, directory)
    left = await work.left_behind(visit.connection, [str(id_) for id_ in directory.people])
    return await visit.html(
        "people/everybody.html",
        left=[
            {
                "who": names.person(PersonId(person)),
                "service": names.service(service),
                "n": n,
                "url": f"/service/{service}/charge/{person}/remise"
                if service in visit.roles.leads
                else "",
            }
            for person, service, n in left
        ],
        services=services,
        elsewhere=elsewhere,
        away=lambda person: directory.is_away(person, visit.today),
        may_name=permissions.may_name(visit.roles, site),
        may_open=lambda service: permissions.may_open(visit.roles, service),
    )


async def me(visit: Visit) -> Response:
    """Redirects to the signed-in person's own page."""
    return await visit.to(f"/personne/{visit.person.id}")


async def one_person(visit: Visit) -> Response:
    """Shows the page of a person: services, absences, deputy, and changes of their record."""
    person, site = person_of(visit), visit.applied.site
    names, zone = Names(site, visit.directory), site.zone
    id_ = PersonId(person.id)
    history = [
        (
            moment(change.since, zone),
            names.author(change.author) if ":" in change.author else change.author,
            change.capacity,
            ", ".join(map(names.service, change.services)),
            names.person(change.deputy),
            change.gone,
        )
        for change in await people.changes_of(visit.connection, id_)
    ]
    mine = PersonId(visit.somebody.id) if visit.somebody else None
    rows = site.services.services
    return await visit.html(
        "people/person.html",
        one=person,
        names=names,
        absences=await people.absences_of(visit.connection, id_, visit.now, visit.today),
        history=history,
        colleagues=sorted(
            ((other.id, f"{other.first_name} {other.name}") for other in _others(visit, person.id)),
            key=lambda pair: pair[1],
        ),
        placeable=[
            row
            for row in rows
            if permissions.placeable(person, site)
            and permissions.may_place(visit.roles, site, row.id)
        ],
        asks=[
            {
                "ask": ask.ask,
                "what": _asked(ask, names),
                "who": names.author(ask.asked_by),
                "at": moment(ask.asked_at, zone),
                "mine": mine is not None and ask.asked_by == by_person(mine),
                "settles": changes.may_settle(visit, person, ask),
            }
            for ask in await person_asks.waiting(visit.connection, id_)
        ],
        holds=[
            (
                names.service(service),
                n,
                f"/service/{service}/charge/{person.id}/remise"
                if service in visit.roles.leads
                else "",
            )
            for service, n in (await work.services_of(visit.connection, person.id)).items()
        ],
        agrees=changes.AGREES,
        mine=mine == id_,
        by_two=not permissions.may_alone(mine, person, site),
        may_tell=permissions.may_tell_absences(visit.roles, mine, person),
        may_name=permissions.may_name(visit.roles, site),
    )


def _asked(ask: Ask, names: Names) -> str:
    if ask.change is PersonChange.DEPUTY:
        return f"suppléance : {names.person(ask.value) if ask.value else 'personne'}"
    return f"adresse électronique : {ask.value}"


async def newcomer(visit: Visit) -> Response:
    """Shows the form that adds a person who arrives, and handles it."""
    if visit.request.method == "POST":
        return await changes.arrive(visit)
    if not permissions.may_name(visit.roles, visit.applied.site):
        raise HTTPException(403)
    return await visit.html(
        "people/newcomer.html",
        services=[
            (row.id, row.name)
            for row in visit.applied.site.services.services
            if permissions.may_place(visit.roles, visit.applied.site, row.id)
        ],
    )


async def receives(visit: Visit) -> Response:
    """Shows who receives which reminders for a service today."""
    row = _service(visit)
    return await visit.html(
        "people/receives.html",
        row=row,
        digest=promises.digest(visit.applied, visit.directory, row, visit.today),
        promises=promises.promises(visit.applied, visit.directory, row, visit.today),
        agents=[
            (person, promises.hearer(visit.directory, person.id, visit.today))
            for person in visit.directory.of(row.id)
        ],
        head=promises.hearer(visit.directory, row.head, visit.today),
        quality=promises.hearer(
            visit.directory, visit.applied.site.identity.quality_officer, visit.today
        ),
        on_call=promises.hearer(visit.directory, visit.applied.site.identity.on_call, visit.today),
    )


async def delegations(visit: Visit) -> Response:
    """Shows the delegations of signature; a POST enters one."""
    if visit.request.method == "POST":
        return await delegation_pages.give(visit)
    return await delegation_pages.show_delegations(visit)


async def hours(visit: Visit) -> Response:
    """Shows the opening hours of a service; a POST changes them."""
    row = _service(visit)
    if not permissions.may_open(visit.roles, row.id):
        raise HTTPException(403)
    if visit.request.method == "POST":
        return await changes.open_at(visit, row)
    now = visit.directory.opening(visit.applied.site, row.id)
    return await visit.html("people/hours.html", row=row, hours=now)


def _service(visit: Visit) -> Service:
    row = visit.applied.site.service.get(visit.request.path_params["service"])
    if row is None:
        raise HTTPException(404, "Ce service n’existe pas.")
    return row


def _others(visit: Visit, person: str) -> Sequence[Person]:
    return [colleague for colleague in visit.directory.people.values() if colleague.id != person]


BOTH: Final = ("GET", "POST")
PAGES: Final[Sequence[Page]] = (
    Page("/personnes", everybody, Right.TEND, nav="Qui fait quoi"),
    Page("/personnes/nouvelle", newcomer, Right.TEND, BOTH),
    Page(delegation_pages.URL, delegations, Right.TEND, BOTH),
    Page(
        f"{delegation_pages.URL}/{{number:int}}/fin", delegation_pages.end, Right.BELONG, ("POST",)
    ),
    Page("/moi", me, Right.BELONG),
    Page("/personne/{person}", one_person, Right.TEND),
    Page("/personne/{person}/absence", changes.be_away, Right.TEND, ("POST",)),
    Page("/personne/{person}/absence/{number:int}/annuler", changes.be_back, Right.TEND, ("POST",)),
    Page("/personne/{person}/suppleant", changes.stand_in, Right.TEND, ("POST",)),
    Page("/personne/{person}/services", changes.place, Right.TEND, ("POST",)),
    Page("/personne/{person}/fiche", changes.name, Right.TEND, ("POST",)),
    Page("/personne/{person}/demande/{ask:uuid}", changes.settle, Right.TEND, ("POST",)),
    Page("/personne/{person}/depart", changes.leave, Right.TEND, ("POST",)),
    Page("/service/{service}/qui-recoit", receives, Right.TEND),
    Page("/service/{service}/ouverture", hours, Right.TEND, BOTH),
)
