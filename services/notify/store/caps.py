"""What was told lately to whom, which addresses hit their cap too often, and which do not exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import asyncpg

from services.notify.domain.loop_guard import RecentNotice
from services.notify.domain.policy import Circumstances
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import Chrono, Digest
from shared.platform.database import Connection

HITS = 2
"""Days at the cap after which an address stays silent: once may be a bad day."""
REMEMBERED = timedelta(days=92)
"""For how long a day at the cap counts."""
_LOOKED_BACK = timedelta(hours=26)
"""A local day and what clocks are set by: no cap counts further back."""
_JUDGES = "notify judges by the caps"
_LEFT = ["attempting", "unknown", "sent", "bounced"]


async def one_at_a_time(connection: Connection) -> None:
    """Waits until no other transaction judges by the caps, for as long as this one lasts.

    Each then counts what the one before it has claimed.
    """
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", _JUDGES)


async def read_circumstances(
    connection: Connection,
    asked: Sequence[tuple[LedgerRow, Digest]],
    today: date,
    now: datetime,
) -> Sequence[Circumstances]:
    """Counts the automatic emails sent lately, and reads if addresses are silenced or suppressed.

    For each of these notices, in their order, by one question; with each the pseudonym of its
    address in the suppression list. Emails are counted by mailbox, by domain and in all, to apply
    the caps; in all by whole minutes, an hour being sixty and the one that runs. Whoever acts on it
    has called `one_at_a_time` in the same transaction.
    """
    rows = await connection.fetch(
        """
        WITH whole AS MATERIALIZED (
            SELECT coalesce(sum(n) FILTER (WHERE told_on = $7), 0)::int AS in_all,
                   coalesce(sum(n) FILTER (WHERE minute > $8::timestamptz - interval '1 minute'),
                            0)::int AS in_all_in_an_hour
            FROM notify.left_counts WHERE minute > $9
        )
        SELECT near.of_this_item, near.of_this_thread, near.to_this_correspondent,
               far.to_this_domain, far.to_this_domain_in_an_hour,
               whole.in_all - own.in_all AS in_all,
               whole.in_all_in_an_hour - own.in_all_in_an_hour AS in_all_in_an_hour,
               EXISTS (SELECT 1 FROM notify.silenced
                       WHERE mailbox = asked.mailbox AND lifted_at IS NULL) AS silenced,
               EXISTS (SELECT 1 FROM notify.suppressed WHERE address = asked.address) AS suppressed
        FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[],
                    $11::text[])
             WITH ORDINALITY AS asked (notice_id, mailbox, correspondent, item_id, thread, domain,
                                       address, position)
        CROSS JOIN whole
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE item_id = asked.item_id) AS of_this_item,
                   count(*) FILTER (WHERE item_id <> asked.item_id AND thread = asked.thread)
                       AS of_this_thread,
                   count(*) AS to_this_correspondent
            FROM notify.ledger
            WHERE (mailbox = asked.mailbox OR correspondent = asked.correspondent)
              AND told_on = $7 AND notice_id <> asked.notice_id AND state = ANY($10::text[])
        ) AS near
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE told_on = $7) AS to_this_domain,
                   count(*) FILTER (WHERE told_at > $8) AS to_this_domain_in_an_hour
            FROM notify.ledger
            WHERE domain = asked.domain AND told_on >= $7::date - 1
              AND notice_id <> asked.notice_id AND state = ANY($10::text[])
        ) AS far
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE told_on = $7) AS in_all,
                   count(*) FILTER (WHERE date_trunc('minute', told_at)
                                          > $8::timestamptz - interval '1 minute')
                       AS in_all_in_an_hour
            FROM notify.ledger
            WHERE notice_id = asked.notice_id AND told_at > $9 AND told_on IS NOT NULL
              AND state = ANY($10::text[])
        ) AS own
        ORDER BY asked.position
        """,
        [row.entry.notice_id for row, _ in asked],
        [row.mailbox for row, _ in asked],
        [row.correspondent for row, _ in asked],
        [row.item_id for row, _ in asked],
        [row.thread for row, _ in asked],
        [row.domain for row, _ in asked],
        today,
        now - timedelta(hours=1),
        now - _LOOKED_BACK,
        _LEFT,
        [address for _, address in asked],
    )
    return [_circumstances(row, counts) for (row, _), counts in zip(asked, rows, strict=True)]


def _circumstances(row: LedgerRow, found: asyncpg.Record) -> Circumstances:
    counts = dict(found)
    silenced, suppressed = counts.pop("silenced"), counts.pop("suppressed")
    if row.mailbox is None:
        return Circumstances(suppressed=suppressed)
    return Circumstances(RecentNotice(**counts), silenced, suppressed)


async def forget_minutes(connection: Connection, now: datetime) -> None:
    """Deletes the counts by minute that no cap asks for any more."""
    await connection.execute(
        "DELETE FROM notify.left_counts WHERE minute < $1", now - 2 * _LOOKED_BACK
    )


async def hit(connection: Connection, mailbox: Digest, today: date, now: datetime) -> None:
    """Stores that an address reached its cap today; the second such day in 92 silences it."""
    await connection.execute(
        "INSERT INTO notify.capped (mailbox, day) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        mailbox,
        today,
    )
    await connection.execute("DELETE FROM notify.capped WHERE day < $1", today - REMEMBERED)
    await connection.execute(
        """
        INSERT INTO notify.silenced (mailbox, since)
        SELECT $1, $2 WHERE (SELECT count(*) FROM notify.capped WHERE mailbox = $1) >= $3
        ON CONFLICT (mailbox) DO UPDATE SET since = $2, lifted_at = NULL, lifted_by = NULL
        WHERE silenced.lifted_at IS NOT NULL
        """,
        mailbox,
        now,
        HITS,
    )


@dataclass(frozen=True, slots=True)
class Silenced:
    """A silenced address, named by the chrono of its last item."""

    mailbox: Digest
    since: datetime
    chrono: Chrono | None
    held: int
    """Notices to it that are held."""


async def silenced_addresses(connection: Connection) -> Sequence[Silenced]:
    """Lists all addresses that are silenced now, oldest first."""
    rows = await connection.fetch(
        """
        SELECT s.mailbox, s.since,
               (SELECT i.chrono FROM notify.ledger l JOIN notify.items i USING (item_id)
                WHERE l.mailbox = s.mailbox
                ORDER BY l.planned_at DESC, i.chrono DESC LIMIT 1) AS chrono,
               (SELECT count(*)::int FROM notify.ledger l
                WHERE l.mailbox = s.mailbox AND l.state = 'held') AS held
        FROM notify.silenced s WHERE s.lifted_at IS NULL ORDER BY s.since, s.mailbox
        """
    )
    return [Silenced(**row) for row in rows]


async def lift(connection: Connection, chrono: Chrono, person: str, now: datetime) -> bool:
    """Ends the silence towards an item's sender; returns whether the address was silenced.

    The days on which the sender reached a cap are forgotten with it.
    """
    rows = await connection.fetch(
        """
        UPDATE notify.silenced SET lifted_at = $2, lifted_by = $3
        WHERE lifted_at IS NULL AND mailbox IN (
            SELECT l.mailbox FROM notify.ledger l JOIN notify.items i USING (item_id)
            WHERE i.chrono = $1 AND l.mailbox IS NOT NULL)
        RETURNING mailbox
        """,
        chrono,
        now,
        person,
    )
    await connection.execute(
        "DELETE FROM notify.capped WHERE mailbox = ANY($1::text[])",
        [row["mailbox"] for row in rows],
    )
    return bool(rows)
