"""Addresses that do not exist, known by their keyed pseudonym alone."""

from datetime import datetime

from shared.facts.envelope import Digest, NoticeId
from shared.platform.database import Connection


async def add(
    connection: Connection, address: Digest, notice: NoticeId, status: str, now: datetime
) -> None:
    """Adds an address to the suppression list, because a notice to it bounced."""
    await connection.execute(
        """
        INSERT INTO notify.suppressed (address, notice_id, status, since) VALUES ($1, $2, $3, $4)
        ON CONFLICT DO NOTHING
        """,
        address,
        notice,
        status,
        now,
    )


async def holds(connection: Connection, address: Digest) -> bool:
    """Whether an address is on the suppression list, because a notice bounced."""
    return bool(
        await connection.fetchval(
            "SELECT EXISTS (SELECT 1 FROM notify.suppressed WHERE address = $1)", address
        )
    )
