"""The program of the children that open what strangers sent, for the pages (platform/child.py).

{"do": "count"}                  a PDF                   → how many pages
{"do": "pages"}                  a PDF or a picture      → how many pages
{"do": "page", "number": 1, …}   a PDF or a picture      → its page, and the octets of a PNG
{"do": "words", "most": 50}       a PDF                   → text and places of its layer, by page
{"do": "size", "kind": "JPEG"}   a picture that is whole → width and height
{"do": "document"}               a text document         → its media type
{"do": "part", "sha256": "…"}    a mail                  → whether it has it, and its octets
{"do": "message"}                a mail                  → to, subject, beginning of its text
any of them                      what is none            → null
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Mapping, Sequence
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html import unescape
from typing import Any

import nh3
import pypdfium2
from PIL import Image, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin

from shared.content import charsets, former_readings
from shared.content.mail_lines import headers
from shared.content.mime import Leaf, leaves
from shared.content.shallow_html import shallow
from shared.web.pdf_words import pdf_words

MOST_UNPACKED = 60_000_000
MOST_ENTRIES = 2_000
MOST_TEXT = 3000
"""Characters: enough to say what a message was."""
MOST_HEADER = 400
ODT = "application/vnd.oasis.opendocument.text"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CHUNK = 1 << 16
_BROKEN = (
    *(OSError, ValueError, EOFError, SyntaxError, pypdfium2.PdfiumError),
    *(Image.DecompressionBombError, Image.DecompressionBombWarning),
)
"""What Pillow and PDFium raise on broken or monstrous octets."""
_TORN = (*(zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError, RuntimeError),)
_TURNED: Mapping[int, Image.Transpose] = {
    90: Image.Transpose.ROTATE_270,  # Pillow turns the other way round
    180: Image.Transpose.ROTATE_180,
    270: Image.Transpose.ROTATE_90,
}
_LAID = (Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270)
_ORIENTATION = 0x0112
_HELD: Mapping[int, Image.Transpose] = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
"""By the orientation that EXIF says, what sets a photo upright."""
_HELD_SIDEWAYS = (*_LAID, Image.Transpose.TRANSPOSE, Image.Transpose.TRANSVERSE)

ChildAnswer = tuple[object, bytes]


def answer(request: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    """Answers, in the sandboxed child process, one request of `shared/web/foreign_files.py`."""
    return _DOES[request["do"]](request, octets)


def _count(_: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    try:
        document = pypdfium2.PdfDocument(octets)
        try:
            return len(document), b""
        finally:
            document.close()
    except _BROKEN:
        return None, b""


def _pages(request: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    if octets[:5] == b"%PDF-":
        return _count(request, octets)
    try:
        with Image.open(io.BytesIO(octets), formats=("TIFF", "JPEG", "PNG")) as picture:
            # Behind a phone's photo stands a smaller one, or a map of depths.
            return (getattr(picture, "n_frames", 1) if picture.format == "TIFF" else 1), b""
    except _BROKEN:
        return None, b""


def _page(request: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    number, box = request["number"], (request["width"], request["height"])
    turned = _TURNED.get(request.get("turn", 0))
    if turned in _LAID:
        box = box[::-1]  # it fits the box once it is turned
    try:
        if octets[:5] == b"%PDF-":
            picture = _of_pdf(octets, number, box)
        else:
            picture = _of_image(octets, number, request["most_pixels"], box)
        if picture is None:
            return None, b""
        picture.thumbnail(box)
        if turned is not None:
            picture = picture.transpose(turned)
        out = io.BytesIO()
        picture.save(out, "PNG")
    except _BROKEN:
        return None, b""
    return number, out.getvalue()


def _of_pdf(octets: bytes, number: int, box: tuple[int, int]) -> Image.Image | None:
    document = pypdfium2.PdfDocument(octets)
    try:
        if not 1 <= number <= len(document):
            return None
        one = document[number - 1]
        width, height = one.get_size()
        scale = min(box[0] / max(width, 1), box[1] / max(height, 1))
        drawn: Image.Image = one.render(scale=scale).to_pil()
        return drawn.convert("RGB")
    finally:
        document.close()


def _of_image(
    octets: bytes, number: int, most_pixels: int, box: tuple[int, int]
) -> Image.Image | None:
    # Named, because Pillow knows formats that run other programs (EPS).
    picture: Image.Image = Image.open(io.BytesIO(octets), formats=("TIFF", "JPEG", "PNG"))
    if not 1 <= number <= getattr(picture, "n_frames", 1):
        return None
    picture.seek(number - 1)
    # Of this page: behind a small one may stand a monstrous one.
    if picture.width * picture.height > most_pixels:
        return None
    if picture.format == "TIFF":
        picture.load()  # which sets it upright itself
    held = _held(picture)
    if picture.mode != "RGB":
        picture = picture.convert("RGB")
    # Made small first: a photo has up to a hundred times the pixels of its page.
    picture.thumbnail(box[::-1] if held in _HELD_SIDEWAYS else box)
    return picture if held is None else picture.transpose(held)


def _held(picture: Image.Image) -> Image.Transpose | None:
    """What sets upright a photo beside which a phone wrote how it was held.

    What else is written there is not read: an odd word of a camera spoils no picture.
    """
    try:
        return _HELD.get(picture.getexif().get(_ORIENTATION, 1))
    except Exception:  # noqa: BLE001  (whatever a stranger's EXIF makes Pillow raise)
        return None


def _size(request: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    try:
        with Image.open(io.BytesIO(octets), formats=[request["kind"]]) as picture:
            size = picture.size
            picture.verify()
    except _BROKEN:
        return None, b""
    return size, b""


def _document(_: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    """It is unpacked within a bound, whatever it says of its size."""
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            entries = archive.infolist()
            names = [entry.filename for entry in entries]
            if len(entries) > MOST_ENTRIES or any(entry.flag_bits & 1 for entry in entries):
                return None, b""
            if _acts(names) or not _unpacks(archive, entries):
                return None, b""
            if "mimetype" in names and archive.read("mimetype").strip() == ODT.encode():
                return ODT, b""
    except _TORN:
        return None, b""
    return DOCX if {"[Content_Types].xml", "word/document.xml"} <= set(names) else None, b""


def _declared(_: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    try:
        with zipfile.ZipFile(io.BytesIO(octets)) as archive:
            return sum(zip_info.file_size for zip_info in archive.infolist()), b""
    except _TORN:
        return None, b""


def _acts(names: Sequence[str]) -> bool:
    lowered = [name.lower() for name in names]
    return any(
        name.endswith("vbaproject.bin") or name.startswith(("basic/", "scripts/"))
        for name in lowered
    )


def _unpacks(archive: zipfile.ZipFile, entries: Sequence[zipfile.ZipInfo]) -> bool:
    left = MOST_UNPACKED
    if sum(entry.file_size for entry in entries) > left:
        return False
    for entry in entries:
        with archive.open(entry) as content:
            while octets := content.read(_CHUNK):
                left -= len(octets)
                if left < 0:
                    return False
    return True


def _part(request: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    for content in former_readings.contents(octets):
        if hashlib.sha256(content).hexdigest() == request["sha256"]:
            return True, content
    return None, b""


def _message(_: Mapping[str, Any], octets: bytes) -> ChildAnswer:
    fields = {name.lower(): value for name, value in reversed(headers(octets))}
    parts = leaves(octets)
    text = next((_decoded(part) for part in parts if _is_text(part)), "") or next(
        (_plain(part) for part in parts if part.media_type == "text/html"), ""
    )
    to = ", ".join(said for name in ("to", "cc") if (said := _said(fields.get(name, ""))))
    return {"to": to, "subject": _said(fields.get("subject", "")), "text": text}, b""


def _said(value: str) -> str:
    """A header's value in words; what is malformed stays as it came."""
    value = value[:MOST_HEADER]
    try:
        said = str(make_header(decode_header(value)))
    except (ValueError, LookupError, HeaderParseError, ImportError):
        said = value
    return _whole(" ".join(said.replace("\0", "").split()))


