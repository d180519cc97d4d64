"""Closed months against their own hash; what they say of an item is compared in chains.py."""

from collections.abc import AsyncIterator, Sequence

from services.desk.domain.months import Month, proof
from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.verification.ground import VerificationContext
from services.desk.store import months
from shared.platform.database import transaction


async def closed_months(ground: VerificationContext) -> Sequence[Month]:
    """Reads the heads of all months whose figures are closed, the latest first."""
    async with transaction(ground.pool, readonly=True) as connection:
        return await months.every(connection)


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Verifies that each closed month's list and head give its hash; yields the differences."""
    for month in await closed_months(ground):
        ground.checked["months"] += 1
        async with transaction(ground.pool, readonly=True) as connection:
            computed = proof(month, await months.promises(connection, month.month))
        if computed != month.hash:
            name = f"{month.month:%Y-%m}"
            yield Difference("month", name, "hash", month.hash, computed)
