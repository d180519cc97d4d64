"""All that is ever read of a mail's octets: what comes after looks at this alone.

It runs in a child process (services/ingest/mail_parser.py), because a stranger chose every octet.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

from services.ingest.domain.bounces import signs
from services.ingest.domain.mail import Mail, UnreadableMail, parse_parts, read
from shared.content.mime import Leaf

_MOST_INNER = 10
"""Attached messages that are read: the first one by a stranger is whom a colleague passes on."""


def read_whole(octets: bytes) -> Mail | UnreadableMail:
    """Parses an email, the messages attached to it, and the signs of a delivery report in it."""
    mail, machine = parse_parts(octets)
    if isinstance(mail, UnreadableMail):
        return mail
    inner = tuple(islice(_inner(machine), _MOST_INNER))
    return replace(mail, inner=inner, signs=signs(mail, machine, octets))


def read_plainly(octets: bytes) -> Mail | UnreadableMail:
    """Parses an email without slow parts: HTML is not parsed, old bounces not recognised."""
    mail, machine = parse_parts(octets, plainly=True)
    if isinstance(mail, UnreadableMail):
        return mail
    return replace(mail, signs=signs(mail, machine, octets, shapes=False))


def _inner(machine: Sequence[Leaf]) -> Iterator[Mail]:
    attached = (leaf for leaf in machine if leaf.media_type == "message/rfc822")
    for leaf in islice(attached, _MOST_INNER):
        mail = read(leaf.content)
        if isinstance(mail, Mail):
            yield replace(mail, whole_text="", quoted="", html="")
