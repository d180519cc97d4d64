"""The register's facts against what left it: sla's copy of each, and what Kafka still holds.

Of those about figures and books it is the hash that notify keeps. Whoever rewrites a fact with
every link and root after it makes a chain that holds; what others heard of it still says what it
was, sealed by a root or not yet.
"""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID

import orjson

from services.desk.evidence.domain.difference import Difference
from services.desk.evidence.store import copies
from services.desk.evidence.store.copies import Other
from services.desk.evidence.verification.ground import VerificationContext
from shared.errors import TemporaryFailure
from shared.facts.envelope import Topic
from shared.platform.database import transaction
from shared.platform.kafka.topic_log import held_records
from shared.platform.kafka.topics import name_of

_TOGETHER = 500
"""Records that are looked up at once."""
PublishedCopy = tuple[UUID, UUID, str]


async def check(ground: VerificationContext) -> AsyncIterator[Difference]:
    """Compares the register's facts with copies in sla, notify and Kafka; yields differences."""
    async with transaction(ground.pool, readonly=True) as connection:
        found = await copies.heard_otherwise(connection)
        quality = await copies.quality_heard_otherwise(connection)
    for other in found:
        yield _difference(other, "sla heard it")
    for seq in quality:
        what = f"fact {seq} is not what it was as notify heard it"
        yield Difference("copy", "quality", what)
    try:
        async for other in _published(ground):
            yield _difference(other, "it was published")
    except TemporaryFailure as failure:
        ground.said.append(f"Not all facts that Kafka holds were compared: {failure}")


def _difference(other: Other, as_: str) -> Difference:
    name = other.chrono or str(other.item_id)
    if other.seq is None:
        what = f"a fact is missing, as {as_}"
    else:
        what = f"fact {other.seq} is not what it was as {as_}"
    return Difference("copy", name, what, chrono=other.chrono)


async def _published(ground: VerificationContext) -> AsyncIterator[Other]:
    if ground.kafka is None:
        return
    broker, prefix = ground.kafka
    batch = list[PublishedCopy]()
    async for record in held_records(broker, name_of(Topic.ITEMS, prefix)):
        told = _told(record.value)
        if told is not None:
            batch.append(told)
        if len(batch) == _TOGETHER:
            for difference in await _looked_up(batch, ground):
                yield difference
            batch.clear()
    for difference in await _looked_up(batch, ground):
        yield difference


def _told(value: bytes | None) -> PublishedCopy | None:
    """Decodes a Kafka record; `None`: it is no fact of an item."""
    try:
        fact = orjson.loads(value or b"")
        return UUID(fact["event_id"]), UUID(fact["item_id"]), (value or b"").decode()
    except (ValueError, KeyError, TypeError):
        return None


async def _looked_up(
    batch: Sequence[PublishedCopy], ground: VerificationContext
) -> Sequence[Other]:
    if not batch:
        return ()
    async with transaction(ground.pool, readonly=True) as connection:
        found = await copies.told_otherwise(connection, batch)
    ground.checked["published"] += len(batch)
    return found
