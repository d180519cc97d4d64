"""The probes that left: one row a mailbox, so that two processes never send one twice."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from shared.platform.database import Connection


async def claim(
    connection: Connection, mailboxes: Sequence[str], now: datetime, before: datetime
) -> Sequence[str]:
    """Claims the mailboxes without probe (test email) since `before`: one leaves now."""
    rows = await connection.fetch(
        """
        INSERT INTO notify.probes (mailbox, sent_at) SELECT unnest($1::text[]), $2
        ON CONFLICT (mailbox) DO UPDATE SET sent_at = excluded.sent_at
        WHERE probes.sent_at <= $3
        RETURNING mailbox
        """,
        sorted(mailboxes),
        now,
        before,
    )
    return [row["mailbox"] for row in rows]


async def last_probes(connection: Connection) -> Mapping[str, datetime]:
    """Returns the moment of the last probe (test email) for each mailbox."""
    rows = await connection.fetch("SELECT mailbox, sent_at FROM notify.probes")
    return {row["mailbox"]: row["sent_at"] for row in rows}
