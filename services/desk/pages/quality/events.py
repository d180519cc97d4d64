"""`/evenement`: events and exercises; ask for one, open it as the second person, its texts."""

from datetime import datetime
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import rights
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import event_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain.events import CrisisEvent
from services.desk.quality.event_service import EventDesk
from services.desk.quality.store import event_lists
from services.desk.quality.store import events as store
from services.desk.quality.store.texts import TextsByDigest
from services.desk.rights import Right
from shared.content.event_rule import EventRule
from shared.facts.quality.events import EventPart
from shared.web.forms import Form, Mistyped

URL: Final = "/evenement"
SHORT: Final = 600
"""Letters of a field that is one line."""


def desk(visit: Visit) -> EventDesk:
    """Makes the service object by which the signed-in person acts on crisis events."""
    return EventDesk(visit.connection, visit.author)


def alerts(visit: Visit) -> bool:
    """Whether the signed-in person may open crisis events: cabinet or secretary general."""
    return rights.may(visit.roles, Right.ALERT)


def address(number: int, below: str = "") -> str:
    """Returns the address (URL) of a crisis event's page, or of a page below it."""
    return f"{URL}/{number}{below}"


async def find_event(visit: Visit) -> CrisisEvent:
    """Returns the crisis event of the page's address. Raises HTTPException 404."""
    event = await store.read_event(visit.connection, visit.request.path_params["number"])
    if event is None:
        raise HTTPException(404, "Aucun événement ne porte ce numéro.")
    return event


async def home(visit: Visit) -> Response:
    """Shows all crisis events and exercises, and the form that asks for one."""
    names = Names(visit.applied.site, visit.directory)
    known = await store.every(visit.connection)
    return await visit.html(
        "quality/events.html",
        lines=[
            (
                event,
                event_words.title(event),
                *event_words.state(event, visit.now),
                event_words.opening(event, names),
            )
            for event in reversed(known)
        ],
        alerts=alerts(visit),
        entries=len(visit.applied.site.events.exercise),
    )


async def ask(visit: Visit) -> Response:
    """Requests a crisis event or an exercise. Raises Refused."""
    form = await visit.form()
    kind = form.text("nature")
    if kind not in {"evenement", "exercice"}:
        raise Mistyped("nature", "Choisissez : événement réel ou exercice.")
    code = form.require("code", "Donnez un nom court, par exemple crue-2026.")
    exercise = kind == "exercice"
    if exercise and not visit.applied.site.events.exercise:
        raise Mistyped(
            "nature",
            "Aucune adresse d’exercice : il en faut dans events.yaml avant d’ouvrir un exercice.",
        )
    event = await desk(visit).ask(code, _moment(visit, form, "fin"), exercise=exercise)
    said = "Demandé : une deuxième personne l’ouvre, dans sa propre session."
    return await visit.to(address(event.number), said=said)


def _moment(visit: Visit, form: Form, name: str) -> datetime:
    """A local day and hour as a moment. Raises Mistyped."""
    day, hour = form.day(f"{name}_jour"), form.text(f"{name}_heure")
    if day is None:
        raise Mistyped(f"{name}_jour", "Donnez le jour.")
    try:
        local = datetime.strptime(hour, "%H:%M").time()  # noqa: DTZ007  (a time of day)
    except ValueError:
        raise Mistyped(f"{name}_heure", "Écrivez l’heure comme 14:30.") from None
    return datetime.combine(day, local, tzinfo=visit.applied.site.zone)


