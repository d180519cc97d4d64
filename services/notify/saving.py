"""What was decided of notices is saved and told in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.deciding import Decided
from services.notify.store import SCHEMA, ledger
from shared import outbox
from shared.database import Connection


async def write(connection: Connection, decided: Sequence[Decided], now: datetime) -> None:
    """Saves rows and tells of them."""
    if decided:
        await ledger.put(connection, [one.row for one in decided], now)
        await outbox.put(connection, SCHEMA, [one.fact for one in decided if one.fact])
