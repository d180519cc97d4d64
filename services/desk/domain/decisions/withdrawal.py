"""How a content ends: withdrawn on two persons' word, or destroyed when its time came."""

from dataclasses import dataclass

from services.desk.domain.decisions.context import DecisionContext, still_there
from services.desk.domain.decisions.second import signed_in, who_confirms
from services.desk.domain.item import Item
from shared.errors import Refused
from shared.facts.authors import person_of
from shared.facts.envelope import ArrivalId, PersonId
from shared.facts.items import Items
from shared.facts.items.closure import ItemClosed
from shared.facts.items.retention import (
    DocumentWithdrawn,
    ItemDestroyed,
    ItemWithdrawn,
    LegalHoldPlaced,
    WithdrawalAsked,
)
from shared.facts.items.routing import WaitEnded

GONE = "contenu-retire"
"""The reason for which an item that still waited is closed when all its content goes."""


@dataclass(frozen=True, slots=True)
class AskWithdrawal:
    """The command to ask that content be deleted: one message (`arrival_id`), or all (`None`)."""

    arrival_id: ArrivalId | None
    reason: str


@dataclass(frozen=True, slots=True)
class ConfirmWithdrawal:
    """The command by which a second person confirms a deletion; `copies` are deleted too."""

    copies: tuple[ArrivalId, ...] = ()


@dataclass(frozen=True, slots=True)
class PlaceHold:
    """The command to place a legal hold on an item, so that nothing of it may be destroyed."""

    reason: str


@dataclass(frozen=True, slots=True)
class Destroy:
    """The command to destroy an item listed on a bordereau that an archivist approved."""

    visa: str
    slip: str


def ask_withdrawal(item: Item, command: AskWithdrawal, ground: DecisionContext) -> list[Items]:
    """Decides to ask that an item's content be deleted: returns `WithdrawalAsked`.

    Raises Refused.
    """
    signed_in(ground.origin)
    still_there(item)
    _not_kept_for_a_judge(item)
    wanted = command.arrival_id
    if wanted in item.gone:
        raise Refused("This document was withdrawn already.", "withdrawn-already")
    if any(request.arrival_id in {wanted, None} for request in item.asked):
        raise Refused(
            f"A withdrawal from {item.chrono} waits for a second person: have it confirmed, or"
            " undo it.",
            "withdrawal-waits",
            chrono=item.chrono,
        )
    asked = WithdrawalAsked(**ground.stamp(item)(1), arrival_id=wanted, reason=command.reason)
    return [asked]


def confirm_withdrawal(
    item: Item, command: ConfirmWithdrawal, ground: DecisionContext
) -> list[Items]:
    """Decides to delete content: returns `DocumentWithdrawn`, or `ItemWithdrawn` for all of it.

    An item that still waits is closed with it. Raises Refused unless another person than the one
    who asked, and entitled to it, confirms, and for an item under a legal hold.
    """
    signed_in(ground.origin)
    still_there(item)
    _not_kept_for_a_judge(item)
    asked = pending_request(item)
    if asked.by == ground.by:
        raise Refused("Two persons are needed: whoever asked can't confirm.", "two-persons")
    may = who_confirms(item, ground)
    if ground.person.id not in may:
        raise Refused(
            f"{ground.person.id} can't confirm a withdrawal from {item.chrono}; these can:"
            f" {', '.join(sorted(may))}.",
            "may-not-confirm",
        )
    stamp = ground.stamp(item)
    if asked.arrival_id is not None:
        return [
            DocumentWithdrawn(
                **stamp(1),
                arrival_id=asked.arrival_id,
                copies=command.copies,
                asked=asked.event_id,
                reason=asked.reason,
            )
        ]
    ends: list[Items] = []
    if not item.ended:
        waits = sorted(item.waits)
        ends += [WaitEnded(**stamp(n), waiting=wait) for n, wait in enumerate(waits, start=1)]
        ends.append(ItemClosed(**stamp(len(ends) + 1), reason=GONE))
    second = PersonId(person_of(asked.by) or asked.by)
    return [*ends, ItemWithdrawn(**stamp(len(ends) + 1), second=second, reason=asked.reason)]


def pending_request(item: Item) -> WithdrawalAsked:
    """Returns the item's latest deletion request, which a second person must confirm.

    Raises Refused if there is none.
    """
    if not item.asked:
        raise Refused(
            f"Nobody asked to withdraw anything from {item.chrono}.",
            "nothing-asked",
            chrono=item.chrono,
        )
    return item.asked[-1]


def place_hold(item: Item, command: PlaceHold, ground: DecisionContext) -> list[Items]:
    """Decides to place a legal hold on an item: returns `LegalHoldPlaced`. Raises Refused."""
    still_there(item)
    _not_kept_for_a_judge(item)
    return [LegalHoldPlaced(**ground.stamp(item)(1), reason=command.reason)]


def destroy(item: Item, command: Destroy, ground: DecisionContext) -> list[Items]:
    """Decides to destroy an item: returns `ItemDestroyed`, changes nothing.

    Raises Refused unless somebody signed in decides it on a page. Retention and legal hold are not
    checked here: ask `domain/retention` first.
    """
    signed_in(ground.origin)
    return [ItemDestroyed(**ground.stamp(item)(1), visa=command.visa, slip=command.slip)]


def _not_kept_for_a_judge(item: Item) -> None:
    if item.legal_hold is not None:
        raise Refused(
            f"A legal hold stands on {item.chrono} ({item.legal_hold.reason}): lift it first.",
            "legal-hold",
            chrono=item.chrono,
        )
