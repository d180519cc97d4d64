"""Headers of our mails that need no parsing: the same in many and folded once, or plain.

Folding a display name with accents (RFC 2047, 5322 §2.2.3) takes Python's `email` longer than all
the rest of a mail: it tries each word encoded and not. A préfecture has a few dozens of services.
"""

from collections.abc import Sequence
from email.headerregistry import Address
from email.policy import EmailPolicy
from functools import lru_cache
from typing import Final

END: Final = "\r\n"
"""Of each line of a mail."""
LONGEST = 78
"""Signs of a line, where it can be folded (RFC 5322 §2.1.1)."""
SERVICES = 64
"""Names of services that are kept folded."""
_WORD = 75
"""Signs of an encoded word at most (RFC 2047 §2)."""
_PLAIN = frozenset("0123456789!*+-/abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""What stands for itself in an encoded word, wherever it stands (RFC 2047 §5)."""


def header(name: str, *words: str) -> str:
    """Writes a header whose words are plain and need no encoding, folded between words if at all.

    Its lines are ended by CRLF.
    """
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + len(word) >= LONGEST and lines[-1] != f"{name}:":
            lines.append("")
        lines[-1] += f" {word}"
    return f"{END.join(lines)}{END}"


def encoded_words(line: str) -> Sequence[str]:
    """Returns the words of a line, what needs it encoded (RFC 2047), for `header` to fold.

    From the first word with an accent to the last one, all is encoded: a space between two encoded
    words is not shown.
    """
    words = line.split(" ")
    odd = [at for at, word in enumerate(words) if not word.isascii() or "=?" in word]
    if not odd:
        return words
    made = [""]
    for sign in " ".join(words[odd[0] : odd[-1] + 1]):
        quoted = sign if sign in _PLAIN else _quoted(sign)
        if len(made[-1]) + len(quoted) > _WORD - len("=?utf-8?q??="):
            made.append("")
        made[-1] += quoted
    return [*words[: odd[0]], *(f"=?utf-8?q?{word}?=" for word in made), *words[odd[-1] + 1 :]]


def _quoted(sign: str) -> str:
    octets = sign.encode("utf-8", "replace")
    return "_" if sign == " " else "".join(f"={octet:02X}" for octet in octets)


@lru_cache(maxsize=SERVICES)
def from_header(author: str, mailbox: str, policy: EmailPolicy) -> str:
    """Writes the From header of a service, whose name may have accents."""
    value = policy.header_factory("From", Address(display_name=author, addr_spec=mailbox))
    return str(value.fold(policy=policy))


@lru_cache(maxsize=SERVICES)
def address_of(mailbox: str) -> str:
    """Writes the address of a service, which `email` parses, as a header has it."""
    return str(Address(addr_spec=mailbox))
