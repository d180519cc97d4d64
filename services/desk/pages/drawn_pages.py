"""Drawn pages as answers: an address for each document and turn, which a browser keeps.

The address carries what is drawn, so that it never shows anything else (`?v=`); what may be read by
few is asked for each time, and never kept.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from services.desk.pages import originals
from services.desk.pages.visit import Visit
from shared.errors import PermanentFailure, TemporaryFailure
from shared.facts.envelope import BlobKey

TURNS: Final = (0, 90, 180, 270)
"""Degrees, clockwise, by which a page may be turned."""
SMALL: Final = "petite"
"""In the address of a picture: drawn for the strip of thumbnails."""
KEPT: Final = "private, max-age=28800, immutable"
"""For a working day, by the browser of whoever asked and by nobody between."""
NOT_MODIFIED: Final = 304
_DRAWING: Final = "2"
"""Counted up when pages are drawn in another way: browsers then ask for other addresses."""
LAST_PAGE: Final = 9_999
"""Of a document: what an address or a form names beyond is no page."""
_RUINOUS_PAGES: Final = 3
"""Of a document of which so many pages ended who drew them, no page is tried any more."""
_RUINOUS_DOCUMENTS: Final = 200


class RuinousPages:
    """A memory of the document pages that crashed the child process which drew them as pictures.

    It saves ten seconds of a processor at each look. Only the last documents, only in this process.
    """

    def __init__(self) -> None:
        self._known = OrderedDict[str, set[int]]()

    def has(self, digest: str, page: int) -> bool:
        """Returns whether not to draw a page: it crashed before, or several of its document did."""
        known = self._known.get(digest, set())
        return page in known or len(known) >= _RUINOUS_PAGES

    def add(self, digest: str, page: int) -> None:
        """Remembers that drawing a page of a document crashed; forgets the oldest document."""
        self._known.setdefault(digest, set()).add(page)
        self._known.move_to_end(digest)
        if len(self._known) > _RUINOUS_DOCUMENTS:
            self._known.popitem(last=False)


_ruinous = RuinousPages()


def digest_of(key: BlobKey) -> str:
    """Returns the SHA-256 of a blob's octets, which ends its key."""
    return key.rpartition("/")[2]


def version(digest: str, turn: int = 0) -> str:
    """Returns what stands behind `?v=` in the address of a document's page, turned by `turn`."""
    return f"{digest[:16]}.{_DRAWING}-{turn}"


_prepared = OrderedDict[tuple[str, int], bytes]()
_MOST_PREPARED: Final = 24
"""First pages of letters that are about to be shown: a few a clerk, some 100 kB each."""


async def prepare(digest: str, octets: Callable[[], Awaitable[bytes]], turn: int) -> None:
    """Draws the first page of a document before it is asked for; what can't be drawn is left.

    Kept in this process until it was given once, or others came.
    """
    if (digest, turn) in _prepared or _ruinous.has(digest, 1):
        return
    try:
        drawn = await originals.page(await octets(), 1, turn)
    except originals.RuinousPage:
        _ruinous.add(digest, 1)
    except (PermanentFailure, TemporaryFailure):
        return  # whoever opens the letter is told
    else:
        _prepared[digest, turn] = drawn
        while len(_prepared) > _MOST_PREPARED:
            _prepared.popitem(last=False)


async def answer(
    visit: Visit, digest: str, octets: Callable[[], Awaitable[bytes]], *, kept: bool
) -> Response:
    """Answers with the picture of a document's page, whose number the request's address has.

    `octets` reads the document, called only if it has to be drawn; `kept`: whether the browser may
    keep the picture. Raises HTTPException 404 if it can't be drawn.
    """
    request, page = visit.request, visit.request.path_params["page"]
    turn, small = _turn(request, digest), SMALL in request.query_params
    headers = {}
    if turn is not None and kept:
        headers = {
            "cache-control": KEPT,
            "vary": "cookie",  # another session's person asks anew, and so does nobody
            "etag": f'"{version(digest, turn)}-{page}{"-s" if small else ""}"',
        }
        if request.headers.get("if-none-match") == headers["etag"]:
            return Response(status_code=NOT_MODIFIED, headers=headers)
    if page > LAST_PAGE or _ruinous.has(digest, page):
        raise HTTPException(404)
    if page == 1 and not small and (ready := _prepared.pop((digest, turn or 0), None)):
        return Response(ready, media_type="image/png", headers=headers)
    try:
        async with visit.apart():
            drawn = await originals.page(await octets(), page, turn or 0, small=small)
    except originals.RuinousPage as error:
        _ruinous.add(digest, page)
        raise HTTPException(404) from error
    except PermanentFailure as error:
        raise HTTPException(404) from error
    return Response(drawn, media_type="image/png", headers=headers)


def _turn(request: Request, digest: str) -> int | None:
    """The turn that the address names of this document; `None` if it names another or none."""
    asked = request.query_params.get("v", "")
    return next((turn for turn in TURNS if asked == version(digest, turn)), None)
