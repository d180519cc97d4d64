"""Which item a reply seen in a Sent folder answers: proven, likely alone, or none (DOMAIN §6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from shared.facts.arrival_base import chronos_named, messages_named
from shared.facts.envelope import Chrono, Digest, ItemId, ServiceId
from shared.facts.observations import ReplySeen


@dataclass(frozen=True, slots=True)
class Awaiting:
    """An unanswered item, which a message in a Sent folder may answer."""

    item_id: ItemId
    service: ServiceId
    correspondent: Digest | None
    received: datetime
    chrono: Chrono
    messages: frozenset[Digest]
    subjects: frozenset[Digest]


def answered_item(reply: ReplySeen, awaiting: Sequence[Awaiting]) -> ItemId | None:
    """Returns the id of the item that a message in a Sent folder answers; `None` in doubt.

    The message went to the sender's address after the receipt and names the item's chrono or a
    message of it; else comes from the item's service and fits no other item.
    """
    possible = [
        item
        for item in awaiting
        if item.correspondent in reply.to and item.received <= reply.sent_at
    ]
    chronos, messages = set(chronos_named(reply.threads)), set(messages_named(reply.threads))
    same_service = [item for item in possible if item.service == reply.service]
    tries = (
        [item for item in possible if item.chrono in chronos],
        [item for item in possible if item.messages & messages],
        [item for item in same_service if reply.subject in item.subjects],
        same_service,
    )
    for found in tries:
        if found:
            return found[0].item_id if len(found) == 1 else None
    return None