async def show_event(visit: Visit) -> Response:
    """Shows a crisis event: its state, its parts with their versions, its items in numbers."""
    event, names = await find_event(visit), Names(visit.applied.site, visit.directory)
    words = await store.words(visit.connection, event)
    by, live = visit.author.by, event.open_at(visit.now)
    proposals = confirmed = 0
    if not event.exercise:
        confirmed, _ = await event_lists.members(
            visit.connection, visit.roles.seen, event.subject, event.items, 1
        )
        proposals, _ = await event_lists.proposed_items(
            visit.connection, visit.roles.seen, event.subject, event.items, 1
        )
    rule = await store.rule(visit.connection, event)
    since = (rule.since if rule else visit.midnight).astimezone(visit.applied.site.zone)
    state, chip = event_words.state(event, visit.now)
    return await visit.html(
        "quality/event.html",
        event=event,
        title=event_words.title(event),
        state=state,
        state_kind=chip,
        opening=event_words.opening(event, names),
        parts=[
            event_words.part_shown(event, part, words, names, by)
            for part in EventPart
            if not (event.exercise and part is EventPart.RULE)
        ],
        live=live,
        writes=alerts(visit) and not event.dropped and event.over(visit.now) is None,
        second=alerts(visit) and event.waits and event.asked_by != by,
        alerts=alerts(visit),
        joins=joins(visit) and live and not event.exercise,
        proposals=proposals,
        confirmed=confirmed,
        line=_last(event, EventPart.LINE, words),
        reply=_last(event, EventPart.REPLY, words),
        rule_words="\n".join(rule.words) if rule else "",
        rule_sources=set(rule.sources) if rule else set(),
        sources=event_words.sources(visit.applied.site),
        since_day=since.date(),
        since_hour=f"{since:%H:%M}",
        ended=labels_fr.moment(event.over(visit.now) or event.ends_at, visit.applied.site.zone),
    )


def joins(visit: Visit) -> bool:
    """Whether the person may confirm which items belong to an event (the mail office may too)."""
    return alerts(visit) or rights.may(visit.roles, Right.SORT)


def _last(event: CrisisEvent, part: EventPart, words: TextsByDigest) -> str:
    draft = event.last(part)
    return "" if draft is None else words.get((event.subject, draft.sha256), "")


async def open_(visit: Visit) -> Response:
    """Opens a crisis event as its second person. Raises Refused."""
    event, _ = await find_event(visit), await visit.form()
    await desk(visit).open(event.number)
    return await visit.to(address(event.number), said="Ouvert.")


async def drop(visit: Visit) -> Response:
    """Gives up a crisis event that waits for its second person. Raises Refused."""
    event, _ = await find_event(visit), await visit.form()
    await desk(visit).drop(event.number)
    return await visit.to(address(event.number), said="Demande abandonnée.")


async def close(visit: Visit) -> Response:
    """Closes a crisis event before its planned end. Raises Refused."""
    event, _ = await find_event(visit), await visit.form()
    await desk(visit).close(event.number)
    said = "Clos : les accusés ne portent plus la ligne. Chaque courrier reste chez qui le tient."
    return await visit.to(address(event.number), said=said)


async def write(visit: Visit) -> Response:
    """Writes a version of a crisis event's line or reply. Raises Refused."""
    event, form = await find_event(visit), await visit.form()
    part = form.word("partie", EventPart)
    text = form.text("texte")
    match part:
        case EventPart.LINE:
            await desk(visit).write_line(event.number, text)
        case EventPart.REPLY:
            await desk(visit).write_reply(event.number, text)
        case _:
            raise HTTPException(400, "Ce formulaire est incomplet.")
    said = "Texte gardé : une autre personne l’approuve, et il ne dit rien à personne avant."
    return await visit.to(address(event.number), said=said)


async def write_rule(visit: Visit) -> Response:
    """Writes a version of the rule of a crisis event: words, sources, since when.

    Raises Refused.
    """
    event, form = await find_event(visit), await visit.form()
    offered = {source for source, _ in event_words.sources(visit.applied.site)}
    chosen = form.texts("sources")
    if not offered >= set(chosen):
        raise HTTPException(400, "Ce formulaire est incomplet.")
    words = [line.strip() for line in form.text("mots").splitlines() if line.strip()]
    rule = EventRule(words, chosen, _moment(visit, form, "depuis"))
    await desk(visit).write_rule(event.number, rule)
    said = "Règle gardée : une autre personne l’approuve, et elle ne propose rien avant."
    return await visit.to(address(event.number), said=said)


async def approve(visit: Visit) -> Response:
    """Approves the version of a crisis event's part that the person read. Raises Refused."""
    event, form = await find_event(visit), await visit.form()
    part, version = form.word("partie", EventPart), form.number("version")
    if part is None or version is None:
        raise HTTPException(400, "Ce formulaire est incomplet.")
    await desk(visit).approve(event.number, part, version)
    return await visit.to(address(event.number), said=f"{event_words.PARTS[part]} : approuvé.")
