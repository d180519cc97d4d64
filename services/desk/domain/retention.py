"""When a content's time has come: so many months after its item ended (DUA, docs/domain.md §9).

The site says how many for each category. A legal hold, or anything that still waits, keeps it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from services.desk.domain.item import Item, ItemStatus
from shared.calendar.working_days import add_months
from shared.facts.envelope import Chrono, ItemId
from shared.facts.items import Items
from shared.facts.items.acknowledgements import PersonTold
from shared.facts.items.closure import ItemClosed, ItemTransferred
from shared.facts.items.corrections import ItemAbsorbed, ItemMergedInto
from shared.facts.items.registration import SenderWroteAgain
from shared.facts.items.replies import ReplySent
from shared.facts.standing import standing
from shared.site.tables.bundle import Site

ENDS = (
    ReplySent,
    ItemClosed,
    ItemTransferred,
    PersonTold,
    SenderWroteAgain,
    ItemMergedInto,
    ItemAbsorbed,
)
"""From the last of these the time runs: what comes after the reply, a message or an item that is
merged into this one, is part of the file."""


@dataclass(frozen=True, slots=True)
class Due:
    """An item whose retention is over: its content may be destroyed if an archivist agrees."""

    item_id: ItemId
    chrono: Chrono
    category: str
    ended_on: date
    due_on: date
    to_archive: bool = False
    """Its category goes to the archive first. One that was merged went with its survivor."""


def ended_on(item: Item, facts: Sequence[Items], zone: ZoneInfo) -> date | None:
    """Returns the local day on which an item ended; `None` while it waits for an answer."""
    if not item.ended:
        return None
    last = [fact.happened_at for fact in standing(facts) if isinstance(fact, ENDS)]
    return max(last).astimezone(zone).date() if last else None


def due(item: Item, facts: Sequence[Items], site: Site, today: date) -> Due | None:
    """Returns the item as due for destruction on a local day; `None`: it is not due.

    Under a legal hold it is kept, as is one of a category that the site no longer knows: a person
    must say how long. One that is destroyed already is not due either.
    """
    category = site.category_now(item.classification.category)
    ended = ended_on(item, facts, site.zone)
    kept = item.legal_hold is not None or bool(item.asked) or bool(item.returned)
    gone = item.state is ItemStatus.DESTROYED
    if category is None or ended is None or kept or gone:
        return None
    when = add_months(ended, category.retention_months)
    if when >= today:
        return None
    goes = category.final == "archive" and item.merged_into is None
    return Due(item.item_id, item.chrono, category.id, ended, when, goes)
