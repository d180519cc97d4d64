"""The files that leave with a letter: handed in by its form, or chosen among those that came."""

from collections.abc import Sequence
from typing import Final

from services.desk.letters.domain.enclosures import FileToSend, check_files, file_to_send
from services.desk.letters.domain.merge_fields import FillContext
from services.desk.letters.enclosure_antivirus import scan_files
from services.desk.pages.item.files import octets_of
from services.desk.pages.item.thread import size_of
from services.desk.pages.visit import Visit
from services.desk.store.sheets import ItemSheet
from shared.web.forms import Form, Mistyped

HANDED: Final = "fichiers"
"""The field of files from the clerk's own disk."""
SHOWING: Final = frozenset({"apercu", "pdf", "odt"})
"""What the buttons do by which the letter alone is looked at, or taken: its files stay."""
CHOSEN: Final = "joindre"
"""The field of numbers of files that came with the item."""


def offered_files(about: FillContext) -> Sequence[tuple[str, str]]:
    """Lists the files of an item's first message: number and words; none with a virus."""
    came = () if about.pli is None else about.pli.attachments
    return [
        (str(number), f"{file.name or 'sans nom'}, {size_of(file.size)}")
        for number, file in enumerate(came)
        if not file.virus
    ]


async def files_of(
    visit: Visit, found: ItemSheet, about: FillContext, form: Form
) -> Sequence[FileToSend]:
    """Reads the files that a form hands in, and those that it chooses of the item's message.

    Raises Refused for a file that does not leave, also because of the antivirus, or for more than a
    letter takes. Where a button only shows the letter nothing leaves: no antivirus is asked.
    """
    chosen = [
        await _came(visit, found, about, wanted) for wanted in sorted(set(form.texts(CHOSEN)))
    ]
    handed = [file_to_send(file.filename or "", await file.read()) for file in form.files(HANDED)]
    files = [*chosen, *handed]
    check_files(files)
    if form.text("faire") not in SHOWING:
        async with visit.apart():
            await scan_files(visit.settings.antivirus, files)
    return files


async def _came(visit: Visit, found: ItemSheet, about: FillContext, wanted: str) -> FileToSend:
    known = dict(offered_files(about))
    opening = found.item.opened.arrival_id
    arrival = next((came for came in found.arrivals if came.arrival_id == opening), None)
    if wanted not in known or about.pli is None or arrival is None:
        raise Mistyped(CHOSEN, "Choisissez un document du courrier.")
    file = about.pli.attachments[int(wanted)]
    async with visit.apart():
        octets = await octets_of(visit, arrival, file)
    return file_to_send(file.name, octets)
