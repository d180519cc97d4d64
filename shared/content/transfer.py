"""Transfer encodings as programs name and break them: base64 and quoted-printable, undone.

Parsers know the bare name alone: behind a blank, a comment or in quotes it is unknown to them, and
the part stays packed. Of text in base64 that none of them decodes, whatever can be read is read.
"""

import base64
import binascii
import quopri
import re

from shared.content.mime_fields import without_comments

_NAME = re.compile(r"\s*[\"']?([a-z0-9-]+)", re.IGNORECASE)
_CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_WORD = re.compile(r"[^\W\d_]")
_NO_BASE64 = re.compile(r"[^A-Za-z0-9+/=]")
_MOST_HIGH = 3
"""More than one octet in so many beyond ASCII is no text in a charset of one octet a letter."""


def encoding_of(said: str) -> str:
    """Returns a Content-Transfer-Encoding in lower case, without comments, quotes and blanks."""
    found = _NAME.match(without_comments(said))
    return found[1].lower() if found else ""


def undone(octets: bytes, encoding: str) -> bytes:
    """Decodes the octets of a MIME part by its transfer encoding; what can't be decoded stays."""
    if encoding == "quoted-printable":
        return quopri.decodestring(octets)
    if encoding != "base64":
        return octets
    try:
        return binascii.a2b_base64(octets)
    except binascii.Error:
        return octets


def text_in_base64(raw: str) -> bytes:
    """Decodes a text declared as base64, and keeps lines of plain words in it as they are.

    A list server puts its footer below the base64 of others; some programs never encode at all.
    """
    everything = _lenient(raw)
    lines = raw.split("\n")
    words = next((number for number, line in enumerate(lines) if _has_words(line)), None)
    if words is None or _reads_as_text(everything):
        return everything
    head = _lenient("\n".join(lines[:words]))
    if not head or not _reads_as_text(head):
        return raw.encode("utf-8", "surrogateescape")
    return head + b"\n" + "\n".join(lines[words:]).encode("utf-8", "surrogateescape")


def _lenient(raw: str) -> bytes:
    decoded = bytearray()
    # Each piece with a filling of its own was encoded by itself.
    for piece in re.split(r"=+", _NO_BASE64.sub("", raw)):
        whole = piece[: len(piece) - 1] if len(piece) % 4 == 1 else piece
        decoded += base64.b64decode(whole + "=" * (-len(whole) % 4))
    return bytes(decoded)


def _has_words(line: str) -> bool:
    return sum(_WORD.search(chunk) is not None for chunk in line.split()) > 1


def _reads_as_text(octets: bytes) -> bool:
    if _CONTROLS.search(octets) is not None:
        return False
    try:
        octets.decode()
    except UnicodeDecodeError:
        return sum(octet >= 0x80 for octet in octets) * _MOST_HIGH < len(octets)  # noqa: PLR2004  (beyond ASCII)
    return True