def _plain(part: Leaf) -> str:
    """The words of a message that has no plain text, its marks left out."""
    return unescape(nh3.clean(shallow(_decoded(part)), tags=set())).strip()


def _is_text(part: Leaf) -> bool:
    return part.media_type == "text/plain" and part.disposition != "attachment" and not part.name


def _decoded(part: Leaf) -> str:
    said = charsets.text_of(part.content[: 4 * MOST_TEXT], part.charset)
    return _whole(said.replace("\0", "").strip()[:MOST_TEXT])


def _whole(text: str) -> str:
    """Without half letters, which no JSON has."""
    return text.encode("utf-8", "replace").decode()


_DOES: Mapping[str, Callable[[Mapping[str, Any], bytes], ChildAnswer]] = {
    "count": _count,
    "pages": _pages,
    "page": _page,
    "words": pdf_words,
    "size": _size,
    "document": _document,
    "declared": _declared,
    "part": _part,
    "message": _message,
}


def _prepare() -> None:
    """Have all of it imported that is imported when it is first needed."""
    charsets.load()
    for plugin in (JpegImagePlugin, MpoImagePlugin, PngImagePlugin, TiffImagePlugin):
        plugin.__name__  # noqa: B018  (importing it was the point)
    box = {"number": 1, "width": 9, "height": 9, "most_pixels": 99}
    for kind in ("PNG", "JPEG", "TIFF"):
        out = io.BytesIO()
        Image.new("L", (9, 9)).save(out, kind)
        _page(box, out.getvalue())
    paper, out = pypdfium2.PdfDocument.new(), io.BytesIO()
    paper.new_page(9, 9)
    paper.save(out)
    paper.close()
    _page(box, out.getvalue())
    pdf_words({"most": 1}, out.getvalue())
    _message({}, b"Subject: =?utf-8?q?a?=\n\n=")
    _message({}, b" \nContent-Type: multipart/mixed; boundary=b\n\n--b\n\na\n--b--")


_prepare()
