"""Lists and counts of the ledger, whatever the item: what is held, what still waits to leave."""

from collections.abc import Mapping
from datetime import datetime

from services.notify.domain.ledger import NoticeState
from services.notify.store.ledger import LedgerRow, readable
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection


async def in_state(
    connection: Connection, state: NoticeState, why: str | None = None
) -> list[LedgerRow]:
    """Lists the notices in a state, optionally only those with one reason, oldest first."""
    rows = await connection.fetch(
        """
        SELECT * FROM notify.ledger WHERE state = $1 AND ($2::text IS NULL OR why = $2)
        ORDER BY planned_at, notice_id
        """,
        state.value,
        why,
    )
    return await readable(connection, rows)


async def any_held(connection: Connection) -> bool:
    """Whether any notice is held until a person decides."""
    return bool(
        await connection.fetchval("SELECT EXISTS (SELECT FROM notify.ledger WHERE state = 'held')")
    )


async def counts(connection: Connection) -> Mapping[tuple[str, str], int]:
    """Counts the notices in the ledger by (state, kind)."""
    rows = await connection.fetch(
        "SELECT state, kind, sum(n) AS n FROM notify.ledger_counts GROUP BY state, kind"
    )
    return {(row["state"], row["kind"]): int(row["n"]) for row in rows}


async def unsent(connection: Connection, kind: NoticeKind, before: datetime) -> int:
    """Counts the emails of a kind, planned before a moment, that still wait to be sent."""
    return int(
        await connection.fetchval(
            """
            SELECT count(*) FROM notify.ledger
            WHERE kind = $1 AND planned_at < $2
              AND way = 'mail' AND state IN ('planned', 'unknown')
            """,
            kind.value,
            before,
        )
    )
