"""What the public form put into the spool, and the register that hears of it."""

from datetime import datetime
from pathlib import Path

from services.desk.handlers.arrivals import hears_arrivals
from shared.content import spool
from shared.content.spool import FormDeposit
from shared.facts import ids
from shared.facts.vocabulary import Channel
from shared.platform.database import Pool, transaction
from tests.desk_builders import an_arrival, proposed, rules


def deposited(folder: Path) -> list[FormDeposit]:
    """The deposits that wait in the spool below a folder."""
    found = [spool.read(path)[0] for path in spool.waiting_folders(folder / "spool")]
    return [form_deposit for form_deposit in found if isinstance(form_deposit, FormDeposit)]


async def heard(pool: Pool, deposit: FormDeposit, now: datetime) -> None:
    """Ingest took it in, and told: it becomes an item."""
    arrival = an_arrival(
        "form",
        arrival_id=ids.arrival_id("indre", "spool", str(deposit.id)),
        source="spool",
        channel=Channel.FORM,
        routing=proposed(),
    )
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [arrival], now)
