"""The octets of an item: pages of papers as pictures, originals and attachments to take away.

What comes from outside is given as a file to keep (pages/downloads.py), or drawn anew.
"""

import asyncio
import tempfile
from dataclasses import dataclass
from typing import IO, Final
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.pages import drawn_pages, originals
from services.desk.pages.downloads import a_file, our_large_file
from services.desk.pages.drawn_pages import LAST_PAGE
from services.desk.pages.visit import Visit
from services.desk.rights import Sight
from services.desk.store import page_turns
from services.desk.store.sheets import ArrivalAppearance, ItemSheet
from shared.content import plis
from shared.content.file_kinds import ending
from shared.content.plis import Attachment, Pli
from shared.errors import PermanentFailure
from shared.facts.envelope import BlobKey
from shared.facts.items.notice_orders import NoticeOrdered
from shared.facts.standing import standing
from shared.facts.vocabulary import Confidentiality
from shared.web import foreign_files, forms
from shared.web.forms import Mistyped

NO_CONTENT: Final = 204


async def picture(visit: Visit) -> Response:
    """Shows a page of an item's scanned paper as a picture.

    Raises HTTPException 404 if the person may not see it or it can't be drawn.
    """
    arrival, kept = await _arrival(visit)
    digest = drawn_pages.digest_of(arrival.original)
    return await drawn_pages.answer(
        visit, digest, lambda: visit.blobs.get(arrival.original), kept=kept
    )


async def turn(visit: Visit) -> Response:
    """Stores how a page of a paper or attachment is rotated on the screen, for its next reader.

    Raises HTTPException 404 if it may not be seen, Mistyped.
    """
    sent = visit.read()
    arrival, _ = await _arrival(visit)
    number, turned = sent.text("number"), sent.text("turn")
    if not _is_number(number) or int(number) > await _last_page(visit, arrival, sent.text("piece")):
        raise Mistyped("number", "Choisissez une page du document.")
    if turned not in {str(turn) for turn in drawn_pages.TURNS}:
        raise Mistyped("turn", "Choisissez dans quel sens tourner la page.")
    digest, piece = drawn_pages.digest_of(arrival.original), sent.text("piece")
    if piece:
        if not _is_number(piece):
            raise Mistyped("piece", "Choisissez une pièce jointe du courrier.")
        digest = (await _numbered(visit, arrival, int(piece))).sha256
    await page_turns.keep(visit.connection, digest, int(number), int(turned), visit.now)
    if "HX-Request" in visit.request.headers:
        return Response(status_code=NO_CONTENT)
    chrono, page = visit.request.path_params["chrono"], sent.text(forms.AGAIN)
    sorting = page.startswith(f"/bureau/a-qualifier/{chrono}")
    return await visit.to(f"/{'bureau/a-qualifier' if sorting else 'courrier'}/{chrono}")


async def original(visit: Visit) -> Response:
    """Downloads the original of an item's arrival, byte for byte.

    Raises HTTPException 404 if it may not be seen.
    """
    arrival, _ = await _arrival(visit)
    async with visit.apart():
        octets = await _blob(visit, arrival.original)
    return a_file(octets, f"{visit.request.path_params['chrono']}{ending(octets)}")


async def archive_copy(visit: Visit) -> Response:
    """Downloads a copy of an item's scanned paper as PDF/A, with its text; made for this request.

    Raises HTTPException 404 if it may not be seen or is no scan.
    """
    arrival, _ = await _arrival(visit)
    chrono = visit.request.path_params["chrono"]
    scan = None if arrival.pli is None else (await _pli(visit, arrival.pli)).scan
    if scan is None:
        raise HTTPException(404)
    async with visit.apart():
        octets = await _blob(visit, arrival.original)
        # Opened in a thread, closed by whoever sends it.
        copy: IO[bytes] = await asyncio.to_thread(tempfile.TemporaryFile)
        try:
            await originals.archive_copy(octets, chrono, scan, copy)
        except originals.NotShown as failure:
            copy.close()
            said = str(failure)
        except BaseException:
            copy.close()
            raise
    if copy.closed:
        return await visit.to(f"/courrier/{chrono}", said=said, refused=True)
    return our_large_file(copy, "application/pdf", f"{chrono}-copie.pdf")


async def attachment(visit: Visit) -> Response:
    """Downloads one attachment of a message, by its number.

    Raises HTTPException 404 if it may not be seen.
    """
    found = await find_attachment(visit)
    async with visit.apart():
        octets = await octets_of(visit, found.arrival, found.file)
    return a_file(octets, found.file.name or "piece-jointe")


