"""The raw structure of a foreign mail: its header lines and its leaves, numbered the same for all.

Nothing here raises on any octets. The mail is never written again: what is kept is what came, and
`leaves(octets)[n]` finds attachment `n` of a pli inside it. Measured on 1,887 real mails, the quick
parser refuses 2 % (bad base64, a first line that starts with a space); the standard library's
tolerant parser then reads them, and what neither reads has no leaves.
"""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from itertools import islice
from typing import Protocol

import fast_mail_parser

from shared.facts.envelope import Digest

_HEADER_BYTES = 512 * 1024
_HEADERS = 1_000
_LEAVES = 500
_DEPTH = 40
_FIELD = re.compile(r"^([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)$", re.DOTALL)
_HEADER_END = re.compile(rb"\r?\n[ \t]*\r?\n|\r[ \t]*\r")
_LONG_HEADER = 64 * 1024
_BOUNDARY = re.compile(rb"boundary\s{0,20}=")
"""In lower case: a search that ignores case looks at each octet, ten times slower."""
_BOUNDARIES = 1_000
_TOLERATED = 5_000_000
_NEWLINE = re.compile(rb"\r\n|\n|\r")


@dataclass(frozen=True, slots=True)
class Leaf:
    """A MIME part of a mail without children; an attached message is one such part."""

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


def headers(octets: bytes) -> tuple[tuple[str, str], ...]:
    """Returns the header fields of a mail: name and unfolded raw value, the topmost first.

    Lines that are no field (mbox `From `, noise) are skipped, as mail servers do.
    """
    fields: list[tuple[str, list[str]]] = []
    for line in _lines(octets[:_HEADER_BYTES]):
        if line.startswith((" ", "\t")):
            if fields:
                fields[-1][1].append(line.strip())
            continue
        found = _FIELD.match(line)
        if found is None:
            continue
        if len(fields) == _HEADERS:
            break
        fields.append((found[1], [found[2].strip()]))
    return tuple((name, " ".join(lines)) for name, lines in fields)


def _lines(block: bytes) -> Iterator[str]:
    started = False
    position = 0
    for found in _NEWLINE.finditer(block):
        line = block[position : found.start()]
        position = found.end()
        if not line.strip():
            if started:
                return
            continue
        started = True
        yield _raw(line)
    if position < len(block):
        yield _raw(block[position:])


def _raw(line: bytes) -> str:
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return line.decode("cp1252", errors="replace")


def leaves(octets: bytes) -> tuple[Leaf, ...]:
    """Returns the decoded MIME parts (leaves) of a mail in order; empty when it is unreadable.

    At most 500 parts, 40 levels deep, are returned. A mail that declares over a thousand boundaries
    counts as unreadable, because parsers overflow their stack at some ten thousand.
    """
    boundaries = sum(1 for _ in islice(_BOUNDARY.finditer(octets.lower()), _BOUNDARIES + 1))
    if boundaries > _BOUNDARIES:
        return ()
    octets = _slim(octets)
    try:
        if found := tuple(_fast(octets)):
            return found
    except (fast_mail_parser.ParseError, ValueError, RecursionError):
        pass
    # It asks of each line whether it is one of the boundaries above it.
    if boundaries * octets.count(b"\n") > _TOLERATED:
        return ()
    try:
        return tuple(_tolerant(message_from_bytes(octets)))
    except (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return ()


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


def message_digest(message_id: str) -> Digest | None:
    """Returns the SHA-256 of a Message-ID without angle brackets, as facts have it.

    `None` for "".
    """
    bare = message_id.strip().strip("<>")
    return Digest(hashlib.sha256(bare.encode("utf-8", "replace")).hexdigest()) if bare else None


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
        declared = next(
            (v[0] for k, v in node.headers.items() if k.lower() == "content-type" and v), ""
        )
        yield Leaf(
            number=number,
            media_type=node.content_type.lower(),
            charset=_parameter(declared, "charset"),
            name=node.filename,
            disposition=(node.disposition or "").lower(),
            content_id=node.content_id or "",
            method=_parameter(declared, "method"),
            content=node.content or b"",
        )
        number += 1


def _parameter(value: str, name: str) -> str:
    found = re.search(rf";\s*{name}\s*=\s*\"?([^\";\s]{{1,60}})", value, re.IGNORECASE)
    return found[1] if found else ""


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
            media_type="text/plain" if torn else node.get_content_type(),
            charset=_parameter(declared, "charset"),
            name=_file_name(node),
            disposition=str(node.get("Content-Disposition", "")).partition(";")[0].strip().lower(),
            content_id=str(node.get("Content-ID", "")).strip("<> "),
            method=_parameter(declared, "method"),
            content=_content(node),
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
    decoded = node.get_payload(decode=True)
    return decoded if isinstance(decoded, bytes) else str(payload).encode("utf-8", "replace")
