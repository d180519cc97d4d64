"""`/evenement/N/courriers`: what the rule proposes, confirmed by list; what belongs to it."""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import event_words
from services.desk.pages.quality.events import address, alerts, desk, find_event, joins
from services.desk.pages.visit import Visit
from services.desk.quality.store import event_lists
from services.desk.rights import Sight
from services.desk.store import item_numbers, items
from shared.content import chronos
from shared.errors import Refused
from shared.facts.envelope import ItemId
from shared.facts.quality.events import JoinReason
from shared.web.forms import Form, Mistyped

SHOWN: Final = 100
"""Items of a list; what is beyond comes once these are confirmed."""


async def page(visit: Visit) -> Response:
    """Shows the items that an event's rule proposes, why, and those that belong to it."""
    event, names = await find_event(visit), Names(visit.applied.site, visit.directory)
    connection, seen = visit.connection, visit.roles.seen
    proposed, lines = await event_lists.proposed_items(
        connection, seen, event.subject, event.items, SHOWN
    )
    known, members = await event_lists.members(connection, seen, event.subject, event.items, SHOWN)
    live = event.open_at(visit.now) and not event.exercise
    return await visit.html(
        "quality/event_items.html",
        event=event,
        title=event_words.title(event),
        lines=[(line, names.service(line.service)) for line in lines],
        proposed=proposed,
        members=[
            (line, names.service(line.service), _state(line.state), line.item_id in event.asks_more)
            for line in members
        ],
        known=known,
        joins=joins(visit) and live,
        alerts=alerts(visit),
    )


def _state(state: str) -> str:
    return next((said for known, said in labels_fr.STATES.items() if known.value == state), state)


async def join(visit: Visit) -> Response:
    """Confirms that the ticked items belong to the crisis event. Raises Refused."""
    event, form = await _event(visit)
    named = form.text("numero")
    ticked = [named] if named else form.texts("chrono")
    if not ticked:
        raise Mistyped("numero", "Cochez les courriers, ou donnez un numéro.")
    chosen = await _items(visit, ticked)
    asks = ticked if named and form.is_ticked("aussi") else form.texts("autre")
    more = await _items(visit, asks)
    reason = JoinReason.PERSON if named else JoinReason.RULE
    new = await desk(visit).join(event, chosen, [item for item in more if item in chosen], reason)
    said = f"Confirmé : {new} courrier{'s' if new > 1 else ''}. Leurs délais ne changent pas."
    return await visit.to(address(event, "/courriers"), said=said)


async def leave(visit: Visit) -> Response:
    """Takes the ticked items out of the crisis event. Raises Refused."""
    event, form = await _event(visit)
    ticked = form.texts("retirer")
    if not ticked:
        raise Mistyped("retirer", "Cochez les courriers à retirer.")
    gone = await desk(visit).leave(event, await _items(visit, ticked))
    said = f"Retiré : {gone} courrier{'s' if gone > 1 else ''}."
    return await visit.to(address(event, "/courriers"), said=said)


async def _event(visit: Visit) -> tuple[int, Form]:
    if not joins(visit):
        raise HTTPException(403, "Le cabinet, le secrétaire général ou le bureau du courrier.")
    event = await find_event(visit)
    return event.number, await visit.form()


async def _items(visit: Visit, named: Sequence[str]) -> list[ItemId]:
    """The items with these chronos, each read whole by the person. Raises HTTPException 404."""
    identity, year = visit.applied.site.identity, visit.today.year
    try:
        wanted = [chronos.read(chrono, identity.department, year) for chrono in named]
    except Refused:
        raise Mistyped("numero", "Ce n’est pas un numéro de courrier.") from None
    by_chrono = await item_numbers.by_chronos(visit.connection, wanted)
    known = await items.read(visit.connection, by_chrono.values())
    seen = [one for one, item in known.items() if visit.sight(item) is Sight.WHOLE]
    if len(seen) != len(set(wanted)):
        raise Mistyped("numero", "Un de ces numéros ne mène à aucun courrier que vous lisez.")
    return [by_chrono[chrono] for chrono in dict.fromkeys(wanted)]
