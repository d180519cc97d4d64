"""How often the form may be sent: by one address, by its network, and by everybody together.

An address is never kept: a digest under a key that only this process knows and that lives ten
minutes counts, in memory. A library or a Point d'Appui Numérique has many people behind one
address, so the bound is wide; who meets it is told the other ways to write to us. When everybody
together reaches theirs, who has sent nothing yet may still send once: a crowd of a few addresses
closes the form to itself alone.
"""

import hmac
import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from typing import Final

from shared.facts.envelope import Digest
from shared.web.guards import household, network

WINDOW: Final = timedelta(minutes=10)
FROM_ONE: Final = 10
"""Messages of one household: an IPv4 address, or the /64 of an IPv6 one."""
FROM_NETWORK: Final = 40
"""Of a whole network: the /24 of an IPv4 address, the /48 of an IPv6 one."""
FROM_NETWORK_CROWDED: Final = 4
FROM_ALL: Final = 200
TRIES: Final = 3
"""So many times more may be tried than kept: what is refused costs work as well."""
AT_ONCE: Final = 4
"""Messages of one household that may be on their way at the same time."""
UNNAMED_AT_ONCE: Final = 40
"""And of whoever has no address of their own here, all together."""
OF_ONE_LETTER: Final = 10
"""What may be added to one letter in a day: whoever has its code could bury whoever reads it."""
_MOST_KNOWN: Final = 20_000


@dataclass
class Limits:
    """The rate limits of the public form: counts messages by address and network per window."""

    _began: datetime | None = None
    _key: bytes = b""
    _kept: Counter[bytes] = field(default_factory=Counter)
    _tried: Counter[bytes] = field(default_factory=Counter)
    _coming: Counter[str] = field(default_factory=Counter)

    def try_(self, address: str | None, now: datetime) -> bool:
        """Counts an attempt to send the form, before it is read; returns whether it is allowed."""
        if (of := self._of(address, now)) is None:
            return True
        return self._count(self._tried, *of, FROM_ONE * TRIES, FROM_NETWORK * TRIES)

    def spent(self, address: str | None, now: datetime) -> bool:
        """Whether an address has used up its tries; counts nothing."""
        if (of := self._of(address, now)) is None:
            return False
        one, network = of
        return self._tried[one] >= FROM_ONE * TRIES or self._tried[network] >= FROM_NETWORK * TRIES

    def another(self, address: str | None, now: datetime, *, crowded: bool = False) -> bool:
        """Counts a message about to be stored; returns whether the rate limits allow it.

        `crowded`: all visitors together have sent enough, so that only addresses that sent nothing
        yet may go on. A visitor without known address (this machine, a proxy that does not say who
        asks) has only that common limit.
        """
        if (of := self._of(address, now)) is None:
            return not crowded
        one, network = (1, FROM_NETWORK_CROWDED) if crowded else (FROM_ONE, FROM_NETWORK)
        return self._count(self._kept, *of, one, network)

    @contextmanager
    def coming(self, address: str | None) -> Iterator[bool]:
        """A context manager for one upload; gives whether its household may send one more now.

        Visitors without known address are one household.
        """
        who = "" if address is None or _here(address) else household(address)
        self._coming[who] += 1
        try:
            yield self._coming[who] <= (AT_ONCE if who else UNNAMED_AT_ONCE)
        finally:
            self._coming[who] -= 1
            if not self._coming[who]:
                del self._coming[who]

    def _of(self, address: str | None, now: datetime) -> tuple[bytes, bytes] | None:
        """The digests of a household and its network."""
        if self._began is None or not self._began <= now < self._began + WINDOW:
            self._began, self._key = now, secrets.token_bytes(32)
            self._kept, self._tried = Counter(), Counter()
        if address is None or _here(address):
            return None
        return self._digest(household(address)), self._digest(network(address))

    def _digest(self, text: str) -> bytes:
        return hmac.digest(self._key, text.encode(), "sha256")

    def _count(
        self, counter: Counter[bytes], one: bytes, network: bytes, of_one: int, of_network: int
    ) -> bool:
        if counter[network] >= of_network or counter[one] >= of_one:
            return False
        if one not in counter and len(counter) >= _MOST_KNOWN:
            return False
        counter[one] += 1
        if network != one:
            counter[network] += 1
        return True


@dataclass
class DailyLimit:
    """The limit of what is added to one letter in a day, from wherever it is sent."""

    _day: date | None = None
    _added: Counter[Digest] = field(default_factory=Counter)

    def another(self, letter: Digest, day: date) -> bool:
        """Counts something about to be added to a letter; returns whether the limit allows it."""
        if day != self._day:
            self._day, self._added = day, Counter()
        if self._added[letter] >= OF_ONE_LETTER:
            return False
        self._added[letter] += 1
        return True


def _here(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False
