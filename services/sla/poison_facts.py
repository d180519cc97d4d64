"""Facts with which an item can't be planned: found one by one, set aside alone, forgotten."""

from collections.abc import Sequence
from datetime import datetime

from services.sla.item_format import StoredItem
from services.sla.steps import SCHEMA, BatchContext, ItemStep, step
from shared.facts.envelope import EventId, Topic
from shared.facts.items import Items
from shared.facts.items.base import ItemFact
from shared.facts.items.registration import ItemRegistered
from shared.platform.database import Connection
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.subscription import RejectedFact


def sift_facts(
    kept: StoredItem,
    facts: Sequence[Items],
    new: Sequence[Items],
    ground: BatchContext,
    error: Exception,
) -> tuple[ItemStep, Sequence[RejectedFact[Items]]]:
    """Plans an item without the facts that make planning fail; returns the step and those facts.

    `error` is what the step with all of `facts` raised. Only `new` facts are suspected, as the
    others were planned with before; all are when the registration is among the new ones, since
    until then nothing was planned.
    """
    if len(facts) == 1:
        return _without(kept, (), ground), [RejectedFact(facts[0], reason_of(error))]
    ids = {fact.event_id for fact in new}
    good: list[Items] = [fact for fact in facts if fact.event_id not in ids]
    suspects = list(new)
    if any(isinstance(fact, ItemRegistered) for fact in new):
        good, suspects = [], sorted(facts, key=_registrations_first)
    refused = list[RejectedFact[Items]]()
    for fact in suspects:
        try:
            step(kept, [*good, fact], ground)
        except Exception as alone:  # noqa: BLE001  (whatever a fact does, it costs one row)
            refused.append(RejectedFact(fact, reason_of(alone)))
        else:
            good.append(fact)
    return _without(kept, good, ground), refused


def _registrations_first(fact: Items) -> tuple[bool, int]:
    return not isinstance(fact, ItemRegistered), fact.seq


async def set_aside_kept(
    connection: Connection,
    poisoned: Sequence[RejectedFact[Items]],
    ids: set[EventId],
    now: datetime,
) -> Sequence[RejectedFact[Items]]:
    """Stores dead letters of those rejected facts that were stored earlier; returns the others.

    For these, which are new (`ids`), the Kafka consumer stores them.
    """
    letters = [
        DeadLetter(
            topic=Topic.ITEMS.value,
            partition=None,
            offset=None,
            key=rejected.fact.key.encode(),
            headers=(),
            payload=rejected.fact.model_dump_json().encode(),
            reason=rejected.reason,
        )
        for rejected in poisoned
        if rejected.fact.event_id not in ids
    ]
    if letters:
        await dead_letters.put(connection, SCHEMA, letters, now)
    return [rejected for rejected in poisoned if rejected.fact.event_id in ids]


def _without(kept: StoredItem, facts: Sequence[ItemFact], ground: BatchContext) -> ItemStep:
    return step(kept, facts, ground) if facts else ItemStep(kept, kept, ())


FORGET = "DELETE FROM sla.facts WHERE event_id = ANY($1::uuid[])"


async def forget(connection: Connection, facts: Sequence[ItemFact]) -> None:
    """Deletes an item's stored facts that can't be planned with; their dead letters keep them."""
    if facts:
        await connection.execute(FORGET, [fact.event_id for fact in facts])
