"""The notices of one item: what its facts call for, compared with its rows of the ledger.

Everything but the I/O. Used by the handler of items, by what time wakes, and when the site goes
live.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import assert_never

from services.notify.domain.alerts import alert_about
from services.notify.domain.calls import Call
from services.notify.domain.copies import copies_of
from services.notify.domain.item import NotifiedItem
from services.notify.domain.ledger import (
    NoticeState,
    PlanNotice,
    ReleaseNotice,
    WithdrawNotice,
    reconcile,
)
from services.notify.domain.occasions import called_for
from services.notify.ledger_decisions import LedgerDecision, decide_call, enter_state
from services.notify.reassessment import decide_posted, judged_again
from services.notify.store.ledger import LedgerRow
from shared.facts.envelope import NoticeId, PersonId
from shared.facts.vocabulary import AUTOMATIC
from shared.site.tables.bundle import AppliedSite


def calls_of(item: NotifiedItem, applied: AppliedSite, now: datetime) -> Sequence[Call]:
    """Lists all notices that an item calls for at `now`, with copies, and alerts about them."""
    site = applied.site
    calls = called_for(
        item,
        today=now.astimezone(site.zone).date(),
        zone=site.zone,
        effects=site.effects,
        on_call=PersonId(site.identity.on_call),
    )
    calls += tuple(copies_of(calls, item, site.identity.id))
    told = (alert_about(call, item, applied) for call in calls if call.kind in AUTOMATIC)
    extra = {call.notice(site.identity.id): call for call in told if call is not None}
    if not extra:
        return calls
    alerts = {call.notice(site.identity.id) for call in calls}
    return [*calls, *(call for notice, call in extra.items() if notice not in alerts)]


def decide(
    item: NotifiedItem, rows: Mapping[NoticeId, LedgerRow], applied: AppliedSite, now: datetime
) -> Sequence[LedgerDecision]:
    """Returns the changes to an item's notices in the ledger that its facts now call for."""
    site = applied.site.identity.id
    calls = {call.notice(site): call for call in calls_of(item, applied, now)}
    decided = [*decide_posted(calls, item, rows, now)]
    rows = {**rows, **{decision.row.entry.notice_id: decision.row for decision in decided}}
    entries = {notice: row.entry for notice, row in rows.items()}
    for change in reconcile(calls.values(), entries, item, site):
        match change:
            case PlanNotice(call):
                decided += decide_call(call, item, rows.get(call.notice(site)), applied, now)
            case ReleaseNotice(entry, call):
                decided += decide_call(call, item, rows[entry.notice_id], applied, now)
            case WithdrawNotice(entry, why):
                decided.append(enter_state(rows[entry.notice_id], NoticeState.WITHDRAWN, why, now))
            case _:
                assert_never(change)
    decided += judged_again(calls, item, rows, applied, now)
    return decided
