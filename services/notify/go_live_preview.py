"""How many held notices leave once the site goes live: shown before anybody confirms it."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from services.notify.domain.fold import fold
from services.notify.domain.ledger import NoticeState
from services.notify.domain.policy import NOT_LIVE, Circumstances, Later, SendNow, judge
from services.notify.item_notices import calls_of
from services.notify.store import facts, ledger_lists
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.site import store


async def would_leave(connection: Connection, moment: datetime) -> Mapping[NoticeKind, int]:
    """Counts by kind the notices, held until go-live, that would leave if it were at `moment`.

    Nothing is changed. Notices about no item, and those that would be too old by then, are not
    counted.
    """
    applied = (await store.current(connection)).model_copy(update={"go_live": moment})
    held = await ledger_lists.in_state(connection, NoticeState.HELD, NOT_LIVE)
    known = await facts.of(connection, {row.item_id for row in held if row.item_id})
    now = max([moment, *(row.planned_at for row in held)])
    leaving: Counter[NoticeKind] = Counter()
    for row in held:
        item = fold(known.get(row.item_id, ())) if row.item_id else None
        calls = calls_of(item, applied, now) if item else ()
        for call in calls:
            if item and call.notice(applied.site.identity.id) == row.entry.notice_id:
                verdict = judge(call, item, applied, Circumstances(), now)
                leaving[call.kind] += isinstance(verdict, SendNow | Later)
    return +leaving
