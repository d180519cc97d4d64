"""The service object of webhooks: whoever makes or ends one, gives it another secret, or retries.

Pages and commands call it alike. A secret is returned once, to be shown, and kept nowhere.
"""

import os
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID, uuid4

from services.desk.api.domain import signatures
from services.desk.api.domain.keys import KeyScope
from services.desk.api.domain.public_addresses import parse_url
from services.desk.api.domain.webhooks import (
    OVERLAP,
    TYPES,
    Webhook,
    WebhookId,
    WebhookSecret,
)
from services.desk.api.store import keys, webhook_lanes, webhooks
from services.desk.store import access_journal
from services.desk.store.access_journal import JournalLine, What
from shared.content.site_keys import SiteKeys
from shared.errors import PermanentFailure, Refused
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.site.tables.bundle import Site
from shared.web.application_tokens import KeyId

MOST_OF_A_KEY: Final = 5
NONCE_OCTETS: Final = 32


@dataclass(frozen=True, slots=True)
class WebhookWish:
    """The request for a new webhook: whose API key, to which address, which types of facts."""

    key: KeyId
    url: str
    types: frozenset[str] | None
    """`None`: every one."""


@dataclass(frozen=True, slots=True)
class WebhookService:
    """The service object that makes, changes and ends webhooks, and journals each act.

    All in the caller's transaction.
    """

    connection: Connection
    by: str
    """Whoever decides, as facts write their author."""
    line: JournalLine
    """The journal's line for what is asked, without what and about."""
    keys: SiteKeys

    async def give(
        self, wish: WebhookWish, site: Site, now: datetime, decision: UUID
    ) -> tuple[Webhook, str]:
        """Makes a webhook; returns it and its secret (`whsec_…`), shown only now. Raises Refused.

        `decision`: the form's idempotency key; sent twice, the second is refused. A key that reads
        réservé items has its webhooks before it is confirmed: whoever does so sees where it tells.
        """
        url = wish.url.strip()
        parse_url(url, site.identity.webhooks)
        if wish.types is not None and (not wish.types or not wish.types <= TYPES):
            raise Refused("Name types of facts, or none for every one.", "webhook-types")
        stored = await keys.lock_key(self.connection, wish.key)
        if stored is None or not (stored.key.holds(now) or stored.key.waits(now)):
            raise Refused("No key that holds has this name.", "no-such-key")
        if KeyScope.ITEMS not in stored.key.scopes:
            raise Refused("The key needs the scope `items`.", "webhook-scope")
        if KeyScope.RESERVED in stored.key.scopes and stored.key.confirmed_at is not None:
            raise Refused("Whoever confirmed the key did not see this.", "webhook-confirmed")
        if len(await webhooks.standing(self.connection, wish.key)) >= MOST_OF_A_KEY:
            raise Refused(f"A key has {MOST_OF_A_KEY} webhooks at most.", "webhook-many")
        webhook = Webhook(
            webhook=WebhookId(uuid4()),
            key=wish.key,
            url=url,
            types=wish.types,
            secret=self._new_secret(),
            given_by=self.by,
            given_at=now,
        )
        if not await webhooks.add(self.connection, webhook, decision):
            raise Refused("This form made its webhook already.", "webhook-given-already")
        await self._note(What.WEBHOOK_GIVEN, wish.key)
        return webhook, self._shown(webhook.webhook, webhook.secret)

    async def rotate(self, webhook: WebhookId, now: datetime, decision: UUID) -> str:
        """Gives a webhook another secret, which it returns; the former signs for seven days more.

        Raises Refused.
        """
        found = await self._standing(webhook)
        secret = self._new_secret()
        if not await webhooks.rotate(self.connection, webhook, secret, now + OVERLAP, decision):
            raise Refused("This form made its secret already.", "webhook-given-already")
        await self._note(What.WEBHOOK_SECRET, found.key)
        return self._shown(webhook, secret)

    async def end(self, webhook: WebhookId, now: datetime) -> None:
        """Ends a webhook, which is told nothing more. Raises Refused if none stands."""
        found = await self._standing(webhook)
        await webhooks.end(self.connection, webhook, self.by, now)
        await webhook_lanes.forget(self.connection, webhook)
        await self._note(What.WEBHOOK_ENDED, found.key)

    async def retry(self, webhook: WebhookId, item_id: ItemId | None = None) -> int:
        """Has deliveries that were given up tried again at once; returns their number.

        Only of the item, where one is given. Raises Refused when there is none.
        """
        found = await self._standing(webhook)
        again = await webhook_lanes.retry(self.connection, webhook, item_id)
        if not again:
            raise Refused("Nothing of it was given up.", "webhook-no-failure")
        await self._note(What.WEBHOOK_RETRIED, found.key)
        return again

    async def pass_over(self, webhook: WebhookId, item_id: ItemId) -> None:
        """Gives up for good one fact that can't be delivered; the item's facts after it are sent.

        Raises Refused when there is none.
        """
        found = await self._standing(webhook)
        if not await webhook_lanes.pass_over(self.connection, webhook, item_id):
            raise Refused("Nothing of it was given up.", "webhook-no-failure")
        await self._note(What.WEBHOOK_PASSED, found.key)

    async def _standing(self, webhook: WebhookId) -> Webhook:
        found = await webhooks.read_locked(self.connection, webhook)
        if found is None or found.ended_at is not None:
            raise Refused("No webhook that stands has this name.", "no-such-webhook")
        return found

    def _new_secret(self) -> WebhookSecret:
        return WebhookSecret(os.urandom(NONCE_OCTETS), self.keys.id)

    def _shown(self, webhook: WebhookId, secret: WebhookSecret) -> str:
        octets = secret.octets(webhook, self.keys)
        if octets is None:
            raise PermanentFailure("The site's secret makes no secret of a webhook.")
        return signatures.format_secret(octets)

    async def _note(self, what: What, key: KeyId) -> None:
        await access_journal.note(self.connection, replace(self.line, what=what, about=key))
