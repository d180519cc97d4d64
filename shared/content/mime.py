"""The raw structure of a foreign mail: its header lines and its leaves, numbered the same for all.

Nothing here raises on any octets. The mail is never written again: what is kept is what came, and
`leaves(octets)[n]` finds attachment `n` of a pli inside it. Measured on 1,887 real mails, the quick
parser refuses 2 % (bad base64, a first line that starts with a space); the standard library's
tolerant parser then reads them, also where the quick one found parts and nothing in them. What
neither reads is one text, as long as something stands there.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from itertools import islice
from typing import TYPE_CHECKING, Protocol, cast

import fast_mail_parser

from shared.content import charsets, mime_fields, uuencode
from shared.content.mail_lines import headers, straighten
from shared.content.transfer import encoding_of, text_in_base64, undone

if TYPE_CHECKING:  # a child that reads files needs nothing of facts, which load pydantic
    from shared.facts.envelope import Digest

_LEAVES = 500
_DEPTH = 40
_HEADER_END = re.compile(rb"\r?\n[ \t]*\r?\n|\r[ \t]*\r")
_DELIMITER = re.compile(rb"^--\S{1,250}[ \t]*\r?$", re.MULTILINE)
_LONG_HEADER = 64 * 1024
_BOUNDARY = b"boundary"
"""In lower case: a search that ignores case looks at each octet, ten times slower."""
_EQUALS = re.compile(rb"\s{0,20}=")
_BOUNDARIES = 1_000
_TOLERATED = 5_000_000
_DELIMITERS = 10_000
_LACKING = 10_000_000
_UUENCODED = frozenset({"x-uuencode", "x-uue", "uuencode", "uue"})
_BY_NAME = {
    "pdf": "application/pdf",
    "doc": "application/msword",
    "rtf": "application/rtf",
    "txt": "text/plain",
    **dict.fromkeys(("jpg", "jpeg"), "image/jpeg"),
    "png": "image/png",
    **dict.fromkeys(("tif", "tiff"), "image/tiff"),
}


@dataclass(frozen=True, slots=True)
class Leaf:
    """A MIME part of an email without children; an attached message is one such part."""

    number: int
    media_type: str
    """Lower case: `text/plain`."""
    charset: str
    """As declared, `""` when nothing was."""
    name: str
    disposition: str
    content_id: str
    method: str
    """`REPORT`, `REQUEST`, `report-type`…: the parameter that text/calendar and reports carry."""
    content: bytes
    encoding: str = ""
    """Its Content-Transfer-Encoding, in lower case."""
    joins_lines: bool = False
    """A blank at the end of its lines joins them and goes (RFC 3676: `delsp=yes`)."""


def leaves(
    octets: bytes, *, unpack: bool = True, straight: bytes | None = None
) -> tuple[Leaf, ...]:
    """Returns the decoded MIME parts (leaves) of an email in order; empty when it is unreadable.

    At most 500 parts, 40 levels deep, are returned. A mail that declares over a thousand boundaries
    counts as unreadable, because parsers overflow their stack at some ten thousand. Files that were
    uuencoded are leaves too, behind all others where they stood in a text; without `unpack` they
    stay as they came. `straight`: what `straighten` made of these octets, where the caller has it.
    """
    octets = straighten(octets) if straight is None else straight
    boundaries = sum(1 for _ in islice(_boundaries(octets.lower()), _BOUNDARIES + 1))
    if boundaries > _BOUNDARIES:
        return ()
    found = _parsed(_slim(octets), boundaries)
    return tuple(_unpacked(found)) if unpack else found


def _boundaries(lowered: bytes) -> Iterator[int]:
    at = lowered.find(_BOUNDARY)
    while at >= 0:
        behind = at + len(_BOUNDARY)
        if _EQUALS.match(lowered, behind):
            yield at
        at = lowered.find(_BOUNDARY, behind)


def _parsed(octets: bytes, boundaries: int) -> tuple[Leaf, ...]:
    quick: tuple[Leaf, ...] = ()
    with suppress(fast_mail_parser.ParseError, ValueError, RecursionError):
        quick = tuple(_fast(octets))
    if _says_something(quick) and not _lacks_something(quick, octets):
        return quick
    tolerant: tuple[Leaf, ...] = ()
    # It asks of each line whether it is one of the boundaries above it, and is slow with each part.
    lines = boundaries * octets.count(b"\n")
    if lines <= _TOLERATED and octets.count(b"\n--") <= _DELIMITERS:
        try:
            brief = mime_fields.briefly_described(octets)
            tolerant = tuple(_tolerant(message_from_bytes(brief)))
        except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
            tolerant = ()
    if _says_something(tolerant):
        return tolerant
    if _says_something(quick):
        return quick
    return _as_one_text(octets) or tolerant or quick


def _lacks_something(found: Sequence[Leaf], octets: bytes) -> bool:
    """Whether the quick parser left out what the other reads: octets that nobody encoded.

    It drops those in quoted-printable, and names letter by letter what stands in two words. A long
    mail is left to it: a few letters are not worth the seconds after which a child is ended.
    """
    if len(octets) > _LACKING:
        return False
    if any("\ufffd" in leaf.name for leaf in found):
        return True
    if not any(leaf.encoding == "quoted-printable" for leaf in found):
        return False
    end = _HEADER_END.search(octets)
    return not octets[0 if end is None else end.end() :].isascii()


def _says_something(found: Sequence[Leaf]) -> bool:
    return any(leaf.content and not leaf.content.isspace() for leaf in found)


def _as_one_text(octets: bytes) -> tuple[Leaf, ...]:
    """Whatever stands below the header, where no parser found a part with anything in it."""
    end = _HEADER_END.search(octets)
    below = octets[end.end() :] if end is not None else b""
    said = _DELIMITER.sub(b"", below).strip()
    return (Leaf(0, "text/plain", "", "", "", "", "", below),) if said else ()


def _unpacked(found: Sequence[Leaf]) -> Iterator[Leaf]:
    behind: list[Leaf] = []
    for leaf in found:
        whole = leaf.encoding in _UUENCODED
        text, files = leaf.content, tuple[uuencode.UuFile, ...]()
        if whole or (leaf.media_type.startswith("text/") and not leaf.name):
            text, files = uuencode.unpack(leaf.content)
        if not files:
            yield leaf
        elif whole:
            yield replace(leaf, content=files[0].content)
        else:
            behind += [_uuencoded(file) for file in files]
            yield replace(leaf, content=text)
    for number, leaf in enumerate(behind, len(found)):
        yield replace(leaf, number=number)


def _uuencoded(file: uuencode.UuFile) -> Leaf:
    name = charsets.text_of(file.name, "")
    media_type = _BY_NAME.get(name.lower().rpartition(".")[2], "application/octet-stream")
    return Leaf(0, media_type, "", name, "attachment", "", "", file.content)


def _slim(octets: bytes) -> bytes:
    """With the fields alone that say what its parts are, where its header is longer than any.

    Parsers read every field, in a time that grows with the square of its words.
    """
    if _HEADER_END.search(octets, 0, _LONG_HEADER) is not None:
        return octets
    end = _HEADER_END.search(octets)
    if end is None:
        return octets[:_LONG_HEADER]
    kept = (
        f"{name}: {value}\r\n".encode("utf-8", "replace")
        for name, value in headers(octets[: end.start()])
        if name.lower().startswith(("content-", "mime-"))
    )
    return b"".join(kept) + b"\r\n" + octets[end.end() :]


def message_digest(message_id: str) -> "Digest | None":
    """Returns the SHA-256 (hex) of a Message-ID as facts hold it: angle brackets stripped first.

    `None` for "".
    """
    bare = message_id.strip().strip("<>")
    found = hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest() if bare else None
    return cast("Digest | None", found)


class _Node(Protocol):
    """What the walk needs of the quick parser's nodes."""

    content_type: str
    headers: dict[str, list[str]]
    filename: str
    content_id: str | None
    disposition: str | None
    is_message: bool

    @property
    def content(self) -> bytes | None: ...

    @property
    def children(self) -> Sequence["_Node"]: ...


