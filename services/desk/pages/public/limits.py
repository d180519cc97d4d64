"""How often the form may be sent: from one address, and by everybody together.

An address is never kept: a digest under a key that only this process knows and that lives ten
minutes counts, in memory. A library or a Point d'Appui Numérique has many people behind one
address, so the bound is wide; who meets it is told the other ways to write to us.
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address

WINDOW = timedelta(minutes=10)
FROM_ONE = 10
FROM_ALL = 200
_MOST_KNOWN = 20_000


@dataclass
class Limits:
    """Counts one window after the other; each begins with a new key and nothing known."""

    _began: datetime | None = None
    _key: bytes = b""
    _seen: dict[bytes, int] = field(default_factory=dict)

    def another(self, address: str | None, now: datetime) -> bool:
        """Notes a sending; whether this address may send it. This machine itself always may."""
        if self._began is None or not self._began <= now < self._began + WINDOW:
            self._began, self._key, self._seen = now, secrets.token_bytes(32), {}
        if address is None or _here(address):
            return True
        digest = hmac.digest(self._key, network(address).encode(), "sha256")
        if digest not in self._seen and len(self._seen) >= _MOST_KNOWN:
            return False
        self._seen[digest] = self._seen.get(digest, 0) + 1
        return self._seen[digest] <= FROM_ONE


def _here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def network(address: str) -> str:
    """One household: an IPv4 address, or the /64 of an IPv6 one."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    return str(found) if found.version == 4 else found.exploded[:19]  # noqa: PLR2004  (the version)
