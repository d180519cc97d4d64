"""`/evenement/N/reponse`: weigh a group, read previews, type n; a second person orders it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import event_words
from services.desk.pages.quality.event_words import LEFT_OUT
from services.desk.pages.quality.events import address, alerts, desk, find_event
from services.desk.pages.visit import Visit
from services.desk.quality.domain import mass as rules
from services.desk.quality.domain.events import CrisisEvent, MassReply
from services.desk.quality.domain.mass_letter import letter
from services.desk.quality.mass_service import MassDesk, MassGroup
from services.desk.quality.store import events as store
from services.desk.quality.store import mass as rows
from services.desk.rights import Sight
from services.desk.store import items
from shared.content.event_rule import exercise_subject
from shared.errors import Refused
from shared.facts.authors import person_of
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.events import EventPart
from shared.site.texts.templates import UnusableTemplate

HIDDEN: Final = "(référence de son courrier)"
"""Stands for a number that the reader may not know of."""


@dataclass(frozen=True, slots=True)
class LetterPreview:
    """A letter of a mass reply, previewed as it would leave."""

    title: str
    subject: str
    text: str


def mass_desk(visit: Visit) -> MassDesk:
    """Makes the service object by which the signed-in person acts on mass replies."""
    return MassDesk(
        desk(visit),
        visit.applied,
        visit.acting,
        visit.person.id,
        lambda item: visit.sight(item) is Sight.WHOLE and visit.may_decide(item),
    )


def _group(values: Mapping[str, str], visit: Visit) -> MassGroup:
    """The group of an address or a form. Raises HTTPException 404."""
    service, category = values.get("service", ""), values.get("categorie", "")
    site = visit.applied.site
    known = {row.id for row in site.services.services}
    kinds = {row.id for row in site.routing.categories}
    if (service and service not in known) or (category and category not in kinds):
        raise HTTPException(404, "Ce groupe n’existe pas.")
    return MassGroup(service, category)


def reasons(left_out: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    """Returns why items are left out of a mass reply: reasons in French with counts of items."""
    found = Counter[str]()
    for code, n in left_out.items():
        found[LEFT_OUT.get(code, code)] += n
    return list(found.items())


async def page(visit: Visit) -> Response:
    """Shows the mass reply of an event that waits or runs; without one, what a new one would do.

    That is how many items it would answer, which it leaves out, and ten letters.
    """
    event = await find_event(visit)
    waiting = event.mass
    if waiting is not None:
        return await _standing(visit, event, waiting)
    if not alerts(visit):
        raise HTTPException(403, "Une réponse groupée se prépare au cabinet.")
    group = _group(visit.request.query_params, visit)
    draft = event.last_approved(EventPart.REPLY)
    text = await store.approved_text(visit.connection, event, EventPart.REPLY)
    weighed = await mass_desk(visit).weigh(event, group)
    site = visit.applied.site
    previews: Sequence[LetterPreview] = ()
    if text is not None and event.exercise:
        previews = _of_exercise(weighed.entries, text, weighed.sha256, _until(visit, event))
    elif text is not None:
        previews = await _previews(
            visit,
            [item.item_id for item in weighed.chosen],
            text,
            visit.person.id,
            weighed.sha256,
        )
    return await visit.html(
        "quality/event_mass.html",
        event=event,
        title=event_words.title(event),
        live=event.open_at(visit.now),
        version=None if draft is None else draft.version,
        text=text or "",
        n=len(weighed.ids),
        sha256=weighed.sha256,
        left_out=reasons(weighed.left_out),
        previews=previews,
        group=group,
        services=[(row.id, row.name) for row in site.services.services],
        categories=[(row.id, row.label) for row in site.routing.categories],
        speed=site.events.per_minute,
    )


async def _standing(visit: Visit, event: CrisisEvent, standing: MassReply) -> Response:
    names = Names(visit.applied.site, visit.directory)
    text = await store.approved_version(visit.connection, event, EventPart.REPLY, standing.version)
    previews: Sequence[LetterPreview] = ()
    if standing.waits and text is not None:
        chosen = await store.selection(visit.connection, event.subject, standing.sha256)
        if event.exercise:
            previews = _of_exercise(chosen, text, standing.sha256, _until(visit, event))
        else:
            asked_by = person_of(standing.asked_by) or ""
            listed = [ItemId(UUID(entry)) for entry in chosen]
            previews = await _previews(visit, listed, text, asked_by, standing.sha256)
    count = await rows.count(visit.connection, event.subject, standing.number, visit.now)
    since = await rows.reasons(visit.connection, event.subject, standing.number)
    return await visit.html(
        "quality/event_mass_running.html",
        event=event,
        title=event_words.title(event),
        mass=standing,
        text=text or "",
        asked=event_words.stated_by(standing.asked_by, standing.asked_at, names),
        left_out=reasons(standing.left_out),
        left_out_since=reasons(since),
        previews=previews,
        count=count,
        released=sum(
            len(fact.recipients) for fact in event.released if fact.number == standing.number
        ),
        alerts=alerts(visit),
        second=alerts(visit) and standing.asked_by != visit.author.by,
        speed=visit.applied.site.events.per_minute,
    )


async def _previews(
    visit: Visit, chosen: Sequence[ItemId], text: str, person_id: str, seed: Digest
) -> Sequence[LetterPreview]:
    """Ten letters of a list at random, as they would leave over the name of a person."""
    person = visit.directory.person(person_id)
    drawn = rules.draw_ten(chosen, seed)
    known = await items.read(visit.connection, drawn)
    shown = []
    for item_id in drawn:
        item = known.get(item_id)
        if item is None or person is None:
            continue
        try:
            said = letter(item, text, person, visit.applied, visit.acting, visit.today)
        except (Refused, UnusableTemplate):
            continue
        subject, whole, title = said.subject, said.whole, str(item.chrono)
        if visit.sight(item) is Sight.NOTHING:
            subject, whole = (part.replace(item.chrono, HIDDEN) for part in (subject, whole))
            title = HIDDEN
        shown.append(LetterPreview(title, subject, whole))
    return shown


def _of_exercise(
    entries: Sequence[str], text: str, seed: Digest, until: date
) -> Sequence[LetterPreview]:
    return [
        LetterPreview(entry, exercise_subject(until), text)
        for entry in rules.draw_ten(entries, seed)
    ]


def _until(visit: Visit, event: CrisisEvent) -> date:
    """The local day on which an event ends."""
    return event.ends_at.astimezone(visit.applied.site.zone).date()


async def ask(visit: Visit) -> Response:
    """Requests a mass reply to the group of items that was shown. Raises Refused."""
    event, form = await find_event(visit), await visit.form()
    version = form.number("version")
    if version is None:
        raise HTTPException(400, "Ce formulaire est incomplet.")
    group = _group({"service": form.text("service"), "categorie": form.text("categorie")}, visit)
    await mass_desk(visit).ask(
        event.number, version, group, form.text("liste"), form.number("nombre")
    )
    return await _back(visit, event, "Demandé : une autre personne confirme avant tout départ.")


async def order(visit: Visit) -> Response:
    """Confirms a mass reply as its second person, so that it leaves. Raises Refused."""
    event, form = await find_event(visit), await visit.form()
    number = visit.request.path_params["mass"]
    await mass_desk(visit).order(event.number, number, form.number("nombre"))
    return await _back(visit, event, "Confirmé : les réponses partent.")


async def drop(visit: Visit) -> Response:
    """Gives up a mass reply that waits for its second person. Raises Refused."""
    event, _ = await find_event(visit), await visit.form()
    await mass_desk(visit).drop(event.number, visit.request.path_params["mass"])
    return await _back(visit, event, "Abandonné : rien n’est parti.")


async def pause(visit: Visit) -> Response:
    """Pauses a running mass reply. Raises Refused."""
    event, _ = await find_event(visit), await visit.form()
    await mass_desk(visit).pause(event.number, visit.request.path_params["mass"])
    return await _back(visit, event, "Arrêté : plus aucune réponse n’est ordonnée.")


async def resume(visit: Visit) -> Response:
    """Resumes a paused mass reply. Raises Refused."""
    event, _ = await find_event(visit), await visit.form()
    await mass_desk(visit).resume(event.number, visit.request.path_params["mass"])
    return await _back(visit, event, "Repris.")


async def end(visit: Visit) -> Response:
    """Ends a paused mass reply for good. Raises Refused."""
    event, _ = await find_event(visit), await visit.form()
    await mass_desk(visit).end(event.number, visit.request.path_params["mass"])
    said = "Terminé : ce qui attendait reste chez qui le tient."
    return await _back(visit, event, said, "")


async def _back(visit: Visit, event: CrisisEvent, said: str, below: str = "/reponse") -> Response:
    return await visit.to(address(event.number, below), said=said)
