"""Which fact of an item made a promise of a closed month what it was not: who, when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.desk.domain.codes import CHANNELS, RESULTS
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
"""What moves a promise only when none of those does."""


@dataclass(frozen=True, slots=True)
class Cause:
    """The fact that made a correction."""

    event_id: EventId
    type: str
    by: str
    at: datetime
    """When it was stated: it may speak of an earlier moment."""
    reason: str | None
    """A code of the site's reasons, where it has one."""


def cause_of(facts: Sequence[Items], since: datetime) -> Cause | None:
    """The last fact stated since a month was closed that may have moved a promise of its item.

    `None`: there is none; a limit passed, or the rules changed.
    """
    told = [one for one in facts if one.recorded_at > since]
    for types in (MOVING, OTHERS):
        for one in reversed(told):
            if one.type in types:
                return Cause(one.event_id, one.type, one.by, one.recorded_at, _reason(one))
    return None


def _reason(fact: Items) -> str | None:
    if isinstance(fact, ItemReclassified):
        return fact.classification.reason
    said = getattr(fact, "reason", None)
    return None if said is None else str(said)


def in_words(one: PromiseAs | None) -> str:
    """« en-retard 7 j, bmi, courriel », in the codes that officers read; empty for none."""
    if one is None:
        return ""
    days = f" {one.days} j" if one.days >= 0 else ""
    result = RESULTS.get(one.result, one.result)
    return f"{result}{days}, {one.service}, {CHANNELS.get(one.channel, one.channel)}"
