"""Files that cost much to open for the octets they have: each takes what its kind makes dear.

A shape takes about the octets that it is given on its way, unpacks to far more, or makes the reader
take many small steps.
"""

import struct
from collections.abc import Callable, Mapping
from typing import TypeAlias

from tests.zips import zipped

Shape: TypeAlias = Callable[[int], bytes]
UNPACKED = 28_000_000
"""Octets of XML, just below what is unpacked of one file."""


def filled(begin: bytes, unit: bytes, size: int) -> bytes:
    return begin + unit * (size // len(unit))


def word(xml: bytes) -> bytes:
    """A Word document of this XML; repeated elements make it some kilobytes."""
    return zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": xml})


def outlook(size: int) -> bytes:
    """A winmail.dat whose compressed body repeats its window for ever."""
    packed = (b"\xff" + b"\x00\x0e" * 8) * (size // 17)
    body = struct.pack("<III4x", len(packed) + 12, 0xFFFFFFFF, 0x75465A4C) + packed
    properties = b"\0" * 4 + b"\x02\x01\x09\x10" + struct.pack("<II", 1, len(body)) + body
    head = b"\x78\x9f\x3e\x22\0\0\x01" + struct.pack("<II", 0x00069003, len(properties))
    return head + properties + b"\0\0"


SHAPES: Mapping[str, Shape] = {
    "rtf of braces": lambda size: filled(rb"{\rtf1 ", b"{}", size),
    "rtf of words": lambda size: filled(rb"{\rtf1 ", rb"\b", size),
    "rtf of letters by number": lambda size: filled(rb"{\rtf1 ", rb"\u9 ", size),
    "winmail.dat that repeats itself": outlook,
    "html of blocks": lambda size: filled(b"<html><body>", b"<div>", size),
    "html of lists": lambda size: filled(b"<html><body>", b"<ul><li>", size),
    "html of bold paragraphs": lambda size: filled(b"<html><body>", b"<b>x<p>", size),
    "docx of empty elements": lambda _: word(filled(b"<a>", b"<b/>", UNPACKED) + b"</a>"),
    "docx of nested elements": lambda _: word(filled(b"", b"<b>", UNPACKED)),
    "docx of line breaks": lambda _: word(filled(b"<a>", b"<br/>", UNPACKED) + b"</a>"),
    "docx of namespaces": lambda size: word(
        b"<a>" + b"".join(b"<a xmlns:n%d='x'>" % n for n in range(size // 20))
    ),
    "zip of many names": lambda size: zipped({f"{n}": b"" for n in range(size // 120)}),
    "many fields before an attached text": lambda size: filled(
        b"From: a@b.example\r\nSubject:", b" =?utf-8?q?a?=\r\n", size
    ),
}
