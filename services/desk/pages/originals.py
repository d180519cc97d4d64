"""What an arrival brought, shown safely: a page of a scan as a picture, a mail as plain text.

What comes from outside is hostile: pictures are drawn anew within a box of pixels, HTML passes an
allow-list without links, pictures or style, whatever was cleaned before.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import IO, Final, TypeVar

import nh3

from shared.content.plis import ScanText
from shared.content.shallow_html import brief
from shared.errors import PermanentFailure
from shared.web import foreign_files

_T = TypeVar("_T")
_OPENING: Final = ThreadPoolExecutor(2, "opening")
"""As many as there are children: who waits for one of them keeps nobody from reading a blob or
signing in, for which the event loop has threads."""
_COPYING: Final = ThreadPoolExecutor(1, "copying")
"""For copies of whole documents, which take up to minutes: who looks at a page does not wait."""
WIDTH, HEIGHT = 1240, 1754
"""The box of a drawn page in pixels: A4 at 150 dpi."""
SMALL_WIDTH, SMALL_HEIGHT = 124, 175
"""The box of a thumbnail: A4 at 15 dpi."""
MOST_PIXELS = 120_000_000
"""A larger picture is refused: A4 at 1,200 dpi has 139 million, copiers stop at 600."""
_PDF: Final = b"%PDF-"
DRAWN = (_PDF, b"II*\0", b"MM\0*", b"\xff\xd8\xff", b"\x89PNG")
"""How files begin of which pages are drawn: PDF, TIFF, JPEG, PNG."""
NOT_SHOWN = "Cette page ne peut pas être affichée."
NO_COPY = (
    "La copie PDF/A n’a pas pu être faite : le document a plus de 300 pages, la copie serait trop "
    "volumineuse (plus de 100 Mo), ou une page ne peut pas être dessinée. L’original reste à "
    "télécharger."
)
TAGS = frozenset(
    {
        *("p", "br", "hr", "pre", "blockquote", "b", "strong", "i", "em", "u"),
        *("h1", "h2", "h3", "h4", "ul", "ol", "li"),
        *("table", "thead", "tbody", "tr", "th", "td"),
    }
)


class NotShown(PermanentFailure):
    """The error that a page of a document does not exist or can't be drawn."""


class RuinousPage(NotShown):
    """The error that a page ended the process that drew it, as it will each time."""


async def call_in_thread(look: Callable[..., _T], *of: object) -> _T:
    """Calls a function of `foreign_files`, which blocks, in one of the threads that wait for it."""
    return await asyncio.get_running_loop().run_in_executor(_OPENING, partial(look, *of))


async def page(original: bytes, number: int, turn: int = 0, *, small: bool = False) -> bytes:
    """Draws page `number` (from 1) of a scanned document as a PNG picture.

    `turn`: degrees by which it is turned clockwise: 0, 90, 180, 270; `small`: as a thumbnail.

    Raises:
        NotShown: the page does not exist or can't be drawn; RuinousPage: nor ever will be.
        TemporaryFailure: no process can be started that opens it.
    """
    try:
        box = (SMALL_WIDTH, SMALL_HEIGHT) if small else (WIDTH, HEIGHT)
        return await call_in_thread(foreign_files.page, original, number, box, MOST_PIXELS, turn)
    except foreign_files.Ruinous as failure:
        raise RuinousPage(NOT_SHOWN) from failure
    except foreign_files.Unopened as failure:
        raise NotShown(NOT_SHOWN) from failure


async def words(pdf: bytes, most: int) -> Sequence[foreign_files.WordsOfPage]:
    """Reads the words of a PDF's own text and their places on its first `most` pages.

    None of a file that is no PDF or can't be opened. Raises TemporaryFailure if no process can be
    started that opens it.
    """
    if not pdf.startswith(_PDF):
        return ()
    try:
        return await call_in_thread(foreign_files.words, pdf, most)
    except foreign_files.Unopened:
        return ()


async def archive_copy(original: bytes, title: str, scan: ScanText, into: IO[bytes]) -> None:
    """Writes a copy of a scan as PDF/A-2b into a file, words invisible over each page's picture.

    After an error the file has a part of it.

    Raises:
        NotShown: the scan can't be opened, has more than 300 pages, or its copy above 100 MB.
        TemporaryFailure: no process can be started that opens it.
    """
    make = partial(
        foreign_files.archive_copy, original, title, scan.pages, scan.places, MOST_PIXELS, into
    )
    try:
        await asyncio.get_running_loop().run_in_executor(_COPYING, make)
    except foreign_files.Unopened as failure:
        raise NotShown(NO_COPY) from failure


async def pages(octets: bytes) -> int:
    """Counts the pages of a PDF or picture that can be drawn; 0 for any other file.

    Raises TemporaryFailure if no process can be started that opens it.
    """
    if not octets.startswith(DRAWN):
        return 0
    try:
        return await call_in_thread(foreign_files.pages, octets)
    except foreign_files.Unopened:
        return 0


def clean_html(html: str) -> str:
    """Sanitises the HTML of an email for display: no links, pictures, styles or scripts.

    As much of it as is parsed in this process: a child has cleaned it before, and its word for that
    is not believed. It is shown of a mail of which the child found no text.
    """
    return nh3.clean(brief(html), tags=set(TAGS), attributes={}, url_schemes=set())
