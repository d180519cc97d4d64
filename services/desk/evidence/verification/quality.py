"""The chain of quality, with the months, lists and draws that it tells of."""

from collections.abc import AsyncIterator

from services.desk.evidence import quality_check
from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.verification.ground import VerificationContext
from shared.platform.database import transaction


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Verifies the quality chain and the tables that its facts speak of; yields differences."""
    site = ground.applied.site.identity.id
    async with transaction(ground.pool, readonly=True) as connection:
        found = await quality_check.differences(connection, site)
    for sentence in found:
        subject, _, what = sentence.partition(": ")
        yield Difference("quality", subject, what)
