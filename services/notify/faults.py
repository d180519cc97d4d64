"""Notices that nobody can write, for a fault of ours or of a file: each held for a person."""

from dataclasses import replace
from datetime import datetime

from services.notify.domain.ledger import NoticeState
from services.notify.ledger_decisions import LedgerDecision
from services.notify.notice_facts import tell
from services.notify.store.ledger import LedgerRow
from shared.errors import TemporaryFailure
from shared.platform.database import Connection, is_lost
from shared.platform.observability.logs import Log

log = Log("sender")

UNWRITABLE = "unwritable"
"""Held: its pli is damaged or gone, or we have a fault; the log has the trace."""


def unwritable(
    connection: Connection, row: LedgerRow, error: Exception, now: datetime
) -> LedgerDecision:
    """Returns a notice whose writing failed as held (and logs the error); saves nothing.

    Raises `error` again when it may pass: a TemporaryFailure, or the connection was lost.
    """
    if isinstance(error, TemporaryFailure) or is_lost(connection):
        raise error
    notice = str(row.entry.notice_id)
    log.error("notice_unwritable", trace=error, id=notice)
    entry = replace(row.entry, state=NoticeState.HELD, why=UNWRITABLE)
    held = replace(row, entry=entry, revision=row.revision + 1)
    return LedgerDecision(held, tell(held, now))
