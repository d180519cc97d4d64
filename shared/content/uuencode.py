"""Files in the form of uuencode: `begin 644 name`, lines of at most 45 octets, `end`."""

import binascii
import re
from dataclasses import dataclass
from itertools import islice

_BEGIN = re.compile(rb"^begin(?:-base64)? [0-7]{3,4} (\S[^\r\n]{0,250})\r?$", re.MULTILINE)
_MOST_FILES = 100
_LONGEST_LINE = 100
_FULL_LINE = 61
"""A sign for the length, and sixty for 45 octets."""


@dataclass(frozen=True, slots=True)
class UuFile:
    """A uuencoded file that stood in a text: its name and its decoded content."""

    name: bytes
    content: bytes


def unpack(text: bytes) -> tuple[bytes, tuple[UuFile, ...]]:
    """Splits a text into what is no uuencoded file, which comes first, and the decoded files.

    What only looks like one (no line that decodes, no `end`) stays text.
    """
    if b"begin" not in text:
        return text, ()
    files: list[UuFile] = []
    remains: list[bytes] = []
    position = 0
    for begin in islice(_BEGIN.finditer(text), _MOST_FILES):
        if begin.start() < position:
            continue
        found = _content(text, begin.end(), base64=begin[0].startswith(b"begin-"))
        if found is None:
            continue
        content, end = found
        files.append(UuFile(begin[1].strip(), content))
        remains.append(text[position : begin.start()])
        position = end
    return b"".join([*remains, text[position:]]) if files else text, tuple(files)


def _content(text: bytes, at: int, *, base64: bool) -> tuple[bytes, int] | None:
    decoded: list[bytes] = []
    position = text.find(b"\n", at) + 1
    while position:
        after = text.find(b"\n", position)
        line = text[position : after if after >= 0 else len(text)].rstrip(b"\r\n")
        position = after + 1
        if line.strip() in {b"end", b"===="}:
            return (b"".join(decoded), position or len(text)) if decoded else None
        octets = _line(line, base64=base64)
        if octets is None:
            return None
        if octets:
            decoded.append(octets)
    return None


def _line(line: bytes, *, base64: bool) -> bytes | None:
    if len(line) > _LONGEST_LINE:
        return None
    try:
        if base64:
            return binascii.a2b_base64(line)
        return binascii.a2b_uu(line[:_FULL_LINE])
    except (binascii.Error, ValueError):
        return None
