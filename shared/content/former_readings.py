"""What a mail's parts were when older programs read them: their digests are in plis of then.

They kept a part packed whose transfer encoding was spelled oddly, and asked another parser than is
asked today (`mime.py`). Contents alone are read here: the rest of a part stands in its pli.
"""

from collections.abc import Iterator
from contextlib import suppress
from email import message_from_bytes
from email.errors import MessageError
from itertools import islice

import fast_mail_parser

from shared.content.mail_lines import straighten
from shared.content.mime import leaves

_PARTS = 500
_BOUNDARIES = 1_000
_LINES = 5_000_000
"""Of lines and boundaries, multiplied: the tolerant parser asks of each line whether it is one."""
_TORN = (MessageError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
"""What Python's parser raises on mails that are none."""


def contents(octets: bytes) -> Iterator[bytes]:
    """Yields the decoded content of each part of an email, also as older programs decoded it.

    Digests that these stored can thus still be found.
    """
    for unpack in (True, False):
        yield from (leaf.content for leaf in leaves(octets, unpack=unpack))
    octets = straighten(octets)
    boundaries = octets.lower().count(b"boundary")
    if boundaries <= _BOUNDARIES:
        with suppress(fast_mail_parser.ParseError, ValueError, RecursionError):
            yield from islice(_quick(octets), _PARTS)
        if boundaries * octets.count(b"\n") <= _LINES:
            with suppress(*_TORN):
                yield from islice(_tolerant(octets), _PARTS)


def _quick(octets: bytes) -> Iterator[bytes]:
    nodes = [fast_mail_parser.parse_email_tree(octets, mode="lazy")]
    while nodes:
        node = nodes.pop()
        nodes += node.children
        if node.content is not None:
            yield node.content


def _tolerant(octets: bytes) -> Iterator[bytes]:
    for node in message_from_bytes(octets).walk():
        content = None if node.is_multipart() else node.get_payload(decode=True)
        if isinstance(content, bytes):
            yield content
