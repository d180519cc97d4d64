"""A dead letter of notify tried again: a record of Kafka, an item, a notice's row or a rung."""

from datetime import datetime
from uuid import UUID

from services.notify.handlers import decided_of
from services.notify.ledger_writer import write
from services.notify.store import SCHEMA, facts, unreadable_rows
from services.notify.store.ledger import row_of
from shared.errors import PermanentFailure, Refused
from shared.facts.clocks import RungReached
from shared.facts.envelope import ItemId
from shared.platform.database import Connection, Pool, transaction
from shared.platform.failures import reason_of
from shared.platform.messaging import dead_letters
from shared.platform.messaging.dead_letter_commands import TAKEN
from shared.site.tables.bundle import AppliedSite


async def retry_parked(
    pool: Pool, letter_id: int, applied: AppliedSite, now: datetime
) -> str | None:
    """Retries the dead letter of a row that was set aside; returns a sentence with the result.

    `None`: the dead letter is of a Kafka record. Raises Refused when it does not exist.
    """
    async with transaction(pool) as connection:
        kept = await dead_letters.lock(connection, SCHEMA, letter_id)
        if kept is None:
            raise Refused(f"There is no dead letter {letter_id}: see `dead-letters list`.")
        if kept.letter.topic not in {
            unreadable_rows.ITEM,
            unreadable_rows.NOTICE,
            unreadable_rows.RUNG,
        }:
            return None
        key = (kept.letter.key or b"").decode()
        try:
            async with connection.transaction():
                if kept.letter.topic == unreadable_rows.ITEM:
                    await _item(connection, ItemId(UUID(key)), applied, now)
                elif kept.letter.topic == unreadable_rows.RUNG:
                    row = await unreadable_rows.rung_back(connection, kept.letter.payload or b"{}")
                    _ = None if row is None else RungReached.model_validate(row["fact"])
                else:
                    row = await unreadable_rows.back(connection, key, kept.letter.payload or b"{}")
                    _ = None if row is None else row_of(row)
        except (ValueError, KeyError, PermanentFailure) as error:
            reason = reason_of(error)
            await dead_letters.failed_again(connection, SCHEMA, letter_id, reason, now)
            return f"failed again, {reason}"
        await dead_letters.drop(connection, SCHEMA, letter_id)
        return TAKEN


async def _item(
    connection: Connection, item_id: ItemId, applied: AppliedSite, now: datetime
) -> None:
    """Raises what keeps the item from being decided."""
    await facts.lock(connection, [item_id])
    decided, saved = await decided_of(connection, item_id, applied, now)
    await facts.save(connection, saved)
    await write(connection, decided, now)
