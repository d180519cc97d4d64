"""What waits in quarantine without an item: that its wait begins, and ends once it is read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.desk.domain import placement_facts
from services.desk.domain.disposition import (
    ArrivalOutcome,
    Disposition,
    MatchContext,
    StoredDisposition,
)
from services.desk.domain.stamp import REGISTER, Stamp
from shared.facts.arrivals import JudgedArrival
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.site.tables.bundle import AppliedSite

Judged = Sequence[tuple[JudgedArrival, ArrivalOutcome]]
"""Arrivals with what each becomes, in the order of receipt."""


def quarantined_items(judged: Judged, known: MatchContext) -> list[ItemId]:
    """Returns the ids of those arrivals that waited in quarantine until this reading.

    Facts about quarantine use the arrival's id in place of an item's.
    """
    return [
        ItemId(arrival.arrival_id)
        for arrival, _ in judged
        if (before := known.arrivals.get(arrival.arrival_id)) is not None
        and before.word is Disposition.QUARANTINE
    ]


def facts_of(
    judged: Judged,
    known: MatchContext,
    seqs: Mapping[ItemId, int],
    applied: AppliedSite,
    now: datetime,
) -> list[Items]:
    """Returns the facts that arrivals enter quarantine, or leave it because they were read."""
    waited = set(quarantined_items(judged, known))
    facts = []
    for arrival, outcome in judged:
        item_id = ItemId(arrival.arrival_id)
        waits = isinstance(outcome, StoredDisposition) and outcome.word is Disposition.QUARANTINE
        if waits == (item_id in waited):
            continue
        stamp = Stamp(item_id, seqs.get(item_id, 0), arrival.event_id, REGISTER, now)
        facts.append(
            placement_facts.quarantine_fact(applied.site, stamp)
            if waits
            else placement_facts.release_fact(stamp)
        )
    return facts
