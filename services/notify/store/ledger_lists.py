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


async def held_and_unsent(
    connection: Connection, kind: NoticeKind, before: datetime
) -> tuple[bool, int]:
    """Returns whether any notice is held, and how many emails of a kind still wait to be sent.

    Only emails planned before a moment are counted.
    """
    row = await connection.fetchrow(
        """
        SELECT EXISTS (SELECT FROM notify.ledger WHERE state = 'held') AS held,
               (SELECT count(*) FROM notify.ledger
                WHERE kind = $1 AND planned_at < $2
                  AND way = 'mail' AND state IN ('planned', 'unknown')) AS unsent
        """,
        kind.value,
        before,
    )
    assert row is not None  # noqa: S101  (a row of two answers)
    return row["held"], int(row["unsent"])
