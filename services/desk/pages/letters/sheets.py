"""`/fiches`: slips, panels and posters of places of reception, written; approved like letters."""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.letters import store
from services.desk.letters.domain.library import LetterContent, LetterId, LetterVersion
from services.desk.letters.domain.sheets import (
    MOST_MONTHS,
    OtherLanguage,
    SheetContent,
    SheetKind,
)
from services.desk.pages.letters import labels_fr
from services.desk.pages.letters.library import EVERY_SERVICE, HOME, librarian, may_write, slug
from services.desk.pages.visit import Visit
from shared.facts.envelope import PersonId, ServiceId
from shared.web.forms import Form, Mistyped

URL: Final = "/fiches"
QUARTER: Final = 3
"""Months that the form proposes."""
EMPTY: Final = LetterContent(SheetKind.SLIP, "", "", "", sheet=SheetContent(None, "", QUARTER))


async def begin(visit: Visit) -> Response:
    """Shows or saves the first draft of a reception place's paper: a slip, panel or poster."""
    services = may_write(visit)
    if not services:
        raise HTTPException(403, "Seuls les agents d’un service écrivent ses fiches.")
    if visit.request.method == "GET":
        return await _form(visit, EMPTY, "Nouvelle fiche", services)
    form = await visit.form()
    chosen = form.require("service", "Choisissez le service.")
    service = None if chosen == EVERY_SERVICE else ServiceId(chosen)
    letter = LetterId(slug(form.require("title", "Donnez un titre à cette fiche.")))
    if await store.versions(visit.connection, letter):
        raise Mistyped("title", "Un texte porte déjà ce titre : prenez-en un autre.")
    return await _saved(visit, form, letter, service)


async def write(visit: Visit) -> Response:
    """Shows or saves the next version of a reception place's paper: a slip, panel or poster."""
    newest = await _newest(visit)
    if PersonId(visit.person.id) not in librarian(visit).readers(newest.service).writers:
        raise HTTPException(403, "Seuls les agents du service écrivent ses fiches.")
    if visit.request.method == "GET":
        return await _form(visit, newest.content, newest.content.title)
    return await _saved(visit, await visit.form(), newest.letter, newest.service)


async def _newest(visit: Visit) -> LetterVersion:
    found = await store.versions(visit.connection, visit.request.path_params["letter"])
    if not found or not isinstance(found[0].content.kind, SheetKind):
        raise HTTPException(404, "Cette fiche n’existe pas.")
    return found[0]


async def _saved(visit: Visit, form: Form, letter: LetterId, service: ServiceId | None) -> Response:
    draft = await librarian(visit).write(letter, service, _content(visit, form))
    said = "Rien n’a changé."
    if draft is not None:
        said = "Fiche enregistrée."
        if form.is_ticked("submit"):
            await librarian(visit).submit(letter)
            said = "Fiche enregistrée et soumise."
    return await visit.to(f"{HOME}/{letter}", said=said)


def _content(visit: Visit, form: Form) -> LetterContent:
    kind = form.word("kind", SheetKind)
    if kind is None:
        raise Mistyped("kind", "Choisissez le genre dans la liste.")
    place = form.text("place") or None
    if place is not None and place not in visit.applied.site.places.place:
        raise Mistyped("place", "Choisissez le lieu dans la liste.")
    months = form.number("check_every")
    if months is None or not 1 <= months <= MOST_MONTHS:
        raise Mistyped("check_every", f"Un nombre de mois, de 1 à {MOST_MONTHS}.")
    return LetterContent(
        kind=kind,
        title=form.require("title", "Donnez un titre à cette fiche."),
        subject=form.require("subject", "Écrivez le titre que lit le public."),
        body=form.require("body", "Écrivez le texte.").replace("\r\n", "\n"),
        sheet=SheetContent(
            place,
            form.require("offline", "Dites comment faire sans internet.").replace("\r\n", "\n"),
            months,
            _other(visit, form),
        ),
    )


def _other(visit: Visit, form: Form) -> OtherLanguage | None:
    language = form.text("language")
    texts = [form.text(name) for name in ("other_subject", "other_body", "reviewer")]
    if not language and not any(texts):
        return None
    if not language:
        raise Mistyped("language", "Dites dans quelle langue ce texte est écrit.")
    on = form.day("reviewed_on")
    if on is None or on > visit.today:
        raise Mistyped("reviewed_on", "Donnez le jour de la relecture, passé ou présent.")
    return OtherLanguage(
        language,
        form.require("other_subject", "Écrivez le titre dans cette langue."),
        form.require("other_body", "Écrivez le texte dans cette langue.").replace("\r\n", "\n"),
        form.require("reviewer", "Dites qui a relu ce texte : une fonction, un organisme."),
        on,
    )


async def _form(
    visit: Visit,
    content: LetterContent,
    title: str,
    services: Sequence[tuple[str, str]] = (),
) -> Response:
    return await visit.html(
        "letters/write_sheet.html",
        title=title,
        content=content,
        sheet=content.sheet,
        services=services,
        kinds=[(kind.value, labels_fr.KINDS[kind]) for kind in SheetKind],
        places=[(place.id, place.name) for place in visit.applied.site.places.places],
    )
