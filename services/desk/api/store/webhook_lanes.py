"""Lanes: of each webhook the items of which it has still to be told something (sql/0530).

Who tells claims a lane for a minute and tells one fact of it: whoever dies meanwhile leaves it to
the next. Nothing that is written here needs a disk before it goes on (`hasty`): what a power cut
forgets is told once more. All moments are PostgreSQL's own, in real time.
Several lanes of a webhook are locked by item, as the trigger that notes facts does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import asyncpg

from services.desk.api.domain.webhooks import WebhookEvent, WebhookId
from services.desk.store.visibility import Visibility
from shared.facts.envelope import ItemId
from shared.platform.database import Connection

LEASE: Final = timedelta(seconds=60)
"""Longer than any attempt takes."""
MOST_SKIPPED: Final = 20
"""Lanes that one claim passes over: their locks, for which facts wait, last as long as it does."""


@dataclass(frozen=True, slots=True)
class ClaimedLane:
    """The delivery of one item's facts to a webhook (a lane), claimed for a minute by a sender.

    It carries the fact to send next.
    """

    webhook: WebhookId
    item_id: ItemId
    next_seq: int
    attempts: int
    """This one included, of the same fact."""
    at: datetime
    """Real time of the claim."""
    event: WebhookEvent


@dataclass(frozen=True, slots=True)
class FailedLane:
    """The delivery of an item's facts to a webhook that was given up: why, since when, how many."""

    webhook: WebhookId
    item_id: ItemId
    chrono: str | None
    """`None`: of an item that is réservé, or is none."""
    why: str
    failed_at: datetime
    facts: int


async def hasty(connection: Connection) -> None:
    """Lets this transaction commit without waiting for the disk (asynchronous commit)."""
    await connection.execute("SET LOCAL synchronous_commit = off")


async def claim(
    connection: Connection, webhook: WebhookId, types: Sequence[str] | None, seen: Visibility
) -> tuple[ClaimedLane | None, bool]:
    """Claims for a minute the item whose next fact has been due to a webhook longest (its lane).

    `None`: none is due. An item that the key may not know of (any more) is dropped; of such lanes
    at most `MOST_SKIPPED` are passed over: the second value says whether there may be more behind
    them.
    """
    for _ in range(MOST_SKIPPED):
        row = await _claimed_row(connection, webhook)
        if row is None:
            return None, False
        item_id = ItemId(row["item_id"])
        head = await _next_fact(connection, item_id, row["next_seq"], types, seen)
        if head is None or not head["known"]:
            await _drop(connection, webhook, item_id)
        elif not head["tells"]:
            await _go_on(connection, webhook, item_id, head["seq"] + 1)
        else:
            event = WebhookEvent(
                event_id=head["event_id"],
                item_id=item_id,
                chrono=head["chrono"],
                seq=head["seq"],
                type=head["type"],
                recorded_at=head["recorded_at"],
            )
            lane = ClaimedLane(
                webhook, item_id, row["next_seq"], row["attempts"], row["now"], event
            )
            return lane, True
    return None, True


async def note_delivery(connection: Connection, lane: ClaimedLane) -> None:
    """Stores that a fact was delivered to a webhook; the item's next fact is due then.

    Nothing is stored if another sender has claimed the lane meanwhile.
    """
    if await _held(connection, lane):
        await _go_on(connection, lane.webhook, lane.item_id, lane.event.seq + 1)


async def note_failure(
    connection: Connection, lane: ClaimedLane, why: str, pause: timedelta | None
) -> None:
    """Stores that a delivery to a webhook failed, and after which pause to try again.

    `pause` `None`: it is given up until a person retries it. Changes nothing if the claim was lost.
    """
    if await _held(connection, lane):
        await connection.execute(
            """
            UPDATE desk.webhook_lanes
            SET due_at = clock_timestamp() + $4::interval, why = $3, next_seq = $5,
                failed_at = CASE WHEN $4::interval IS NULL THEN clock_timestamp() END
            WHERE webhook = $1 AND item_id = $2
            """,
            lane.webhook,
            lane.item_id,
            why,
            pause,
            lane.event.seq,
        )


