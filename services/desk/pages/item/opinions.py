"""The opinion of another service about an item: asking for one, giving it, who was asked.

The answer is an internal note of the service that was asked (notes.py), which names whoever asked:
they find it at home and in their digest (docs/decisions/0112).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.decisions.confidentiality import is_reserved
from services.desk.domain.decisions.notes import WriteNote
from services.desk.french import labels_fr
from services.desk.pages.item.action import About, ActionField, ActionGroup, Done, ItemAction
from services.desk.pages.item.notes import LONGEST, keep_note, nameable, note_texts, readable_item
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.store.sheets import ItemSheet
from shared.facts.authors import person_of
from shared.facts.envelope import PersonId
from shared.facts.items.routing import NoteWritten, OpinionAsked
from shared.facts.standing import standing
from shared.facts.vocabulary import NoteKind
from shared.web.forms import Form, Mistyped

OPINION: Final = "/courrier/{chrono}/avis/{asked:uuid}"
"""Where an opinion is given; `asked`: the fact that asks for it."""
_NOTHING: Final = UUID(int=0)


def _may_ask(about: About) -> bool:
    whole = about.visit.sight(about.item) is Sight.WHOLE
    return about.open and whole and not is_reserved(about.item)


def _fields(about: About) -> Sequence[ActionField]:
    asked = {about.item.service, *(opinion.service for opinion in about.item.opinions)}
    services = about.visit.applied.site.services.services
    return (
        ActionField(
            "service",
            "Service consulté",
            options=[(service.id, service.name) for service in services if service.id not in asked],
            empty="Choisissez",
            required=True,
        ),
        ActionField(
            "until",
            "Avis attendu le",
            kind="date",
            required=True,
            hint="Un jour ouvré, avant l’échéance de la réponse.",
        ),
        ActionField("question", "Votre question", kind="textarea", required=True),
    )


async def _ask(about: About, form: Form) -> Done:
    service = form.require("service", "Choisissez le service à consulter.")
    until = form.day("until")
    if until is None:
        raise Mistyped("until", "Donnez la date pour laquelle l’avis est attendu.")
    question = form.text("question").replace("\r\n", "\n")
    if not question:
        raise Mistyped("question", "Écrivez ce que vous demandez.")
    if len(question) > LONGEST:
        raise Mistyped("question", f"Une question a {LONGEST} signes au plus.")
    by = about.visit.decider(form.decision)
    after = await by.ask_opinion(about.item, service, until, question, about.visit.blobs)
    whom, day = about.names.service(service), labels_fr.short_day(until)
    return Done(after, f"{after.chrono} : avis demandé, {whom}, pour le {day}.")


ACTIONS: Final[Sequence[ItemAction]] = (
    ItemAction(
        "avis",
        "Demander un avis",
        ActionGroup.WAIT,
        _may_ask,
        _ask,
        _fields,
        intro=(
            "Un autre service de la préfecture lit le courrier et vous répond par une note interne."
            " Son responsable est prévenu, puis relancé. Le courrier reste à votre service, aucun"
            " délai ne change, et l’expéditeur n’en sait rien."
        ),
    ),
)


async def give_opinion(visit: Visit) -> Response:
    """Shows the question put to a service; a POST stores its answer as an internal note.

    Raises HTTPException 404 where it is open no more, 403 for whoever is of another service.
    """
    found = await readable_item(visit)
    wanted = visit.request.path_params["asked"]
    asked = next((opinion for opinion in found.item.opinions if opinion.event_id == wanted), None)
    if asked is None:
        raise HTTPException(404, "Cet avis est déjà rendu, ou n’est plus demandé.")
    if asked.service not in visit.roles.services:
        raise HTTPException(403, "Cet avis est demandé à un autre service.")
    if visit.request.method != "POST":
        return await _form(visit, found, asked)
    await visit.not_again()
    text = visit.read().text("text").replace("\r\n", "\n")
    if not text:
        raise Mistyped("text", "Écrivez votre avis.")
    note = WriteNote(NoteKind.NOTE, named=_asker(visit, found, asked), answers=asked.event_id)
    return await keep_note(visit, found, text, note)


def _asker(visit: Visit, found: ItemSheet, asked: OpinionAsked) -> tuple[PersonId, ...]:
    """Whoever asked, if they still are of the préfecture and read the item."""
    person = visit.directory.person(person_of(asked.by) or "")
    by = visit.decider(_NOTHING)
    told = person is not None and person.id != visit.person.id and by.may_name(found.item, person)
    return (PersonId(person.id),) if person is not None and told else ()


async def _form(visit: Visit, found: ItemSheet, asked: OpinionAsked) -> Response:
    about = About(visit, found)
    async with visit.apart():
        texts = await note_texts(about)
    names = about.names
    return await visit.html(
        "item/opinion.html",
        chrono=found.item.chrono,
        state=labels_fr.STATES[found.item.state],
        asked=str(asked.event_id),
        question=texts.get(asked.seq, ""),
        who=names.author(asked.by),
        holder=names.service(found.item.service),
        until=asked.until,
        longest=LONGEST,
        people=nameable(visit.decider(_NOTHING), found.item),
    )


def asked_opinions(about: About, texts: Mapping[int, str]) -> Sequence[Mapping[str, Any]]:
    """Returns the opinions asked for about an item, oldest first, and what became of each.

    `texts`: the item's questions and notes by the number of their fact.
    """
    facts, names, visit = standing(about.sheet.facts), about.names, about.visit
    given = {fact.answers: fact for fact in facts if isinstance(fact, NoteWritten) and fact.answers}
    zone, open_ = visit.applied.site.zone, {asked.event_id for asked in about.item.opinions}
    rows = list[Mapping[str, Any]]()
    for fact in facts:
        if not isinstance(fact, OpinionAsked):
            continue
        note = given.get(fact.event_id)
        waits = note is None and about.open and fact.event_id in open_
        answered = None if note is None else note.happened_at.astimezone(zone).date()
        rows.append(
            {
                "asked": str(fact.event_id),
                "service": names.service(fact.service),
                "who": names.author(fact.by),
                "until": fact.until,
                "left": labels_fr.days_left(visit.today, fact.until, visit.applied.days),
                "late": (answered or visit.today) > fact.until and (waits or note is not None),
                "waits": waits,
                "answered": answered,
                "by": "" if note is None else names.author(note.by),
                "question": texts.get(fact.seq, ""),
                "mine": waits and fact.service in visit.roles.services,
            }
        )
    return rows
