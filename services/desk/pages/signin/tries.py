"""Wrong passwords of the local account, by the address that typed them.

A stranger who types wrong ones shuts nobody else out: each address has its own five tries, and when
many addresses try at once each new one has fewer, never none. An address is never kept: a digest
under a key that only this process knows counts, in memory, for as long as a window lasts.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from shared.web.guards import household

WINDOW: Final = timedelta(minutes=5)
EACH: Final = 5
"""Tries of one address in a window."""
CROWD: Final = 50
"""Wrong passwords of everybody in a window, after which an address has one try."""
_MOST_KNOWN: Final = 20_000


@dataclass
class Tries:
    """A rate limit on passwords: counts wrong ones by network address and time window."""

    _began: datetime | None = None
    _key: bytes = b""
    _wrong: dict[bytes, int] = field(default_factory=dict)

    def may(self, address: str | None, now: datetime) -> bool:
        """Returns whether a password from this network address may be checked now."""
        self._turn(now)
        allowed = EACH if sum(self._wrong.values()) < CROWD else 1
        return self._wrong.get(self._digest(address), 0) < allowed

    def count_wrong(self, address: str | None, now: datetime) -> None:
        """Counts a wrong password from this network address."""
        self._turn(now)
        digest = self._digest(address)
        if digest in self._wrong or len(self._wrong) < _MOST_KNOWN:
            self._wrong[digest] = self._wrong.get(digest, 0) + 1

    def _turn(self, now: datetime) -> None:
        if self._began is None or not self._began <= now < self._began + WINDOW:
            self._began, self._key, self._wrong = now, secrets.token_bytes(32), {}

    def _digest(self, address: str | None) -> bytes:
        return hmac.digest(self._key, household(address or "").encode(), "sha256")
