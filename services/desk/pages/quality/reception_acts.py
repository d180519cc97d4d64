"""What is decided at a place of reception: hours, papers, incidents, tries, tallies."""

import re
from collections.abc import Sequence
from datetime import time
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages.letters.library import librarian
from services.desk.pages.quality import reception
from services.desk.pages.quality.reception import URL, desk, place_named, place_of
from services.desk.pages.visit import Visit
from services.desk.quality.domain.places import BookingIncident
from services.desk.quality.store import places as store
from services.desk.store import item_numbers
from shared.facts.envelope import PersonId
from shared.site.tables.places import OpenSlot
from shared.web.forms import Form, Mistyped

_SPAN: Final = re.compile(r"(\d{1,2})[h:](\d{2})?-(\d{1,2})[h:](\d{2})?")


def _home(place: str) -> str:
    return f"{URL}?lieu={place}"


async def except_hours(visit: Visit) -> Response:
    """Records exceptional hours of a reception place, or a closing. Raises Refused."""
    place, form = place_of(visit, governing=True), await visit.form()
    first = form.day("premier")
    if first is None:
        raise Mistyped("premier", "Donnez le premier jour.")
    slots = [] if form.is_ticked("ferme") else spans(form)
    why = form.require("motif", "Dites pourquoi ; le public ne le lit pas.")
    last = form.day("dernier") or first
    await desk(visit).except_hours(place.id, first, last, slots, why)
    said = "Fermeture notée" if not slots else "Horaires exceptionnels notés"
    return await visit.to(_home(place.id), said=f"{said} : réimprimez ce qui est affiché.")


def spans(form: Form) -> Sequence[OpenSlot]:
    """Parses opening hours such as « 9h-12h, 13h30-16h ». Raises Mistyped."""
    text = form.text("horaires")
    wrong = "Écrivez les horaires comme 9h-12h, 13h30-16h, ou cochez « fermé »."
    parts = ["".join(part.split()) for part in re.split(r"[,;]|\bet\b", text.lower())]
    found = [_SPAN.fullmatch(part) for part in parts]
    if not found:
        raise Mistyped("horaires", wrong)
    slots = []
    for match in found:
        if match is None:
            raise Mistyped("horaires", wrong)
        opens, closes = match.group(1, 2), match.group(3, 4)
        try:
            slots.append(OpenSlot(opens=_time(*opens), closes=_time(*closes)))
        except ValueError:
            raise Mistyped("horaires", wrong) from None
    return slots


def _time(hour: str | None, minute: str | None) -> time:
    return time(int(hour or 0), int(minute or 0))


async def end_exception(visit: Visit) -> Response:
    """Withdraws a reception place's exceptional hours. Raises Refused."""
    number = visit.request.path_params["number"]
    state = await store.places(visit.connection, visit.applied.site)
    stated = next((said for said in state.hours if said.exception.number == number), None)
    code = "" if stated is None else stated.exception.place
    place, form = place_named(visit, code, governing=True), await visit.form()
    await desk(visit).end_exception(number, form.require("motif", "Dites pourquoi."))
    return await visit.to(_home(place.id), said="Horaires exceptionnels retirés.")


async def admit(visit: Visit) -> Response:
    """Records whether a visitor of a reception place may be accompanied. Raises Refused."""
    place, form = place_of(visit), await visit.form()
    since = form.day("depuis")
    if since is None:
        raise Mistyped("depuis", "Donnez le jour.")
    decided = form.require("decide_par", "Dites qui l’a décidé : une fonction, une note.")
    admitted = form.text("admis") == "oui"
    await desk(visit).admit(place.id, since, decided, admitted=admitted)
    return await visit.to(_home(place.id), said="Décision notée.")


async def state_displayed(visit: Visit) -> Response:
    """Records that the papers of a reception place are on display. Raises Refused."""
    place, form = place_of(visit, acts=True), await visit.form()
    await desk(visit).record_display(place.id, form.text("jeu"))
    return await visit.to(_home(place.id), said="Noté : le jeu est affiché.")


