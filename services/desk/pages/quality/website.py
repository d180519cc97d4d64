"""`/qualite/site-internet`: pages that a correspondent reads again, changes that are asked for.

A correspondent sees their own pages, the head of a service those of the service; who watches the
quality system sees all. Who may act: the first two and the référent qualité.
"""

from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import rights
from services.desk.french.names import Names
from services.desk.pages.page import Page
from services.desk.pages.quality import website_files, website_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain import website as rules
from services.desk.quality.domain.website import PageChange, PageStanding
from services.desk.quality.store import website as store
from services.desk.quality.store.texts import TextsByDigest
from services.desk.quality.website_reminders import correspondent
from services.desk.quality.website_service import WebsiteDesk
from services.desk.rights import Right
from shared.site.tables.website import WebPage

URL: Final = "/qualite/site-internet"
SHOWN_DONE: Final = 20


def desk(visit: Visit) -> WebsiteDesk:
    """Makes the service object by which the signed-in person acts on checks of the website."""
    return WebsiteDesk(visit.connection, visit.author, visit.applied, visit.directory, visit.today)


def watches(visit: Visit) -> bool:
    """Whether the signed-in person sees every listed page of the website."""
    return rights.may(visit.roles, Right.WATCH)


def improves(visit: Visit) -> bool:
    """Whether the signed-in person is the référent qualité, or the deputy."""
    return rights.may(visit.roles, Right.IMPROVE)


def may_check(visit: Visit, page: WebPage) -> bool:
    """Whether the signed-in person may review a website page.

    So may its correspondent, the head of its service, and the référent qualité or the deputy.
    """
    person = correspondent(page, visit.applied, visit.directory)
    mine = person is not None and person in visit.roles.persons
    service = visit.applied.site.service_now(page.service)
    leads = service is not None and service.id in visit.roles.leads
    return mine or leads or improves(visit)


async def home(visit: Visit) -> Response:
    """Shows the website page to review next, all pages to be seen, and requested changes."""
    found = await store.website(visit.connection, visit.applied.site)
    words = await store.words(visit.connection, found)
    known = [
        standing for standing in found.pages if watches(visit) or may_check(visit, standing.page)
    ]
    mine = {standing.page.id for standing in known}
    names = Names(visit.applied.site, visit.directory)
    waiting = [
        standing
        for standing in rules.to_check(known, visit.today, visit.applied.days)
        if _is_mine(visit, standing.page)
    ]
    changes = [change for change in found.changes.values() if watches(visit) or change.page in mine]
    items = [change.item_id for change in changes if change.item_id is not None]
    said = website_words.ChangeWords(
        visit.applied.site,
        names,
        words,
        await store.chronos(visit.connection, items, visit.roles.seen),
    )
    done = [change for change in changes if change.done is not None]
    return await visit.html(
        "quality/website.html",
        pages=[_line(visit, standing, words, names) for standing in known],
        next=_line(visit, waiting[0], words, names) if waiting else None,
        waiting=len(waiting),
        open=[
            (said.line(change, visit.today), _may_settle(visit, change))
            for change in found.open
            if change in changes
        ],
        done=[said.line(change, visit.today) for change in reversed(done[-SHOWN_DONE:])],
        counted=website_words.count_text(found.count_checked(visit.today))
        if watches(visit)
        else "",
        choices=[(standing.page.id, standing.page.title) for standing in found.pages],
        files=[(kind, f"{URL}/etat{kind}") for kind in website_files.ENDINGS]
        if watches(visit)
        else [],
        improves=improves(visit),
    )


def _is_mine(visit: Visit, page: WebPage) -> bool:
    """Whether the person is meant to read a page, and not only allowed to."""
    return correspondent(page, visit.applied, visit.directory) in visit.roles.persons


def _line(
    visit: Visit, standing: PageStanding, words: TextsByDigest, names: Names
) -> website_words.PageLine:
    reader = correspondent(standing.page, visit.applied, visit.directory)
    return website_words.page_line(
        standing,
        website_words.PagePlace(visit.applied.site, visit.directory, names, words),
        reader,
        visit.today,
        may=may_check(visit, standing.page),
    )


def _may_settle(visit: Visit, change: PageChange) -> bool:
    page = None if change.page is None else visit.applied.site.website.page.get(change.page)
    return improves(visit) if page is None else may_check(visit, page)


