"""Which fact of an item made a promise of a closed month what it was not: who, when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.domain.codes import CHANNELS, RESULTS
from services.desk.domain.days import local_day
from services.desk.domain.fold import fold
from services.desk.domain.label_perimeter import (
    SERVICE_OUTSIDE,
    LabelPerimeter,
    outside_service,
    service_on_day_zero,
)
from shared.facts.envelope import EventId
from shared.facts.items import Items
from shared.facts.items.routing import ItemReclassified
from shared.facts.quality import PromiseAs

MOVING: Final = frozenset(
    {"ReplySent", "ReplyObserved", "AcknowledgementSent", "HoldingReplySent", "ReceiptSent",
     "PersonTold", "PiecesRequested", "PiecesReceived", "RegimeConfirmed", "DecisionTaken",
     "FactWithdrawn", "ItemReclassified", "ReceiptCorrected", "ItemMergedInto", "ItemAbsorbed",
     "ItemSplitFrom", "ItemTransferred", "ItemReopened"}
)  # fmt: skip
"""Facts that move a result or a day by themselves."""
OTHERS: Final = frozenset({"ItemClosed", "ItemAssigned"})
"""Facts that move a promise only when none of the others does."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The fact that changed the result of an item's deadline after its month was closed."""

    event_id: EventId
    type: str
    by: str
    at: datetime
    """When it was stated: it may speak of an earlier moment."""
    reason: str | None
    """A code of the site's reasons, where it has one."""


def cause_of(facts: Sequence[Items], since: datetime) -> Cause | None:
    """Finds the last fact since a month's closing that may have changed a deadline's result.

    `None` if no fact did: then a limit has passed, or the rules changed.
    """
    told = [fact for fact in facts if fact.recorded_at > since]
    for types in (MOVING, OTHERS):
        for fact in reversed(told):
            if fact.type in types:
                return Cause(fact.event_id, fact.type, fact.by, fact.recorded_at, _reason(fact))
    return None


def perimeter_cause(
    facts: Sequence[Items], perimeter: LabelPerimeter, since: datetime, zone: ZoneInfo
) -> Cause | None:
    """Finds the change of the label's perimeter that took an item out or brought it in.

    `None` if no change did. `since`: the month's closing, or its last correction.
    """
    if not facts:
        return None
    item = fold(facts)
    then = LabelPerimeter([fact for fact in perimeter.changes if fact.recorded_at <= since])
    if outside_service(item, zone, then) == outside_service(item, zone, perimeter):
        return None
    change = perimeter.last_change(service_on_day_zero(item, zone), local_day(item.receipt, zone))
    if change is None:
        return None
    reason = None if change.inside else SERVICE_OUTSIDE
    return Cause(change.event_id, change.type, change.by, change.recorded_at, reason)


def _reason(fact: Items) -> str | None:
    if isinstance(fact, ItemReclassified):
        return fact.classification.reason
    said = getattr(fact, "reason", None)
    return None if said is None else str(said)


def in_words(promise: PromiseAs | None) -> str:
    """Formats a deadline's result in French codes: « en-retard 7 j, bmi, courriel ».

    Empty for `None`.
    """
    if promise is None:
        return ""
    days = f" {promise.days} j" if promise.days >= 0 else ""
    result = RESULTS.get(promise.result, promise.result)
    return f"{result}{days}, {promise.service}, {CHANNELS.get(promise.channel, promise.channel)}"
