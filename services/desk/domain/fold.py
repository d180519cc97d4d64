"""From facts to an item: the ones taken back left out, the others applied in order of `seq`."""

from collections.abc import Sequence

from services.desk.domain import item_changes, letter_returns
from services.desk.domain.item import Item
from shared.errors import PermanentFailure
from shared.facts.items import Items
from shared.facts.items.acknowledgements import ReceiptSent
from shared.facts.items.registration import ItemRegistered
from shared.facts.items.routing import ItemReclassified, WaitStarted
from shared.facts.standing import standing
from shared.facts.vocabulary import Confidentiality
from shared.replacement import replace


def fold(facts: Sequence[Items]) -> Item:
    """Computes the present state of an item from all its facts.

    Raises:
        PermanentFailure: the first fact registers no item.
    """
    ordered = sorted(facts, key=lambda fact: fact.seq)
    first, *others = ordered
    if not isinstance(first, ItemRegistered):
        raise PermanentFailure(f"Item {first.item_id} begins with {first.type}: it was never one.")
    item = _opened(first, ordered)
    for fact in standing(others):
        item = letter_returns.after(_after(item, fact), fact)
    return item


def ever_reserved(facts: Sequence[Items]) -> bool:
    """Returns whether the facts ever made the item réservé, even if that was withdrawn."""
    said = (fact for fact in facts if isinstance(fact, ItemRegistered | ItemReclassified))
    return any(fact.classification.confidentiality is not Confidentiality.NORMAL for fact in said)


def _opened(fact: ItemRegistered, ordered: Sequence[Items]) -> Item:
    return Item(
        opened=fact,
        seq=ordered[-1].seq,
        receipt=fact.receipt,
        provisional=fact.provisional,
        classification=fact.classification,
        service=fact.service,
        agent=fact.agent,
        held=((fact.happened_at, fact.service),) if fact.qualified else (),
        informed=fact.informed,
        was_reserved=ever_reserved(ordered),
    )


def _after(item: Item, fact: Items) -> Item:
    match fact:
        case WaitStarted():
            return replace(item, waits=item.waits | {fact.waiting})
        case ReceiptSent():
            return replace(item, told_receipt=True)
        case _:
            return item_changes.after(item, fact)
