"""Notices that left though the tables do not know it: after a restore they stand as sent."""

from collections.abc import Sequence

from shared.facts.notices import NoticeSent
from shared.platform.database import Connection


async def keep_sent(connection: Connection, sent: Sequence[NoticeSent]) -> None:
    """Stores as sent the notices that the ledger lost when the database was restored.

    Notices that the ledger has as sent or bounced stay as they are.
    """
    await connection.executemany(
        """
        INSERT INTO notify.ledger AS kept
            (notice_id, item_id, occasion, kind, reader, way, state, ordered, document,
             due_at, planned_at, changed_at)
        VALUES ($1, $2, $3, $4, $5, $6, 'sent', $7, $8, $9, $9, $9)
        ON CONFLICT (notice_id) DO UPDATE SET state = 'sent', why = NULL, document = $8,
            changed_at = $9, revision = kept.revision + 1
        WHERE kept.state NOT IN ('sent', 'bounced')
        """,
        [
            (
                notice.notice_id,
                notice.item_ids[0] if notice.reader is None and notice.item_ids else None,
                notice.occasion,
                notice.kind.value,
                notice.reader,
                notice.way.value,
                notice.ordered,
                notice.document,
                notice.happened_at,
            )
            for notice in sent
        ],
    )
