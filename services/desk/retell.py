"""The register tells its facts again, with the same ids: for readers that lost or never had them.

It keeps every fact for ever, so that what its outbox has forgotten is told again too.
"""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from services.desk.store import fact_history, facts, quality
from shared.facts.items import Items
from shared.platform.database import Connection, Pool, transaction
from shared.platform.messaging import outbox_retell
from shared.platform.postgres import rows

PAGE = 200
"""Items told in one transaction."""


async def tell_again(pool: Pool, since: datetime | None) -> int:
    """Puts the register's facts into the outbox again, to be republished with the same ids.

    All facts of each item that has one since `since`, and the quality facts since then. Returns how
    many. Facts that can't be read are left out.

    Raises:
        TemporaryFailure: PostgreSQL is away; what was put before waits in the outbox.
    """
    told = 0
    after: UUID | None = None
    while True:
        async with transaction(pool) as connection:
            page, after = await _page(connection, since, after)
            await outbox_retell.put_again(connection, facts.SCHEMA, page)
        if after is None:
            break
        told += len(page)
    async with transaction(pool) as connection:
        rest = await quality.since(connection, since)
        await outbox_retell.put_again(connection, quality.SCHEMA, rest)
    return told + len(rest)


async def _page(
    connection: Connection, moment: datetime | None, after: UUID | None
) -> tuple[Sequence[Items], UUID | None]:
    """All facts of each item with one since `moment`, and the last item's id; `None`: none is left.

    Unreadable ones are left out.
    """
    stored = await connection.fetch(
        """
        SELECT f.item_id, f.seq, f.payload FROM desk.facts f
        WHERE f.item_id IN (
            SELECT DISTINCT item_id FROM desk.facts
            WHERE ($1::timestamptz IS NULL OR recorded_at >= $1)
              AND ($2::uuid IS NULL OR item_id > $2)
            ORDER BY item_id LIMIT $3
        )
        ORDER BY f.item_id, f.seq
        """,
        moment,
        after,
        PAGE,
    )
    found = rows.readable(fact_history.TABLE, stored, fact_history.key_of, fact_history.fact_of)
    return found, stored[-1]["item_id"] if stored else None
