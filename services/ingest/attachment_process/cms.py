"""What an opaque S/MIME message signs: the content of CMS SignedData (RFC 5652), taken out.

Only the heads of elements are read (DER, and BER's lengths that an end mark says); whether the
signature is worth anything is nobody's question here.
"""

from collections.abc import Iterator

_MOST = 50_000
"""Elements of one kind that are passed over before it is no message."""
_SIGNED_DATA = bytes.fromhex("2a864886f70d010702")
_DATA = bytes.fromhex("2a864886f70d010701")
_STRING, _OID, _PIECES, _SEQUENCE = 0x04, 0x06, 0x24, 0x30
_BY_MARK = 0x80
"""A length that an end mark says; those above say how many octets the length has."""
_LONG = 0x7F


def signed_content(octets: bytes) -> bytes:
    """Returns the content inside a CMS SignedData (opaque S/MIME); b"" when it stands elsewhere.

    The signature is not verified. Raises ValueError when the octets are no SignedData.
    """
    kind, content = _pair(_inside(octets))
    if kind != _SIGNED_DATA:
        raise ValueError
    signed = _inside(_inside(content))
    for tag, value in _elements(signed):
        if tag != _SEQUENCE:  # the first one is what is signed
            continue
        name, held = _pair(value)
        if name != _DATA or not held:
            return b""
        return _octet_string(_inside(held))
    raise ValueError


def _pair(octets: bytes) -> tuple[bytes, bytes]:
    """An object identifier, and the element behind it with its head."""
    found = _elements(octets)
    tag, name = next(found, (0, b""))
    if tag != _OID:
        raise ValueError
    _, end = _head(octets, 0)[1:]
    return name, octets[end:]


def _octet_string(octets: bytes) -> bytes:
    """The octets of a string in one piece or, as streams write it, in many."""
    tag, begin, end = _head(octets, 0)
    content = octets[begin:end]
    if tag == _PIECES:
        return b"".join(value for part, value in _elements(content) if part == _STRING)
    if tag != _STRING:
        raise ValueError
    return content


def _inside(octets: bytes) -> bytes:
    _, begin, end = _head(octets, 0)
    return octets[begin:end]


def _elements(octets: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    for _ in range(_MOST):
        if position + 2 > len(octets):
            return
        tag, begin, end = _head(octets, position)
        if tag == 0 and begin == end:  # the end of a length that was not said
            return
        yield tag, octets[begin:end]
        position = end if octets[position + 1] != _BY_MARK else end + 2


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
