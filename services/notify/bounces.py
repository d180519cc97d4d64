"""What notify does with a mail of ours that came back undelivered (topic `arrivals`)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from services.notify.domain.ledger import NO_ANSWER_TWICE, NoticeState
from services.notify.ledger_decisions import LedgerDecision
from services.notify.ledger_writer import write
from services.notify.notice_facts import tell
from services.notify.store import SCHEMA, ledger, suppression_list
from shared.facts.arrivals import Arrivals
from shared.facts.observations import BounceSeen
from shared.facts.vocabulary import Way
from shared.platform.database import Connection
from shared.platform.messaging import inbox
from shared.platform.messaging.subscription import Handle, RejectedFact, pass_over

BOUNCES = "bounces"
NOBODY_THERE = "5.1."
"""RFC 3463: the address itself is wrong; other failures may pass."""


def hears_arrivals() -> Handle[Arrivals]:
    """Makes notify's handler of topic `arrivals`, which takes bounces of our own notices only."""

    async def hear(
        connection: Connection, batch: Sequence[Arrivals], now: datetime
    ) -> Sequence[RejectedFact[Arrivals]]:
        bounces = [fact for fact in batch if isinstance(fact, BounceSeen)]
        failed = [
            bounce
            for bounce in bounces
            if bounce.action == "failed" and bounce.notice_id is not None
        ]
        if not failed:
            return ()
        rows = await ledger.by_id(
            connection, {bounce_seen.notice_id for bounce_seen in failed if bounce_seen.notice_id}
        )
        new = await inbox.keep_new(
            connection, SCHEMA, BOUNCES, [bounce_seen.event_id for bounce_seen in failed]
        )

        def row_of(fact: BounceSeen) -> ledger.LedgerRow | None:
            return rows.get(fact.notice_id) if fact.notice_id is not None else None

        def address_of(fact: BounceSeen) -> str:
            row = row_of(fact)
            return row.address if row is not None and row.address is not None else ""

        # Whoever keeps two addresses keeps them in their order, whoever came back first.
        for fact in sorted(failed, key=address_of):
            row = row_of(fact)
            if fact.event_id not in new:
                pass_over(fact)
            elif row is not None:
                await _bounced(connection, row, fact, now)
        return ()

    return hear


async def _bounced(
    connection: Connection, row: ledger.LedgerRow, fact: BounceSeen, now: datetime
) -> None:
    notice = row.entry.notice_id
    if fact.status.startswith(NOBODY_THERE) and row.address is not None:
        await suppression_list.add(connection, row.address, notice, fact.status, now)
    # A bounce is itself the answer to an attempt whose answer was never seen.
    silent = row.entry.state in {NoticeState.UNKNOWN, NoticeState.ATTEMPTING} or (
        row.entry.state is NoticeState.HELD and row.entry.why == NO_ANSWER_TWICE
    )
    if row.way is Way.MAIL and (row.entry.state is NoticeState.SENT or silent):
        entry = replace(row.entry, state=NoticeState.BOUNCED, why=fact.status)
        after = replace(row, entry=entry, revision=row.revision + 1)
        await write(connection, [LedgerDecision(after, tell(after, now))], now)
