"""A webhook: which address a key of the API has told what happens to items, and when. Pure."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NewType, get_args
from uuid import UUID

import orjson

from shared.content.site_keys import SiteKeys
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.web.application_tokens import KeyId

WebhookId = NewType("WebhookId", UUID)

MEDIA_TYPE: Final = "application/cloudevents+json; charset=utf-8"
OVERLAP: Final = timedelta(days=7)
"""So long a replaced secret signs beside the new one."""
FIRST_PAUSE: Final = timedelta(seconds=10)
FACTOR: Final = 3
LONGEST_PAUSE: Final = timedelta(hours=8)
MOST_ATTEMPTS: Final = 18
"""Then it is given up and waits for a person: after three days and nine hours."""
JITTER: Final = 0.2
"""Part of a pause by which it is longer or shorter."""
GONE: Final = 410
"""The status by which a receiver says that it wants to be told no more."""
NO_SECRET: Final = "no-secret"  # noqa: S105  (the code of a failure)
PURPOSE: Final = "webhook"
TYPES: Final = frozenset(str(fact.model_fields["type"].default) for fact in get_args(Items))
"""The types of facts that a webhook may be told of."""


@dataclass(frozen=True, slots=True)
class WebhookSecret:
    """The two values from which, with a secret of the site, a webhook's secret is derived."""

    nonce: bytes
    made_by: str
    """The id of the site's secret."""

    def octets(self, webhook: WebhookId, keys: SiteKeys) -> bytes | None:
        """Derives the webhook's secret; `None`: the site's secret that it needs is gone."""
        return keys.derive(PURPOSE, f"{webhook} {self.nonce.hex()}", self.made_by)


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as stored: an address to which a key has facts about items sent, by type."""

    webhook: WebhookId
    key: KeyId
    url: str
    types: frozenset[str] | None
    """Of facts; `None`: every one."""
    secret: WebhookSecret
    given_by: str
    given_at: datetime
    former: WebhookSecret | None = None
    former_until: datetime | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    told_at: datetime | None = None
    """When something was last delivered, in real time, to the minute."""

    def secrets(self, keys: SiteKeys, now: datetime) -> list[bytes]:
        """Returns the secrets that sign messages now, the newest first; empty: none can be sent."""
        made = [self.secret]
        if self.former is not None and self.former_until is not None and now < self.former_until:
            made.append(self.former)
        found = [secret.octets(self.webhook, keys) for secret in made]
        return [octets for octets in found if octets is not None]


def digest_of_webhooks(webhooks: Iterable[WebhookId]) -> str:
    """Returns a digest of a set of webhooks, in hexadecimal, whatever their order.

    The address of a webhook never changes, so that whoever saw these ids saw these addresses.
    """
    return hashlib.sha256("\n".join(sorted(map(str, webhooks))).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class WebhookEvent:
    """A fact about an item as it is sent to a webhook: numbers and a type, nothing of a person."""

    event_id: UUID
    item_id: ItemId
    chrono: str
    seq: int
    type: str
    recorded_at: datetime

    def body(self, home: str) -> bytes:
        """Serialises the message as a CloudEvents 1.0 document; `home`: the register's URL."""
        api = f"{home.rstrip('/')}/api/v1"
        said: dict[str, Any] = {
            "specversion": "1.0",
            "id": str(self.event_id),
            "source": api,
            "type": f"vaguemestre.item.{self.type}",
            "subject": self.chrono,
            "time": self.recorded_at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "datacontenttype": "application/json",
            "data": {
                "fact": self.type,
                "seq": self.seq,
                "chrono": self.chrono,
                "item": f"{api}/items/{self.chrono}",
            },
        }
        return orjson.dumps(said)


def pause_after(attempts: int, luck: float, wanted: timedelta | None = None) -> timedelta | None:
    """Returns the retry backoff after so many failed attempts (1 or more); `None`: give up.

    `luck`: 0 to 1, drawn anew each time. `wanted`: what the receiver asked for (Retry-After).
    """
    if attempts >= MOST_ATTEMPTS:
        return None
    seconds = FIRST_PAUSE.total_seconds() * FACTOR ** (attempts - 1)
    plain = min(timedelta(seconds=seconds), LONGEST_PAUSE)
    drawn = plain * (1 + JITTER * (2 * luck - 1))
    return drawn if wanted is None else max(drawn, min(wanted, LONGEST_PAUSE))
