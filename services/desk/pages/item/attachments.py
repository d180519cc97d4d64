"""Attachments opened in place: a PDF or picture page by page, drawn anew, and the text read in it.

Nothing of a stranger's file reaches the browser as it came, unless it is taken away as a file.
"""

from typing import Final

from starlette.responses import Response

from services.desk.domain.item import ItemStatus
from services.desk.french import attachment_words
from services.desk.french.rule_reasons import danger_in, phrases_in
from services.desk.pages import drawn_pages, originals
from services.desk.pages.highlights import Highlights, searched_words
from services.desk.pages.item.files import FoundAttachment, find_attachment, octets_of
from services.desk.pages.item.item_page import WORDS
from services.desk.pages.item.thread import MOST_PAGES, size_of
from services.desk.pages.paper import Paper
from services.desk.pages.visit import Visit
from services.desk.store import page_turns
from shared.content.plis import Attachment
from shared.content.word_places import WordPlaces

_MARKED: Final = "Les mots ne sont surlignés que sur {known} des {drawn} pages montrées."
_MORE: Final = "Les {most} premières pages sur {total} sont montrées ici ; le fichier les a toutes."


async def look(visit: Visit) -> Response:
    """Shows one attachment: its pages as pictures, what was read in it, a link to take it away.

    Raises HTTPException 404 if it may not be seen.
    """
    found = await find_attachment(visit)
    file, highlights = found.file, _highlights(visit, found)
    turns = await page_turns.of_documents(visit.connection, [file.sha256])
    async with visit.apart():
        octets = await octets_of(visit, found.arrival, file)
        total = await originals.pages(octets)
        read = await _read(file, octets) if highlights.any and total else ((), ())
    drawn, known = min(total, MOST_PAGES), len(read[0])
    notes = [_MORE.format(most=MOST_PAGES, total=total)] if total > MOST_PAGES else []
    if 0 < known < drawn:
        notes.append(_MARKED.format(known=known, drawn=drawn))
    path = visit.request.url.path
    return await visit.html(
        "item/attachment.html",
        chrono=visit.request.path_params["chrono"],
        name=file.name or "sans nom",
        size=size_of(file.size),
        text=file.text,
        unread=attachment_words.unread(file.unread),
        number=found.number,
        paper=Paper(
            drawn, total, read[0], tuple(notes), document=file.sha256,
            turns=turns.get(file.sha256, {}), places=read[1],
        ),
        mark=highlights.mark,
        places=highlights.places,
        outline=highlights.outline,
        file=path.removesuffix("/voir"),
        turning=f"{path.partition('/piece-jointe/')[0]}/tourner",
    )  # fmt: skip


def _highlights(visit: Visit, found: FoundAttachment) -> Highlights:
    """What was searched; else words of danger, and those of the rule while the letter is sorted."""
    searched = searched_words(visit.request.query_params.get(WORDS, ""))
    if searched.any:
        return searched
    item, routing = found.sheet.item, visit.applied.site.routing
    proposal = item.opened.proposal if item.state is ItemStatus.TO_QUALIFY else None
    rules = [] if proposal is None else [rule for rule in routing.rules if rule.id == proposal.rule]
    words = [phrase for rule in rules for phrase in rule.when.words]
    alarming = danger_in(found.sheet.facts, routing.danger, found.file.text)
    return Highlights((*alarming, *phrases_in(words, found.file.text)))


async def _read(file: Attachment, octets: bytes) -> tuple[tuple[str, ...], tuple[WordPlaces, ...]]:
    """What stands on its pages and where: as OCR read it, else by a PDF's own text."""
    if file.pages:
        return file.pages, file.places
    words = await originals.words(octets, MOST_PAGES)
    return tuple(page.text for page in words), tuple(words)


async def picture(visit: Visit) -> Response:
    """Shows a page of an attachment as a picture.

    Raises HTTPException 404 if the person may not see it or it can't be drawn.
    """
    found = await find_attachment(visit)
    return await drawn_pages.answer(
        visit,
        found.file.sha256,
        lambda: octets_of(visit, found.arrival, found.file),
        kept=found.kept,
    )
