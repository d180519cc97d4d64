"""An e-mail address that somebody gave: one, usable, or none."""

import re
from typing import Final

from shared.errors import PermanentFailure

CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
"""What could end a header, or show it in another order than it reads."""
_ONE_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@[^\s@<>,;:\"()\[\]\\]{1,189}")

_DECODED = re.compile(rf"{CONTROL.pattern}|=\?")
"""What no header may be given: `=?` begins an encoded word (RFC 2047), which whoever folds or
shows a header decodes, line ends and all. No mailbox is named so."""
_CORRECT_IT = "The sender gave no usable address: correct it at the desk."


class UnusableAddress(PermanentFailure):
    """Raised when a text given as an email address is none, or holds several."""


def one_address(text: str) -> str:
    """Checks that a text is one email address, and returns it with an ASCII domain (IDNA).

    Raises UnusableAddress.
    """
    local, _, domain = text.strip().rpartition("@")
    try:
        ascii_domain = domain if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError as error:
        raise UnusableAddress(_CORRECT_IT) from error
    address = f"{local}@{ascii_domain}"
    # Also as it travels: IDNA makes a comma of a full-width one.
    if not (_is_one(text.strip()) and _is_one(address)):
        raise UnusableAddress(_CORRECT_IT)
    return address


def _is_one(text: str) -> bool:
    return bool(_ONE_ADDRESS.fullmatch(text)) and not _DECODED.search(text)
