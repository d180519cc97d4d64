"""What was told lately to whom, which addresses hit their cap too often, and which do not exist."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.notify.domain.loop_guard import RecentNotice
from services.notify.domain.policy import Circumstances
from services.notify.store import suppression_list
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import Chrono, Digest
from shared.platform.database import Connection

HITS = 2
"""Days at the cap after which an address stays silent: once may be a bad day."""
REMEMBERED = timedelta(days=92)
"""For how long a day at the cap counts."""
_LOOKED_BACK = timedelta(hours=26)
"""A local day and what clocks are set by: no cap counts further back."""
_LEFT = ["attempting", "unknown", "sent", "bounced"]


async def read_circumstances(
    connection: Connection, row: LedgerRow, address: Digest, today: date, now: datetime
) -> Circumstances:
    """Counts the automatic emails sent lately, and reads if an address is silenced or suppressed.

    They are counted by mailbox, by domain and in all, to apply the caps; in all by whole minutes,
    an hour being sixty and the one that runs. `address`: its pseudonym in the suppression list. An
    advisory lock on the mailbox makes workers wait for each other; the wider caps may be exceeded
    by as many mails as there are workers.
    """
    if row.mailbox is None:
        return Circumstances(suppressed=await suppression_list.holds(connection, address))
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", row.mailbox)
    found = await connection.fetchrow(
        """
        SELECT near.*,
               (SELECT count(*) FROM notify.ledger
                WHERE domain = $8 AND told_on = $3 AND notice_id <> $6
                  AND state = ANY($7::text[])) AS to_this_domain,
               (SELECT count(*) FROM notify.ledger
                WHERE domain = $8 AND told_on >= $3::date - 1 AND told_at > $9
                  AND notice_id <> $6 AND state = ANY($7::text[])) AS to_this_domain_in_an_hour,
               whole.*,
               EXISTS (SELECT 1 FROM notify.silenced
                       WHERE mailbox = $1 AND lifted_at IS NULL) AS silenced,
               EXISTS (SELECT 1 FROM notify.suppressed WHERE address = $11) AS suppressed
        FROM (SELECT count(*) FILTER (WHERE item_id = $4) AS of_this_item,
                     count(*) FILTER (WHERE item_id <> $4 AND thread = $5) AS of_this_thread,
                     count(*) AS to_this_correspondent
              FROM notify.ledger
              WHERE (mailbox = $1 OR correspondent = $2) AND told_on = $3 AND notice_id <> $6
                AND state = ANY($7::text[])) AS near,
             (SELECT coalesce(sum(n) FILTER (WHERE told_on = $3), 0)::int AS in_all,
                     coalesce(sum(n) FILTER (WHERE minute > $9::timestamptz - interval '1 minute'),
                              0)::int AS in_all_in_an_hour
              FROM (SELECT told_on, minute, n FROM notify.left_counts WHERE minute > $10
                    UNION ALL
                    SELECT told_on, date_trunc('minute', told_at), -1 FROM notify.ledger
                    WHERE notice_id = $6 AND told_at > $10
                      AND state = ANY($7::text[])) AS by_minute) AS whole
        """,
        row.mailbox,
        row.correspondent,
        today,
        row.item_id,
        row.thread,
        row.entry.notice_id,
        _LEFT,
        row.domain,
        now - timedelta(hours=1),
        now - _LOOKED_BACK,
        address,
    )
    counts = dict(found or {})
    silenced, suppressed = counts.pop("silenced", False), counts.pop("suppressed", False)
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
                WHERE l.mailbox = s.mailbox ORDER BY l.planned_at DESC LIMIT 1) AS chrono,
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
