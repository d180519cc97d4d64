"""From facts to an item as notices see it, whatever their order of arrival.

Withdrawn statements count for nothing; `seq` alone decides what is current (docs/clocks.md, 20).
"""

from collections.abc import Iterable
from datetime import datetime

from services.notify.domain import item_changes
from services.notify.domain.item import NotifiedItem
from shared.facts.envelope import EventId
from shared.facts.items import Items
from shared.facts.items.registration import ItemRegistered
from shared.facts.standing import standing


def fold(facts: Iterable[Items]) -> NotifiedItem | None:
    """Returns the state of an item from its facts, in any order; `None` before registration."""
    given = list(facts)
    stands = sorted(standing(given), key=lambda fact: fact.seq)
    opening = next((fact for fact in given if isinstance(fact, ItemRegistered)), None)
    if opening is None:
        return None
    item = NotifiedItem(
        registered=opening,
        classification=opening.classification,
        service=opening.service,
        agent=opening.agent,
        informed=opening.informed,
        receipt=opening.receipt,
        provisional=opening.provisional,
        qualified_at=opening.recorded_at if opening.qualified else None,
        dangers=_dangers(opening),
    )
    for fact in stands:
        item = item_changes.after(item, fact)
    return item


def _dangers(opening: ItemRegistered) -> tuple[tuple[EventId, datetime], ...]:
    """What a person took over from the past has been read: only what comes later alerts."""
    alerts = opening.danger and not opening.imported
    return ((opening.event_id, opening.recorded_at),) if alerts else ()
