"""What is changed of people and opening hours: each change is a new row with its author."""

import unicodedata
from datetime import time, timedelta
from typing import Any, Final

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages.forms import Form
from services.desk.pages.people import keeping
from services.desk.pages.refusals import Mistyped
from services.desk.pages.visit import Visit
from services.desk.pages.words import short_day
from services.desk.store import people
from shared.facts.envelope import PersonId, ServiceId
from shared.site import people_store
from shared.site.identity import OpeningHours
from shared.site.people import Absence, Person
from shared.site.services import Service

LONGEST: Final = timedelta(days=366)
FIELDS: Final = ("first_name", "name", "capacity", "email", "phone")


def person_of(visit: Visit) -> Person:
    """Whom the address names. Raises HTTPException 404."""
    found = visit.directory.person(visit.request.path_params["person"])
    if found is None:
        raise HTTPException(404, "Personne de ce nom n’est à la préfecture.")
    return found


def _absences_of(visit: Visit) -> Person:
    person = person_of(visit)
    mine = PersonId(visit.somebody.id) if visit.somebody else None
    if not keeping.may_tell_absences(visit.roles, mine, person):
        raise HTTPException(403, "Seuls la personne, son chef ou le bureau du courrier le peuvent.")
    return person


def _author(visit: Visit) -> str:
    """Who changes it: a person, or the account that looks after accounts."""
    return f"person:{visit.somebody.id}" if visit.somebody else "administrateur"


async def be_away(visit: Visit) -> Response:
    """Somebody will be away."""
    person, form = _absences_of(visit), await visit.form()
    first, last = form.day("first"), form.day("last")
    if first is None:
        raise Mistyped("first", "Donnez le premier jour d’absence.")
    last = last or first
    if last < first:
        raise Mistyped("last", "Le dernier jour ne peut pas précéder le premier.")
    if last < visit.today:
        raise Mistyped("last", "Cette absence est déjà finie : elle ne changerait plus rien.")
    if last - first > LONGEST:
        raise Mistyped("last", "Une absence de plus d’un an : vérifiez l’année.")
    absence = Absence(person=person.id, first=first, last=last)
    await people_store.add_absence(visit.connection, absence, _author(visit), visit.now)
    return await _back(visit, person, f"Absence notée du {short_day(first)} au {short_day(last)}.")


async def be_back(visit: Visit) -> Response:
    """An absence never was, seen from now on. Raises HTTPException 404 when it is not theirs."""
    person = _absences_of(visit)
    await visit.form()
    standing = await people.absences_of(
        visit.connection, PersonId(person.id), visit.now, visit.today
    )
    number: int = visit.request.path_params["number"]
    if number not in {one.number for one in standing}:
        raise HTTPException(404, "Cette absence n’existe pas, ou elle est déjà annulée.")
    await people_store.cancel_absence(visit.connection, number, _author(visit), visit.now)
    return await _back(visit, person, "Absence annulée.")


async def stand_in(visit: Visit) -> Response:
    """Who is told while somebody is away."""
    person, form = _absences_of(visit), await visit.form()
    deputy = form.text("deputy") or None
    if deputy is not None and (deputy == person.id or visit.directory.person(deputy) is None):
        raise Mistyped("deputy", "Choisissez un collègue dans la liste.")
    await _keep(visit, person.model_copy(update={"deputy": deputy}))
    return await _back(visit, person, "Suppléance enregistrée.")


async def place(visit: Visit) -> Response:
    """In which services somebody works: only those that the author may fill change."""
    person, form, site = person_of(visit), await visit.form(), visit.applied.site
    mine = {
        row.id for row in site.services.services if keeping.may_place(visit.roles, site, row.id)
    }
    if not mine:
        raise HTTPException(403)
    wanted = (set(person.services) - mine) | (set(form.texts("services")) & mine)
    await _keep(visit, person.model_copy(update={"services": tuple(sorted(wanted))}))
    return await _back(visit, person, "Services enregistrés.")


