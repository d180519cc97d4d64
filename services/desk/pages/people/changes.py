"""What is changed of people and opening hours: each change is a new row with its author.

What would give its author a right is refused; what gives somebody else one that counts waits for a
second person (ADR 0035).
"""

import unicodedata
from dataclasses import replace
from datetime import time, timedelta
from typing import Any, Final

from pydantic import ValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.accounts.personnel import Personnel, author_of
from services.desk.accounts.store import people, person_asks
from services.desk.accounts.store.person_asks import Ask
from services.desk.french.labels_fr import keys_revoked, short_day
from services.desk.pages import journal_entries
from services.desk.pages.people import permissions
from services.desk.pages.visit import Visit
from shared.facts.authors import by_person
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.items.directory import PersonChange
from shared.facts.origin import SESSION
from shared.site.staff import people_store
from shared.site.staff.directory import Directory
from shared.site.tables.identity import OpeningHours
from shared.site.tables.people import Absence, Person
from shared.site.tables.services import Service
from shared.web.forms import Form, Mistyped

LONGEST: Final = timedelta(days=366)
AGREES: Final = "oui"
WAITS: Final = "Une autre personne doit le confirmer ; rien ne change d’ici là."
FIELDS: Final = ("first_name", "name", "capacity", "email", "phone")


def person_of(visit: Visit) -> Person:
    """Returns the person named in the page's address. Raises HTTPException 404."""
    found = visit.directory.person(visit.request.path_params["person"])
    if found is None:
        raise HTTPException(404, "Personne de ce nom n’est à la préfecture.")
    return found


def _absences_of(visit: Visit) -> Person:
    person = person_of(visit)
    if not permissions.may_tell_absences(visit.roles, _me(visit), person):
        raise HTTPException(403, "Seuls la personne, son chef ou le bureau du courrier le peuvent.")
    return person


def _personnel(visit: Visit) -> Personnel:
    """Who changes it: a person, or the account that looks after accounts."""
    site = visit.applied.site
    return Personnel(visit.connection, site, author_of(visit.somebody), visit.now, SESSION)


def _me(visit: Visit) -> PersonId | None:
    return PersonId(visit.somebody.id) if visit.somebody else None


def _gains_nothing(visit: Visit, after: Directory, field: str = "") -> None:
    """Refuses a change that would give its author a right. Raises Mistyped."""
    me = _me(visit)
    if me is not None and permissions.gains(
        me, visit.applied.site, visit.directory, after, visit.today
    ):
        raise Mistyped(
            field, "Ce changement vous donnerait des droits : demandez-le à quelqu’un d’autre."
        )


def _with(visit: Visit, person: Person) -> Directory:
    people = {**visit.directory.people, PersonId(person.id): person}
    return replace(visit.directory, people=people)


async def be_away(visit: Visit) -> Response:
    """Handles the form that records an absence of a person."""
    person, form = _absences_of(visit), await visit.form()
    first, last = form.day("first"), form.day("last")
    if first is None:
        raise Mistyped("first", "Donnez le premier jour d’absence.")
    last = last or first
    if last < first:
        raise Mistyped("last", "Le dernier jour ne peut pas précéder le premier.")
    if last < visit.today:
        raise Mistyped("last", "Cette absence est déjà finie : elle ne changerait plus rien.")
    if last - first > LONGEST:
        raise Mistyped("last", "Une absence de plus d’un an : vérifiez l’année.")
    absence = Absence(person=person.id, first=first, last=last)
    if person.id != _me(visit):
        known = visit.directory
        _gains_nothing(visit, replace(known, absences=[*known.absences, absence]), "first")
    await _personnel(visit).be_away(absence)
    return await _back(visit, person, f"Absence notée du {short_day(first)} au {short_day(last)}.")


