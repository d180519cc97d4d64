"""`/courriers/vues`: lists kept under a name, one's own and those of one's services.

A view is made from the list as it is shown and is its address: whoever opens it sees what they may
see. A service's views are made, renamed and deleted by who leads it, and shown to who works there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.page import Page
from services.desk.pages.service.list_filters import HOME, parse_list
from services.desk.pages.visit import Visit
from services.desk.rights import Right
from services.desk.store import list_views
from services.desk.store.list_views import SavedView, ViewOwner
from shared.facts.envelope import PersonId, ServiceId
from shared.web.forms import Form, Mistyped

VIEWS: Final = f"{HOME}/vues"
LONGEST: Final = 60
"""Characters of a name: a tab has little room."""
MINE: Final = "moi"
_REFUSED: Final[Mapping[str, str]] = {
    "many": f"{list_views.MOST} vues sont déjà enregistrées : supprimez-en une.",
    "named": "Une vue porte déjà ce nom : donnez-en un autre.",
}


@dataclass(frozen=True, slots=True)
class ViewLink:
    """A saved view of the work list as a page shows it: name, address, and who may change it."""

    view: str
    name: str
    service: str
    """The short name of the service whose it is; empty of one's own."""
    url: str
    stale: bool
    """A filter of it names what no longer exists: the list would show more than it says."""
    may: bool
    """Whether whoever sees it may rename and delete it."""


async def links(visit: Visit) -> Sequence[ViewLink]:
    """Returns the saved views of the work list that the person sees: their own, their services'."""
    services = visit.roles.services | visit.roles.leads
    me = PersonId(visit.person.id)
    found = await list_views.views_of(visit.connection, me, services)
    names = Names(visit.applied.site, visit.directory)
    return [_link(visit, names, kept) for kept in found]


def _link(visit: Visit, names: Names, kept: SavedView) -> ViewLink:
    url = f"{HOME}?{kept.query}"
    service = kept.owner.service
    return ViewLink(
        view=str(kept.view),
        name=kept.name,
        service="" if service is None else names.service(service),
        url=url,
        stale=_address(visit, url) != url,
        may=_may(visit, kept),
    )


def _address(visit: Visit, url: str) -> str:
    """What the list of an address would be called today, without the page of it."""
    query = dict(parse_qsl(url.partition("?")[2]))
    return parse_list(query, visit.applied.site, visit.directory, visit.roles).address()


def _may(visit: Visit, kept: SavedView) -> bool:
    if kept.owner.service is None:
        return kept.owner.person == visit.person.id
    return kept.owner.service in visit.roles.leads


async def show_views(visit: Visit) -> Response:
    """Shows the saved views of the work list, with forms to rename and delete one's own."""
    return await visit.html("service/views.html", views=await links(visit), longest=LONGEST)


async def make(visit: Visit) -> Response:
    """Handles the form that saves the work list's filters as a named view; leads back to it."""
    form = visit.read()
    name = _name(form)
    url = _address(visit, form.text("liste").partition("#")[0])
    owner = _owner(visit, form)
    await visit.form()
    kept = SavedView(form.decision, owner, name, url.partition("?")[2])
    me = PersonId(visit.person.id)
    if why := await list_views.keep_view(visit.connection, kept, me, visit.now):
        raise Mistyped("nom", _REFUSED[why])
    return await visit.to(url, said=f"Vue « {name} » enregistrée.")


def _name(form: Form) -> str:
    name = " ".join(form.require("nom", "Donnez un nom à cette vue.").split())
    if len(name) > LONGEST:
        raise Mistyped("nom", f"Un nom de vue a {LONGEST} caractères au plus.")
    return name


def _owner(visit: Visit, form: Form) -> ViewOwner:
    for_whom = form.text("pour") or MINE
    if for_whom == MINE:
        return ViewOwner(person=PersonId(visit.person.id))
    if for_whom not in visit.roles.leads:
        raise Mistyped("pour", "Seul le responsable d’un service lui donne une vue.")
    return ViewOwner(service=ServiceId(for_whom))


async def rename(visit: Visit) -> Response:
    """Handles the form that gives a saved view of the work list another name."""
    kept, form = await _mine(visit), visit.read()
    name = _name(form)
    await visit.form()
    if not await list_views.rename_view(visit.connection, kept, name):
        raise Mistyped("nom", _REFUSED["named"])
    return await visit.to(VIEWS, said=f"La vue s’appelle « {name} ».")


async def delete(visit: Visit) -> Response:
    """Handles the form that deletes a saved view of the work list; the items stay as they are."""
    kept = await _mine(visit)
    await visit.form()
    await list_views.delete_view(visit.connection, kept.view)
    return await visit.to(VIEWS, said=f"Vue « {kept.name} » supprimée.")


async def _mine(visit: Visit) -> SavedView:
    """The view of the address. Raises HTTPException 404 where it is not theirs to change."""
    await visit.not_again()
    kept = await list_views.find_view(visit.connection, visit.request.path_params["view"])
    if kept is None or not _may(visit, kept):
        raise HTTPException(404, "Cette vue n’existe pas, ou n’est pas à vous.")
    return kept


PAGES: Final[Sequence[Page]] = (
    Page(VIEWS, show_views, Right.BELONG),
    Page(f"{VIEWS}/garder", make, Right.BELONG, methods=("POST",)),
    Page(f"{VIEWS}/{{view:uuid}}/renommer", rename, Right.BELONG, methods=("POST",)),
    Page(f"{VIEWS}/{{view:uuid}}/supprimer", delete, Right.BELONG, methods=("POST",)),
)
