"""The addresses of one item: `/courrier/CHRONO` and what stands below."""

from collections.abc import Sequence
from typing import Final

from starlette.responses import Response

from services.desk.pages.item import (
    actions,
    attachments,
    copies,
    files,
    held_notices,
    notes,
    opinions,
)
from services.desk.pages.item.action import About
from services.desk.pages.item.item_page import ITEM_PAGE, item_context
from services.desk.pages.page import Page
from services.desk.pages.visit import Visit
from services.desk.rights import Right, may_prove


async def one_item(visit: Visit) -> Response:
    """Shows the page of one item: content, state, actions, deadlines, past."""
    found = await visit.item(visit.request.path_params["chrono"])
    proves = may_prove(visit.roles, found.item)
    return await visit.html(
        "item/item.html", proves=proves, **await item_context(About(visit, found))
    )


_ARRIVAL: Final = "/courrier/{chrono}/{arrival:uuid}"
_ATTACHMENT: Final = f"{_ARRIVAL}/piece-jointe/{{number:int}}"

PAGES: Final[Sequence[Page]] = (
    Page(ITEM_PAGE, one_item, Right.BELONG),
    Page(f"{_ARRIVAL}/{{page:int}}.png", files.picture, Right.BELONG),
    Page(f"{_ARRIVAL}/tourner", files.turn, Right.BELONG, methods=("POST",)),
    Page(f"{_ARRIVAL}/original", files.original, Right.BELONG),
    Page(f"{_ARRIVAL}/copie", files.archive_copy, Right.BELONG),
    Page(_ATTACHMENT, files.attachment, Right.BELONG),
    Page(f"{_ATTACHMENT}/voir", attachments.look, Right.BELONG),
    Page(f"{_ATTACHMENT}/{{page:int}}.png", attachments.picture, Right.BELONG),
    Page("/courrier/{chrono}/envoye/{seq:int}/{number:int}", files.enclosure, Right.BELONG),
    *(actions.page_of(action) for action in actions.ACTIONS),
    Page("/courrier/{chrono}/annuler", actions.undo, Right.BELONG, methods=("POST",)),
    Page(
        "/courrier/{chrono}/retenu/{notice:uuid}",
        held_notices.judge,
        Right.BELONG,
        methods=("POST",),
    ),
    Page(copies.COPY, copies.settle, Right.BELONG, methods=("POST",)),
    Page(notes.NOTE, notes.write_note, Right.BELONG, methods=("GET", "POST")),
    Page(notes.CONTACT, notes.write_contact, Right.BELONG, methods=("GET", "POST")),
    Page(opinions.OPINION, opinions.give_opinion, Right.BELONG, methods=("GET", "POST")),
    Page(notes.READ, notes.read_notes, Right.BELONG, methods=("POST",)),
    Page("/courrier/{chrono}/separer", actions.split, Right.BELONG, methods=("POST",)),
)
