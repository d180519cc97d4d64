"""`/delegations`: who signs « par délégation », what, by which arrêté, until when.

Everybody reads it: whoever needs a signature must know where to take the letter. The secrétaire
général and the référent qualité enter what an arrêté says, never of themselves; whoever stands in
for them does not (docs/decisions/0032).
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.accounts.personnel import Personnel, author_of
from services.desk.domain.paper_letters import COMPOSED
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from shared.facts.origin import SESSION
from shared.site.staff import delegations_store
from shared.site.tables.delegations import Given
from shared.web.forms import Form, Mistyped

URL: Final = "/delegations"
PAST: Final = 200
"""Delegations of before that are listed."""


def may_enter(visit: Visit) -> bool:
    """Returns whether the visitor may enter delegations of signature (permission).

    The secretary general and the quality officer may; a deputy of theirs may not.
    """
    identity = visit.applied.site.identity
    officers = {identity.general_secretary, identity.quality_officer}
    return visit.somebody is not None and visit.somebody.id in officers


async def show_delegations(visit: Visit) -> Response:
    """Shows present and future delegations of signature, with a form for who may enter one."""
    site = visit.applied.site
    names, enters = Names(site, visit.directory), may_enter(visit)
    known = [
        (person.id, f"{person.first_name} {person.name}, {person.capacity}")
        for person in sorted(visit.directory.people.values(), key=lambda one: (one.name, one.id))
        if visit.somebody is None or person.id != visit.somebody.id
    ]
    found = await delegations_store.standing(visit.connection, visit.now, visit.today)
    past = await _past(visit, {given.number for given in found}, names) if enters else []
    return await visit.html(
        "people/delegations.html",
        rows=[_row(given, names, visit) for given in found],
        past=past,
        enters=enters,
        signatory=site.identity.signatory,
        people=known,
        services=[(row.id, row.name) for row in site.services.services],
        kinds=[(kind.value, labels_fr.NOTICES[kind]) for kind in COMPOSED],
        required=[labels_fr.NOTICES[kind] for kind in site.identity.delegation_required],
    )


async def _past(
    visit: Visit, standing: Collection[int], names: Names
) -> Sequence[Mapping[str, object]]:
    """What nobody signs any more, the last ones first, each with when it ended and who ended it."""
    rows = await delegations_store.every(visit.connection)
    ended = {row.ends: row for row in rows if row.ends is not None}
    found = []
    for row in reversed(rows):
        if row.ends is None and row.given.number not in standing:
            by = ended.get(row.given.number)
            last = labels_fr.short_day(row.given.last)
            if by is not None:
                day = by.at.astimezone(visit.applied.site.zone).date()
                last = f"{labels_fr.short_day(day)} (fin saisie par {_author(by.given, names)})"
            found.append({**_row(row.given, names, visit), "last": last})
    return found[:PAST]


def _author(one: Given, names: Names) -> str:
    return names.author(one.author) if ":" in one.author else one.author


def _row(one: Given, names: Names, visit: Visit) -> Mapping[str, object]:
    services = ", ".join(map(names.service, one.services)) or "tous les services"
    kinds = ", ".join(labels_fr.NOTICES[kind] for kind in one.kinds) or "tous les envois"
    return {
        "number": one.number,
        "person": names.person(one.person),
        "what": f"{services} ; {kinds}",
        "reference": one.reference,
        "first": labels_fr.short_day(one.first),
        "last": labels_fr.short_day(one.last),
        "to_come": one.first > visit.today,
        "author": _author(one, names),
    }


async def give(visit: Visit) -> Response:
    """Handles the form that enters a delegation of signature given by an arrêté.

    Raises Refused.
    """
    form = await visit.form()
    author = _officer(visit)
    person = visit.directory.person(form.require("person", "Choisissez qui a la délégation."))
    if person is None:
        raise Mistyped("person", "Choisissez dans la liste.")
    if author == person.id:
        raise Mistyped("person", "Demandez à quelqu’un d’autre de saisir votre délégation.")
    reference = form.require("reference", "Donnez la référence de l’arrêté.")
    services, kinds = form.texts("services"), form.texts("kinds")
    given = delegations_store.read(
        person.id, reference, _days(form, visit), services, kinds, visit.applied.site
    )
    await _personnel(visit).may_sign(given)
    until = labels_fr.short_day(given.last)
    said = f"{person.first_name} {person.name} signe par délégation jusqu’au {until}."
    return await visit.to(URL, said=said)


async def end(visit: Visit) -> Response:
    """Handles the form that ends a delegation of signature today.

    Raises Refused when it has ended.
    """
    await visit.form()
    _officer(visit)
    await _personnel(visit).sign_no_more(visit.request.path_params["number"])
    return await visit.to(URL, said="Cette délégation a pris fin.")


def _personnel(visit: Visit) -> Personnel:
    site = visit.applied.site
    return Personnel(visit.connection, site, author_of(visit.somebody), visit.now, SESSION)


def _officer(visit: Visit) -> str:
    if visit.somebody is None or not may_enter(visit):
        raise HTTPException(403, "Le secrétaire général et le référent qualité les saisissent.")
    return visit.somebody.id


def _days(form: Form, visit: Visit) -> tuple[date, date]:
    first, last = form.day("first") or visit.today, form.day("last")
    if last is None:
        raise Mistyped("last", "Donnez le dernier jour de la délégation.")
    if last < first:
        raise Mistyped("last", "Le dernier jour ne peut pas précéder le premier.")
    if last < visit.today:
        raise Mistyped("last", "Cette délégation est déjà finie : elle ne changerait plus rien.")
    return first, last
