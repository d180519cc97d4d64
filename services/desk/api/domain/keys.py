"""A key of the API: which program asks, what it may ask, of which services, and until when. Pure.

Its token is read and compared by shared/web/application_tokens.py.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from shared.facts.authors import by_application
from shared.web.application_tokens import KeyId

LONGEST: Final = timedelta(days=366)
"""So long a key holds at most: a program whose key nobody renews is one that nobody knows."""
USUAL_PER_MINUTE: Final = 120
MOST_PER_MINUTE: Final = 6000
MOST_LABEL: Final = 80


class KeyScope(StrEnum):
    """The scopes (rights) that an API key may have; none includes another."""

    ITEMS = "items"
    """Numbers, states, days, deadlines, departures: no name and no text."""
    CONTENT = "content"
    """Senders, subjects, texts, originals."""
    FIGURES = "figures"
    """Promises kept of due, of the services of the key."""
    LETTERS = "letters"
    """The standard letters in force."""
    DECIDE = "decide"
    """Decisions about mail, as an agent of its services takes them; they are the key's."""
    RESERVED = "reserved"
    """All this of réservé items too, whose existence the key does not know otherwise."""
    DIRECTORY = "directory"
    """Says who left the préfecture, by SCIM, and reads who is there."""
    DEPOSIT = "deposit"
    """Messages handed in through the portal; it reads nothing."""


BY_TWO: Final = frozenset({KeyScope.CONTENT, KeyScope.RESERVED, KeyScope.DECIDE})
"""Scopes that read letters or decide about them: a key that has one waits for a second person."""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """An API key as it is stored: which program has it, its scopes, services and expiry."""

    key: KeyId
    label: str
    """Which application has it, in words."""
    scopes: frozenset[KeyScope]
    services: frozenset[str] | None
    """`None`: every service of the site."""
    per_minute: int
    given_by: str
    given_at: datetime
    expires_at: datetime
    revoked_at: datetime | None = None
    revoked_by: str | None = None
    confirmed_at: datetime | None = None
    confirmed_by: str | None = None

    def holds(self, now: datetime) -> bool:
        """Whether the key may be used at a moment: not revoked or expired, confirmed if need be."""
        return self._stands(now) and not self._unconfirmed

    def waits(self, now: datetime) -> bool:
        """Whether the key only lacks a second person's confirmation to be used (ADR 0145)."""
        return self._stands(now) and self._unconfirmed

    def _stands(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at

    @property
    def _unconfirmed(self) -> bool:
        return bool(self.scopes & BY_TWO) and self.confirmed_at is None

    @property
    def author(self) -> str:
        """The program as the author of facts and journal lines: `application:<key>`."""
        return by_application(self.key)


def scopes_of(words: Collection[str]) -> frozenset[KeyScope]:
    """Parses the stored scopes of an API key; one that this version does not know is dropped."""
    known = {scope.value for scope in KeyScope}
    return frozenset(KeyScope(word) for word in words if word in known)
