"""The site's secret, those it replaced, and the one that makes pseudonyms.

What is signed with a secret lives on without us, in mailboxes and on paper: when the secret is
replaced, the former one goes on proving what it signed until its own last day, and no longer. From
the first rotation on a signature begins with its key's id, three letters that say which secret made
it; before it there was one secret, and none was said.

Pseudonyms are not signatures: two messages of one correspondent must meet whatever happened in
between, and facts that hold them are never rewritten. So they keep the secret that they began with.
"""

import base64
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, Self

_KEY_ID, _MAC = 3, 10  # letters of base32: 50 bits of MAC, no one guesses that by mail
SIGNATURE: Final = "(?:[A-Z2-7]{3})?[A-Z2-7]{10}"
"""The pattern of a signature, with or without its key's id; either case."""
_SIGNATURE = re.compile(SIGNATURE, re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SiteKeys:
    """The secrets of a site, by which it signs and makes pseudonyms: current and replaced ones."""

    secret: bytes = field(repr=False)
    former: tuple[tuple[bytes, date], ...] = field(default=(), repr=False)
    """Replaced secrets, each with the last local day on which its signatures are believed."""
    first: bytes | None = field(default=None, repr=False)
    """What makes pseudonyms once the secret was replaced; `None`: it never was."""

    def on(self, today: date) -> Self:
        """Returns the secrets that are valid on a local day: without replaced ones that ended."""
        alive = tuple(pair for pair in self.former if today <= pair[1])
        return self if alive == self.former else replace(self, former=alive)

    @property
    def id(self) -> str:
        """The id of the current secret, which names it and tells nothing of it."""
        return key_id(self.secret)

    def ended_ids(self, today: date) -> tuple[str, ...]:
        """Returns the ids of former secrets whose last local day is over."""
        return tuple(key_id(secret) for secret, until in self.former if until < today)

    def sign(self, purpose: str, text: str) -> str:
        """Computes a text's signature (MAC) for one purpose by the current secret, in capitals."""
        mac = _mac(self.secret, purpose, text)
        return mac if self.first is None else key_id(self.secret) + mac

    def verify(self, purpose: str, text: str, signature: str) -> bool:
        """Whether a text's signature was made by the current secret or a former one given here."""
        if not _SIGNATURE.fullmatch(signature):
            return False
        named, mac = signature[:-_MAC].upper(), signature[-_MAC:].upper()
        return any(
            hmac.compare_digest(_mac(secret, purpose, text), mac)
            for secret in self._all()
            if not named or named == key_id(secret)
        )

    def pseudonym(self, purpose: str, text: str) -> str:
        """Computes the pseudonym of a text: a keyed digest (hex) that no rotation changes."""
        return _digest(self.first or self.secret, purpose, text)

    def digest(self, purpose: str, text: str) -> str:
        """Computes the keyed digest (hex) of a text for one purpose by the current secret."""
        return _digest(self.secret, purpose, text)

    def verify_digest(self, purpose: str, text: str, digest: str) -> bool:
        """Whether a keyed digest of a text was made by the current secret, or by a former one."""
        return any(
            hmac.compare_digest(_digest(secret, purpose, text), digest) for secret in self._all()
        )

    def derive(self, purpose: str, text: str, made_by: str) -> bytes | None:
        """Derives 32 octets from the secret with this id; `None`: it is not here (any more).

        The first secret, which pseudonyms keep, goes on deriving what it derived.
        """
        for secret in (*self._all(), *(() if self.first is None else (self.first,))):
            if key_id(secret) == made_by:
                return hmac.digest(secret, f"derived:{purpose}\n{text}".encode(), "sha256")
        return None

    def _all(self) -> Iterable[bytes]:
        return (self.secret, *(secret for secret, _ in self.former))


def _mac(secret: bytes, purpose: str, text: str) -> str:
    mac = hmac.new(secret, f"{purpose}\n{text}".encode(), "sha256").digest()
    return base64.b32encode(mac[:_MAC]).decode()[:_MAC]


def _digest(secret: bytes, purpose: str, text: str) -> str:
    # `hmac.digest` would let other threads run, and then wait for its turn again.
    return hmac.new(secret, f"pseudonym:{purpose}\n{text}".encode(), "sha256").hexdigest()


def key_id(secret: bytes) -> str:
    """Returns the three letters that say which secret made a signature; they tell nothing of it."""
    return base64.b32encode(hmac.digest(secret, b"key id", "sha256")).decode()[:_KEY_ID]