@dataclass(frozen=True, slots=True)
class FoundAttachment:
    """An attachment that an address names, with the item and the arrival that have it."""

    sheet: ItemSheet
    arrival: ArrivalAppearance
    kept: bool
    """Whether a browser may keep its pictures."""
    number: int
    """Its place in the pli, from 0."""
    file: Attachment


async def find_attachment(visit: Visit) -> FoundAttachment:
    """Finds the attachment of the address.

    Raises HTTPException 404 if it may not be seen, or the antivirus found a virus in it.
    """
    sheet, arrival, kept = await _arrival_of(visit)
    number = visit.request.path_params["number"]
    wanted = await _numbered(visit, arrival, number)
    if wanted.virus:  # whoever must examine it takes the original
        raise HTTPException(404)
    return FoundAttachment(sheet, arrival, kept, number, wanted)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) <= len(str(LAST_PAGE))


async def _last_page(visit: Visit, arrival: ArrivalAppearance, piece: str) -> int:
    """The last page of a paper; of another document as many as any has."""
    if piece or arrival.pli is None:
        return LAST_PAGE
    scan = (await _pli(visit, arrival.pli)).scan
    return LAST_PAGE if scan is None else len(scan.pages)


async def _pli(visit: Visit, key: BlobKey) -> Pli:
    async with visit.apart():
        try:
            return await plis.read(visit.blobs, key)
        except PermanentFailure as error:
            raise HTTPException(404) from error


async def _numbered(visit: Visit, arrival: ArrivalAppearance, number: int) -> Attachment:
    if arrival.pli is None:
        raise HTTPException(404)
    pli = await _pli(visit, arrival.pli)
    if number >= len(pli.attachments):
        raise HTTPException(404)
    return pli.attachments[number]


async def _arrival(visit: Visit) -> tuple[ArrivalAppearance, bool]:
    """The arrival of the address, and whether a browser may keep its pictures: never réservé."""
    _, arrival, kept = await _arrival_of(visit)
    return arrival, kept


async def _arrival_of(visit: Visit) -> tuple[ItemSheet, ArrivalAppearance, bool]:
    found = await visit.item(visit.request.path_params["chrono"])
    wanted: UUID = visit.request.path_params["arrival"]
    arrival = next((arrival for arrival in found.arrivals if arrival.arrival_id == wanted), None)
    gone = wanted in found.item.gone or found.item.destroyed
    if (
        arrival is None
        or gone
        or arrival.erased_at is not None
        or visit.sight(found.item) is not Sight.WHOLE
    ):
        raise HTTPException(404)
    normal = found.item.classification.confidentiality is Confidentiality.NORMAL
    return found, arrival, normal and not found.item.was_reserved


async def octets_of(visit: Visit, arrival: ArrivalAppearance, wanted: Attachment) -> bytes:
    """Returns an attachment's octets: a blob of its own for a form; a mail's, of its original.

    Raises HTTPException 404 if they are gone.
    """
    folder = arrival.original.rpartition("/")[0]
    try:
        return await visit.blobs.get(BlobKey(f"{folder}/{wanted.sha256}"))
    except PermanentFailure:
        whole = await _blob(visit, arrival.original)
    try:
        return await originals.call_in_thread(foreign_files.part, whole, wanted.sha256)
    except foreign_files.Unopened as failure:
        raise HTTPException(404) from failure


async def _blob(visit: Visit, key: BlobKey) -> bytes:
    try:
        return await visit.blobs.get(key)
    except PermanentFailure as error:
        raise HTTPException(404) from error


async def enclosure(visit: Visit) -> Response:
    """Downloads a file that was ordered to leave with a letter, by the order's number and its own.

    Raises HTTPException 404 if it may not be seen, or is gone.
    """
    found = await visit.item(visit.request.path_params["chrono"])
    seq, number = visit.request.path_params["seq"], visit.request.path_params["number"]
    order = next((fact for fact in standing(found.facts) if fact.seq == seq), None)
    seen = visit.sight(found.item) is Sight.WHOLE and not found.item.destroyed
    if not seen or not isinstance(order, NoticeOrdered) or order.pli is None:
        raise HTTPException(404)
    async with visit.apart():
        try:
            left = (await plis.read(visit.blobs, order.pli)).enclosures
            wanted = left[number] if number < len(left) else None
            octets = b"" if wanted is None else await visit.blobs.get(wanted.key)
        except PermanentFailure as error:
            raise HTTPException(404) from error
    if wanted is None:
        raise HTTPException(404)
    return a_file(octets, wanted.name)