async def give_back(connection: Connection, lane: ClaimedLane) -> None:
    """Ends the claim on a webhook's lane whose delivery was cut short: it is due again at once.

    The attempt is not counted. Changes nothing if another sender has claimed the lane meanwhile.
    """
    if await _held(connection, lane):
        await connection.execute(
            """
            UPDATE desk.webhook_lanes SET due_at = clock_timestamp(), attempts = attempts - 1
            WHERE webhook = $1 AND item_id = $2
            """,
            lane.webhook,
            lane.item_id,
        )


async def retry(connection: Connection, webhook: WebhookId, item_id: ItemId | None) -> int:
    """Makes a webhook's deliveries that were given up due at once; returns how many.

    `item_id`: only of this item; `None`: all of them.
    """
    rows = await connection.fetch(
        """
        WITH locked AS MATERIALIZED (
            SELECT webhook, item_id FROM desk.webhook_lanes
            WHERE webhook = $1 AND failed_at IS NOT NULL AND ($2::uuid IS NULL OR item_id = $2)
            ORDER BY item_id FOR UPDATE)
        UPDATE desk.webhook_lanes l
        SET due_at = clock_timestamp(), failed_at = NULL, attempts = 0
        FROM locked WHERE (l.webhook, l.item_id) = (locked.webhook, locked.item_id)
        RETURNING l.item_id
        """,
        webhook,
        item_id,
    )
    return len(rows)


async def pass_over(connection: Connection, webhook: WebhookId, item_id: ItemId) -> bool:
    """Skips the fact at which an item's delivery was given up; returns whether there was one.

    The facts after it are then sent.
    """
    seq = await connection.fetchval(
        """
        SELECT next_seq FROM desk.webhook_lanes
        WHERE webhook = $1 AND item_id = $2 AND failed_at IS NOT NULL FOR UPDATE
        """,
        webhook,
        item_id,
    )
    if seq is not None:
        await _go_on(connection, webhook, item_id, seq + 1)
    return seq is not None


async def forget(connection: Connection, webhook: WebhookId) -> None:
    """Deletes all that is still to be delivered to a webhook that was ended."""
    await connection.execute(
        """
        WITH locked AS MATERIALIZED (
            SELECT webhook, item_id FROM desk.webhook_lanes
            WHERE webhook = $1 ORDER BY item_id FOR UPDATE)
        DELETE FROM desk.webhook_lanes l USING locked
        WHERE (l.webhook, l.item_id) = (locked.webhook, locked.item_id)
        """,
        webhook,
    )


async def lost(connection: Connection) -> Mapping[WebhookId, int]:
    """Counts, by webhook, the items whose delivery was given up and waits for a person."""
    rows = await connection.fetch(
        """
        SELECT webhook, count(*)::int AS lanes FROM desk.webhook_lanes
        WHERE failed_at IS NOT NULL GROUP BY webhook
        """
    )
    return {WebhookId(row["webhook"]): row["lanes"] for row in rows}


async def given_up(connection: Connection, limit: int) -> Sequence[FailedLane]:
    """Reads deliveries that were given up, the oldest first: at most `limit` of each webhook."""
    rows = await connection.fetch(
        """
        SELECT l.webhook, l.item_id, l.why, l.failed_at,
               CASE WHEN i.confidentiality = 'normal' THEN i.chrono END AS chrono,
               (SELECT count(*) FROM desk.facts f
                WHERE f.item_id = l.item_id AND f.seq >= l.next_seq
                  AND (w.types IS NULL OR f.type = ANY (w.types)))::int AS facts
        FROM desk.webhooks w
        CROSS JOIN LATERAL (SELECT * FROM desk.webhook_lanes
                            WHERE webhook = w.webhook AND failed_at IS NOT NULL
                            ORDER BY failed_at, item_id LIMIT $1) l
        LEFT JOIN desk.items i USING (item_id)
        ORDER BY l.failed_at, l.webhook, l.item_id
        """,
        limit,
    )
    return [
        FailedLane(
            WebhookId(row["webhook"]),
            ItemId(row["item_id"]),
            row["chrono"],
            row["why"] or "",
            row["failed_at"],
            row["facts"],
        )
        for row in rows
    ]


