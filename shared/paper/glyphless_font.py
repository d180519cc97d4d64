"""A font without ink, for the text that stands invisibly over the picture of a page.

PDF/A asks that fonts be in the file. This one has a single empty glyph, half as wide as it is high,
to which every character leads: a viewer finds, marks and copies the words, and draws nothing.
"""

import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

import pikepdf
from pikepdf import Array, Dictionary, Name

WIDTH: Final = 0.5
"""Of any character, at a size of one."""
_UNITS: Final = 1_000
_GLYPHS: Final = 2  # the one that stands for what is missing, which nothing leads to, and ours
_CHARACTERS: Final = 65_536
_ROW: Final = 256
_MOST_ROWS: Final = 100  # of one list, by the rules of CMaps
_NAME: Final = "/Invisible"


def glyphless_font(document: pikepdf.Pdf, characters: Iterable[str]) -> pikepdf.Object:
    """Adds the font to a PDF and returns it; codes are UTF-16, two octets a character.

    `characters`: all that are written in it, none beyond U+FFFF.
    """
    wide = round(_UNITS * WIDTH)
    descriptor = Dictionary(
        Type=Name.FontDescriptor, FontName=Name(_NAME), Flags=5,
        FontBBox=[0, 0, wide, _UNITS], ItalicAngle=0, Ascent=_UNITS, Descent=-1,
        CapHeight=_UNITS, StemV=80,
        FontFile2=_packed(document, _font(), Length1=len(_font())),
    )  # fmt: skip
    inner = Dictionary(
        Type=Name.Font, Subtype=Name.CIDFontType2, BaseFont=Name(_NAME), DW=wide,
        CIDSystemInfo=Dictionary(Registry=b"Adobe", Ordering=b"Identity", Supplement=0),
        FontDescriptor=document.make_indirect(descriptor),
        CIDToGIDMap=_packed(document, b"\0\1" * _CHARACTERS),
    )  # fmt: skip
    return document.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type0, BaseFont=Name(_NAME), Encoding=Name("/Identity-H"),
            DescendantFonts=Array([document.make_indirect(inner)]),
            ToUnicode=_packed(document, _meaning(characters)),
        )
    )  # fmt: skip


def _packed(document: pikepdf.Pdf, octets: bytes, **more: int) -> pikepdf.Stream:
    return document.make_stream(zlib.compress(octets, 9), Filter=Name.FlateDecode, **more)


def _meaning(characters: Iterable[str]) -> bytes:
    """The CMap that says which character a code is: itself."""
    rows = sorted({ord(character) // _ROW for character in characters})
    ranges = [f"<{row:02X}{0 if row else 32:02X}> <{row:02X}FF> <{row:02X}{0 if row else 32:02X}>"
              for row in rows]  # fmt: skip
    lists = (ranges[start : start + _MOST_ROWS] for start in range(0, len(ranges), _MOST_ROWS))
    said = "\n".join(
        f"{len(some)} beginbfrange\n" + "\n".join(some) + "\nendbfrange" for some in lists
    )
    return (
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n"
        "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n"
        "/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n"
        f"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n{said}\n"
        "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
    ).encode()


def _font() -> bytes:
    """A TrueType file with two glyphs that have no outline."""
    wide = round(_UNITS * WIDTH)
    tables = {
        b"glyf": bytes(4),
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh",
            *(0x00010000, 0x00010000, 0, 0x5F0F3CF5, 0, _UNITS, 0, 0),
            *(0, 0, wide, _UNITS, 0, 8, 2, 0, 0),
        ),
        b"hhea": struct.pack(
            ">IhhhHhhhhhhhhhhhH", 0x00010000, _UNITS, -1, 0, wide, *(0,) * 11, _GLYPHS
        ),
        b"hmtx": struct.pack(">Hh", wide, 0) * _GLYPHS,
        b"loca": struct.pack(">H", 0) * (_GLYPHS + 1),
        b"maxp": struct.pack(">IH13H", 0x00010000, _GLYPHS, *(0, 0, 0, 0, 2), *(0,) * 8),
    }
    head = struct.pack(">IHHHH", 0x00010000, len(tables), 64, 2, 16 * len(tables) - 64)
    return head + b"".join(_laid_out(tables, len(head) + 16 * len(tables)))


def _laid_out(tables: dict[bytes, bytes], start: int) -> Iterator[bytes]:
    at, bodies = start, list[bytes]()
    for tag, body in tables.items():
        padded = body + bytes(-len(body) % 4)
        sums = sum(struct.unpack(f">{len(padded) // 4}I", padded)) & 0xFFFFFFFF
        yield struct.pack(">4sIII", tag, sums, at, len(body))
        at += len(padded)
        bodies.append(padded)
    yield from bodies
