"""Copies of a letter by mail: to whom it goes besides its addressee, as its author wrote it."""

import re
from collections.abc import Collection
from typing import Final

from shared.content.addresses import UnusableAddress, one_address
from shared.errors import Refused

MOST_COPIES: Final = 10
_PART: Final = re.compile(r'(?:"[^"\n]*"|[^,;\n])+')
_NAMED: Final = re.compile(r"[^<>]*<([^<>]*)>\s*")


def read_copies(text: str, addressee: str, watched: Collection[str]) -> tuple[str, ...]:
    """Reads addresses parted by commas, semicolons or line ends; each once, in their order.

    A name before an address in angle brackets is left out, with its commas where it is in quotes,
    and so is the `addressee`, who has the letter. `watched`: addresses of mailboxes that the
    register reads, in lower case.

    Raises Refused for what is no address, or one that not every server takes (RFC 6531), for a
    watched one, and for more than ten.
    """
    found = dict[str, str]()
    for part in filter(None, map(str.strip, _PART.findall(text))):
        named = _NAMED.fullmatch(part)
        given = (named[1] if named else part).strip()
        try:
            address = one_address(given)
        except UnusableAddress:
            address = ""
        if not address or not address.isascii():
            raise Refused(f"{given!r} is no address.", "letter-copy-address", address=given)
        if address.lower() in watched:
            raise Refused(
                f"{given!r} is a mailbox that the register reads.",
                "letter-copy-watched",
                address=given,
            )
        found.setdefault(address.lower(), address)
    found.pop(addressee.strip().lower(), None)
    if len(found) > MOST_COPIES:
        raise Refused(
            f"A letter has at most {MOST_COPIES} copies.", "letter-copies-many", most=MOST_COPIES
        )
    return tuple(found.values())