async def _claimed_row(connection: Connection, webhook: WebhookId) -> asyncpg.Record | None:
    return await connection.fetchrow(
        """
        WITH due AS (
            SELECT webhook, item_id FROM desk.webhook_lanes
            WHERE webhook = $1 AND due_at <= clock_timestamp()
              AND EXISTS (SELECT FROM desk.webhooks w JOIN desk.api_keys k USING (key)
                          WHERE w.webhook = $1 AND w.ended_at IS NULL AND k.revoked_at IS NULL)
            ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
        UPDATE desk.webhook_lanes l
        SET due_at = clock_timestamp() + $2::interval, attempts = l.attempts + 1
        FROM due WHERE (l.webhook, l.item_id) = (due.webhook, due.item_id)
        RETURNING l.item_id, l.next_seq, l.attempts, clock_timestamp() AS now
        """,
        webhook,
        LEASE,
    )


async def _next_fact(
    connection: Connection,
    item_id: ItemId,
    next_seq: int,
    types: Sequence[str] | None,
    seen: Visibility,
) -> asyncpg.Record | None:
    """The next fact of an item: whether the key knows the item, and the other that it names."""
    return await connection.fetchrow(
        """
        SELECT f.event_id, f.seq, f.type, f.recorded_at, i.chrono,
               coalesce(desk.known_to(i, $4, $5, $6::text[], $7::text[], $8::text[]), false)
                   AS known,
               other.item_id IS NULL
                   OR desk.known_to(other, $4, $5, $6::text[], $7::text[], $8::text[]) AS tells
        FROM desk.facts f
        LEFT JOIN desk.items i USING (item_id)
        LEFT JOIN desk.items other ON other.item_id = CASE
            WHEN f.type IN ('ItemMergedInto', 'ItemAbsorbed', 'ItemSplitFrom')
            THEN coalesce(f.payload::jsonb ->> 'survivor', f.payload::jsonb ->> 'absorbed',
                          f.payload::jsonb ->> 'parent')::uuid END
        WHERE f.item_id = $1 AND f.seq >= $2 AND ($3::text[] IS NULL OR f.type = ANY ($3))
        ORDER BY f.seq LIMIT 1
        """,
        item_id,
        next_seq,
        types,
        *seen,
    )


async def _held(connection: Connection, lane: ClaimedLane) -> bool:
    """Whether a lane is still as it was claimed; locks it, so that facts come before or after."""
    return bool(
        await connection.fetchval(
            """
            SELECT true FROM desk.webhook_lanes
            WHERE webhook = $1 AND item_id = $2 AND next_seq = $3 AND attempts = $4 FOR UPDATE
            """,
            lane.webhook,
            lane.item_id,
            lane.next_seq,
            lane.attempts,
        )
    )


async def _go_on(
    connection: Connection, webhook: WebhookId, item_id: ItemId, next_seq: int
) -> None:
    """Moves a lane, which is locked, to its next fact; it goes when there is none."""
    more = await connection.fetchval(
        """
        UPDATE desk.webhook_lanes
        SET next_seq = $3, attempts = 0, why = NULL, since = clock_timestamp(),
            due_at = clock_timestamp(), failed_at = NULL
        WHERE webhook = $1 AND item_id = $2
          AND EXISTS (SELECT FROM desk.facts WHERE item_id = $2 AND seq >= $3)
        RETURNING true
        """,
        webhook,
        item_id,
        next_seq,
    )
    if not more:
        await _drop(connection, webhook, item_id)


async def _drop(connection: Connection, webhook: WebhookId, item_id: ItemId) -> None:
    await connection.execute(
        "DELETE FROM desk.webhook_lanes WHERE webhook = $1 AND item_id = $2", webhook, item_id
    )
