"""The service object of the API's keys: whoever gives, confirms or revokes one.

Pages and commands give and revoke. A key that reads letters opens nothing until a second person
confirmed it on the page: an administrator opens no letter, and an account is nobody (ADR 0145).
"""

import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from services.desk.api.domain.key_roles import confirmers
from services.desk.api.domain.keys import (
    LONGEST,
    MOST_LABEL,
    MOST_PER_MINUTE,
    ApiKey,
    KeyScope,
)
from services.desk.api.domain.webhooks import digest_of_webhooks
from services.desk.api.store import keys, webhooks
from services.desk.store import access_journal
from services.desk.store.access_journal import JournalLine, What
from shared.errors import Refused
from shared.facts.authors import by_person
from shared.facts.envelope import PersonId
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import Site
from shared.web.application_tokens import KeyId, digest_of, token_of

ID_OCTETS: Final = 6
SECRET_OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class KeyWish:
    """The request for a new API key: its label, scopes, services, rate limit and expiry."""

    label: str
    scopes: frozenset[KeyScope]
    services: frozenset[str] | None
    """`None`: every service."""
    per_minute: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class KeyService:
    """The service object that creates, confirms and revokes API keys, and journals each act.

    All in the caller's transaction.
    """

    connection: Connection
    by: str
    """Whoever decides, as facts write their author."""
    line: JournalLine
    """The journal's line for what is asked, without what and about."""

    async def give(
        self, wish: KeyWish, site: Site, now: datetime, decision: UUID
    ) -> tuple[ApiKey, str]:
        """Creates an API key; returns it and its token, which is stored nowhere. Raises Refused.

        `decision`: the form's idempotency key; sent twice, the second is refused.
        """
        _judge(wish, {row.id for row in site.services.services}, now)
        secret = secrets.token_urlsafe(SECRET_OCTETS)
        key = ApiKey(
            key=KeyId(secrets.token_hex(ID_OCTETS)),
            label=" ".join(wish.label.split()),
            scopes=wish.scopes,
            services=wish.services,
            per_minute=wish.per_minute,
            given_by=self.by,
            given_at=now,
            expires_at=wish.expires_at,
        )
        if not await keys.add(self.connection, key, digest_of(secret), decision):
            raise Refused("This form gave its key already.", "key-given-already")
        await self._note(What.KEY_GIVEN, key.key)
        return key, token_of(key.key, secret)

    async def confirm(
        self,
        key: KeyId,
        who: PersonId,
        site: Site,
        directory: Directory,
        now: datetime,
        seen: str,
    ) -> None:
        """Confirms an API key as the second person, so that its program may use it.

        `seen`: the digest of the webhooks that this person saw (`digest_of_webhooks`). Raises
        Refused for whoever gave it, for who may not read those letters, if the key does not wait
        for a second person, or if it has other webhooks by now.
        """
        stored = await keys.lock_key(self.connection, key)
        if stored is None or not stored.key.waits(now):
            raise Refused("No key of this name waits for a second person.", "key-waits-not")
        if stored.key.given_by == by_person(who):
            raise Refused("Two persons are needed: whoever gave it can't confirm.", "two-persons")
        today = now.astimezone(site.zone).date()
        if who not in confirmers(stored.key, site, directory, today):
            raise Refused("Only who may read those letters confirms.", "key-confirmer")
        if digest_of_webhooks(await webhooks.standing(self.connection, key)) != seen:
            raise Refused("It has other webhooks than were shown.", "key-told-otherwise")
        if not await keys.confirm(self.connection, key, by_person(who), now):
            raise Refused("No key of this name waits for a second person.", "key-waits-not")
        await self._note(What.KEY_CONFIRMED, key)

    async def revoke(self, key: KeyId, now: datetime) -> None:
        """Revokes an API key for good: no request with it is answered any more.

        Raises Refused if there is no such key, or it is revoked already.
        """
        if not await keys.revoke(self.connection, key, self.by, now):
            raise Refused("No key that holds has this name.", "no-such-key")
        await self._note(What.KEY_REVOKED, key)

    async def _note(self, what: What, key: KeyId) -> None:
        await access_journal.note(self.connection, replace(self.line, what=what, about=key))


def _judge(wish: KeyWish, known: Collection[str], now: datetime) -> None:
    if not 0 < len(" ".join(wish.label.split())) <= MOST_LABEL:
        raise Refused(f"Say which application has it, in {MOST_LABEL} letters.", "key-label")
    if not wish.scopes:
        raise Refused("Give the key at least one scope.", "key-scopes")
    if wish.services is not None and (not wish.services or not wish.services <= set(known)):
        raise Refused("Name services of this site, or all of them.", "key-services")
    if not 1 <= wish.per_minute <= MOST_PER_MINUTE:
        raise Refused(f"A key asks 1 to {MOST_PER_MINUTE} times a minute.", "key-pace")
    if not now < wish.expires_at <= now + LONGEST:
        raise Refused(f"A key holds for {LONGEST.days} days at most.", "key-days")
