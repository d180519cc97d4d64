"""Requests of programs: how often whoever presents a token may ask, and by which word but once.

Limits are those of the key once its secret was verified, of the address until then. They are judged
before anything is read or asked of the database, so that whoever must wait costs nothing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, NoReturn

from starlette.requests import Request

from shared.web.allowance import Allowances
from shared.web.application_tokens import PresentedToken, parse_authorization
from shared.web.guards import household, network
from shared.web.problem_details import Problem

UNKNOWN_PER_MINUTE: Final = 30
"""Requests without a key that holds, of one household: what they cost is bounded."""
NETWORK_PER_MINUTE: Final = 120
"""And of its network: as many lines of refused keys a journal gets of it."""
IDEMPOTENCY_KEY: Final = "[!#-~]{1,100}"
"""1 to 100 characters without blanks or quotes; in the header it may stand between quotes."""
_IDEMPOTENCY: Final = re.compile(f'"?({IDEMPOTENCY_KEY})"?')


def idempotency_key(request: Request) -> str:
    """Returns the Idempotency-Key of a request, by which a repeated one is known.

    Raises Problem when it has none.
    """
    found = _IDEMPOTENCY.fullmatch(request.headers.get("idempotency-key", "").strip())
    if found is None:
        raise Problem("idempotency-key")
    return found[1]


def idempotency_header(description: str) -> Mapping[str, Any]:
    """Describes the header Idempotency-Key for an OpenAPI document."""
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": True,
        "description": description,
        "schema": {"type": "string", "pattern": f"^{IDEMPOTENCY_KEY}$"},
    }


@dataclass
class KeyLimits:
    """The rate limits of requests by programs: by key, and by address without a valid key."""

    allowances: Allowances = field(default_factory=Allowances)
    _known: dict[str, str] = field(default_factory=dict)
    """Who counts a request, by the digest of a secret that was verified: as many as keys."""

    def begin(self, request: Request, now: datetime) -> PresentedToken:
        """Reads the token of a request; refuses it if its sender has used up a rate limit.

        Raises Problem: there is no token of ours (which is counted), or it must wait.
        """
        token = parse_authorization(request.headers.get("authorization"))
        if token is None:
            self.refuse(request, now)
        known = self._known.get(token.digest)
        for name in _addresses(request) if known is None else (known,):
            _wait(self.allowances.wait(name, now))
        return token

    def count_verified(
        self, token: PresentedToken, name: str, per_minute: int, now: datetime
    ) -> None:
        """Counts a request with a valid key by its rate limit. Raises Problem: it must wait."""
        self._known[token.digest] = name
        _wait(self.allowances.ask(name, per_minute, now))

    def refuse(
        self, request: Request, now: datetime, token: PresentedToken | None = None
    ) -> NoReturn:
        """Counts a request without a valid key against its address. Always raises Problem."""
        if token is not None:
            self._known.pop(token.digest, None)
        self.count_unverified(request, now)
        raise Problem("no-key", headers={"www-authenticate": 'Bearer realm="vaguemestre"'})

    def count_unverified(self, request: Request, now: datetime) -> None:
        """Counts a request with an unverified key against its address.

        Raises Problem: it must wait.
        """
        near, around = _addresses(request)
        _wait(self.allowances.ask(near, UNKNOWN_PER_MINUTE, now))
        _wait(self.allowances.ask(around, NETWORK_PER_MINUTE, now))


def _addresses(request: Request) -> Sequence[str]:
    """Under which names a request without a key that holds counts: household, network."""
    address = "" if request.client is None else request.client.host
    return f"address:{household(address)}", f"network:{network(address)}"


def _wait(seconds: int) -> None:
    """Refuses a request that comes too soon. Raises Problem."""
    if seconds:
        raise Problem("pace", {"seconds": seconds}, headers={"retry-after": str(seconds)})
