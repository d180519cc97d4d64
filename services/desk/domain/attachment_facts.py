"""What follows for an item from the text of the files attached to one of its messages.

It is said as a fact, its alert and its hold with it. While nobody has sorted the item, the rules'
proposal takes the place of the one that saw the mail alone; a person's word stays. So do the
readers of a réservé item: no file attached to it gives it others.
"""

from services.desk.domain import registration
from services.desk.domain.item import Item
from services.desk.domain.item_changes import lasting_copies
from services.desk.domain.readership import inherit_readers, readership_of
from services.desk.domain.stamp import Stamp
from shared.facts.arrivals import ArrivalReread
from shared.facts.authors import by_rule
from shared.facts.envelope import ArrivalId
from shared.facts.items import Items
from shared.facts.items.attachments import AttachmentsRead
from shared.facts.items.routing import ItemAssigned, ItemReclassified
from shared.facts.vocabulary import Waiting
from shared.site.tables.bundle import Site


def facts(
    reread: ArrivalReread, item: Item, past: list[Items], site: Site, stamp: Stamp
) -> list[Items]:
    """Returns the facts that attachments of one of an item's messages were read, and what follows.

    If nobody has sorted the item yet, the rules may reclassify and reassign it by what was read.
    `past`: the facts of the item until now.
    """
    counts = reread.attachments
    opens = item.opened.arrival_id == reread.arrival_id
    found = registration.reading(reread, site, doubtful=True)
    stated: list[Items] = [
        AttachmentsRead(
            **stamp(1),
            arrival_id=reread.arrival_id,
            pli=reread.pli,
            danger=reread.routing.danger and not _was_in_danger(item, reread.arrival_id),
            hold=found.hold if opens else None,
            unread=counts.unread if counts is not None else 0,
            proposal=reread.routing,
        )
    ]
    if not opens or not _is_unsorted(item, past):
        return stated
    readership = readership_of(item)
    found = inherit_readers(found, readership)
    by = {"by": by_rule(reread.routing.rule)}
    if found.classification != item.classification:
        envelope = stamp(len(stated) + 1) | by
        stated.append(ItemReclassified(**envelope, classification=found.classification))
    if readership is None and (found.service, found.agent) != (item.service, item.agent):
        envelope = stamp(len(stated) + 1) | by
        stated.append(
            ItemAssigned(
                **envelope,
                service=found.service,
                agent=found.agent,
                copies=lasting_copies(item),
                informed=found.informed,
            )
        )
    return stated


def _was_in_danger(item: Item, arrival: ArrivalId) -> bool:
    """Whether the message alerted by its own words: nobody is told twice."""
    if item.opened.arrival_id == arrival:
        return item.opened.danger
    return any(message.arrival_id == arrival and message.danger for message in item.messages)


def _is_unsorted(item: Item, past: list[Items]) -> bool:
    decided = any(isinstance(fact, ItemReclassified | ItemAssigned) for fact in past)
    return Waiting.TO_QUALIFY in item.waits and not item.ended and not decided