def _fast(octets: bytes) -> Iterator[Leaf]:
    root: _Node = fast_mail_parser.parse_email_tree(octets, mode="lazy")
    stack = [(root, 0)]
    number = 0
    while stack and number < _LEAVES:
        node, depth = stack.pop()
        if node.content is None and not node.is_message:
            if depth < _DEPTH:
                stack += [(child, depth + 1) for child in reversed(node.children)]
            continue
        said = {name.lower(): values[0] for name, values in node.headers.items() if values}
        declared = said.get("content-type", "")
        packed = said.get("content-transfer-encoding", "")
        encoding = encoding_of(packed)
        content = node.content or b""
        yield Leaf(
            number=number,
            media_type=mime_fields.media_type(node.content_type),
            charset=mime_fields.parameter(declared, "charset"),
            name=mime_fields.whole_name(node.filename, said),
            disposition=(node.disposition or "").lower(),
            content_id=node.content_id or "",
            method=mime_fields.parameter(declared, "method"),
            # Under another spelling the quick parser leaves it packed.
            content=content if packed.lower() == encoding else undone(content, encoding),
            encoding=encoding,
            joins_lines=mime_fields.joins_lines(declared),
        )
        number += 1


def _tolerant(message: Message) -> Iterator[Leaf]:
    stack = [(message, 0)]
    number = 0
    while stack and number < _LEAVES:
        node, depth = stack.pop()
        payload = node.get_payload()
        if isinstance(payload, list) and node.get_content_maintype() != "message":
            if depth < _DEPTH:
                stack += [
                    (child, depth + 1) for child in reversed(payload) if isinstance(child, Message)
                ]
            continue
        declared = str(node.get("Content-Type", ""))
        torn = node.get_content_maintype() == "multipart"
        if torn and not _content(node).strip():
            continue
        yield Leaf(
            number=number,
            # Parts that no boundary parts are one text: what somebody wrote is shown.
            media_type="text/plain" if torn else mime_fields.media_type(node.get_content_type()),
            charset=mime_fields.parameter(declared, "charset"),
            name=_file_name(node),
            disposition=str(node.get("Content-Disposition", "")).partition(";")[0].strip().lower(),
            content_id=str(node.get("Content-ID", "")).strip("<> "),
            method=mime_fields.parameter(declared, "method"),
            content=_content(node),
            encoding=_encoding(node),
            joins_lines=mime_fields.joins_lines(declared),
        )
        number += 1


def _file_name(node: Message) -> str:
    try:
        return str(node.get_filename("") or "")
    except (ValueError, LookupError, TypeError):
        return ""


def _content(node: Message) -> bytes:
    payload = node.get_payload()
    if isinstance(payload, list):
        # An attached message: the tolerant parser keeps no octets of it, only its tree.
        return b"\n\n".join(child.as_bytes() for child in payload if isinstance(child, Message))
    encoding = _encoding(node)
    if encoding in _UUENCODED:  # Python would decode it without its name
        return str(payload).encode("utf-8", "surrogateescape")
    if encoding == "base64" and node.get_content_maintype() == "text":
        return text_in_base64(str(payload))
    if encoding in {"base64", "quoted-printable"}:
        node.replace_header("Content-Transfer-Encoding", encoding)
    decoded = node.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else str(payload).encode("utf-8", "replace")


def _encoding(node: Message) -> str:
    return encoding_of(str(node.get("Content-Transfer-Encoding", "")))