async def be_back(visit: Visit) -> Response:
    """Handles the form that cancels a person's absence.

    Raises HTTPException 404 for an absence that is not this person's, or is cancelled.
    """
    person, _ = _absences_of(visit), await visit.form()
    standing = await people.absences_of(
        visit.connection, PersonId(person.id), visit.now, visit.today
    )
    number: int = visit.request.path_params["number"]
    if number not in {away.number for away in standing}:
        raise HTTPException(404, "Cette absence n’existe pas, ou elle est déjà annulée.")
    await _personnel(visit).be_back(PersonId(person.id), number)
    return await _back(visit, person, "Absence annulée.")


async def stand_in(visit: Visit) -> Response:
    """Handles the form that sets a person's deputy, who stands in for them.

    Of people whom the site's rules name, a second person must confirm it.
    """
    person, form = _absences_of(visit), await visit.form()
    deputy = form.text("deputy") or None
    if deputy is not None and (deputy == person.id or visit.directory.person(deputy) is None):
        raise Mistyped("deputy", "Choisissez un collègue dans la liste.")
    if deputy == person.deputy:
        raise Mistyped("deputy", "C’est déjà ainsi : rien ne change.")
    me, changed = _me(visit), person.model_copy(update={"deputy": deputy})
    if person.id != me:
        if deputy is not None and deputy == me:
            raise Mistyped("deputy", "Personne ne se désigne soi-même comme suppléant.")
        _gains_nothing(visit, _with(visit, changed), "deputy")
    if permissions.may_alone(me, person, visit.applied.site):
        await _personnel(visit).write(changed, PersonChange.DEPUTY)
        return await _back(visit, person, "Suppléance enregistrée.")
    await _personnel(visit).ask(PersonId(person.id), PersonChange.DEPUTY, deputy)
    return await _back(visit, person, f"Demandé. {WAITS}")


async def place(visit: Visit) -> Response:
    """Handles the form that sets a person's services, of those that its author may fill."""
    person, form, site = person_of(visit), await visit.form(), visit.applied.site
    mine = {
        row.id for row in site.services.services if permissions.may_place(visit.roles, site, row.id)
    }
    if not mine:
        raise HTTPException(403)
    if not permissions.placeable(person, site):
        raise Mistyped(
            "services", "Les règles du site nomment cette personne : ses services s’y changent."
        )
    wanted = (set(person.services) - mine) | (set(form.texts("services")) & mine)
    changed = person.model_copy(update={"services": tuple(sorted(wanted))})
    _gains_nothing(visit, _with(visit, changed), "services")
    await _personnel(visit).write(changed, PersonChange.SERVICES)
    return await _back(visit, person, "Services enregistrés.")


async def name(visit: Visit) -> Response:
    """Handles the form that changes a person's name, capacity, phone or email address.

    The address of somebody else needs a second person's confirmation.
    """
    _may_name(visit)
    person, form = person_of(visit), await visit.form()
    changed = _read(form, person.model_dump())
    _alone(visit, changed)
    me, personnel = _me(visit), _personnel(visit)
    moves = changed.email.casefold() != person.email.casefold()
    if moves and person.id != me:
        await personnel.ask(PersonId(person.id), PersonChange.MAILBOX, changed.email)
        changed = changed.model_copy(update={"email": person.email})
    if changed != person:
        mailbox = changed.email != person.email
        await personnel.write(changed, PersonChange.MAILBOX if mailbox else PersonChange.RECORD)
    asked = f" Le changement d’adresse est demandé. {WAITS}" if moves and person.id != me else ""
    return await _back(visit, person, f"Fiche enregistrée.{asked}")


async def arrive(visit: Visit) -> Response:
    """Handles the form that adds a person, in services that the author may fill."""
    _may_name(visit)
    form, site = await visit.form(), visit.applied.site
    services = form.texts("services")
    if not all(permissions.may_place(visit.roles, site, service) for service in services):
        raise Mistyped("services", "Le chef de ce service l’y placera : choisissez « Aucun ».")
    read = _read(form, {"id": "x", "services": tuple(services), "deputy": None})
    person = read.model_copy(update={"id": await _new_id(visit, read)})
    _alone(visit, person)
    await _personnel(visit).write(person, PersonChange.ARRIVED)
    return await visit.to(f"/personne/{person.id}", said="Personne ajoutée.")


