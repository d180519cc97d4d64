"""Attached files that were read: each message gets its new text, its item what follows from it."""

from collections.abc import Sequence
from datetime import datetime

from services.desk import statements
from services.desk.domain import attachment_facts
from services.desk.domain.disposition import Disposition
from services.desk.domain.stamp import Stamp
from services.desk.store import arrivals, items
from shared.facts.arrivals import ArrivalReread
from shared.facts.authors import by_source
from shared.facts.items import Items
from shared.facts.observations import ReadAttachments
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite

NOTHING_READ = ReadAttachments(read=0)
"""Of a mail whose files hold no text: an antivirus looked at them, and its pli says what it saw."""
_OF_AN_ITEM = frozenset({Disposition.ITEM, Disposition.MESSAGE})


async def take_texts(
    connection: Connection, batch: Sequence[ArrivalReread], applied: AppliedSite, now: datetime
) -> None:
    """Records as facts what was read in the attachments of known messages; skips older revisions.

    The caller holds the locks of their items and arrivals.
    """
    if not batch:
        return
    filed = await arrivals.filed_arrivals(connection, [fact.arrival_id for fact in batch])
    revised: list[ArrivalReread] = []
    for fact in sorted(batch, key=lambda fact: fact.revision):
        known = filed.get(fact.arrival_id)
        if known is None or known.revision >= fact.revision:
            continue
        filed[fact.arrival_id] = known.at(fact.revision)
        revised.append(fact)
    await arrivals.keep_texts(connection, revised)
    of_items = {
        fact.arrival_id: known.item_id
        for fact in revised
        if (known := filed[fact.arrival_id]).item_id is not None
        and known.word in _OF_AN_ITEM
        and fact.attachments != NOTHING_READ
    }
    before = await items.lock(connection, sorted({item for item in of_items.values() if item}))
    stated: list[Items] = []
    seqs = {item_id: kept.item.seq for item_id, kept in before.items()}
    for fact in revised:
        item_id = of_items.get(fact.arrival_id)
        if item_id is None or item_id not in before:
            continue
        kept = before[item_id]
        stamp = Stamp(item_id, seqs[item_id], fact.event_id, by_source(fact.source), now)
        new = attachment_facts.facts(fact, kept.item, list(kept.facts), applied.site, stamp)
        seqs[item_id] += len(new)
        stated += new
    await statements.state(connection, before, stated, applied.site.zone)
