"""The decision that an item be sorted again: whoever sorted it pressed the wrong key."""

from dataclasses import dataclass

from services.desk.domain.decisions.context import DecisionContext, not_ended
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import ServiceId
from shared.facts.items import Items
from shared.facts.items.routing import WaitStarted
from shared.facts.vocabulary import Waiting


@dataclass(frozen=True, slots=True)
class SortAgain:
    """The command to send an item back to the mail office, to be qualified anew."""


def sort_again(item: Item, ground: DecisionContext) -> list[Items]:
    """Decides to have an item qualified again: returns `WaitStarted`.

    The earlier qualification stays in the item's past. Raises Refused.
    """
    not_ended(item)
    if Waiting.TO_QUALIFY in item.waits:
        raise Refused(
            f"{item.chrono} is to be qualified already.", "to-qualify-already", chrono=item.chrono
        )
    office = ServiceId(ground.applied.site.identity.mail_office)
    return [WaitStarted(**ground.stamp(item)(1), waiting=Waiting.TO_QUALIFY, service=office)]
