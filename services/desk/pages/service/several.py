"""`/courriers/lot`: one decision about several items; each is its own, refused or taken alone.

What is refused changes nothing of the others: the list comes back with each refusal in a sentence,
the refused ones still ticked.
"""

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.responses import Response

from services.desk.accounts.store import sessions
from services.desk.domain.decisions import Command
from services.desk.domain.decisions.classification import Assign
from services.desk.domain.decisions.closure import Close
from services.desk.domain.decisions.replies import TransferItem
from services.desk.domain.item import Item
from services.desk.french.names import Names
from services.desk.pages.item.action import told_by
from services.desk.pages.refusals import UNREADABLE, french
from services.desk.pages.service.item_list import BatchOutcome, list_context
from services.desk.pages.service.list_filters import HOME
from services.desk.pages.visit import Visit
from services.desk.store import item_numbers, readable_items
from shared.errors import Refused
from shared.facts.envelope import Chrono
from shared.web import forms
from shared.web.forms import Form, Mistyped

MOST: Final = 200
"""Items of one decision: more than a page shows."""

CommandMaker = Callable[[Item], Command]


async def several(visit: Visit) -> Response:
    """Handles the form that takes one decision about each ticked item; shows the list again."""
    form = await visit.form()
    chronos = list(dict.fromkeys(form.texts("chrono")))[:MOST]
    if not chronos:
        raise Mistyped("lot", "Cochez d’abord les courriers dont vous décidez.")
    decides, said = _decision(visit, form)
    done, refused = await _each(visit, form, chronos, decides)
    where = f"{HOME}?{urlsplit(form.text(forms.AGAIN)).query}".rstrip("?")
    told = f"{said} : {done} courrier{'s' if done > 1 else ''}." if done else ""
    if not refused:
        return await visit.to(where, said=told)
    await sessions.keep_answer(visit.connection, form.decision, where)
    outcome = BatchOutcome(told or "Rien n’a été changé.", refused)
    query = dict(parse_qsl(urlsplit(where).query))
    ticked = {chrono for chrono, _ in refused}
    return await visit.html(
        "service/list.html", **await list_context(visit, query, ticked, outcome)
    )


def _decision(visit: Visit, form: Form) -> tuple[CommandMaker, str]:
    """The decision that a button takes of each item, and what it is called. Raises Mistyped."""
    me = visit.person.id
    match form.text("faire"):
        case "prendre":
            return lambda item: Assign(item.service, me, item.copies), "Pris en charge"
        case "confier":
            agent = form.require("agent", "Choisissez à qui confier ces courriers.")
            return lambda item: Assign(item.service, agent, item.copies), "Confié"
        case "transmettre":
            service = form.require("vers", "Choisissez le service qui doit répondre.")
            return lambda item: Assign(service, None, item.copies), "Transmis"
        case "dehors":
            to = form.require("to", "Choisissez l’administration compétente.")
            way, knows = told_by(form)
            return lambda _: TransferItem(to, way, knows), "Transmis hors de la préfecture"
        case "classer":
            reason = form.require("reason", "Choisissez pourquoi ces courriers sont classés.")
            return lambda _: Close(reason), "Classé"
        case _:
            raise Mistyped("lot", "Choisissez ce que deviennent ces courriers.")


async def _each(
    visit: Visit, form: Form, chronos: Sequence[str], decides: CommandMaker
) -> tuple[int, Sequence[tuple[str, str]]]:
    """How many decisions were taken, and the refusals by chrono."""
    by, names = visit.decider(form.decision), Names(visit.applied.site, visit.directory)
    found, unreadable = await _known(visit, chronos)
    done, refused = 0, list[tuple[str, str]]()
    for chrono in chronos:
        item = found.get(chrono)
        if chrono in unreadable:
            refused.append((chrono, UNREADABLE))
            continue
        if item is None or not visit.may_decide(item):
            refused.append((chrono, "Ce courrier est suivi par un autre service."))
            continue
        try:
            async with visit.connection.transaction():
                await by.about(item.item_id, decides(item))
        except Refused as why:
            refused.append((chrono, french(why, names)))
        else:
            done += 1
    return done, refused


async def _known(
    visit: Visit, chronos: Sequence[str]
) -> tuple[Mapping[str, Item], AbstractSet[str]]:
    """The items, locked in order of id: two lots at once never wait for each other.

    And the chronos of those that can't be read.
    """
    by_chrono = await item_numbers.by_chronos(
        visit.connection, [Chrono(chrono) for chrono in chronos]
    )
    locked, unreadable = await readable_items.lock(visit.connection, by_chrono.values())
    kept = (locked.get(item_id) for item_id in by_chrono.values())
    return (
        {kept.item.chrono: kept.item for kept in kept if kept is not None},
        {chrono for chrono, item_id in by_chrono.items() if item_id in unreadable},
    )
