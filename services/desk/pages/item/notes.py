"""What colleagues note about an item: internal notes with `@somebody`, telephone calls and visits.

Whoever reads all of an item reads its notes and adds some, whether or not they decide about it. The
text lies in a pli (docs/decisions/0130); nothing that is sent is made of it.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.decisions.notes import WriteNote
from services.desk.domain.item import Item
from services.desk.domain.mentions import MOST, Mentions, read_mentions
from services.desk.french import labels_fr, note_words
from services.desk.pages.item.action import About
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.service import RegisterService
from services.desk.store import note_mentions
from services.desk.store.sheets import ItemSheet
from shared.content import plis
from shared.content.plis import Correspondent, Pli
from shared.errors import VaguemestreError
from shared.facts.authors import by_person
from shared.facts.envelope import BlobKey, PersonId
from shared.facts.items.routing import NoteWritten, OpinionAsked
from shared.facts.standing import standing
from shared.facts.vocabulary import NoteKind
from shared.web.forms import Form, Mistyped

NOTES: Final = "/notes"
"""The list of the notes that name whoever asks."""
NOTE: Final = "/courrier/{chrono}/note"
CONTACT: Final = "/courrier/{chrono}/appel-visite"
READ: Final = "/courrier/{chrono}/notes-lues"
LONGEST: Final = 4000
"""Letters of one note."""
LOST: Final = "Le texte de cette note n’est pas disponible en ce moment."
_CONTACTS: Final = (NoteKind.CALL, NoteKind.VISIT)
_NOTHING: Final = UUID(int=0)
"""Of a page that only shows."""
_UNWRITTEN: Final = BlobKey("")
"""Of a text that is judged and has no file yet."""


async def note_texts(about: About) -> Mapping[int, str]:
    """Reads the texts of an item's notes and questions that stand, by the number of their fact.

    Empty for whoever may not read all of the item. It reads blobs: call it within `apart`.
    """
    visit = about.visit
    if visit.sight(about.item) is not Sight.WHOLE or about.item.destroyed:
        return {}
    facts = [
        (fact.seq, fact.pli)
        for fact in standing(about.sheet.facts)
        if isinstance(fact, NoteWritten | OpinionAsked) and fact.pli is not None
    ]
    texts = await asyncio.gather(*(_text(visit, key) for _, key in facts))
    return {seq: text for (seq, _), text in zip(facts, texts, strict=True)}


async def _text(visit: Visit, key: BlobKey) -> str:
    try:
        return (await plis.read(visit.blobs, key)).text
    except VaguemestreError:
        return LOST


async def names_reader(about: About) -> Mapping[str, str]:
    """Returns the authors of an item's notes that name the reader and wait to be read by them.

    By the id of the note's fact, which the button *J'ai lu* sends back.
    """
    visit = about.visit
    if visit.sight(about.item) is not Sight.WHOLE:
        return {}
    open_ = await note_mentions.of_item(visit.connection, _me(visit), about.item.item_id)
    notes = (fact for fact in about.sheet.facts if fact.event_id in open_)
    return {str(fact.event_id): about.names.author(fact.by) for fact in notes}


def is_own_note(about: About, seq: int) -> bool:
    """Whether a fact of an item is a note that the person wrote, which they may take back."""
    fact = next((fact for fact in about.sheet.facts if fact.seq == seq), None)
    return isinstance(fact, NoteWritten) and fact.by == by_person(about.visit.person.id)


async def write_note(visit: Visit) -> Response:
    """Shows the form of an internal note, and keeps what was written."""
    return await _noted(visit, contact=False)


async def write_contact(visit: Visit) -> Response:
    """Shows the form that notes a telephone call or a visit, and keeps what was written."""
    return await _noted(visit, contact=True)


async def _noted(visit: Visit, *, contact: bool) -> Response:
    """Judged whole before the text is kept in a file: a refusal rolls back rows, not files."""
    found = await readable_item(visit)
    item = found.item
    if visit.request.method != "POST":
        return await _form(visit, item, contact=contact)
    await visit.not_again()
    form = visit.read()
    text = form.text("text").replace("\r\n", "\n")
    kind, day = _contact(visit, form) if contact else (NoteKind.NOTE, None)
    if not text and not contact:
        raise Mistyped("text", "Écrivez la note.")
    return await keep_note(visit, found, text, WriteNote(kind, day))


async def keep_note(visit: Visit, found: ItemSheet, text: str, note: WriteNote) -> Response:
    """Stores a note for whom its text or `note` names; redirects to the item's page.

    Raises Mistyped or Refused, and then nothing is kept.
    """
    item, form = found.item, visit.read()
    if len(text) > LONGEST:
        raise Mistyped("text", f"Une note a {LONGEST} signes au plus : celle-ci en a {len(text)}.")
    named = read_mentions(text, visit.directory.people.values())
    _refuse_unclear(named)
    persons = tuple(dict.fromkeys((*note.named, *named.persons)))
    command = replace(note, named=persons, pli=_UNWRITTEN if text else None)
    visit.decider(form.decision).judge_note(item, command)
    if text:
        nobody = Correspondent()
        pli = Pli(kind="composed", sender=nobody, answer_to=nobody, text=text)
        async with visit.apart():
            key = await plis.write(visit.blobs, visit.today.year, form.decision, pli)
        command = replace(command, pli=key)
    await visit.form()
    await visit.decider(form.decision).write_note(item.item_id, command)
    names = About(visit, found).names
    whom = ", ".join(names.person(person) for person in persons)
    what = note_words.KINDS[note.kind] if note.answers is None else "Avis rendu"
    said = f"{what} : c’est noté" + (f", pour {whom}." if whom else ".")
    return await visit.to(f"/courrier/{item.chrono}", said=said)


def _contact(visit: Visit, form: Form) -> tuple[NoteKind, date]:
    kind = form.word("kind", NoteKind) or NoteKind.CALL
    if kind not in _CONTACTS:
        raise Mistyped("kind", "Dites si c’était un appel ou une visite.")
    day = form.day("day") or visit.today
    if day > visit.today:
        raise Mistyped("day", "Ce jour est encore à venir.")
    return kind, day


def _refuse_unclear(named: Mentions) -> None:
    if named.too_many:
        raise Mistyped("text", f"Une note nomme {MOST} personnes au plus.")
    if named.unknown:
        raise Mistyped(
            "text",
            f"« @{named.unknown[0]} » n’est le nom de personne à la préfecture : choisissez dans la"
            " liste des personnes qui peuvent être nommées, ou écrivez sans « @ ».",
        )
    if named.ambiguous:
        raise Mistyped(
            "text",
            f"Plusieurs personnes s’appellent « {named.ambiguous[0]} » : nommez par son identifiant"
            " celle que vous voulez, tel que la liste le montre.",
        )


async def readable_item(visit: Visit) -> ItemSheet:
    """Loads the item of a page if the person reads all of it. Raises HTTPException 403 or 404."""
    found = await visit.item(visit.request.path_params["chrono"])
    if visit.sight(found.item) is not Sight.WHOLE:
        raise HTTPException(403, "Les notes d’un courrier réservé sont à qui le lit en entier.")
    return found


async def _form(visit: Visit, item: Item, *, contact: bool) -> Response:
    by = visit.decider(_NOTHING)
    return await visit.html(
        "item/note.html",
        chrono=item.chrono,
        state=labels_fr.STATES[item.state],
        contact=contact,
        kinds=[(kind.value, note_words.KINDS[kind]) for kind in _CONTACTS],
        day=visit.today.isoformat(),
        longest=LONGEST,
        people=nameable(by, item),
    )


def nameable(by: RegisterService, item: Item) -> Sequence[Mapping[str, object]]:
    """Returns the colleagues whom a note about an item may name, those of its service first."""
    found = [
        person
        for person in by.directory.people.values()
        if person.id != by.person.id and by.may_name(item, person)
    ]
    found.sort(key=lambda one: (item.service not in one.services, one.name, one.first_name))
    today = by.now.astimezone(by.applied.site.zone).date()
    return [
        {
            "id": person.id,
            "name": f"{person.first_name} {person.name}",
            "away": by.directory.is_away(person.id, today),
            "services": ", ".join(_short(by, service) for service in person.services),
        }
        for person in found
    ]


def _me(visit: Visit) -> PersonId:
    return PersonId(visit.person.id)


def _short(by: RegisterService, service: str) -> str:
    row = by.applied.site.service_now(service)
    return service if row is None else row.short


async def read_notes(visit: Visit) -> Response:
    """Handles the button by which somebody says that they read the notes that name them.

    These are the notes that its page showed: one that was written since waits on.
    """
    found = await visit.item(visit.request.path_params["chrono"])
    form = await visit.form()
    open_ = await note_mentions.of_item(visit.connection, _me(visit), found.item.item_id)
    shown = form.text("notes").split()
    read = [event_id for event_id in open_ if str(event_id) in shown]
    await note_mentions.read(visit.connection, _me(visit), read)
    said = "notes lues" if len(read) > 1 else "note lue"
    onward = NOTES if form.is_ticked("liste") else f"/courrier/{found.item.chrono}"
    return await visit.to(onward, said=f"{found.item.chrono} : {said}.")
