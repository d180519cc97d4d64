"""A dead letter tried again by a person, in one transaction with its disappearance."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from services.sla import item_format, store
from services.sla.domain.advance import ItemState, advance
from services.sla.domain.plan import plan
from services.sla.domain.salvage import salvage
from services.sla.domain.standing import Standing
from services.sla.handlers import hears_items
from services.sla.item_format import LaterShape, StoredItem, UnreadableItem
from services.sla.metrics import SlaCounters
from services.sla.readings import hears_readings
from services.sla.rulebook import Editions
from services.sla.steps import SCHEMA, BatchContext, commit, step
from services.sla.store import ItemFacts
from shared.errors import PermanentFailure, Refused
from shared.facts.arrivals import ARRIVALS
from shared.facts.clocks import CLOCKS, Clocks, RungsTold
from shared.facts.envelope import ItemId, Topic
from shared.facts.items import ITEMS
from shared.platform.database import Connection
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters, producers
from shared.platform.messaging.dead_letter_commands import TOO_OLD
from shared.platform.messaging.dead_letters import DeadLetter
from shared.platform.messaging.subscription import RejectedFact, passing_over
from shared.platform.observability.logs import Log

log = Log("retrying")


async def retry(
    connection: Connection, letter_id: int, editions: Editions, counts: SlaCounters, now: datetime
) -> str | None:
    """Retries a dead letter of sla; `None`: it worked, and the letter is deleted; else why not.

    Raises Refused when it does not exist.
    """
    kept = await dead_letters.lock(connection, SCHEMA, letter_id)
    if kept is None:
        raise Refused(f"There is no dead letter {letter_id}: list them again.")
    try:
        async with connection.transaction():
            with passing_over() as passed:
                poisoned = await _again(connection, kept.letter, editions, counts, now)
        reason = poisoned[0].reason if poisoned else TOO_OLD if passed else None
    except (ValueError, PermanentFailure) as error:
        reason = reason_of(error)
    if reason is None:
        await dead_letters.drop(connection, SCHEMA, letter_id)
    else:
        await dead_letters.failed_again(connection, SCHEMA, letter_id, reason, now)
    return reason


async def _again(
    connection: Connection,
    letter: DeadLetter,
    editions: Editions,
    counts: SlaCounters,
    now: datetime,
) -> Sequence[RejectedFact[Any]]:
    payload = letter.payload or b""
    match letter.topic:
        case Topic.ITEMS:
            fact = ITEMS.validate_json(payload)
            producers.check(Topic.ITEMS, fact, letter.said)
            return await hears_items(editions, counts)(connection, [fact], now)
        case Topic.ARRIVALS:
            seen = ARRIVALS.validate_json(payload)
            producers.check(Topic.ARRIVALS, seen, letter.said)
            return await hears_readings(editions)(connection, [seen], now)
        case _:
            item_id = ItemId(UUID((letter.key or b"").decode()))
            await _wake(connection, item_id, editions, now)
            return ()


async def _wake(connection: Connection, item_id: ItemId, editions: Editions, now: datetime) -> None:
    """An item that was parked (services/sla/unreadable_items.py) takes its step again.

    Raises what keeps it from it.
    """
    ground = BatchContext(await editions(connection), await store.sources_read(connection), now)
    row = (await store.lock(connection, [item_id]))[item_id]
    facts, unreadable = await store.facts_of(connection, [item_id])
    if item_id in unreadable:
        raise unreadable[item_id]
    if isinstance(row, UnreadableItem):
        row = await _salvaged(connection, row, facts[item_id], ground)
    await commit(connection, [step(row, facts[item_id], ground)], ground)


async def _salvaged(
    connection: Connection, row: UnreadableItem, facts: ItemFacts, ground: BatchContext
) -> StoredItem:
    """The item with what stands of it made anew, saved. Raises PermanentFailure."""
    if isinstance(row.error, LaterShape):
        raise row.error
    then = row.row.stepped_at or ground.now
    assumed = advance(
        ItemState(Standing(row.item_id)), facts, ground.edition.rulebook, ground.read, then
    ).item
    told = await told_of(connection, row.item_id)
    left = item_format.remains(row.row)
    made = assumed.plan or plan(facts, ground.edition.rulebook)
    standing = salvage(row.item_id, left, told, made, assumed.standing)
    if standing is None:
        raise PermanentFailure(
            "What stands of it can't be read, and nothing says which revision was told last."
        )
    kept = item_format.stored_item(row.row, standing)
    await store.save(connection, [kept], (), ground.now)
    log.warning("standing_salvaged", id=str(row.item_id), revision=standing.revision)
    return kept


TOLD_OF = "SELECT payload FROM sla.outbox WHERE topic = 'clocks' AND key = $1 ORDER BY id"


async def told_of(connection: Connection, item_id: ItemId) -> Sequence[Clocks]:
    """Reads the clock facts published about an item, if the outbox still has readable ones."""
    told = list[Clocks]()
    for row in await connection.fetch(TOLD_OF, str(item_id)):
        with suppress(ValidationError):
            fact = CLOCKS.validate_json(row["payload"])
            if not isinstance(fact, RungsTold):
                told.append(fact)
    return told
