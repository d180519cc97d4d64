"""The text of office files that are a ZIP of XML: Word, Excel, PowerPoint, OpenDocument.

Their XML is a stranger's: no entity is ever declared, what is unpacked is bounded, and a file that
goes past its bounds has the text that was read until then.
"""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from xml.parsers import expat

from services.ingest.attachment_process.containers import MOST_TEXT

_MOST_UNPACKED = 30_000_000
_MOST_ELEMENTS = 600_000
"""Of all parts of a file together: a few kilobytes unpack to millions."""
_CHUNK = 1 << 16
_MOST_PARTS = 200
_BREAKS = frozenset({"p", "h", "tr", "br", "cr", "row", "line-break", "table-row", "si"})
_TABS = frozenset({"tab", "tc", "table-cell", "c"})
_WORD = re.compile(r"^word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml$")
_SLIDES = re.compile(r"^ppt/(?:slides/slide|notesSlides/notesSlide)\d+\.xml$")
_SHEETS = re.compile(r"^xl/(?:sharedStrings|worksheets/sheet\d+|comments\d*)\.xml$")
_OPEN_DOCUMENT = re.compile(r"^(?:content|styles)\.xml$")
BROKEN = (
    *(zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError),
    *(expat.ExpatError, LookupError),
)


class TextLimitError(ValueError):
    """Raised when an office file has more text or more elements than are read."""


def of_word(octets: bytes) -> str:
    """Returns the text of a Word document (.docx) with its headers, footers and notes."""
    return _text(octets, _WORD, {"t"}.__contains__)


def of_excel(octets: bytes) -> str:
    """Returns the texts of an Excel workbook (.xlsx): its shared strings and those in cells."""
    return _text(octets, _SHEETS, {"t"}.__contains__)


def of_slides(octets: bytes) -> str:
    """Returns the text of a PowerPoint presentation (.pptx) with its notes."""
    return _text(octets, _SLIDES, {"t"}.__contains__)


def of_open_document(octets: bytes) -> str:
    """Returns the text of an OpenDocument file (.odt, .ods, .odp) with headers and footers."""
    return _text(octets, _OPEN_DOCUMENT, {"p", "h", "span", "a"}.__contains__)


def _text(octets: bytes, wanted: re.Pattern[str], holds: Callable[[str], bool]) -> str:
    pieces: list[str] = []
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        names = [name for name in archive.namelist() if wanted.match(name)][:_MOST_PARTS]
        left, elements = _MOST_UNPACKED, _MOST_ELEMENTS
        for name in sorted(names, key=_in_order):
            reader = _Reader(holds, MOST_TEXT - sum(map(len, pieces)), elements)
            try:
                with archive.open(name) as part:
                    while left > 0 and (chunk := part.read(_CHUNK)):
                        left -= len(chunk)
                        reader.feed(chunk)
            except TextLimitError:
                pieces.append(reader.text)
                break
            pieces.append(reader.text)
            elements = reader.elements
    return "\n".join(piece for piece in (_tidy(piece) for piece in pieces) if piece)


def _in_order(name: str) -> tuple[bool, str, int]:
    """The document before its headers and notes; slides by their numbers."""
    number = re.search(r"(\d+)\.xml$", name)
    first = name.endswith(("document.xml", "content.xml", "sharedStrings.xml"))
    return not first, re.sub(r"\d+\.xml$", "", name), int(number[1]) if number else 0


def _tidy(text: str) -> str:
    lines = (" ".join(line.split()) for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


class _Reader:
    """Takes the text out of XML, element by element; raises `TextLimitError` past its bound."""

    def __init__(self, holds: Callable[[str], bool], most: int, elements: int) -> None:
        self._holds = holds
        self.elements = elements
        """How many more may begin."""
        self._open = 0
        self._left = most
        self._pieces: list[str] = []
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._data
        self._parser.EntityDeclHandler = _refused

    @property
    def text(self) -> str:
        """The text that was read."""
        return "".join(self._pieces)

    def feed(self, octets: bytes) -> None:
        """Parses on."""
        self._parser.Parse(octets, False)  # noqa: FBT003  (expat's own)

    def _start(self, name: str, _: object) -> None:
        self.elements -= 1
        if self.elements < 0:
            raise TextLimitError
        bare = name.rpartition(" ")[2]
        if self._holds(bare):
            self._open += 1
        if bare in _TABS:
            self._pieces.append("\t")
        elif bare == "s":
            self._pieces.append(" ")

    def _end(self, name: str) -> None:
        bare = name.rpartition(" ")[2]
        if self._holds(bare):
            self._open -= 1
        if bare in _BREAKS:
            self._pieces.append("\n")

    def _data(self, data: str) -> None:
        if self._open:
            self._pieces.append(data[: self._left])
            self._left -= len(data)
            if self._left < 0:
                raise TextLimitError


def _refused(*_: object) -> None:
    raise ValueError


def file_names(octets: bytes) -> Iterator[str]:
    """Yields the names of the files in a ZIP archive, which is not unpacked."""
    with zipfile.ZipFile(io.BytesIO(octets)) as archive:
        for entry in archive.infolist()[:_MOST_PARTS]:
            if not entry.is_dir():
                yield entry.filename
