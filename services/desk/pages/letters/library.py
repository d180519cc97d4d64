"""The library: every letter of a service, its versions, who approved them, who used them."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.paper_letters import COMPOSED
from services.desk.french.labels_fr import moment
from services.desk.french.names import Names
from services.desk.letters import store
from services.desk.letters.domain.fields import FIELDS, FieldOrigin
from services.desk.letters.domain.library import (
    OPEN,
    LetterContent,
    LetterId,
    LetterState,
    LetterVersion,
)
from services.desk.letters.domain.sheets import SheetKind
from services.desk.letters.library import LetterLibrary
from services.desk.pages.letters import labels_fr
from services.desk.pages.visit import Visit
from services.desk.store import letter_uses
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.origin import SESSION
from shared.facts.vocabulary import NoticeKind
from shared.web.forms import Form, Mistyped

HOME: Final = "/courriers-types"
EVERY_SERVICE: Final = "tous"


@dataclass(frozen=True, slots=True)
class LibraryRow:
    """A standard letter in the list of the library: version in use, draft, count of uses."""

    letter: str
    title: str
    kind: str
    service: str
    in_use: LetterVersion | None
    open: LetterVersion | None
    used: int


async def library(visit: Visit) -> Response:
    """Shows the standard letters that the person's services may use, or all of them."""
    everything = visit.roles.everything or bool(visit.request.query_params.get("tous"))
    services = None if everything else sorted(visit.roles.services)
    found = await store.library(visit.connection, services)
    rows = list(_rows(found, await letter_uses.counts(visit.connection), _names(visit)))
    return await visit.html(
        "letters/library.html",
        rows=rows,
        waiting=sum(1 for row in rows if row.open and row.open.state is LetterState.SUBMITTED),
        everything=everything,
        may_write=bool(may_write(visit)),
        states=labels_fr.STATES,
    )


def _rows(
    found: Sequence[LetterVersion], counts: Mapping[str, int], names: Names
) -> Iterator[LibraryRow]:
    for letter in dict.fromkeys(version.letter for version in found):
        mine = [version for version in found if version.letter == letter]
        in_use = next((version for version in mine if version.state is LetterState.APPROVED), None)
        shown = in_use or mine[0]
        yield LibraryRow(
            letter=letter,
            title=shown.content.title,
            kind=labels_fr.KINDS[shown.content.kind],
            service=names.service(shown.service) if shown.service else "Tous les services",
            in_use=in_use,
            open=next((version for version in mine if version.state in OPEN), None),
            used=sum(counts.get(version.name, 0) for version in mine),
        )


async def one_letter(visit: Visit) -> Response:
    """Shows one standard letter: its versions, its text, and the items that used it."""
    versions = await _versions(visit)
    newest, names, zone = versions[0], _names(visit), visit.applied.site.zone
    rights, me = librarian(visit).readers(newest.service), PersonId(visit.person.id)
    uses = await letter_uses.uses(visit.connection, newest.letter, limit=50)
    return await visit.html(
        "letters/letter.html",
        letter=newest.letter,
        service=names.service(newest.service) if newest.service else "Tous les services",
        versions=[(version, list(_past(version, names, visit))) for version in versions],
        shown=versions[:1]
        + [version for version in versions[1:] if version.state is LetterState.APPROVED],
        uses=[
            (use, moment(use.at, zone), labels_fr.WAYS[use.by], names.person(use.person))
            for use in uses
        ],
        kinds=labels_fr.KINDS,
        states=labels_fr.STATES,
        may_write=me in rights.writers,
        may_approve=me in rights.approvers,
        own=newest.author == me and bool(rights.named - {me}),
    )


def _past(one: LetterVersion, names: Names, visit: Visit) -> Iterator[str]:
    zone = visit.applied.site.zone
    alone = ", seul : personne d’autre ne le pouvait" if one.alone else ""
    for what, person, at in (
        ("écrite par", one.author, one.written_at),
        ("soumise par", one.submitted_by, one.submitted_at),
        ("approuvée par", one.approved_by, one.approved_at),
        ("retirée par", one.withdrawn_by, one.withdrawn_at),
    ):
        if person is not None and at is not None:
            told = alone if what == "approuvée par" else ""
            yield f"{what} {names.person(person)} le {moment(at, zone)}{told}"


async def write(visit: Visit) -> Response:
    """Shows the form to edit a standard letter; on POST, saves its text as the next version."""
    newest = (await _versions(visit))[0]
    if isinstance(newest.content.kind, SheetKind):
        return await visit.to(f"/fiches/{newest.letter}/ecrire")
    if PersonId(visit.person.id) not in librarian(visit).readers(newest.service).writers:
        raise HTTPException(403, "Seuls les agents du service écrivent ses courriers types.")
    if visit.request.method == "GET":
        return await _form(visit, newest.content, title=newest.content.title)
    form = await visit.form()
    content = _content(form, newest.content.anonymity)
    draft = await librarian(visit).write(newest.letter, newest.service, content)
    return await _written(visit, form, newest.letter, draft)


