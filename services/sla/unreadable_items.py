"""Items that can't be stepped: each sleeps alone with one dead letter, the others go on.

Its row or a fact of it can't be read, or it can't be planned. What is told of it meanwhile is kept.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from services.sla.steps import SCHEMA, BatchContext
from shared.facts.envelope import ItemId
from shared.platform.database import Connection
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letters import DeadLetter

PARKED = "wake"
"""What stands for the topic in the dead letter of an item that can't be stepped."""


async def park(
    connection: Connection, items: Mapping[ItemId, Exception], ground: BatchContext
) -> None:
    """Sets aside locked items whose clocks can't be updated, each with a dead letter saying why."""
    if not items:
        return
    await sleep(connection, list(items), ground.edition.number, ground.now)
    letters = [
        DeadLetter(
            topic=PARKED,
            partition=None,
            offset=None,
            key=str(item_id).encode(),
            headers=(),
            payload=None,
            reason=reason_of(error),
        )
        for item_id, error in items.items()
    ]
    await dead_letters.put_once(connection, SCHEMA, letters, ground.now)


SLEEP = """
    UPDATE sla.items SET wake_at = NULL, unread_since = NULL, edition = $2, stepped_at = $3
    WHERE item_id = ANY($1::uuid[])
"""


async def sleep(
    connection: Connection, items: Sequence[ItemId], edition: int, now: datetime
) -> None:
    """Clears the wake-up time of locked items: only a fact, new rules or a person wake them."""
    await connection.execute(SLEEP, items, edition, now)
