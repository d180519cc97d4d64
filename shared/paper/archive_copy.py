"""A copy of scanned pages for an archive: PDF/A-2b, each page its picture under invisible words.

Only what is made here stands in it: pictures that were drawn anew, our font without ink, one colour
profile, and words that OCR read, each over its place. The same pages make the same octets.
"""

import io
import zlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final
from xml.sax.saxutils import escape

import pikepdf
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageChops, ImageCms, TiffImagePlugin

from shared.content.word_places import PlacedWord
from shared.paper.glyphless_font import WIDTH, glyphless_font

_QUALITY: Final = 85
_MOST_OCTETS: Final = 100_000_000
_LEAST, _MOST = 3.0, 14_400.0  # points of a page's side that PDF/A allows
_COLOURED: Final = 40  # levels between the channels of what has a colour
_SAMPLE: Final = (300, 300)
_LONGEST_WORD: Final = 200
_LAST: Final = 0xFFFF  # of the characters that the font has
_STRIP: Final = 273  # of a TIFF: where its octets begin
_STRIP_SIZE: Final = 279
_ROWS: Final = 278
_PROFILE_DATE: Final = slice(24, 36)
_FIXED_DATE: Final = bytes.fromhex("07ea 0001 0001 0000 0000 0000")  # 2026-01-01: none of today's


@dataclass(frozen=True, slots=True)
class CopiedPage:
    """A page of an archive copy: its picture, its size in points, the words that stand on it."""

    picture: Image.Image
    width: float
    height: float
    words: Sequence[PlacedWord] = ()


def archive_copy(title: str, pages: Iterable[CopiedPage], most: int = _MOST_OCTETS) -> bytes:
    """Makes a PDF/A-2b file of pages, each with its picture and its words, invisible, over it.

    Pages are taken one after the other, so that one picture is in memory. `title` stands in the
    file's description. Raises ValueError without pages, and at the page with which they have more
    than `most` octets as they are packed.
    """
    out, characters, left = io.BytesIO(), {" "}, most
    with pikepdf.new() as document:
        fonts, written = Dictionary(), deque[pikepdf.Dictionary]()
        for page in pages:
            words = [replace(word, text=_plain(word.text)) for word in page.words]
            characters.update(*(word.text for word in words))
            made, octets = _added(document, replace(page, words=words), fonts)
            written.append(made)
            left -= octets
            if left < 0:
                raise ValueError
        if not written:
            raise ValueError
        fonts.F = glyphless_font(document, characters)
        for page_ in written:
            page_.Resources.Font = fonts
        root = document.Root
        root.Metadata = document.make_stream(
            _description(title).encode(), Type=Name.Metadata, Subtype=Name.XML
        )
        root.Lang = "fr-FR"
        root.OutputIntents = Array([_intent(document)])
        document.save(
            out,
            min_version="1.7",
            compress_streams=False,  # what is large is packed already; the description stays plain
            deterministic_id=True,
        )
    return out.getvalue()


def _added(
    document: pikepdf.Pdf, page: CopiedPage, fonts: pikepdf.Dictionary
) -> tuple[pikepdf.Dictionary, int]:
    """The page that was added, and the octets that it takes."""
    wide, high = (min(_MOST, max(_LEAST, side)) for side in (page.width, page.height))
    octets, shape = _packed(page.picture)
    picture = document.make_stream(
        octets,
        Type=Name.XObject, Subtype=Name.Image, Interpolate=False,
        Width=page.picture.width, Height=page.picture.height, **shape,
    )  # fmt: skip
    shown = f"q {wide:.3f} 0 0 {high:.3f} 0 0 cm /P Do Q\n"
    told = "".join(_told(page.words, wide, high))
    content = zlib.compress(f"{shown}BT 3 Tr\n{told}ET\n".encode() if told else shown.encode())
    document.add_blank_page(page_size=(wide, high))
    made = document.pages[-1].obj
    made.Resources = Dictionary(XObject=Dictionary(P=picture), Font=fonts)
    made.Contents = document.make_stream(content, Filter=Name.FlateDecode)
    return made, len(octets) + len(content)


