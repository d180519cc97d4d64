"""What was decided of notices is saved and told in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from services.notify.ledger_decisions import LedgerDecision
from services.notify.store import SCHEMA, ledger
from shared.platform.database import Connection
from shared.platform.messaging import outbox


async def write(connection: Connection, decided: Sequence[LedgerDecision], now: datetime) -> None:
    """Saves rows of the ledger of notices, and puts their facts into the outbox."""
    if decided:
        await ledger.put(connection, [decision.row for decision in decided], now)
        await outbox.put(
            connection, SCHEMA, [decision.fact for decision in decided if decision.fact]
        )
