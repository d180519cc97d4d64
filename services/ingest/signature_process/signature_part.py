"""What a signed mail signs: the octets of its first part as they came, or what its envelope holds.

The mail is not decoded here: a signature covers the very octets, with line ends of CR LF.
"""

import re
from dataclasses import dataclass

from shared.content.mail_lines import headers
from shared.content.mime import leaves

_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^;\s]{1,200}))", re.IGNORECASE)
_HEADER_END = re.compile(rb"\r?\n(?=\r?\n)")
_LINE_END = re.compile(rb"\r?\n|\r")
_DETACHED = ("pkcs7-signature", "x-pkcs7-signature")


@dataclass(frozen=True, slots=True)
class SignedPart:
    """The envelope of a mail's S/MIME signature, and what it signs in clear."""

    envelope: bytes
    clear: bytes | None
    """`None`: the content stands inside the envelope, or could not be found."""


def signed_part(octets: bytes) -> SignedPart | None:
    """Finds the signature of a mail that is signed as a whole; `None` without one."""
    declared = next((v for name, v in headers(octets) if name.lower() == "content-type"), "")
    parts = leaves(octets, unpack=False)
    if not declared.lower().lstrip().startswith("multipart/"):
        return SignedPart(parts[0].content, None) if parts else None
    envelope = next((leaf for leaf in parts if leaf.media_type.endswith(_DETACHED)), None)
    if envelope is None:
        return None
    named = _BOUNDARY.search(declared)
    clear = None if named is None else _first_part(octets, (named[1] or named[2]).encode())
    return SignedPart(envelope.content, clear)


def _first_part(octets: bytes, boundary: bytes) -> bytes | None:
    """The octets between the first two boundaries, without the line end before the second."""
    head = _HEADER_END.search(octets)
    delimiter = re.compile(rb"\r?\n--" + re.escape(boundary) + rb"(?:--)?[ \t]*(?=\r?\n|\Z)")
    first = None if head is None else delimiter.search(octets, head.start())
    second = None if first is None else delimiter.search(octets, first.end())
    if first is None or second is None:
        return None
    line = _LINE_END.match(octets, first.end())
    return _LINE_END.sub(b"\r\n", octets[line.end() if line else first.end() : second.start()])
