"""The door to what strangers sent, for the pages: child processes open it (platform/children.py).

The public's files have a child of their own: whoever sends what is slow to open slows nobody who
works. All of it blocks: call it in a thread.
"""

from collections.abc import Sequence
from typing import IO, Annotated, Final, TypeVar

from pydantic import BaseModel, ConfigDict, StringConstraints, TypeAdapter

from shared.content.word_places import WordPlaces
from shared.errors import PermanentFailure
from shared.platform.children import ChildDied, ChildFailed, ChildLimits, Children

_T = TypeVar("_T")
_PROGRAM: Final = "shared.web.foreign_child"
_MEMORY: Final = 1_500_000_000
_STAFF: Final = Children(
    _PROGRAM, ChildLimits(seconds=10, patience=60, memory=_MEMORY, answer=70_000_000), most=2
)
PUBLIC: Final = Children(
    _PROGRAM, ChildLimits(seconds=3, patience=20, memory=_MEMORY, answer=1_000), most=1
)
MOST_COPY: Final = 100_000_000
"""Octets of the pages of a copy; it is in memory while it is made, in the child alone."""
_COPIES: Final = Children(
    "shared.paper.copy_child",
    ChildLimits(seconds=180, patience=600, memory=_MEMORY, answer=MOST_COPY + 10_000_000),
    most=1,
)
"""A child of its own: a copy of many pages takes a minute, a page to look at does not wait."""
_MOST_TEXT: Final = 60_000
"""Letters that a page may have."""
MOST_COPIED: Final = 300
"""Pages of a document of which a copy is made."""

_COUNT: TypeAdapter[int | None] = TypeAdapter(int | None)
_SIZE: TypeAdapter[tuple[int, int] | None] = TypeAdapter(tuple[int, int] | None)
_TYPE: TypeAdapter[str | None] = TypeAdapter(str | None)
_THERE: TypeAdapter[bool | None] = TypeAdapter(bool | None)


class Unopened(PermanentFailure):
    """Raised when a stranger's file can't be opened: malformed, or it kills the child process."""


class Ruinous(Unopened):
    """Raised when a stranger's file ended the child process that opened it, by what it cost.

    Not when nothing came for long: that may be the machine's fault.
    """


class Message(BaseModel):
    """An email as a page shows it: recipient, subject, text."""

    model_config = ConfigDict(frozen=True)

    to: str
    subject: str
    text: str


class WordsOfPage(WordPlaces):
    """The words of a PDF's page in its own text, and where they stand."""

    text: Annotated[str, StringConstraints(max_length=_MOST_TEXT)]


_WORDS: TypeAdapter[Sequence[WordsOfPage] | None] = TypeAdapter(Sequence[WordsOfPage] | None)
_MESSAGE: TypeAdapter[Message | None] = TypeAdapter(Message | None)


def _ask(
    children: Children,
    shape: TypeAdapter[_T | None],
    octets: bytes,
    into: IO[bytes] | None = None,
    **request: object,
) -> tuple[_T, bytes]:
    try:
        found, sent = children.ask(shape, request, octets, into)
    except ChildDied as death:
        kind = Unopened if death.reason == "timeout" else Ruinous
        raise kind(str(death)) from None
    except ChildFailed as failure:
        raise Unopened(str(failure)) from None
    if found is None:
        raise Unopened("It is not what it should be.")
    return found, sent


def count(pdf: bytes, children: Children = _STAFF) -> int:
    """Counts the pages of a PDF in a child process. Raises Unopened, TemporaryFailure."""
    found, _ = _ask(children, _COUNT, pdf, do="count")
    return found


def pages(octets: bytes) -> int:
    """Counts the pages of a PDF or picture in a child process. Raises Unopened, TemporaryFailure.

    A photo has one, whatever else its file holds.
    """
    found, _ = _ask(_STAFF, _COUNT, octets, do="pages")
    return found


def page(
    original: bytes, number: int, box: tuple[int, int], most_pixels: int, turn: int = 0
) -> bytes:
    """Draws a page of a PDF or picture, in a child process, as a PNG within `box` (in pixels).

    `turn`: degrees by which it is turned clockwise, before it fits the box: 0, 90, 180 or 270.

    Raises Unopened, TemporaryFailure.
    """
    width, height = box
    _, png = _ask(
        _STAFF, _COUNT, original,
        do="page", number=number, width=width, height=height, most_pixels=most_pixels, turn=turn,
    )  # fmt: skip
    return png


def words(pdf: bytes, most: int) -> Sequence[WordsOfPage]:
    """Reads the words of a PDF's first `most` pages and their places, in a child process.

    Fewer pages where they take long; a page without text of its own has no words. Raises Unopened,
    TemporaryFailure.
    """
    found, _ = _ask(_STAFF, _WORDS, pdf, do="words", most=most)
    return found


def archive_copy(
    original: bytes,
    title: str,
    texts: Sequence[str],
    places: Sequence[WordPlaces],
    most_pixels: int,
    into: IO[bytes],
) -> None:
    """Writes a copy of a scan as PDF/A-2b, made in a child process, words invisible over its pages.

    `texts` and `places`: what OCR read on each page, and where, in order; beyond them a page has
    its picture alone. At most 300 pages, none larger than `most_pixels`, 100 MB in all.

    Raises Unopened, TemporaryFailure.
    """
    _ask(
        _COPIES, _THERE, original, into,
        do="copy", title=title, texts=list(texts), most=MOST_COPIED, most_pixels=most_pixels,
        most_octets=MOST_COPY, places=[place.model_dump() for place in places],
    )  # fmt: skip


def size(picture: bytes, kind: str, children: Children = _STAFF) -> tuple[int, int]:
    """Returns a picture's width and height, once all of it could be decoded.

    Raises Unopened, TemporaryFailure.
    """
    found, _ = _ask(children, _SIZE, picture, do="size", kind=kind)
    return found


def document(octets: bytes, children: Children = _STAFF) -> str:
    """Returns the media type of an uploaded text document without macros (DOCX, ODT).

    Raises Unopened, TemporaryFailure.
    """
    found, _ = _ask(children, _TYPE, octets, do="document")
    return found


def declared_size(archive: bytes, children: Children = _STAFF) -> int:
    """Returns the number of octets that an archive (ZIP) says it unpacks to.

    Raises Unopened, TemporaryFailure.
    """
    found, _ = _ask(children, _COUNT, archive, do="declared")
    return found


def part(mail: bytes, sha256: str) -> bytes:
    """Extracts from an email the part with this SHA-256. Raises Unopened, TemporaryFailure."""
    _, octets = _ask(_STAFF, _THERE, mail, do="part", sha256=sha256)
    return octets


def message(mail: bytes) -> Message:
    """Reads an email, in a child process, for display. Raises Unopened, TemporaryFailure."""
    found, _ = _ask(_STAFF, _MESSAGE, mail, do="message")
    return found