def _page(visit: Visit) -> WebPage:
    """The page of the address. Raises HTTPException: 404 when the person may not know of it."""
    page = visit.applied.site.website.page.get(visit.request.path_params["page"])
    if page is None or not (watches(visit) or may_check(visit, page)):
        raise HTTPException(404, "Cette page n’est pas dans la liste.")
    if not may_check(visit, page):
        raise HTTPException(403, "Cette page est vérifiée par son correspondant.")
    return page


async def check(visit: Visit) -> Response:
    """Records that a website page was reviewed and is right. Raises Refused."""
    page, form = _page(visit), await visit.form()
    await desk(visit).check(page.id, form.text("vue"))
    return await visit.to(URL, said=f"« {page.title} » : vérifiée.")


async def ask(visit: Visit) -> Response:
    """Requests a change of a website page. Raises Refused."""
    page, form = _page(visit), await visit.form()
    text = form.require("quoi", "Dites ce qui est à modifier.")
    number = await desk(visit).ask(page.id, text, form.text("vue"))
    return await visit.to(URL, said=f"Modification n° {number} demandée.")


async def report_broken(visit: Visit) -> Response:
    """Reports that a website page does not open. Raises Refused."""
    page, form = _page(visit), await visit.form()
    text = form.require("constat", "Dites ce que vous avez vu.")
    number = await desk(visit).record_failure(page.id, text)
    return await visit.to(URL, said=f"Panne notée : modification n° {number}.")


async def place(visit: Visit) -> Response:
    """Records which website page a complaint is about. Raises Refused."""
    number, form = visit.request.path_params["number"], await visit.form()
    page = form.require("page_du_site", "Choisissez la page.")
    text = form.require("quoi", "Dites ce qui est à modifier, sans nommer personne.")
    await desk(visit).place(number, page, text)
    return await visit.to(URL, said=f"Modification n° {number} confiée au correspondant.")


async def state_done(visit: Visit) -> Response:
    """Records that a website change was made, or why nothing is to change. Raises Refused."""
    number = visit.request.path_params["number"]
    found = await store.website(visit.connection, visit.applied.site)
    change = found.changes.get(number)
    if change is None or not (watches(visit) or _may_settle(visit, change)):
        raise HTTPException(404, "Aucune modification ne porte ce numéro.")
    if not _may_settle(visit, change):
        raise HTTPException(403, "Cette modification est faite par le correspondant de la page.")
    form = await visit.form()
    text = form.require("fait", "Dites ce qui a été fait, ou pourquoi rien ne change.")
    await desk(visit).record_done(number, text, changed=not form.is_ticked("rien"))
    return await visit.to(URL, said=f"Modification n° {number} : terminée.")


async def state(visit: Visit) -> Response:
    """Downloads the state of all website checks at the end of a local day, by default today."""
    kind = f".{visit.request.path_params['kind']}"
    if kind not in website_files.ENDINGS:
        raise HTTPException(404)
    day = website_files.day_asked(visit)
    found = await store.website(visit.connection, visit.applied.site, day)
    if found.unreadable:
        raise HTTPException(409, "Une ligne est illisible : aucun état ne s’imprime.")
    names = Names(visit.applied.site, visit.directory)
    place = website_words.PagePlace(visit.applied.site, visit.directory, names, {})
    lines = [
        website_words.page_line(
            standing, place, correspondent(standing.page, visit.applied, visit.directory), day
        )
        for standing in found.pages
    ]
    return await website_files.download(visit, lines, found.count_checked(day), day, kind)


PAGES: Final[Sequence[Page]] = (
    Page(URL, home, Right.BELONG),
    Page(f"{URL}/etat.{{kind}}", state, Right.WATCH),
    Page(f"{URL}/pages/{{page}}/verifiee", check, Right.BELONG, methods=("POST",)),
    Page(f"{URL}/pages/{{page}}/a-modifier", ask, Right.BELONG, methods=("POST",)),
    Page(f"{URL}/pages/{{page}}/en-panne", report_broken, Right.BELONG, methods=("POST",)),
    Page(f"{URL}/modifications/{{number:int}}/page", place, Right.IMPROVE, methods=("POST",)),
    Page(f"{URL}/modifications/{{number:int}}/faite", state_done, Right.BELONG, methods=("POST",)),
)
