"""Webhooks in schema `desk`: where a key has told what happens; of secrets only what makes them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from services.desk.api.domain.keys import ApiKey
from services.desk.api.domain.webhooks import Webhook, WebhookId, WebhookSecret
from services.desk.api.store import keys
from shared.platform.database import Connection
from shared.web.application_tokens import KeyId


async def add(connection: Connection, webhook: Webhook, decision: UUID) -> bool:
    """Stores a new webhook; returns whether it was stored.

    `decision`: the idempotency key of the form; one that has made a webhook already makes no
    second.
    """
    stored = await connection.fetchval(
        """
        INSERT INTO desk.webhooks
            (webhook, key, url, types, nonce, made_by, given_by, given_at, decision)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        ON CONFLICT (decision) DO NOTHING RETURNING true
        """,
        webhook.webhook,
        webhook.key,
        webhook.url,
        None if webhook.types is None else sorted(webhook.types),
        webhook.secret.nonce,
        webhook.secret.made_by,
        webhook.given_by,
        webhook.given_at,
        decision,
    )
    return bool(stored)


async def every(connection: Connection) -> Sequence[Webhook]:
    """Reads all webhooks ever made: those that were not ended first, then the newest first."""
    rows = await connection.fetch(
        "SELECT * FROM desk.webhooks ORDER BY ended_at IS NOT NULL, given_at DESC, webhook"
    )
    return [_webhook(row) for row in rows]


async def read_locked(connection: Connection, webhook: WebhookId) -> Webhook | None:
    """Reads a webhook by its id, ended or not, and locks its row; `None` if there is none."""
    row = await connection.fetchrow(
        "SELECT * FROM desk.webhooks WHERE webhook = $1 FOR NO KEY UPDATE", webhook
    )
    return None if row is None else _webhook(row)


async def standing(connection: Connection, key: KeyId) -> Mapping[WebhookId, str]:
    """Reads the ids and addresses of a key's webhooks that were not ended, sorted by address."""
    rows = await connection.fetch(
        """
        SELECT webhook, url FROM desk.webhooks WHERE key = $1 AND ended_at IS NULL
        ORDER BY url, webhook
        """,
        key,
    )
    return {WebhookId(row["webhook"]): row["url"] for row in rows}


async def rotate(
    connection: Connection,
    webhook: WebhookId,
    secret: WebhookSecret,
    until: datetime,
    decision: UUID,
) -> bool:
    """Replaces a webhook's secret; the former one still signs until a moment.

    Returns whether it did: `False` when the same form (`decision`) did so before.
    """
    done = await connection.fetchval(
        """
        UPDATE desk.webhooks SET former_nonce = nonce, former_made_by = made_by, former_until = $4,
                                 nonce = $2, made_by = $3, rotation = $5
        WHERE webhook = $1 AND ended_at IS NULL AND rotation IS DISTINCT FROM $5 RETURNING true
        """,
        webhook,
        secret.nonce,
        secret.made_by,
        until,
        decision,
    )
    return bool(done)


async def end(connection: Connection, webhook: WebhookId, by: str, now: datetime) -> bool:
    """Marks a webhook as ended; returns whether it existed and was not ended yet."""
    done = await connection.fetchval(
        """
        UPDATE desk.webhooks SET ended_by = $2, ended_at = $3
        WHERE webhook = $1 AND ended_at IS NULL RETURNING true
        """,
        webhook,
        by,
        now,
    )
    return bool(done)


async def note_told(connection: Connection, webhook: WebhookId) -> None:
    """Stores the minute in which something was last delivered to a webhook."""
    await connection.execute(
        """
        UPDATE desk.webhooks SET told_at = date_trunc('minute', clock_timestamp())
        WHERE webhook = $1
          AND told_at IS DISTINCT FROM date_trunc('minute', clock_timestamp())
        """,
        webhook,
    )


@dataclass(frozen=True, slots=True)
class BusyWebhook:
    """A webhook with facts to deliver, its key, and how many items have some due, up to a limit."""

    webhook: Webhook
    key: ApiKey
    due: int


async def busy(connection: Connection, most: int) -> Sequence[BusyWebhook]:
    """Reads the webhooks with facts to deliver, ended ones too, and counts what is due to each.

    Counts at most `most` items per webhook. One whose key is gone is left out.
    """
    rows = await connection.fetch(
        """
        SELECT w.*, (SELECT count(*) FROM (
                         SELECT FROM desk.webhook_lanes l
                         WHERE l.webhook = w.webhook AND l.due_at <= clock_timestamp()
                         LIMIT $1) AS due)::int AS due
        FROM desk.webhooks w
        WHERE EXISTS (SELECT FROM desk.webhook_lanes l WHERE l.webhook = w.webhook)
        ORDER BY w.webhook
        """,
        most,
    )
    found = []
    for row in rows:
        stored = await keys.read_key(connection, KeyId(row["key"]))
        if stored is not None:
            found.append(BusyWebhook(_webhook(row), stored.key, row["due"]))
    return found


def _webhook(row: asyncpg.Record) -> Webhook:
    types, former = row["types"], row["former_nonce"]
    return Webhook(
        webhook=WebhookId(row["webhook"]),
        key=KeyId(row["key"]),
        url=row["url"],
        types=None if types is None else frozenset(types),
        secret=WebhookSecret(bytes(row["nonce"]), row["made_by"]),
        given_by=row["given_by"],
        given_at=row["given_at"],
        former=None if former is None else WebhookSecret(bytes(former), row["former_made_by"]),
        former_until=row["former_until"],
        ended_by=row["ended_by"],
        ended_at=row["ended_at"],
        told_at=row["told_at"],
    )
