"""Headers of our mails that need no parsing: the same in many and folded once, or plain.

Folding a display name with accents (RFC 2047, 5322 §2.2.3) takes Python's `email` longer than all
the rest of a mail: it tries each word encoded and not. A préfecture has a few dozens of services.
"""

from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import EmailPolicy, Policy
from functools import lru_cache
from typing import Self

LONGEST = 78
"""Signs of a line, where it can be folded (RFC 5322 §2.1.1)."""
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


def ready(message: EmailMessage, name: str, *words: str) -> None:
    """Adds a header whose words are plain and need no encoding, folded between words if at all.

    Package `email` would parse it to know that, and again when it is written.
    """
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + len(word) >= LONGEST and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    end = message.policy.linesep
    message.set_raw(name, FoldedHeader.of(" ".join(words), f"{end.join(lines)}{end}"))


@lru_cache(maxsize=SERVICES)
def from_header(author: str, mailbox: str, policy: EmailPolicy) -> FoldedHeader:
    """Makes the From header of a service, whose name may have accents."""
    value = policy.header_factory("From", Address(display_name=author, addr_spec=mailbox))
    return FoldedHeader.of(value, value.fold(policy=policy))
