"""The lines of a foreign mail, made straight before its parsers see them, and its header fields.

Habits of old programs end a header or hide a body from every parser: lines that end in a bare
carriage return, empty lines above the header, a folded header line that is nothing but white space,
and a line amid the header that is no field. What is kept is never changed: only what is read.
"""

import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from itertools import islice

from shared.content import charsets

_BARE_RETURN = re.compile(rb"\r(?!\n)")
_WHITE_LINE = re.compile(rb"\n[ \t]+(?=\r?\n)")
_STRANGE_LINE = re.compile(rb"^(?![!-9;-~]{1,100}[ \t]*:|[ \t\r\n])[^\n]*\n", re.MULTILINE)
_FURTHER = re.compile(rb"(?:\r?\n[ \t]+(?=\r?\n)){0,20}\r?\n")
_FIELD = re.compile(r"^([!-9;-~]{1,100})[ \t]*:[ \t]*(.*)$", re.DOTALL)
_FIELD_NAME = re.compile(rb"([!-9;-~]{1,100})[ \t]*:")
_NEWLINE = re.compile(rb"\r\n|\n|\r")
_HEADERS = 1_000
_HEADER_BYTES = 512 * 1024
_MOST_WHITE = 200
_COMMON = frozenset(
    {
        *(b"from", b"to", b"cc", b"bcc", b"subject", b"date", b"sender", b"received", b"mime"),
        *(
            b"message-id",
            b"references",
            b"organization",
            b"importance",
            b"priority",
            b"sensitivity",
        ),
    }
)


def headers(octets: bytes, straight: bytes | None = None) -> tuple[tuple[str, str], ...]:
    """Returns the header fields of an email: name and unfolded raw value, the topmost first.

    Lines that are no field (mbox `From `, noise) are skipped, as mail servers do. `straight`: what
    `straighten` made of these octets, where the caller has it.
    """
    if straight is None or len(octets) > _HEADER_BYTES:
        straight = straighten(octets[:_HEADER_BYTES])
    fields: list[tuple[str, list[str]]] = []
    for line in _lines(straight):
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
    return charsets.text_of(line, "")


def straighten(octets: bytes) -> bytes:
    """Repairs the line ends and the header's end of an email, so that every parser finds them.

    Usually it is unchanged. Bare carriage returns become line ends, and go where most lines end in
    two of them and a line feed, as a mail that was copied as text has them; empty lines above the
    header, white folded lines and strange lines amid it go.
    """
    if _BARE_RETURN.search(octets) is not None:
        octets = _with_whole_line_ends(octets)
    begun = octets.removeprefix(BOM_UTF8).lstrip(b"\r\n")
    return _without_strange_lines(_without_white_lines(begun))


def _with_whole_line_ends(octets: bytes) -> bytes:
    if 2 * octets.count(b"\r\r\n") > octets.count(b"\n"):
        octets = octets.replace(b"\r\r\n", b"\r\n")
    if octets.count(b"\r") - octets.count(b"\r\n") > octets.count(b"\n"):
        octets = _BARE_RETURN.sub(b"\r\n", octets)
    return octets


def _without_strange_lines(octets: bytes) -> bytes:
    """Without the lines between two fields that are neither a field nor the rest of one."""
    head = octets[: _head_ends(octets)[0] + 1]
    strange = tuple(
        found
        for found in islice(_STRANGE_LINE.finditer(head), _MOST_WHITE)
        if _goes_on(head, found.end())
    )
    if not strange:
        return octets
    pieces, kept = list[bytes](), 0
    for found in strange:
        pieces.append(octets[kept : found.start()])
        kept = found.end()
    return b"".join([*pieces, octets[kept:]])


def _without_white_lines(octets: bytes) -> bytes:
    head = octets[: _head_ends(octets)[1]]
    pieces, kept = list[bytes](), 0
    for found in islice(_WHITE_LINE.finditer(head), _MOST_WHITE):
        if not _goes_on(octets, found.end()):
            # It is the header's end, which the parsers know as an empty line alone.
            pieces.append(octets[kept : found.start() + 1])
            kept = found.end()
            break
        pieces.append(octets[kept : found.start()].removesuffix(b"\r"))
        kept = found.end()
    return b"".join([*pieces, octets[kept:]]) if pieces else octets


def _head_ends(octets: bytes) -> tuple[int, int]:
    """Where the empty line begins and ends that ends a header: before its line end, and behind."""
    at = octets.find(b"\n\r\n", 0, _HEADER_BYTES)  # as nearly every server writes it
    bare = octets.find(b"\n\n", 0, _HEADER_BYTES if at < 0 else at)
    at = bare if bare >= 0 else at
    if at < 0:
        return _HEADER_BYTES, _HEADER_BYTES
    behind = octets.index(b"\n", at + 1) + 1
    return (at - 1 if octets[at - 1 : at] == b"\r" else at), behind


def _goes_on(octets: bytes, at: int) -> bool:
    """Whether what follows a white line is more of the header: a folded line, or a field's name."""
    further = _FURTHER.match(octets, at)
    line = octets[at if further is None else further.end() :][:1_000]
    if line[:1] in {b" ", b"\t"}:
        return bool(line.partition(b"\n")[0].strip())
    found = _FIELD_NAME.match(line)
    if found is None:
        return False
    name = found[1].lower()
    return name in _COMMON or b"-" in name
