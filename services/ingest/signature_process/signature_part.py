"""What a signed mail signs: the octets of its first part as they came, or what its envelope holds.

They are not decoded: a signature covers the very octets, with line ends of CR LF. But a reader sees
what parsers make of the mail, so what was signed counts only where it is all that they show.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from shared.content.mail_lines import headers
from shared.content.mime import Leaf, leaves

_BOUNDARY = re.compile(r";\s*boundary\s*=\s*(?:\"([^\"]{1,200})\"|([^;\s]{1,200}))", re.IGNORECASE)
_HEADER_END = re.compile(rb"\r?\n(?=\r?\n)")
_LINE_END = re.compile(rb"\r?\n|\r")
_DETACHED = ("pkcs7-signature", "x-pkcs7-signature")
_OPAQUE = ("pkcs7-mime", "x-pkcs7-mime")
_A_FIELD = b"MIME-Version: 1.0\r\n"
"""Above a part, whose own header may be empty and would be looked for in its text."""


@dataclass(frozen=True, slots=True)
class SignedPart:
    """The envelope of a mail's S/MIME signature, and what it signs in clear."""

    envelope: bytes
    clear: bytes | None
    """`None`: it could not be found, or is not all that a reader of the mail is shown."""
    is_opaque: bool = False
    """The mail is nothing but its envelope, and what was signed stands inside."""


def signed_part(octets: bytes) -> SignedPart | None:
    """Finds the S/MIME envelope of a mail that declares one for the whole; `None`: it has none."""
    declared = next((v for name, v in headers(octets) if name.lower() == "content-type"), "")
    parts = leaves(octets, unpack=False)
    if not declared.lower().lstrip().startswith("multipart/"):
        if not parts:
            return None
        alone = len(parts) == 1 and parts[0].media_type.endswith(_OPAQUE)
        return SignedPart(parts[0].content, None, is_opaque=alone)
    envelope = next((leaf for leaf in parts if leaf.media_type.endswith(_DETACHED)), None)
    if envelope is None:
        return None
    named = _BOUNDARY.search(declared)
    clear = None if named is None else _first_part(octets, (named[1] or named[2]).encode())
    if clear is None or not _shows_the_same(parts, (*_leaves_of(clear), envelope)):
        return SignedPart(envelope.content, None)
    return SignedPart(envelope.content, clear)


def _leaves_of(part: bytes) -> tuple[Leaf, ...]:
    return leaves(_A_FIELD + part, unpack=False)


def _shows_the_same(shown: Sequence[Leaf], signed: Sequence[Leaf]) -> bool:
    """Whether these parts are one another in each word and octet; line ends may be of two kinds."""
    return len(shown) == len(signed) and all(
        one == other or _by_line_ends(one) == _by_line_ends(other)
        for one, other in zip(shown, signed, strict=True)
    )


def _by_line_ends(leaf: Leaf) -> Leaf:
    return replace(leaf, content=_LINE_END.sub(b"\r\n", leaf.content))


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