def _told(words: Sequence[PlacedWord], wide: float, high: float) -> Iterator[str]:
    """Each word as wide as its box, with a blank behind it."""
    for word in words:
        left, top, right, bottom = word.box
        size = max(1.0, (bottom - top) * high)
        stretched = 100 * max(1.0, (right - left) * wide) / (size * WIDTH * len(word.text))
        codes = f"{word.text} ".encode("utf-16-be").hex()
        yield (
            f"/F {size:.2f} Tf {stretched:.2f} Tz "
            f"1 0 0 1 {left * wide:.2f} {(1 - bottom) * high:.2f} Tm <{codes}> Tj\n"
        )


def _plain(text: str) -> str:
    """A word as the font has it: characters of sixteen bits, no marks of control."""
    kept = "".join(
        sign if sign.isprintable() and ord(sign) <= _LAST else "�" for sign in text[:_LONGEST_WORD]
    )
    return kept or "�"


def _packed(picture: Image.Image) -> tuple[bytes, dict[str, object]]:
    """The octets of a picture, and how they are packed: a fax without loss, anything else as JPEG.

    What has no colour is grey.
    """
    if picture.mode == "1":
        return _fax(picture)
    grey = picture.mode == "L" or not _has_colour(picture)
    out = io.BytesIO()
    picture.convert("L" if grey else "RGB").save(out, "JPEG", quality=_QUALITY, optimize=True)
    space = Name.DeviceGray if grey else Name.DeviceRGB
    return out.getvalue(), {
        "ColorSpace": space, "BitsPerComponent": 8, "Filter": Name.DCTDecode
    }  # fmt: skip


def _fax(picture: Image.Image) -> tuple[bytes, dict[str, object]]:
    out = io.BytesIO()
    picture.save(out, "TIFF", compression="group4", tiffinfo={_ROWS: picture.height})
    out.seek(0)
    with TiffImagePlugin.TiffImageFile(out) as saved:
        starts, sizes = saved.tag_v2[_STRIP], saved.tag_v2[_STRIP_SIZE]
    octets = b"".join(
        out.getvalue()[start : start + size] for start, size in zip(starts, sizes, strict=True)
    )
    how = Dictionary(K=-1, Columns=picture.width, Rows=picture.height, BlackIs1=True)
    return octets, {
        "ColorSpace": Name.DeviceGray, "BitsPerComponent": 1, "Filter": Name.CCITTFaxDecode,
        "DecodeParms": how,
    }  # fmt: skip


def _has_colour(picture: Image.Image) -> bool:
    small = picture.convert("RGB")
    small.thumbnail(_SAMPLE, Image.Resampling.BOX)
    red, green, blue = small.split()
    spread = ImageChops.lighter(
        ImageChops.difference(red, blue),
        ImageChops.lighter(ImageChops.difference(red, green), ImageChops.difference(green, blue)),
    )
    return sum(spread.histogram()[_COLOURED:]) > 0


def _intent(document: pikepdf.Pdf) -> pikepdf.Object:
    """The colours of the file: those of every screen."""
    profile = document.make_stream(
        zlib.compress(_srgb(), 9), N=3, Alternate=Name.DeviceRGB, Filter=Name.FlateDecode
    )
    return document.make_indirect(
        Dictionary(
            Type=Name.OutputIntent, S=Name("/GTS_PDFA1"), OutputConditionIdentifier="sRGB",
            Info="sRGB IEC61966-2.1", DestOutputProfile=profile,
        )
    )  # fmt: skip


@cache
def _srgb() -> bytes:
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[_PROFILE_DATE] = _FIXED_DATE  # of the moment in which it was made
    return bytes(made)


def _description(title: str) -> str:
    """What PDF/A wants to be said in XMP: its part, its level; a title. No day: it has none."""
    said = escape("".join(filter(str.isprintable, title)))
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/">'
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{said}</rdf:li></rdf:Alt></dc:title>'
        "</rdf:Description></rdf:RDF></x:xmpmeta>\n"
        '<?xpacket end="r"?>'
    )