async def report_incident(visit: Visit) -> Response:
    """Reports that the page for booking an appointment fails. Raises Refused."""
    place, form = place_of(visit, acts=True), await visit.form()
    kind = reception.incident_kind(form.text("nature"))
    if kind is None:
        raise Mistyped("nature", "Choisissez ce que vous voyez.")
    chrono, item_id = form.text("courrier"), None
    if chrono:
        found = await visit.item(chrono)
        item_id = await item_numbers.by_chrono(visit.connection, found.item.chrono)
    number = await desk(visit).record_incident(place.id, kind, item_id)
    return await visit.to(_home(place.id), said=f"Incident n° {number} noté.")


async def state_try(visit: Visit) -> Response:
    """Records how often a person tried today to book as the public does, and if it succeeded.

    Raises Refused, Mistyped.
    """
    place, form = place_of(visit, acts=True), await visit.form()
    tries = form.number("essais")
    if tries is None:
        raise Mistyped("essais", "Donnez le nombre d’essais.")
    answer = form.text("trouve")
    if answer not in {"oui", "non"}:
        raise Mistyped("trouve", "Dites si un créneau a été trouvé.")
    corrects = form.is_ticked("corrige")
    await desk(visit).record_try(place.id, tries, found=answer == "oui", corrects=corrects)
    said = "Essais du jour corrigés." if corrects else "Essai du jour noté."
    return await visit.to(_home(place.id), said=said)


async def count(visit: Visit) -> Response:
    """Adds a visit to a reception place's count of this half-day, or subtracts one.

    Raises Refused.
    """
    place, form = place_of(visit, acts=True), await visit.form()
    by = -1 if form.text("sens") == "moins" else 1
    await desk(visit).count(place.id, form.text("quoi"), by)
    return await visit.to(_home(place.id))


async def _incident(visit: Visit) -> BookingIncident:
    """The incident of the address, of a place that the person keeps. Raises HTTPException."""
    state = await store.places(visit.connection, visit.applied.site)
    found = state.incidents.get(visit.request.path_params["number"])
    if found is None:
        raise HTTPException(404, "Aucun incident ne porte ce numéro.")
    place_named(visit, found.place, acts=True)
    return found


async def ticket(visit: Visit) -> Response:
    """Records the ticket under which an incident of the booking page was reported.

    Raises Refused.
    """
    incident, form = await _incident(visit), await visit.form()
    text = form.require("ticket", "Donnez le numéro du ticket.")
    await desk(visit).ticket(incident.number, text)
    return await visit.to(_home(incident.place), said="Ticket noté.")


async def end_incident(visit: Visit) -> Response:
    """Records that an incident of the booking page ended. Raises Refused."""
    incident = await _incident(visit)
    await visit.form()
    await desk(visit).end_incident(incident.number)
    return await visit.to(_home(incident.place), said=f"Incident n° {incident.number} : terminé.")


async def read_again(visit: Visit) -> Response:
    """Records that an approved paper of a reception place was reviewed and is right.

    Raises Refused.
    """
    letter, version = (visit.request.path_params[name] for name in ("letter", "version"))
    state = await store.places(visit.connection, visit.applied.site)
    sheets = await store.sheets(visit.connection, visit.applied.site, state)
    found = next((sheet for sheet in sheets if sheet.version.letter == letter), None)
    if found is None:
        raise HTTPException(404, "Cette fiche n’est pas en service.")
    writers = librarian(visit).readers(found.version.service).writers
    if PersonId(visit.person.id) not in writers and not reception.improves(visit):
        raise HTTPException(403, "Seuls ceux qui écrivent cette fiche la relisent.")
    await visit.form()
    await desk(visit).sheet_checked(letter, version)
    return await visit.to(URL, said=f"« {found.version.content.title} » : relue, toujours exacte.")
