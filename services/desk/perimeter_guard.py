"""No one person takes a late item out of the rates by what changes its service on day 0 (ADR 0083).

Assigning it, correcting its day of receipt, undoing either, or merging it into an item whose
service the label leaves out: after the limit each of these is a way out of the perimeter.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from services.desk.domain.decisions.second import late_on
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.domain.label_perimeter import LabelPerimeter, outside_service
from services.desk.store import clocks, label_perimeter
from services.desk.store.items import StoredItemRow
from shared.errors import Refused
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.facts.items.corrections import FactWithdrawn, ItemMergedInto, ReceiptCorrected
from shared.facts.items.routing import ItemAssigned, WaitEnded
from shared.facts.vocabulary import ClockName
from shared.platform.database import Connection
from shared.site.tables.bundle import Site

_MOVING: Final = (ItemAssigned, ReceiptCorrected, WaitEnded, FactWithdrawn, ItemMergedInto)


async def guard(
    connection: Connection,
    before: Mapping[ItemId, StoredItemRow],
    stated: Sequence[Items],
    site: Site,
    today: date,
) -> None:
    """Raises Refused if new facts would take a late item out of the label's perimeter."""
    moving = [fact for fact in stated if isinstance(fact, _MOVING) and fact.item_id in before]
    perimeter = await label_perimeter.perimeter(connection) if moving else LabelPerimeter()
    if not perimeter.changes:
        return
    told = await clocks.of_items(connection, [fact.item_id for fact in moving])
    for fact in moving:
        stored = before[fact.item_id]
        if not late_on(today, told.get((fact.item_id, ClockName.REPLY))):
            continue
        if not _covered(stored.item, site, perimeter):
            continue
        if isinstance(fact, ItemMergedInto):
            into = before.get(fact.survivor)
            if into is not None and not _covered(into.item, site, perimeter):
                raise Refused(
                    f"The limit of {stored.item.chrono} has passed and the label leaves the"
                    f" service of {fact.survivor_chrono} out: put it out with a second person.",
                    "late-into-outside",
                    chrono=stored.item.chrono,
                    into=fact.survivor_chrono,
                )
        else:
            mine = [new for new in stated if new.item_id == fact.item_id]
            if outside_service(fold([*stored.facts, *mine]), site.zone, perimeter) is not None:
                raise Refused(
                    f"The limit of {stored.item.chrono} has passed: the quality officer puts it out"
                    " of the perimeter with a second person, on the page of its proof.",
                    "after-the-limit",
                    chrono=stored.item.chrono,
                )


def _covered(item: Item, site: Site, perimeter: LabelPerimeter) -> bool:
    inside = item.classification.perimeter
    return inside and outside_service(item, site.zone, perimeter) is None
