"""The fact that tells of a row: its id follows from the notice and the count of what was told."""

from datetime import datetime
from typing import Any, assert_never

from services.notify.domain.ledger import NoticeState
from services.notify.store.ledger import LedgerRow
from shared.errors import PermanentFailure
from shared.facts import ids
from shared.facts.authors import by_service
from shared.facts.envelope import Digest
from shared.facts.notices import (
    NoticeBounced,
    NoticeFailed,
    NoticeHeld,
    NoticePlanned,
    Notices,
    NoticeSent,
    NoticeWithdrawn,
)
from shared.facts.origin import MACHINE, Origin

BY = by_service("notify")


def tell(
    row: LedgerRow,
    now: datetime,
    *,
    by: str = BY,
    origin: Origin = MACHINE,
    message: Digest | None = None,
) -> Notices:
    """Makes the fact that publishes the present state of a notice in the ledger.

    Raises PermanentFailure while the fate of its mail is open.
    """
    entry = row.entry
    envelope: dict[str, Any] = {
        "event_id": ids.event_id(entry.notice_id, entry.state, row.revision),
        "happened_at": now,
        "recorded_at": now,
        "by": by,
        **origin.fields,
        "notice_id": entry.notice_id,
        "item_ids": () if row.item_id is None else (row.item_id,),
        "kind": entry.kind,
        "way": row.way,
        "occasion": entry.occasion,
        "ordered": entry.ordered,
        "reader": row.reader,
        "revision": row.revision,
    }
    why = entry.why or "unknown"
    match entry.state:
        case NoticeState.PLANNED | NoticeState.TO_PRINT:
            return NoticePlanned(**envelope, document=row.document)
        case NoticeState.HELD:
            return NoticeHeld(**envelope, why=why)
        case NoticeState.SENT:
            if message is None:
                raise PermanentFailure("A mail that was sent has a Message-ID.")
            return NoticeSent(
                **envelope,
                message=message,
                document=row.document,
                attempts=row.attempts,
                answer=row.answer,
            )
        case NoticeState.FAILED:
            return NoticeFailed(**envelope, status=why)
        case NoticeState.BOUNCED:
            return NoticeBounced(**envelope, status=why)
        case NoticeState.WITHDRAWN:
            return NoticeWithdrawn(**envelope, why=why)
        case NoticeState.ATTEMPTING | NoticeState.UNKNOWN | NoticeState.PARKED:
            raise PermanentFailure("Nothing is told while the fate of a mail is open.")
        case _:
            assert_never(entry.state)
