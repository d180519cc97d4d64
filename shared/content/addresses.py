"""An e-mail address that somebody gave: one, usable, or none."""

import re
from typing import Final

from shared.errors import PermanentFailure

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What could end a header, or show it in another order than it reads."""
_ONE_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,189}")


class UnusableAddress(PermanentFailure):
    """Raised when a text given as an email address is none, or holds several."""


def one_address(text: str) -> str:
    """Checks that a text is one email address, and returns it with an ASCII domain (IDNA).

    Raises UnusableAddress.
    """
    text = text.strip()
    if not _ONE_ADDRESS.fullmatch(text) or CONTROL.search(text):
        raise UnusableAddress("The sender gave no usable address: correct it at the desk.")
    local, _, domain = text.rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise UnusableAddress(
            "The sender gave no usable address: correct it at the desk."
        ) from error
    return f"{local}@{ascii_domain}"