async def begin(visit: Visit) -> Response:
    """Shows or saves the first draft of a new standard letter."""
    services = may_write(visit)
    if not services:
        raise HTTPException(403, "Seuls les agents d’un service écrivent ses courriers types.")
    empty = LetterContent(NoticeKind.REPLY, "", "", "{civilité},\n\n")
    if visit.request.method == "GET":
        return await _form(visit, empty, title="Nouveau courrier type", services=services)
    form = await visit.form()
    chosen = form.require("service", "Choisissez le service.")
    service = None if chosen == EVERY_SERVICE else ServiceId(chosen)
    content = _content(form, None)
    letter = LetterId(slug(form.require("title", "Donnez un titre à ce courrier type.")))
    if await store.versions(visit.connection, letter):
        raise Mistyped("title", "Un courrier type porte déjà ce titre : prenez-en un autre.")
    draft = await librarian(visit).write(letter, service, content)
    return await _written(visit, form, letter, draft)


async def _written(
    visit: Visit, form: Form, letter: LetterId, draft: LetterVersion | None
) -> Response:
    if draft is not None and form.is_ticked("submit"):
        await librarian(visit).submit(letter)
        return await visit.to(f"{HOME}/{letter}", said="Texte enregistré et soumis.")
    said = "Texte enregistré." if draft is not None else "Rien n’a changé."
    return await visit.to(f"{HOME}/{letter}", said=said)


def _content(form: Form, anonymity: str | None) -> LetterContent:
    kind = form.word("kind", NoticeKind)
    if kind is None or kind not in COMPOSED:
        raise Mistyped("kind", "Choisissez le genre de la lettre dans la liste.")
    return LetterContent(
        kind=kind,
        title=form.require("title", "Donnez un titre à ce courrier type."),
        subject=form.require("subject", "Écrivez l’objet de la lettre."),
        body=form.require("body", "Écrivez le texte de la lettre.").replace("\r\n", "\n"),
        anonymity=anonymity,
    )


async def _form(
    visit: Visit,
    content: LetterContent,
    *,
    title: str,
    services: Sequence[tuple[str, str]] = (),
) -> Response:
    origins: Mapping[str, Any] = {
        "De la demande": FieldOrigin.ITEM,
        "De la préfecture": FieldOrigin.HOUSE,
        "Demandés à l’agent": FieldOrigin.ASKED,
    }
    return await visit.html(
        "letters/write.html",
        title=title,
        content=content,
        services=services,
        kinds=[(kind.value, labels_fr.KINDS[kind]) for kind in COMPOSED],
        fields={
            name: [field for field in FIELDS.values() if field.origin is origin]
            for name, origin in origins.items()
        },
    )


async def submit(visit: Visit) -> Response:
    """Handles the form that submits the draft of a standard letter for approval."""
    await visit.form()
    await librarian(visit).submit(_letter(visit))
    return await visit.to(f"{HOME}/{_letter(visit)}", said="Soumis : il attend une approbation.")


async def approve(visit: Visit) -> Response:
    """Handles the form that approves the submitted version of a standard letter."""
    await visit.form()
    version = await librarian(visit).approve(_letter(visit))
    return await visit.to(
        f"{HOME}/{_letter(visit)}", said=f"La version {version.number} est approuvée."
    )


async def withdraw(visit: Visit) -> Response:
    """Handles the form that withdraws the version of a standard letter in use."""
    await visit.form()
    version = await librarian(visit).withdraw(_letter(visit))
    return await visit.to(
        f"{HOME}/{_letter(visit)}", said=f"La version {version.number} est retirée."
    )


def librarian(visit: Visit) -> LetterLibrary:
    """Returns the service object of the letter library for the person of this request."""
    return LetterLibrary(
        visit.connection, visit.person, visit.now, visit.applied, visit.acting, SESSION
    )


def slug(title: str) -> str:
    """Makes the code of a new standard letter from its title.

    « Réponse d’attente » gives `reponse-d-attente`. Raises Mistyped for a title without words.
    """
    apart = unicodedata.normalize("NFKD", title.lower().replace("’", "-"))
    plain = apart.encode("ascii", "ignore").decode()
    code = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")
    if not code:
        raise Mistyped("title", "Donnez un titre fait de mots.")
    return code


def _letter(visit: Visit) -> str:
    letter: str = visit.request.path_params["letter"]
    return letter


async def _versions(visit: Visit) -> list[LetterVersion]:
    found = await store.versions(visit.connection, _letter(visit))
    if not found:
        raise HTTPException(404, "Ce courrier type n’existe pas.")
    return list(found)


def _names(visit: Visit) -> Names:
    return Names(visit.applied.site, visit.directory)


def may_write(visit: Visit) -> list[tuple[str, str]]:
    """Returns the services for which the person may write standard texts, as codes with names."""
    by, me = librarian(visit), PersonId(visit.person.id)
    rows = visit.applied.site.services.services
    found = [(row.id, row.name) for row in rows if me in by.readers(ServiceId(row.id)).writers]
    common = [(EVERY_SERVICE, "Tous les services")]
    return found + (common if me in by.readers(None).writers else [])