async def name(visit: Visit) -> Response:
    """Name, capacity, address and phone."""
    _may_name(visit)
    person, form = person_of(visit), await visit.form()
    changed = _read(form, person.model_dump())
    _alone(visit, changed)
    await _keep(visit, changed)
    return await _back(visit, person, "Fiche enregistrée.")


async def arrive(visit: Visit) -> Response:
    """Somebody new."""
    _may_name(visit)
    form = await visit.form()
    words = {"id": "x", "services": tuple(form.texts("services")), "deputy": None}
    read = _read(form, words)
    person = read.model_copy(update={"id": await _new_id(visit, read)})
    _alone(visit, person)
    await _keep(visit, person)
    return await visit.to(f"/personne/{person.id}", said="Personne ajoutée.")


async def leave(visit: Visit) -> Response:
    """Somebody left the préfecture."""
    _may_name(visit)
    person = person_of(visit)
    await visit.form()
    if visit.somebody is not None and person.id == visit.somebody.id:
        raise Mistyped("", "Demandez à quelqu’un d’autre de noter votre départ.")
    await people_store.set_person(visit.connection, person, _author(visit), visit.now, gone=True)
    return await visit.to("/personnes", said=f"Départ de {person.first_name} {person.name} noté.")


async def open_at(visit: Visit, row: Service) -> Response:
    """When a service opens."""
    form = await visit.form()
    opens, closes = _hour(form, "opens"), _hour(form, "closes")
    if opens >= closes:
        raise Mistyped("closes", "L’heure de fermeture suit celle de l’ouverture.")
    hours = OpeningHours(opens=opens, closes=closes)
    await people_store.set_hours(
        visit.connection, ServiceId(row.id), hours, _author(visit), visit.now
    )
    return await visit.to("/personnes", said=f"Horaires enregistrés : {row.name}.")


def _may_name(visit: Visit) -> None:
    if not keeping.may_name(visit.roles, visit.applied.site):
        raise HTTPException(403, "Seul le chef du bureau du courrier tient les fiches.")


def _read(form: Form, words: dict[str, Any]) -> Person:
    for field in FIELDS:
        words[field] = form.needed(field, "Ce champ est obligatoire.")
    try:
        return Person.model_validate(words)
    except ValidationError as error:
        field = str(error.errors()[0]["loc"][0])
        raise Mistyped(field, "Cette valeur n’est pas possible ici.") from None


def _alone(visit: Visit, person: Person) -> None:
    """The address says who signs in: it is one person's, of those whom somebody wrote down."""
    for other in visit.directory.people.values():
        if other.by_provider or person.by_provider:
            continue
        if other.id != person.id and other.email.casefold() == person.email.casefold():
            raise Mistyped("email", f"Cette adresse est celle de {other.first_name} {other.name}.")


async def _new_id(visit: Visit, person: Person) -> str:
    """`m.durand`, then `m.durand2`; an id is never given twice, even after its owner left."""
    plain = unicodedata.normalize("NFKD", f"{person.first_name[0]}.{person.name}".lower())
    base = "".join(c for c in plain if c.isascii() and (c.isalnum() or c in ".-")) or "p"
    number, found = 1, base
    while await people.known(visit.connection, PersonId(found)):
        number += 1
        found = f"{base}{number}"
    return found


def _hour(form: Form, field: str) -> time:
    try:
        return time.fromisoformat(form.needed(field, "Donnez une heure."))
    except ValueError:
        raise Mistyped(field, "Écrivez une heure, par exemple 08:30.") from None


async def _keep(visit: Visit, person: Person) -> None:
    await people_store.set_person(visit.connection, person, _author(visit), visit.now)


async def _back(visit: Visit, person: Person, said: str) -> Response:
    return await visit.to(f"/personne/{person.id}", said=said)
