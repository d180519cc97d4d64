"""A composed letter as a document: the PDF that is printed or read, or an .odt to be finished.

What its agent wrote is on the PDF whole, or there is none; of a name or an address that no font
shows, « □ » keeps the place (ADR 0234).
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

from services.desk.decider import Decider
from services.desk.letters.composer import (
    ComposedLetter,
    addressee_of,
    check_complete,
    may_leave,
    note_use,
)
from services.desk.store import secure_mails
from shared.errors import Refused
from shared.facts.envelope import BlobKey
from shared.facts.vocabulary import NoticeKind
from shared.paper.code_keys import CodeKeys
from shared.paper.codes import DepartureCode
from shared.paper.glyphs import lacks

if TYPE_CHECKING:
    from shared.paper.letter import PrintedLetter


async def take(
    by: Decider,
    letter: ComposedLetter,
    how: Literal["pdf", "odt"],
    keys: CodeKeys,
    files: Sequence[BlobKey] | None = (),
) -> bytes:
    """Returns a composed letter as PDF or .odt with its departure code, and records who took it.

    `files`: keys of the letter's own files, where they are stored already; `None`: they are not
    yet, and the caller records by `note_use` who took it. Raises Refused when the form check fails,
    when the PDF can't show what was written, or when the decision that the letter states (as a
    holding reply does) would be refused for this item.
    """
    check_complete(letter)
    await secure_mails.none_open(by.connection, letter.matter.item.item_id)
    if letter.version.content.notice is not NoticeKind.REPLY:
        await may_leave(by, letter)
    octets = await (pdf(letter, keys) if how == "pdf" else _odt(letter, keys))
    if files is not None:
        await note_use(by, letter, how, files)
    return octets


async def pdf(letter: ComposedLetter, keys: CodeKeys) -> bytes:
    """Returns the PDF/A of a composed letter, with its departure code.

    Raises Refused when its text has characters that are not printed, and CannotBePrinted.
    """
    from shared.paper.letter import print_letter  # noqa: PLC0415  (30 MB that only whoever takes one needs)

    await check_printable(letter)
    return await print_letter(page_of(letter, keys))


async def preview(letter: ComposedLetter, keys: CodeKeys) -> bytes:
    """Returns the PDF of a composed letter to be read; complete or not, it bears no code."""
    from shared.paper.letter import preview_letter  # noqa: PLC0415  (as above)

    return await preview_letter(page_of(letter, keys))


async def check_printable(letter: ComposedLetter) -> None:
    """Raises Refused when the agent wrote characters that no font of our papers shows."""
    written = f"{letter.filled.subject}\n{letter.filled.body}"
    found = await asyncio.to_thread(lacks, written)
    if found:
        raise Refused(
            "The text has characters that are not printed: remove them, or take it as .odt.",
            "letter-not-printed",
            signs=", ".join(f"«\N{NO-BREAK SPACE}{sign}\N{NO-BREAK SPACE}»" for sign in found),
        )


def page_of(letter: ComposedLetter, keys: CodeKeys) -> "PrintedLetter":
    """Returns a composed letter as its pages show it, with its departure code."""
    from shared.paper import letter as paper  # noqa: PLC0415  (as above)

    kind, to = letter.version.content.notice, addressee_of(letter)
    code = keys.write(DepartureCode(letter.context.reference, kind))
    return paper.address_letter(kind, letter.context, letter.text, code, to)


async def _odt(letter: ComposedLetter, keys: CodeKeys) -> bytes:
    from services.desk.letters.odt import odt  # noqa: PLC0415  (40 MB that only whoever takes one needs)

    return await asyncio.to_thread(odt, page_of(letter, keys))
