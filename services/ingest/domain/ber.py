"""Elements of ASN.1 as BER writes them (X.690): only their heads are read.

Lengths that are said and lengths that an end mark says are both read, since programs that stream
write the latter. A length beyond the octets ends with them. Malformed octets raise ValueError or
IndexError.
"""

from collections.abc import Iterator
from dataclasses import dataclass

_MOST = 50_000
"""Elements of one kind that are passed over before it is no message."""
STRING, OID, PIECES, SEQUENCE, SET = 0x04, 0x06, 0x24, 0x30, 0x31
_BY_MARK = 0x80
"""A length that an end mark says; those above say how many octets the length has."""
_LONG = 0x7F


@dataclass(frozen=True, slots=True)
class Element:
    """An element of ASN.1: its tag, its content, and all of its octets with the head."""

    tag: int
    value: bytes
    whole: bytes


def elements(octets: bytes) -> Iterator[Element]:
    """Yields the ASN.1 elements that octets consist of, until their end or an end mark."""
    position = 0
    for _ in range(_MOST):
        if position + 2 > len(octets):
            return
        tag, begin, end = _head(octets, position)
        if tag == 0 and begin == end:  # the end of a length that was not said
            return
        behind = end if octets[position + 1] != _BY_MARK else end + 2
        yield Element(tag, octets[begin:end], octets[position:behind])
        position = behind


def inside(octets: bytes) -> bytes:
    """Returns the content of the first ASN.1 element in octets, without its head."""
    _, begin, end = _head(octets, 0)
    return octets[begin:end]


def pair(octets: bytes) -> tuple[bytes, bytes]:
    """Splits octets into the object identifier at their start (its content) and what follows it.

    Raises ValueError when none stands there.
    """
    if not octets or octets[0] != OID:
        raise ValueError
    _, begin, end = _head(octets, 0)
    return octets[begin:end], octets[end:]


def octet_string(octets: bytes) -> bytes:
    """Returns the content of an ASN.1 octet string, joined where it is written in several parts.

    Raises ValueError for another element.
    """
    tag, begin, end = _head(octets, 0)
    content = octets[begin:end]
    if tag == PIECES:
        return b"".join(part.value for part in elements(content) if part.tag == STRING)
    if tag != STRING:
        raise ValueError
    return content


def as_set(content: bytes) -> bytes:
    """Encodes a content as an ASN.1 SET, by the rules of DER."""
    size = len(content)
    if size <= _LONG:
        return bytes((SET, size)) + content
    length = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes((SET, _BY_MARK | len(length))) + length + content


def _head(octets: bytes, at: int) -> tuple[int, int, int]:
    """Tag of the element at a place, where its content begins, and where it ends."""
    tag, length = octets[at], octets[at + 1]
    if length < _BY_MARK:
        return tag, at + 2, min(at + 2 + length, len(octets))
    if length == _BY_MARK:
        return tag, at + 2, _end_mark(octets, at + 2)
    many = length & _LONG
    begin = at + 2 + many
    return tag, begin, min(begin + int.from_bytes(octets[at + 2 : begin]), len(octets))


def _end_mark(octets: bytes, at: int) -> int:
    """Where the content ends that an end mark closes; its elements are passed over."""
    for _ in range(_MOST):
        if at + 2 > len(octets) or octets[at : at + 2] == b"\0\0":
            return min(at, len(octets))
        indefinite = octets[at + 1] == _BY_MARK
        at = _head(octets, at)[2] + (2 if indefinite else 0)
    raise ValueError
