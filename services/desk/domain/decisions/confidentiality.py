"""What is réservé stays so for whoever reads it not whole (ADR 0036).

Somebody who sees the outline of a réservé item moves it on as they move every paper. They never
lower its confidentiality, never hand it to the bureau du courrier, where it would be read by those
who see to all mail, never decide it into their own sight, never put it into the signature of
somebody, who would read it, and never say where its answers go.
"""

from collections.abc import Callable, Mapping, Sequence
from enum import Enum, auto
from typing import Protocol

from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.envelope import ItemId
from shared.facts.items import Items
from shared.facts.items.registration import SenderNoted
from shared.facts.items.retention import (
    DocumentWithdrawn,
    ItemDestroyed,
    ItemWithdrawn,
    LegalHoldLifted,
    LegalHoldPlaced,
    SecondPersonAsked,
    WithdrawalAsked,
)
from shared.facts.items.routing import ItemReclassified
from shared.facts.standing import standing, withdrawn
from shared.facts.vocabulary import Confidentiality
from shared.site.tables.bundle import Site

Sees = Callable[[Item], bool]
"""Whether whoever decides reads all of an item."""


def reads_nothing(item: Item) -> bool:
    """Returns whether an item may be read by somebody who may read no réservé item."""
    return not is_reserved(item)


def is_reserved(item: Item) -> bool:
    """Returns whether an item is réservé or personal now."""
    return item.classification.confidentiality is not Confidentiality.NORMAL


class VisibleItems(Protocol):
    """The interface of an item with its facts, as they are before a decision."""

    @property
    def item(self) -> Item: ...  # noqa: D102  (fields)
    @property
    def facts(self) -> Sequence[Items]: ...  # noqa: D102  (a field, see the class that has it)


class Asks(Enum):
    """The right (permission) that a decision about an item requires."""

    DECIDE = auto()
    PROVE = auto()
    """Withdrawal, legal hold, leaving the perimeter late."""
    DESTROY = auto()
    """Of the whole register: the bordereau names the items."""


May = Callable[[Item, Asks], bool]


def asks(stated: Sequence[Items]) -> Asks:
    """Returns the right (permission) that a person needs to state these facts of one item."""
    if any(isinstance(fact, ItemDestroyed) for fact in stated):
        return Asks.DESTROY
    proven = (
        isinstance(fact, _OF_PROOF)
        or (isinstance(fact, ItemReclassified) and fact.asked is not None)
        for fact in stated
    )
    return Asks.PROVE if any(proven) else Asks.DECIDE


_OF_PROOF = (
    WithdrawalAsked,
    DocumentWithdrawn,
    ItemWithdrawn,
    LegalHoldPlaced,
    LegalHoldLifted,
    SecondPersonAsked,
)


def guard(
    before: Mapping[ItemId, VisibleItems], stated: Sequence[Items], may: May, sees: Sees, site: Site
) -> None:
    """Raises Refused if a person lacks the permission to state these facts about the items.

    What is judged is each item as it would be with the new facts.
    """
    for item_id, known in before.items():
        mine = [fact for fact in stated if fact.item_id == item_id]
        if not may(known.item, asks([*mine, *_undone(known, mine)])):
            raise Refused(
                f"{known.item.chrono} is not yours to decide about: another service has it.",
                "may-not-decide",
            )
        new = [fact for fact in stated if fact.item_id == item_id]
        if any(isinstance(fact, SenderNoted) for fact in new):
            # What is answered goes there: whoever aims it reads it.
            whole([known.item], sees)
        if new:
            after = fold([*known.facts, *new])
            refuse_exposure(known.item, after, sees, site.identity.mail_office)


def _undone(known: VisibleItems, new: Sequence[Items]) -> Sequence[Items]:
    """Facts that new ones undo: who takes back what two persons stated has the right to state it.

    An item that two persons put out of the perimeter, and that comes back into it, is one of them.
    """
    gone = withdrawn([*known.facts, *new])
    comes_back = not known.item.classification.perimeter and any(
        isinstance(fact, ItemReclassified) and fact.classification.perimeter for fact in new
    )
    return [
        fact
        for fact in standing(known.facts)
        if fact.event_id in gone
        or (comes_back and isinstance(fact, ItemReclassified) and fact.asked is not None)
    ]


def refuse_exposure(before: Item, after: Item, sees: Sees, office: str) -> None:
    """Raises Refused if a decision would show a réservé item to people who may not read it.

    `before` and `after` are the item without and with the decision; `sees` says whether the person
    who decides may read it.
    """
    if not is_reserved(before) or sees(before):
        return
    placed = (after.service, after.agent, after.signatory)
    handed = after.service == office and placed != (
        before.service,
        before.agent,
        before.signatory,
    )
    signs = after.signatory is not None and after.signatory != before.signatory
    if not is_reserved(after) or handed or signs or sees(after):
        _refuse(before)


def whole(items: Sequence[Item], sees: Sees) -> None:
    """Raises Refused if one of these items is réservé and the person may not read it."""
    for item in items:
        if is_reserved(item) and not sees(item):
            _refuse(item)


def _refuse(item: Item) -> None:
    raise Refused(
        f"{item.chrono} is réservé: who reads it whole decides this, its holder, its head, its"
        " director or the general secretary.",
        "needs-whole-sight",
        chrono=item.chrono,
    )
