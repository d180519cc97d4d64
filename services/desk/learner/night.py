"""Once a night the register learns anew from what its clerks sorted, where the site asks for it.

A night that fails is kept as one that has no numbers, and the next one tries again.

Letters are read and reduced to buckets here; a child process without a secret, which sees numbers
alone, learns (fit.py). Nothing is held meanwhile: no connection, no letter but the one
in hand. What was learned before goes when its successor is published, or with the site's option.
"""

import asyncio
from array import array
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict, TypeAdapter

from services.desk.domain.learner_letters import decisions_of, grams_of, proposals_of, was_set_aside
from services.desk.domain.learner_numbers import (
    LEARNER_NUMBERS,
    SHAPE,
    LearnerNumbers,
    LearnerTarget,
)
from services.desk.jobs import JobContext
from services.desk.learner.store import numbers as store
from services.desk.store import readable_items
from services.desk.store.items import StoredItemRow
from shared.content import plis
from shared.content.blobs import Blobs
from shared.content.keyring import KeyMissing
from shared.errors import PermanentFailure
from shared.facts.envelope import ItemId
from shared.platform.children import ChildLimits, Children
from shared.platform.clock import sure
from shared.platform.database import Pool, transaction
from shared.platform.jobs import Job, every, first_of
from shared.platform.observability.logs import Log
from shared.site.tables.bundle import AppliedSite, Site

EACH_SECONDS: Final = 600.0
SINCE: Final = timedelta(days=400)
MOST_LETTERS: Final = 20_000
AT_ONCE: Final = 200
"""Items that are read in one transaction."""
PROGRAM: Final = "services.desk.learner.fit"
FROM: Final = time(1)
UNTIL: Final = time(6)
"""Local times between which a night learns: nobody works, and verification begins at three."""
LIMITS: Final = ChildLimits(seconds=900.0, patience=1800, memory=3_000_000_000)

log = Log("learning")


class _Said(BaseModel):
    """The answer of the child, beside its octets."""

    model_config = ConfigDict(frozen=True)

    numbers: dict[str, Any] | None
    buckets: list[int]


_SAID: Final = TypeAdapter(_Said)


def learns(parts: JobContext) -> Job:
    """Makes the background job that trains the learner nightly, or deletes what it learned.

    The latter where the site does not ask for it.
    """

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
        if applied is not None:
            now = sure(parts.clock)
            await learn_if_due(parts.pool, parts.blobs, applied, now, parts.stopping)

    return every(EACH_SECONDS, look, parts.stopping)


async def learn_if_due(
    pool: Pool,
    blobs: Blobs,
    applied: AppliedSite,
    now: datetime,
    stopping: asyncio.Event | None = None,
) -> bool:
    """Trains the learner by night on the register's letters, unless done; returns whether it was.

    A night whose child ends without an answer is kept without numbers: what was learned before,
    which letters that are erased may have taught, goes all the same. `stopping` ends it at once.
    Where the site does not ask for the learner, all that it learned is deleted.

    Raises:
        TemporaryFailure: database or blobs are away, no child can be started, or `stopping` is set.
    """
    site, local = applied.site, now.astimezone(applied.site.zone)
    async with transaction(pool) as connection:
        if not site.routing.learns:
            await store.forget(connection)
            return False
        last = await store.last_day(connection)
        if not FROM <= local.time() < UNTIL or (last is not None and last >= local.date()):
            if last is None:
                await store.begin(connection, local.date() - timedelta(days=1), now)
            return False
        found = await store.sorted_items(connection, now - SINCE, MOST_LETTERS)
    stopping, letters = stopping or asyncio.Event(), list[bytes]()
    for begin in range(0, len(found), AT_ONCE):
        letters += await _read(pool, blobs, site, found[begin : begin + AT_ONCE])
        if stopping.is_set():
            return False
    numbers, rows = await _learned(letters, stopping)
    async with transaction(pool) as connection:
        published = await store.publish(
            connection, local.date(), now, len(letters), numbers, _rows(*rows)
        )
    log.info("learned", letters=len(letters), buckets=len(rows[0]), published=published)
    return published


async def _read(
    pool: Pool, blobs: Blobs, site: Site, some: Sequence[tuple[ItemId, str | None]]
) -> Sequence[bytes]:
    """Some of the letters as the child is given them, in JSON; what can't be read is left out."""
    async with transaction(pool) as connection:
        stored = await readable_items.peek(connection, [item_id for item_id, _ in some])
    found = [(stored[item_id], writer) for item_id, writer in some if item_id in stored]
    read = await asyncio.gather(*(_letter(row, writer, blobs, site) for row, writer in found))
    return [letter for letter in read if letter is not None]


async def _letter(row: StoredItemRow, writer: str | None, blobs: Blobs, site: Site) -> bytes | None:
    item = row.item
    if item.pli is None or was_set_aside(row.facts):
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
            "proposed": _plain(proposals_of(item, site, row.facts)),
        }
    )


def _plain(answers: Mapping[LearnerTarget, str]) -> Mapping[str, str]:
    return {target.value: str(value) for target, value in answers.items()}


async def _learned(
    letters: Sequence[bytes], stopping: asyncio.Event
) -> tuple[Mapping[str, Any] | None, tuple[Sequence[int], bytes]]:
    """What the child learned: numbers, buckets and their weights; none if it ended before."""
    children = Children(PROGRAM, LIMITS, most=1)
    asking = asyncio.create_task(asyncio.to_thread(children.ask, _SAID, {}, b"\n".join(letters)))
    try:
        await first_of(stopping, (asking,))
    finally:
        children.close()
    try:
        said, octets = await asking
    except PermanentFailure as failure:
        log.error("night_failed", why=str(failure), letters=len(letters))  # noqa: TRY400  (no trace: it would show values)
        return _failed(len(letters)), ((), b"")
    return said.numbers, (said.buckets, octets)


def _failed(letters: int) -> Mapping[str, Any]:
    """The numbers of a night that has none: about no question they say anything."""
    found: dict[str, Any] = LEARNER_NUMBERS.dump_python(
        LearnerNumbers(SHAPE, letters, 0, {}), mode="json"
    )
    return found


def _rows(buckets: Sequence[int], octets: bytes) -> Iterator[tuple[int, Sequence[float]]]:
    """A row of weights for each bucket; the octets are as many for each."""
    weights = array("f", octets)
    width = len(weights) // len(buckets) if buckets else 0
    for place, bucket in enumerate(buckets):
        yield bucket, weights[place * width : (place + 1) * width].tolist()
