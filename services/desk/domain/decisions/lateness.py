"""The decision that says why a reply was late: a cause of the work, never of anybody."""

from dataclasses import dataclass

from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.decisions.second import past_limit
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.items import Items
from shared.facts.items.replies import LateExplained
from shared.facts.vocabulary import LateCause


@dataclass(frozen=True, slots=True)
class ExplainLate:
    """The command to record the cause of a late reply; given again, the last cause counts."""

    cause: LateCause


def explain_late(item: Item, command: ExplainLate, ground: DecisionContext) -> list[Items]:
    """Decides to record the cause of a late reply: returns `LateExplained`.

    Whether the reply was late is what sla last told; before it has left, the local day of the
    decision is compared with the limit. Raises Refused if it is not late, or has that cause.
    """
    still_there(item)
    if not past_limit(ground):
        raise Refused(
            f"The reply to {item.chrono} is not late: there is nothing to explain.",
            "not-late",
            chrono=item.chrono,
        )
    if command.cause is item.late_cause:
        raise Refused(
            f"{item.chrono} is all that already: nothing changes.",
            "nothing-changes",
            chrono=item.chrono,
        )
    return [LateExplained(**ground.stamp(item)(1), cause=command.cause)]
