"""`/versement`: what has still to be transferred, transfers, packages, the archive's replies."""

import asyncio
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from starlette.background import BackgroundTask
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, Response

from services.desk.archive import package_items, transfer_service
from services.desk.archive.domain.transfer_reply import MOST_REPLY, read_reply
from services.desk.archive.package import PackageWriter
from services.desk.archive.store import deposits, transfers
from services.desk.archive.store.transfers import ArchiveTransfer, TransferLine
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages import journal_entries, originals
from services.desk.pages.archive import deposit_words
from services.desk.pages.downloads import our_file
from services.desk.pages.item.thread import size_of
from services.desk.pages.refusals import french
from services.desk.pages.visit import Visit
from services.desk.retention.store import destruction
from services.desk.rights import Sight
from services.desk.store import erasures, readable_items
from services.desk.store.archive_transfers import PACKED
from shared.errors import Refused
from shared.facts.envelope import ItemId
from shared.web.forms import Mistyped

SHOWN: Final = 200
LONGEST_LINE: Final = 100
FILE: Final = "fichier"
OUTCOMES: Final = {
    PACKED: "dans le paquet",
    "reopened": "rouvert depuis, laissé",
    "unreadable": "un document manque, laissé",
}
"""What became of a line when the package was made."""


async def show_all(visit: Visit) -> Response:
    """Shows the items still to be transferred to the archive, and every transfer."""
    names = Names(visit.applied.site, visit.directory)
    site = visit.applied.site
    due_items = await destruction.all_due(visit.connection, site, visit.today, unarchived=True)
    return await visit.html(
        "archive/transfers.html",
        archive=site.identity.archive,
        labels=[row.label for row in site.routing.categories if row.final == "archive"],
        due=[
            (line.chrono, names.category(line.category), line.ended_on, line.due_on)
            for line in due_items[:SHOWN]
        ],
        count=len(due_items),
        more=len(due_items) == destruction.MOST_LINES,
        most=transfer_service.MOST_LINES,
        transfers=[
            (found.transfer, lines, _stands(found, names))
            for found, lines in await transfers.every(visit.connection)
        ],
    )


async def propose(visit: Visit) -> Response:
    """Handles the form that draws up a transfer to the archive of the first 500 items due."""
    form = await visit.form()
    made = await transfer_service.propose(visit.decider(form.decision))
    return await visit.to(
        _address(made.transfer), said="Versement établi : il attend le visa des archives."
    )


async def show(visit: Visit) -> Response:
    """Shows one transfer to the archive, line by line, with the archive's replies."""
    found, lines = await _found(visit)
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    packed = sum(line.outcome == PACKED for line in lines)
    deposit = deposit_words.of(
        await deposits.find(visit.connection, found.transfer), zone, names, open_=found.open
    )
    archive = visit.applied.site.identity.archive
    return await visit.html(
        "archive/transfer.html",
        transfer=found,
        deposit=deposit,
        deposits=archive is not None and archive.deposit is not None,
        stands=_stands(found, names) if deposit is None or not found.open else deposit.lead,
        proposer=names.person(found.proposed_by),
        proposed=labels_fr.moment(found.proposed_at, zone),
        packed=None if found.packed_at is None else labels_fr.moment(found.packed_at, zone),
        packer=names.person(found.packed_by),
        count=packed,
        size="" if found.octets is None else size_of(found.octets),
        replies=[
            (
                noted.digest,
                noted.code,
                "prise en charge" if noted.accepted else "refus",
                labels_fr.moment(noted.granted_at, zone)
                if noted.accepted and noted.granted_at is not None
                else "",
                deposit_words.note_moment(noted, zone, names),
                noted.reason,
            )
            for noted in await transfers.replies_of(visit.connection, found.transfer)
        ],
        lines=[
            (
                line.chrono,
                names.category(line.category),
                line.ended_on,
                line.due_on,
                OUTCOMES.get(line.outcome or "", ""),
            )
            for line in lines
        ],
    )


async def table(visit: Visit) -> Response:
    """Downloads a transfer's table of items as CSV, byte for byte as it was proposed."""
    found, _ = await _found(visit)
    content = await transfers.content_of(visit.connection, found.transfer)
    return our_file(content, "text/csv", f"{found.transfer}.csv")


async def approve(visit: Visit) -> Response:
    """Handles the form that records the archivist's visa for a transfer to the archive."""
    found, _ = await _found(visit)
    form = await visit.form()
    visa = _line(form.require("visa", "Donnez le numéro du visa."))
    archivist = _line(form.require("archiviste", "Dites qui a donné le visa."))
    day = form.day("jour") or visit.today
    by = visit.decider(form.decision)
    await transfer_service.approve(by, found.transfer, visa, archivist, day)
    return await visit.to(_address(found.transfer), said="Visa noté.")


