"""How facts of items are stated, by whoever states them: a person, a topic, a file taken over."""

from collections import Counter
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from services.desk.domain.decisions.transfer import end_of_wait
from services.desk.domain.fold import fold
from services.desk.store import items
from services.desk.store.items import StoredItemRow
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.platform.database import Connection


async def state(
    connection: Connection,
    before: Mapping[ItemId, StoredItemRow],
    new: Sequence[Items],
    zone: ZoneInfo,
) -> Mapping[ItemId, StoredItemRow]:
    """Stores new facts and the items computed from them; puts the facts into the outbox.

    `before`: the items as stored, locked by the caller. Adds the ends of the waits that are settled
    (as for a transmission). Skips a fact whose event id its item has; renumbers those behind it.
    Returns the items that something was stated of, as stored now.
    """
    new = _unstated(before, new)
    if not new:
        return {}
    stated: dict[ItemId, list[Items]] = {}
    for fact in new:
        if fact.item_id not in stated:
            kept = before.get(fact.item_id)
            stated[fact.item_id] = [] if kept is None else list(kept.facts)
        stated[fact.item_id].append(fact)
    said = {item_id: fold(told) for item_id, told in stated.items()}
    ends = [end for item_id, told in stated.items() for end in end_of_wait(said[item_id], told)]
    for end in ends:
        stated[end.item_id].append(end)
        said[end.item_id] = fold(stated[end.item_id])
    await items.append(connection, [*new, *ends], list(said.values()), zone)
    return {item_id: StoredItemRow(said[item_id], told) for item_id, told in stated.items()}


def _unstated(before: Mapping[ItemId, StoredItemRow], new: Sequence[Items]) -> Sequence[Items]:
    """The facts that their items do not have, numbered without those that they have."""
    has = {item_id: {fact.event_id for fact in kept.facts} for item_id, kept in before.items()}
    passed, found = Counter[ItemId](), list[Items]()
    for fact in new:
        if fact.event_id in has.get(fact.item_id, ()):
            passed[fact.item_id] += 1
        elif skipped := passed[fact.item_id]:
            found.append(fact.model_copy(update={"seq": fact.seq - skipped}))
        else:
            found.append(fact)
    return found
