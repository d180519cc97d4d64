"""That an item is another administration's: said before anybody has transmitted it (CRPA L114-2).

From that word on the clock of transmission runs (docs/clocks.md, rule 17), counted from receipt.
The wait ends with the transfer, with a reply of ours, or when somebody says that it was an error.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.desk.domain.decisions.context import DecisionContext, not_ended
from services.desk.domain.item import Item
from services.desk.domain.stamp import REGISTER, Stamp
from shared.errors import Refused
from shared.facts.items import Items
from shared.facts.items.routing import WaitEnded, WaitStarted
from shared.facts.vocabulary import Waiting


@dataclass(frozen=True, slots=True)
class ToTransmit:
    """The command to mark an item as another administration's, before it is sent there."""


@dataclass(frozen=True, slots=True)
class NotToTransmit:
    """The command to remove the mark that an item is another administration's."""


def to_transmit(item: Item, ground: DecisionContext) -> list[Items]:
    """Decides to mark an item as one to transmit elsewhere, whose clock starts: `WaitStarted`.

    Raises Refused if it waits for no answer or is so marked already; checks no permission.
    """
    not_ended(item)
    if item.transfer is not None:
        raise Refused(
            f"{item.chrono} was transmitted to {item.transfer.to} already.",
            "transferred-already",
            chrono=item.chrono,
            office=item.transfer.to,
        )
    if Waiting.TO_TRANSMIT in item.waits:
        raise Refused(
            f"{item.chrono} is to be transmitted already.",
            "to-transmit-already",
            chrono=item.chrono,
        )
    stamp = ground.stamp(item)(1)
    return [WaitStarted(**stamp, waiting=Waiting.TO_TRANSMIT, service=item.service)]


def not_to_transmit(item: Item, ground: DecisionContext) -> list[Items]:
    """Decides that an item is ours after all: returns `WaitEnded`. Raises Refused.

    The deadline for transmitting it is withdrawn.
    """
    if Waiting.TO_TRANSMIT not in item.waits:
        raise Refused(
            f"Nobody said that {item.chrono} is to be transmitted.",
            "not-to-transmit",
            chrono=item.chrono,
        )
    return [WaitEnded(**ground.stamp(item)(1), waiting=Waiting.TO_TRANSMIT)]


def end_of_wait(item: Item, told: Sequence[Items]) -> Sequence[Items]:
    """Returns the fact that ends an item's wait for transmission, once sent on or answered."""
    done = item.transfer is not None or bool(item.replies)
    if Waiting.TO_TRANSMIT not in item.waits or not done:
        return ()
    cause = told[-1]
    stamp = Stamp(item.item_id, item.seq, cause.event_id, REGISTER, cause.recorded_at)
    return (WaitEnded(**stamp(1), waiting=Waiting.TO_TRANSMIT),)
