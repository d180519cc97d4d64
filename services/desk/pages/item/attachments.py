"""Attachments opened in place: a PDF or picture page by page, drawn anew, and the text read in it.

Nothing of a stranger's file reaches the browser as it came, unless it is taken away as a file.
"""

from typing import Final

from starlette.responses import Response

from services.desk.french import attachment_words
from services.desk.pages import drawn_pages, originals
from services.desk.pages.item.files import find_attachment, octets_of
from services.desk.pages.item.thread import MOST_PAGES, size_of
from services.desk.pages.paper import Paper
from services.desk.pages.visit import Visit
from services.desk.store import page_turns

_MORE: Final = "Les {most} premières pages sur {total} sont montrées ici ; le fichier les a toutes."


async def look(visit: Visit) -> Response:
    """Shows one attachment: its pages as pictures, what was read in it, a link to take it away.

    Raises HTTPException 404 if it may not be seen.
    """
    arrival, _, number, file = await find_attachment(visit)
    turns = await page_turns.of_documents(visit.connection, [file.sha256])
    async with visit.apart():
        total = await originals.pages(await octets_of(visit, arrival, file))
    notes = [_MORE.format(most=MOST_PAGES, total=total)] if total > MOST_PAGES else []
    path = visit.request.url.path
    return await visit.html(
        "item/attachment.html",
        chrono=visit.request.path_params["chrono"],
        name=file.name or "sans nom",
        size=size_of(file.size),
        text=file.text,
        unread=attachment_words.unread(file.unread),
        number=number,
        paper=Paper(
            min(total, MOST_PAGES), total, notes=tuple(notes), document=file.sha256,
            turns=turns.get(file.sha256, {}),
        ),
        file=path.removesuffix("/voir"),
        turning=f"{path.partition('/piece-jointe/')[0]}/tourner",
    )  # fmt: skip


async def picture(visit: Visit) -> Response:
    """Shows a page of an attachment as a picture.

    Raises HTTPException 404 if the person may not see it or it can't be drawn.
    """
    arrival, kept, _, file = await find_attachment(visit)
    return await drawn_pages.answer(
        visit, file.sha256, lambda: octets_of(visit, arrival, file), kept=kept
    )
