"""Once a night the register learns anew from what its clerks sorted, where the site asks for it.

Letters are read and reduced to buckets here; a child process without a secret, which sees numbers
alone, learns (fit.py). Nothing is held meanwhile: no connection, no letter but the one
in hand. What was learned before goes when its successor is published, or with the site's option.
"""

import asyncio
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.desk.domain.item import Item
from services.desk.domain.learner_letters import decisions_of, grams_of, proposals_of
from services.desk.domain.learner_numbers import LearnerTarget
from services.desk.jobs import JobContext
from services.desk.learner.store import numbers as store
from services.desk.store import readable_items
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.keyring import KeyMissing
from shared.errors import PermanentFailure
from shared.facts.envelope import ItemId
from shared.platform.children import ChildLimits, Children
from shared.platform.clock import sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every
from shared.platform.observability.logs import Log
from shared.site.tables.bundle import AppliedSite, Site

EACH_SECONDS: Final = 600.0
SINCE: Final = timedelta(days=400)
MOST_LETTERS: Final = 20_000
AT_ONCE: Final = 200
"""Items that are read in one transaction."""
PROGRAM: Final = "services.desk.learner.fit"
LIMITS: Final = ChildLimits(seconds=900.0, patience=1800, memory=3_000_000_000)

log = Log("learning")


class _Said(BaseModel):
    """The answer of the child, beside its octets."""

    model_config = ConfigDict(frozen=True)

    numbers: dict[str, Any] | None
    buckets: list[int]


_SAID: Final = TypeAdapter(_Said)


def learns(parts: JobContext) -> Job:
    """Makes the background job that learns once a night, and forgets where nobody asks for it."""

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
        if applied is not None:
            await learn_if_due(parts.pool, parts.blobs, applied, sure(parts.clock))

    return every(EACH_SECONDS, look, parts.stopping)


async def learn_if_due(pool: Pool, blobs: Blobs, applied: AppliedSite, now: datetime) -> bool:
    """Learns from the letters of the register if no night of this local day has; says whether.

    Raises:
        TemporaryFailure: database or blobs are away, or no child can be started.
        PermanentFailure: the child ended without an answer.
    """
    site, day = applied.site, now.astimezone(applied.site.zone).date()
    async with transaction(pool) as connection:
        if not site.routing.learns:
            await store.forget(connection)
            return False
        last = await store.last_day(connection)
        if last is not None and last >= day:
            return False
        found = await store.sorted_items(connection, now - SINCE, MOST_LETTERS)
    letters = list[bytes]()
    for begin in range(0, len(found), AT_ONCE):
        letters += await _read(pool, blobs, site, found[begin : begin + AT_ONCE])
    said, rows = await asyncio.to_thread(_learned, letters)
    async with transaction(pool) as connection:
        published = await store.publish(connection, day, now, len(letters), said.numbers, rows)
    log.info("learned", letters=len(letters), buckets=len(said.buckets), published=published)
    return published


async def _read(
    pool: Pool, blobs: Blobs, site: Site, some: Sequence[tuple[ItemId, str]]
) -> Sequence[bytes]:
    """Some of the letters as the child is given them, in JSON; what can't be read is left out."""
    async with transaction(pool) as connection:
        stored = await readable_items.peek(connection, [item_id for item_id, _ in some])
    found = [(stored[item_id].item, writer) for item_id, writer in some if item_id in stored]
    read = await asyncio.gather(*(_letter(item, writer, blobs, site) for item, writer in found))
    return [letter for letter in read if letter is not None]


async def _letter(item: Item, writer: str, blobs: Blobs, site: Site) -> bytes | None:
    if item.pli is None:
        return None
    try:
        pli = await plis.read(blobs, item.pli)
    except (PermanentFailure, KeyMissing):
        return None
    return orjson.dumps(
        {
            "buckets": sorted(grams_of(pli)),
            "writer": writer,
            "decided": _plain(decisions_of(item)),
            "proposed": _plain(proposals_of(item, site)),
        }
    )


def _plain(answers: Mapping[LearnerTarget, str]) -> Mapping[str, str]:
    return {target.value: str(value) for target, value in answers.items()}


def _learned(
    letters: Sequence[bytes],
) -> tuple[_Said, Sequence[tuple[int, Sequence[float]]]]:
    children = Children(PROGRAM, LIMITS, most=1)
    try:
        said, octets = children.ask(_SAID, {}, b"[%b]" % b",".join(letters))
    finally:
        children.close()
    return said, list(_rows(said.buckets, octets))


def _rows(buckets: Sequence[int], octets: bytes) -> Iterator[tuple[int, Sequence[float]]]:
    """A row of weights for each bucket; the octets are as many for each."""
    weights = array("f", octets)
    width = len(weights) // len(buckets) if buckets else 0
    for place, bucket in enumerate(buckets):
        yield bucket, weights[place * width : (place + 1) * width].tolist()