async def package(visit: Visit) -> Response:
    """Downloads the SEDA 2.2 package of a transfer, made for this request, and notes what it holds.

    An item that was opened again since, or of which a document can't be read, is left out, of every
    later package of the transfer too. Raises HTTPException 403 where an item is réservé and the
    person may not read it.
    """
    found, lines = await _found(visit)
    names = Names(visit.applied.site, visit.directory)
    try:
        heading = transfer_service.heading(found, visit.applied.site)
    except Refused as refused:
        said = french(refused, names)
        return await visit.to(_address(found.transfer), said=said, refused=True)
    await _whole(visit, lines)
    async with visit.apart():
        folder = tempfile.TemporaryDirectory(prefix="vaguemestre-")
    try:
        path = Path(folder.name) / f"{found.transfer}.zip"
        async with visit.apart():
            copier = originals.archive_copy if heading.archive.copies else None
            writer, outcomes = PackageWriter(path, heading, copier), dict[ItemId, str]()
        for few in package_items.portions(lines):
            ready = await package_items.find(visit.connection, few, names, visit.today)
            async with visit.apart():
                outcomes |= await package_items.pack(writer, ready, visit.blobs)
        async with visit.apart():
            figures = await writer.close()
        again = await transfers.lock(visit.connection, found.transfer)
        transfer_service.heading(again, visit.applied.site)
        await transfers.note_package(
            visit.connection, found.transfer, figures, outcomes, visit.person.id, visit.now
        )
    except BaseException:
        async with visit.apart():
            folder.cleanup()
        raise
    return FileResponse(
        path,
        media_type="application/zip",
        filename=path.name,
        background=BackgroundTask(folder.cleanup),
    )


async def deposit(visit: Visit) -> Response:
    """Handles the form that has the package of a transfer deposited at the archive's own server.

    It leaves as one that is taken does: raises HTTPException 403 where an item is réservé and the
    person may not read it, and is a line of the journal.
    """
    found, lines = await _found(visit)
    form = await visit.form()
    await _whole(visit, lines)
    await transfer_service.deposit(visit.decider(form.decision), found.transfer)
    address = _address(found.transfer)
    await journal_entries.record_download(visit, f"{address}/deposer", found.transfer)
    return await visit.to(address, said="Le paquet va être déposé au service d’archives.")


async def acknowledgement(visit: Visit) -> Response:
    """Downloads the archive's Acknowledgement of a transfer's package, byte for byte as it came."""
    found, _ = await _found(visit)
    octets = await deposits.acknowledgement_of(visit.connection, found.transfer)
    if octets is None:
        raise HTTPException(404, "Cet accusé de réception n’existe pas.")
    return our_file(octets, "application/xml", f"{found.transfer}-accuse-de-reception.xml")


async def note_reply(visit: Visit) -> Response:
    """Handles the form that brings the archive's reply (ArchiveTransferReply), which is kept."""
    found, _ = await _found(visit)
    form = await visit.form()
    files = form.files(FILE)
    octets = await files[0].read(MOST_REPLY + 1) if files else b""
    if not octets:
        raise Mistyped(FILE, "Choisissez le fichier que le service d’archives a envoyé.")
    if len(octets) > MOST_REPLY:
        raise Mistyped(FILE, "5 Mo au plus.")
    reply = await asyncio.to_thread(read_reply, octets, visit.applied.site.zone)
    by = visit.decider(form.decision)
    await transfer_service.note_reply(by, found.transfer, octets, reply)
    said = (
        "Réponse notée : le service d’archives a pris en charge ce versement."
        if reply.accepted
        else f"Réponse notée : le service d’archives refuse ce versement ({reply.code})."
    )
    return await visit.to(_address(found.transfer), said=said)


async def reply(visit: Visit) -> Response:
    """Downloads a reply of the archive to a transfer, byte for byte as it was brought."""
    found, _ = await _found(visit)
    digest: str = visit.request.path_params["digest"]
    octets = await transfers.reply_content(visit.connection, found.transfer, digest)
    if octets is None:
        raise HTTPException(404, "Cette réponse n’existe pas.")
    return our_file(octets, "application/xml", f"{found.transfer}-reponse.xml")


async def drop(visit: Visit) -> Response:
    """Handles the form that gives up a transfer to the archive; its items may be proposed again."""
    found, _ = await _found(visit)
    form = await visit.form()
    await transfer_service.drop(visit.decider(form.decision), found.transfer)
    return await visit.to("/versement", said="Versement abandonné.")


async def _whole(visit: Visit, lines: Sequence[TransferLine]) -> None:
    """Raises HTTPException 403 where the person may not read an item of a transfer.

    Nor one that was merged into it: that is in the package as well.
    """
    packed = {
        item_id
        for line in lines
        for item_id in (line.item_id, *await erasures.absorbed_by(visit.connection, line.item_id))
    }
    found = await readable_items.peek(visit.connection, sorted(packed))
    if any(visit.sight(kept.item) is not Sight.WHOLE for kept in found.values()):
        raise HTTPException(
            403, "Ce versement contient un courrier réservé : qui peut le lire prend le paquet."
        )


async def _found(visit: Visit) -> tuple[ArchiveTransfer, Sequence[TransferLine]]:
    number: str = visit.request.path_params["number"]
    try:
        if not number.isascii() or not number.isprintable():
            raise HTTPException(404)
        found = await transfers.lock(visit.connection, number)
    except Refused as refused:
        raise HTTPException(404, "Ce versement n’existe pas.") from refused
    return found, await transfers.lines_of(visit.connection, found.transfer)


def _line(text: str) -> str:
    """One line, without what can't be printed."""
    return "".join(cell for cell in text if cell.isprintable())[:LONGEST_LINE]


def _address(number: str) -> str:
    return f"/versement/{number}"


def _stands(found: ArchiveTransfer, names: Names) -> str:
    if found.dropped_at is not None:
        return f"abandonné par {names.person(found.dropped_by)}"
    if found.accepted_at is not None:
        return "pris en charge par le service d’archives"
    if found.refused_at is not None:
        return "refusé par le service d’archives"
    if found.visa is None:
        return "attend son visa"
    if found.packed_at is None:
        return f"visa {found.visa} noté, paquet à remettre"
    return "paquet pris, attend la réponse du service d’archives"
