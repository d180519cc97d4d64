"""What was told lately to whom, and which addresses hit their cap too often."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from services.notify.domain.loop_guard import RecentNotice
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import Chrono, Digest
from shared.platform.database import Connection

HITS = 2
"""Days at the cap after which an address stays silent: once may be a bad day."""
REMEMBERED = timedelta(days=92)
"""For how long a day at the cap counts."""
_LEFT = ["attempting", "unknown", "sent", "bounced"]


async def told(connection: Connection, row: LedgerRow, today: date, now: datetime) -> RecentNotice:
    """Counts the automatic emails sent lately to an address, to its domain and in all (caps).

    An advisory lock on the address makes workers wait for each other; the wider caps may be
    exceeded by as many mails as there are workers.
    """
    if row.mailbox is None:
        return RecentNotice()
    await connection.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", row.mailbox)
    counts = await connection.fetchrow(
        """
        SELECT count(*) FILTER (WHERE item_id = $4) AS of_item,
               count(*) FILTER (WHERE item_id <> $4 AND thread = $5) AS of_thread,
               count(*) AS to_correspondent
        FROM notify.ledger
        WHERE (mailbox = $1 OR correspondent = $2) AND told_on = $3 AND notice_id <> $6
          AND state = ANY($7::text[])
        """,
        row.mailbox,
        row.correspondent,
        today,
        row.item_id,
        row.thread,
        row.entry.notice_id,
        _LEFT,
    )
    wider = await connection.fetchrow(
        """
        SELECT (SELECT count(*) FROM notify.ledger
                WHERE domain = $1 AND told_on = $2 AND notice_id <> $4
                  AND state = ANY($5::text[])) AS domain_day,
               (SELECT count(*) FROM notify.ledger
                WHERE domain = $1 AND told_on >= $2::date - 1 AND told_at > $3
                  AND notice_id <> $4 AND state = ANY($5::text[])) AS domain_hour,
               (SELECT count(*) FROM notify.ledger
                WHERE told_at > $3 AND notice_id <> $4 AND state = ANY($5::text[])) AS all_hour,
               (SELECT count(*) FROM notify.ledger
                WHERE told_at > $6 AND told_on = $2 AND notice_id <> $4
                  AND state = ANY($5::text[])) AS all_day
        """,
        row.domain,
        today,
        now - timedelta(hours=1),
        row.entry.notice_id,
        _LEFT,
        now - timedelta(hours=26),
    )
    if counts is None or wider is None:
        return RecentNotice()
    return RecentNotice(
        of_this_item=counts["of_item"],
        of_this_thread=counts["of_thread"],
        to_this_correspondent=counts["to_correspondent"],
        to_this_domain_in_an_hour=wider["domain_hour"],
        to_this_domain=wider["domain_day"],
        in_all_in_an_hour=wider["all_hour"],
        in_all=wider["all_day"],
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


async def is_silenced(connection: Connection, mailbox: Digest) -> bool:
    """Whether an address is silenced: no automatic email before a person allows it."""
    return bool(
        await connection.fetchval(
            """
            SELECT EXISTS (SELECT 1 FROM notify.silenced
                           WHERE mailbox = $1 AND lifted_at IS NULL)
            """,
            mailbox,
        )
    )


@dataclass(frozen=True, slots=True)
class Silenced:
    """A silenced address, named by the chrono of its last item."""

    mailbox: Digest
    since: datetime
    chrono: Chrono | None
    held: int
    """Notices to it that are held."""


async def silenced(connection: Connection) -> Sequence[Silenced]:
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
