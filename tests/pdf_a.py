"""Clauses of ISO 19005-2 (PDF/A-2b) that a file made here can break, checked by hand.

Our own list, quick, for tests that make one copy; the validator is veraPDF, in
tests/contract/pdf_a. What our files never have (annotations, scripts, layers, transparency) may not
be there at all, which the standard does not ask.
"""

import io
import re
from collections.abc import Iterator
from typing import Any, Final

import pikepdf

_FORBIDDEN: Final = frozenset(
    {
        *("/JS", "/JavaScript", "/AA", "/OpenAction", "/Annots", "/AcroForm", "/XFA", "/SMask"),
        *("/Mask", "/Alternates", "/OPI", "/OCProperties", "/EmbeddedFiles", "/AF", "/TR", "/HTP"),
        *("/Group", "/ExtGState", "/Encrypt", "/PS", "/Ref"),
    }
)
_FILTERS: Final = frozenset({"/FlateDecode", "/DCTDecode", "/CCITTFaxDecode"})
_OPERATORS: Final = frozenset({"q", "Q", "cm", "Do", "BT", "ET", "Tr", "Tf", "Tz", "Tm", "Tj"})
_INVISIBLE: Final = 3
_SIDES: Final = (3.0, 14_400.0)


def wrong_in_pdf_a(octets: bytes) -> list[str]:
    """Checks a PDF against clauses of PDF/A-2b; returns a sentence for each fault."""
    return [*_wrong_in_file(octets), *_wrong_in_document(octets)]


def _wrong_in_file(octets: bytes) -> Iterator[str]:
    if not re.match(rb"%PDF-1\.[0-7]\n%[\x80-\xff]{4}", octets):
        yield "6.1.2: its header is not followed by four octets above 127"
    if not octets.rstrip(b"\r\n").endswith(b"%%EOF"):
        yield "6.1.3: something stands behind its end"
    if len(re.findall(rb"endstream\b", octets)) != len(re.findall(rb"\nendstream\b", octets)):
        yield "6.1.7: a stream's end does not begin its line"


def _wrong_in_document(octets: bytes) -> Iterator[str]:
    with pikepdf.open(io.BytesIO(octets)) as document:
        if "/ID" not in document.trailer:
            yield "6.1.3: it has no ID"
        yield from _wrong_in_description(document)
        yield from _wrong_in_intent(document)
        for thing in document.objects:
            yield from _wrong_in_object(thing)
        for page in document.pages:
            yield from _wrong_in_page(page)


def _wrong_in_description(document: pikepdf.Pdf) -> Iterator[str]:
    found = document.Root.get("/Metadata")
    if found is None:
        yield "6.6.2.1: it has no XMP"
        return
    if "/Filter" in found:
        yield "6.6.2.1: its XMP is packed"
    said = found.read_bytes().decode()
    for wanted in ("<pdfaid:part>2<", "<pdfaid:conformance>B<", 'xmlns:pdfaid="http://www.aiim'):
        if wanted not in said:
            yield f"6.6.4: its XMP does not say {wanted}"
    if re.search(r"<\?xpacket begin=[^?]*(bytes|encoding)=", said):
        yield "6.6.2.1: the packet says bytes or encoding"


def _wrong_in_intent(document: pikepdf.Pdf) -> Iterator[str]:
    intents = document.Root.get("/OutputIntents", pikepdf.Array())
    if len(intents) != 1 or intents[0].get("/S") != "/GTS_PDFA1":
        yield "6.2.3: it has no output intent"
        return
    if "/OutputConditionIdentifier" not in intents[0]:
        yield "6.2.3: its output intent has no name"
    profile = intents[0].DestOutputProfile
    octets = profile.read_bytes()
    if octets[12:16] != b"mntr" or octets[16:20] != b"RGB " or profile.N != 3 or octets[8] > 4:
        yield "6.2.3: its profile is not one of a screen, in three colours, of ICC 2 or 4"
    if octets[36:40] != b"acsp" or int.from_bytes(octets[:4]) != len(octets):
        yield "6.2.3: its profile is no ICC profile"


def _wrong_in_object(thing: Any) -> Iterator[str]:
    if not isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        return
    yield from (f"{name} is there" for name in sorted(_FORBIDDEN & set(thing.keys())))
    if isinstance(thing, pikepdf.Stream) and "/Filter" in thing:
        if str(thing.Filter) not in _FILTERS:
            yield f"6.1.7: {thing.Filter} is not allowed here"
        if "/F" in thing or "/FFilter" in thing:
            yield "6.1.7: a stream lies in another file"
    if thing.get("/Subtype") == "/Image":
        yield from _wrong_in_picture(thing)
    yield from _wrong_in_font(thing)


def _wrong_in_picture(thing: Any) -> Iterator[str]:
    if thing.get("/Interpolate", False):
        yield "6.2.8: a picture is smoothed"
    if thing.BitsPerComponent not in {1, 8}:
        yield "6.2.8: a picture has odd depths"
    if str(thing.ColorSpace) not in {"/DeviceGray", "/DeviceRGB"}:
        yield "6.2.4: a picture has colours of its own"


def _wrong_in_font(thing: Any) -> Iterator[str]:
    if thing.get("/Type") == "/FontDescriptor" and "/FontFile2" not in thing:
        yield "6.2.11.4: a font is not in the file"
    if thing.get("/Type") == "/Font" and thing.get("/Subtype") not in {"/Type0", "/CIDFontType2"}:
        yield "6.2.11.4: a font is of another kind"
    if thing.get("/Subtype") == "/CIDFontType2" and "/CIDToGIDMap" not in thing:
        yield "6.2.11.3.2: a font does not say which glyph is whose"


def _wrong_in_page(page: pikepdf.Page) -> Iterator[str]:
    left, bottom, right, top = (float(side) for side in page.MediaBox)
    if not all(_SIDES[0] <= side <= _SIDES[1] for side in (right - left, top - bottom)):
        yield "6.1.13: a page is too small or too large"
    if "/Resources" not in page.obj:
        yield "6.2.2: a page has no resources of its own"
    for said in pikepdf.parse_content_stream(page):
        operator = str(said.operator)
        if operator not in _OPERATORS:
            yield f"6.2.2: {operator} stands in a page"
        if operator == "Tr" and said.operands[0] != _INVISIBLE:
            yield "a word is not invisible"
