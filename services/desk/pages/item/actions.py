"""Every action of an item's page, in the order in which it shows them, and how one is taken."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.decisions.closure import Undo
from services.desk.domain.item import Item
from services.desk.french import labels_fr
from services.desk.french.timeline import sentence
from services.desk.pages.item import (
    assignment,
    classification,
    closure,
    lateness,
    letter_returns,
    opinions,
    postal_proofs,
    replies,
    waits,
)
from services.desk.pages.item.action import About, ActionGroup, ItemAction
from services.desk.pages.item.notes import is_own_note
from services.desk.pages.page import Page
from services.desk.pages.visit import Visit
from services.desk.reply_address import addressee
from services.desk.rights import Right, Sight
from shared.web.forms import Mistyped

ACTIONS: Final[Sequence[ItemAction]] = (
    *assignment.ACTIONS,
    *replies.ACTIONS,
    *waits.ACTIONS,
    *opinions.ACTIONS,
    *letter_returns.ACTIONS,
    *postal_proofs.ACTIONS,
    *classification.ACTIONS,
    *lateness.ACTIONS,
    *closure.ACTIONS,
)
Actions = Sequence[ItemAction]
WAITED_FOR: Final = ("rappel", "pieces-recues", "tiers-repondu", "retour-signature")
"""Actions by which what an item waits for has come: shown before all others."""
USUAL: Final = ("pieces", "depart", "rouvrir", "classer")
"""Actions of every day, shown where there is room."""
SEEN: Final = "envoi-vu"
"""The action that says what a message seen in a Sent folder was: offered where it is asked."""
UNDONE: Final = "erreur"
"""Why a person takes back a statement, unless they say more by the command line."""


def offered_actions(about: About) -> Mapping[ActionGroup, Sequence[ItemAction]]:
    """Returns the actions that a person may take on an item now, by group.

    None if they may only read it.
    """
    if not about.visit.may_decide(about.item):
        return {}
    now = [action for action in ACTIONS if action.possible(about)]
    return {
        group: found
        for group in ActionGroup
        if (found := [action for action in now if action.group is group])
    }


def main_actions(about: About, offered: Mapping[ActionGroup, Sequence[ItemAction]]) -> Actions:
    """Returns what is done most often of an item as it stands, the first first.

    Its page shows as many as there is room for above « Autre décision ». Whoever leads the service
    gives an item out before they take it themselves. `offered`: what may be done of it at all.
    """
    leads = about.service is not None and about.visit.person.id == about.service.head
    order = (*WAITED_FOR, *(["attribuer"] if leads else []), "prendre", *USUAL)
    known = {action.slug: action for actions in offered.values() for action in actions}
    return [known[slug] for slug in order if slug in known]


def folded_actions(
    offered: Mapping[ActionGroup, Sequence[ItemAction]], shown: Actions
) -> Sequence[tuple[int, str, Actions]]:
    """Returns what stands under « Autre décision »: number and title of each group, its actions.

    `shown`: those that stand above it, and in no group; a group without others is left out.
    """
    groups = [
        (number, group.value, [act for act in actions if act not in shown and act.slug != SEEN])
        for number, (group, actions) in enumerate(offered.items(), 1)
    ]
    return [group for group in groups if group[2]]


def page_of(action: ItemAction) -> Page:
    """Makes the page of one action on an item: it shows its form, and executes it when sent."""

    async def one(visit: Visit) -> Response:
        about = About(visit, await visit.item(visit.request.path_params["chrono"], decides=True))
        if visit.request.method == "POST":
            form = await visit.form()
            done = await action.act(about, form)
            return await visit.to(_onward(visit, done.item), said=done.said)
        if not action.possible(about) and visit.refusal is None:
            return await visit.to(
                f"/courrier/{about.item.chrono}",
                said="Ce n’est plus possible : le courrier a changé entre-temps.",
                refused=True,
            )
        async with visit.apart():
            about = replace(about, who=await addressee(visit.blobs, about.item))
        return await visit.html(
            "item/act.html",
            action=action,
            chrono=about.item.chrono,
            state=labels_fr.STATES[about.state],
            category=about.names.category(about.item.classification.category),
            fields=action.fields(about),
            unread=visit.sight(about.item) is not Sight.WHOLE,
        )

    return Page(f"/courrier/{{chrono}}/{action.slug}", one, Right.BELONG, methods=("GET", "POST"))


async def undo(visit: Visit) -> Response:
    """Handles the form that withdraws one statement about an item, by the number of its fact."""
    about = About(visit, await visit.item(visit.request.path_params["chrono"]))
    seq = visit.read().number("seq")
    if not (visit.may_decide(about.item) or (seq is not None and is_own_note(about, seq))):
        raise HTTPException(403, "Ce courrier est suivi par un autre service.")
    form = await visit.form()
    if seq is None:
        raise Mistyped("seq", "Choisissez dans l’histoire ce qui doit être annulé.")
    by = visit.decider(form.decision)
    after, target = await by.undo(about.item.item_id, Undo(UNDONE, seq))
    said = sentence(target, about.names, {})
    return await visit.to(_onward(visit, after), said=f"Annulé : {said[0].lower()}{said[1:]}.")


async def split(visit: Visit) -> Response:
    """Handles the form that splits a message off an item into an item of its own, by its number."""
    about = About(visit, await visit.item(visit.request.path_params["chrono"], decides=True))
    form = await visit.form()
    seq = form.number("seq")
    if seq is None:
        raise Mistyped("seq", "Choisissez le message à séparer.")
    opened = await visit.decider(form.decision).split(about.item.item_id, seq)
    said = f"Séparé sous le numéro {opened.chrono}, à qualifier par le bureau du courrier."
    return await visit.to(_onward(visit, opened), said=said)


def _onward(visit: Visit, item: Item) -> str:
    """The item's page; the list for whoever may not see it any more."""
    seen = visit.sight(item) is not Sight.NOTHING
    return f"/courrier/{item.chrono}" if seen else "/courriers"