async def leave(visit: Visit) -> Response:
    """Handles the form that records that a person left the préfecture: they are signed out."""
    _may_name(visit)
    person, _ = person_of(visit), await visit.form()
    if person.id == _me(visit):
        raise Mistyped("", "Demandez à quelqu’un d’autre de noter votre départ.")
    departure = await _personnel(visit).leave(person)
    await journal_entries.record_departure(visit, person.id, departure)
    said = f"Départ de {person.first_name} {person.name} noté."
    return await visit.to("/personnes", said + keys_revoked(departure.keys))


async def settle(visit: Visit) -> Response:
    """Handles the second person's answer to a changed record. Raises HTTPException 403, 404."""
    person, form = person_of(visit), await visit.form()
    asks = await person_asks.waiting(visit.connection, PersonId(person.id))
    ask = next((ask for ask in asks if ask.ask == visit.request.path_params["ask"]), None)
    if ask is None:
        raise HTTPException(404, "Rien de tel n’attend, ou quelqu’un y a déjà répondu.")
    personnel = _personnel(visit)
    agrees = form.text("reponse") == AGREES
    if not (may_settle(visit, person, ask) or (not agrees and ask.asked_by == personnel.by)):
        raise HTTPException(403, "Une autre personne répond à cette demande.")
    if not agrees:
        await personnel.refuse(ask)
        return await _back(visit, person, "Demande abandonnée : rien n’a changé.")
    if ask.change is PersonChange.MAILBOX:
        _alone(visit, person.model_copy(update={"email": ask.value}))
    await personnel.confirm(ask, person)
    return await _back(visit, person, "Confirmé.")


def may_settle(visit: Visit, person: Person, ask: Ask) -> bool:
    """Returns whether the visitor may be the second person to confirm a change of a record.

    Neither who asked nor the future deputy may, nor the local account: nobody can tell who uses it.
    """
    me = _me(visit)
    if me is None or by_person(me) == ask.asked_by or me == ask.value:
        return False
    if ask.change is PersonChange.MAILBOX:
        return me == person.id or permissions.may_name(visit.roles, visit.applied.site)
    changed = person.model_copy(update={"deputy": ask.value})
    return permissions.may_tell_absences(visit.roles, me, person) and (
        me == person.id
        or not permissions.gains(
            me, visit.applied.site, visit.directory, _with(visit, changed), visit.today
        )
    )


async def open_at(visit: Visit, row: Service) -> Response:
    """Handles the form that sets the opening hours of a service."""
    form = await visit.form()
    opens, closes = _hour(form, "opens"), _hour(form, "closes")
    if opens >= closes:
        raise Mistyped("closes", "L’heure de fermeture suit celle de l’ouverture.")
    hours, author = OpeningHours(opens=opens, closes=closes), _personnel(visit).by
    await people_store.set_hours(visit.connection, ServiceId(row.id), hours, author, visit.now)
    return await visit.to("/personnes", said=f"Horaires enregistrés : {row.name}.")


def _may_name(visit: Visit) -> None:
    if not permissions.may_name(visit.roles, visit.applied.site):
        raise HTTPException(403, "Seul le chef du bureau du courrier tient les fiches.")


def _read(form: Form, words: dict[str, Any]) -> Person:
    for field in FIELDS:
        words[field] = form.require(field, "Ce champ est obligatoire.")
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
    while await people.is_known(visit.connection, PersonId(found)):
        number += 1
        found = f"{base}{number}"
    return found


def _hour(form: Form, field: str) -> time:
    try:
        return time.fromisoformat(form.require(field, "Donnez une heure."))
    except ValueError:
        raise Mistyped(field, "Écrivez une heure, par exemple 08:30.") from None


async def _back(visit: Visit, person: Person, said: str) -> Response:
    return await visit.to(f"/personne/{person.id}", said=said)
