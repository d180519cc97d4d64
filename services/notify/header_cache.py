"""Headers of our mails that are the same in many, folded once.

Folding a display name with accents (RFC 2047, 5322 §2.2.3) takes Python's `email` longer than all
the rest of a mail: it tries each word encoded and not. A préfecture has a few dozens of services.
"""

from email.headerregistry import Address
from email.policy import EmailPolicy, Policy
from functools import lru_cache
from typing import Self

SERVICES = 64
"""Names of services that are kept folded."""


class FoldedHeader(str):
    """A header's value with its lines already folded, which package `email` then takes as they are.

    It calls `fold` of any value with a `name`.
    """

    __slots__ = ("_lines",)
    _lines: str
    name = "From"

    @classmethod
    def of(cls, value: str, lines: str) -> Self:
        """Makes the header from its value and its lines."""
        made = cls(value)
        made._lines = lines
        return made

    def fold(self, *, policy: Policy) -> str:
        """Returns the lines of the header, folded by the policy that it was made for."""
        del policy
        return self._lines


@lru_cache(maxsize=SERVICES)
def from_header(author: str, mailbox: str, policy: EmailPolicy) -> FoldedHeader:
    """Makes the From header of a service, whose name may have accents."""
    value = policy.header_factory("From", Address(display_name=author, addr_spec=mailbox))
    return FoldedHeader.of(value, value.fold(policy=policy))
