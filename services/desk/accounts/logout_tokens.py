"""The logout of a provider: what its token ends (OpenID Connect Back-Channel Logout 1.0). Pure.

A session of ours remembers by whom it began as digests of what the provider calls the person (sub)
and its own session (sid), so that its table names nobody.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Final

from services.desk.domain.oidc_roles import Claims

EVENT: Final = "http://schemas.openid.net/event/backchannel-logout"
LEEWAY: Final = timedelta(minutes=1)
"""By how much two clocks may differ."""


@dataclass(frozen=True, slots=True)
class ProviderMark:
    """The digests (sub, sid) by which an identity provider's logout finds our web sessions."""

    subject: str | None
    session: str | None = None
    """`None`: the provider named no session of its own."""


@dataclass(frozen=True, slots=True)
class ProviderLogout:
    """The end of a session, or of all of a person's, as the identity provider tells it."""

    mark: ProviderMark
    until: datetime
    """Sessions that began later are others: a token that is sent again ends nothing new (UTC)."""


def mark_of(claims: Claims) -> ProviderMark:
    """Computes the digests by which a provider's logout finds the session of these claims."""
    return ProviderMark(_digest(claims, "sub"), _digest(claims, "sid"))


def read_logout(claims: Claims) -> ProviderLogout | None:
    """Reads which sessions a logout token's claims end; `None`: these claims are not of one.

    Its signature, issuer, audience and expiry are the caller's to verify before.
    """
    events, issued = claims.get("events"), claims.get("iat")
    if not isinstance(events, Mapping) or not isinstance(events.get(EVENT), Mapping):
        return None
    if "nonce" in claims or isinstance(issued, bool) or not isinstance(issued, int | float):
        return None
    mark = mark_of(claims)
    if mark.subject is None and mark.session is None:
        return None
    try:
        return ProviderLogout(mark, datetime.fromtimestamp(issued, UTC) + LEEWAY)
    except (ValueError, OverflowError, OSError):  # no year that there is
        return None


def _digest(claims: Claims, name: str) -> str | None:
    said = claims.get(name)
    if not isinstance(said, str) or not said:
        return None
    named = f"{claims.get('iss')}\n{name}\n{said}"
    return sha256(named.encode(errors="surrogatepass")).hexdigest()
