"""Keeping: octets on the disk, then one transaction — arrivals, places, checkpoint, what is told.

Whoever read a source gives a batch of arrivals and marks, moves or removes nothing before `keep`
has returned. An arrival that is known changes nothing and is told nothing.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from services.ingest import attachment_queue, store
from services.ingest.domain.judgement import ArrivalJudgement, FactContext, Judgement
from services.ingest.domain.observation_judgements import (
    BounceJudgement,
    DepartureJudgement,
    ReplyJudgement,
)
from services.ingest.facts import facts_of, kind_of, message_of, reason_of
from shared.content import plis
from shared.content.blobs import Blob, Blobs, sha256_of
from shared.content.plis import Pli
from shared.errors import TemporaryFailure
from shared.facts.arrivals import Arrivals, Probe
from shared.facts.envelope import ArrivalId, BlobKey, Digest
from shared.platform.database import Pool, single_statements, transaction
from shared.platform.messaging import outbox

SCHEMA = "ingest"
_AT_ONCE = 4
"""Batches that are written at the same time."""


@dataclass(frozen=True, slots=True)
class CandidateArrival:
    """An arrival from a source (email, scan, form) with its judgement, before it is stored."""

    arrival_id: ArrivalId
    source: str
    octets: bytes
    shown_at: datetime
    """The source's own date of it, UTC."""
    judgements: tuple[Judgement, ...]
    beside: tuple[bytes, ...] = ()
    """Octets that are no part of the original, such as the files of a form."""
    keep_octets: bool = True
    """False: observed and answering nothing of ours (Sent), so that it leaves no trace."""
    uid: int | None = None
    shown_as: str | None = None
    """What its octets alone do not say (services/ingest/capture_metadata.py)."""
    asked: str = ""
    """The request that has it told even when it is known; empty for an ordinary pass."""


@dataclass(frozen=True, slots=True)
class CheckpointUpdate:
    """A new checkpoint of a mailbox: how far it is read once a batch is stored."""

    source: str
    uidvalidity: int
    last_uid: int


@dataclass(frozen=True, slots=True)
class WrittenArrivals:
    """The result of a stored batch: the arrivals that were new, and the facts to publish."""

    new: frozenset[ArrivalId]
    facts: Sequence[Arrivals] = field(default=())


class ArrivalWriter:
    """The writer of arrivals in batches: octets to the blob store, rows and facts to the database.

    `lacking` returns why nothing new may be stored now (no disk space), or `None`; it may
    block.
    """

    def __init__(
        self,
        pool: Pool,
        blobs: Blobs,
        zone: ZoneInfo,
        lacking: Callable[[], str | None] = lambda: None,
    ) -> None:
        self._lacking = lacking
        self._pool = pool
        self._blobs = blobs
        self._zone = zone
        self._writing = asyncio.Semaphore(_AT_ONCE)

    async def keep(
        self,
        arrivals: Sequence[CandidateArrival],
        now: datetime,
        stand: CheckpointUpdate | None = None,
    ) -> WrittenArrivals:
        """Stores a batch of arrivals with their facts; returns once it is on disk and committed.

        Those stored before stay as they are, save when a person asked for them again. A mail that
        another process stored first, judged otherwise, is left out.

        Raises:
            TemporaryFailure: the disk or the database can't take it now; nothing was committed.
        """
        unique = {candidate.arrival_id: candidate for candidate in arrivals}
        async with single_statements(self._pool) as connection:
            known = await store.stored_ids(connection, unique)
        fresh = [shown for shown in unique.values() if shown.arrival_id not in known or shown.asked]
        if fresh and (why := await asyncio.to_thread(self._lacking)):
            raise TemporaryFailure(why)
        keys = await self._write(fresh)
        written = list(zip(fresh, keys, strict=True))
        places = {
            candidate.uid: candidate.arrival_id
            for candidate in arrivals
            if candidate.uid is not None
        }
        async with transaction(self._pool) as connection:
            if stand is not None:
                # Another process may have judged the same mail otherwise, opened or not: whoever
                # keeps it first has said what it is.
                taken = await store.named_otherwise(
                    connection, stand.source, stand.uidvalidity, places
                )
                ours = {
                    candidate.arrival_id for candidate in arrivals if candidate.uid not in taken
                }
                written = [pair for pair in written if pair[0].arrival_id in ours]
            rows = [_row(one, *pair) for one, pair in written]
            new = await store.insert(connection, rows, now)
            facts = [
                fact
                for one, (original, pli) in written
                if one.arrival_id in new or one.asked
                for fact in facts_of(
                    one.judgements,
                    FactContext(one.arrival_id, one.source, original, pli, now, one.asked),
                )
            ]
            if stand is not None:
                await store.insert_places(
                    connection, stand.source, stand.uidvalidity, stand.last_uid, places
                )
            await attachment_queue.put_told(connection, facts, now)
            await outbox.put(connection, SCHEMA, facts)
        return WrittenArrivals(frozenset(new), facts)

    async def holds(self, arrival_id: ArrivalId, sha256: Digest) -> bool:
        """Returns whether an arrival is stored, with octets of this SHA-256 as its original.

        Raises:
            TemporaryFailure: the database is away.
        """
        async with transaction(self._pool) as connection:
            original = await store.original_of(connection, arrival_id)
        return original is not None and sha256_of(original) == sha256

    async def _write(
        self, arrivals: Sequence[CandidateArrival]
    ) -> list[tuple[BlobKey | None, BlobKey | None]]:
        """Write what each arrival owns; the keys of its original and its pli."""
        owned = [_owned(candidate, self._zone) for candidate in arrivals]
        async with self._writing:
            keys = iter(await self._blobs.put_many([blob for blobs in owned for blob in blobs]))
        found: list[tuple[BlobKey | None, BlobKey | None]] = []
        for one, blobs in zip(arrivals, owned, strict=True):
            of_one = [next(keys) for _ in blobs]
            pli = of_one[-1] if of_one and pli_of(one.judgements) is not None else None
            found.append((of_one[0] if of_one else None, pli))
        return found


def _owned(one: CandidateArrival, zone: ZoneInfo) -> list[Blob]:
    """Its original first, its pli last."""
    if not one.keep_octets or any(_is_probe(judged) for judged in one.judgements):
        return []
    pli = pli_of(one.judgements)
    contents = [one.octets, *one.beside, *([] if pli is None else [plis.octets(pli)])]
    year = year_of(one.judgements, zone)
    return [Blob(year, one.arrival_id, content) for content in contents]


def pli_of(judgements: Sequence[Judgement]) -> Pli | None:
    """Returns the pli (content) to store with the original, from its judgements; `None`: none."""
    found = (
        judgement.pli
        for judgement in judgements
        if isinstance(judgement, ArrivalJudgement | DepartureJudgement)
    )
    return next(found, None)


def year_of(judgements: Sequence[Judgement], zone: ZoneInfo) -> int:
    """Returns the year of the local day of receipt, which names the folder of the blobs."""
    first = judgements[0]
    match first:
        case ArrivalJudgement() | DepartureJudgement():
            moment = first.happened_at
        case BounceJudgement():
            moment = first.received_at
        case ReplyJudgement():
            moment = first.sent_at
    return moment.astimezone(zone).year


def _is_probe(judged: Judgement) -> bool:
    return isinstance(judged, ArrivalJudgement) and isinstance(judged.verdict, Probe)


def _row(one: CandidateArrival, original: BlobKey | None, pli: BlobKey | None) -> store.ArrivalRow:
    first = one.judgements[0]
    fingerprint: Digest | None = (
        first.fingerprint if isinstance(first, ArrivalJudgement | DepartureJudgement) else None
    )
    return store.ArrivalRow(
        arrival_id=one.arrival_id,
        source=one.source,
        kind=kind_of(first),
        reason=reason_of(first),
        fingerprint=fingerprint,
        message=message_of(first),
        original=original,
        pli=pli,
        shown_at=one.shown_at,
        shown_as=one.shown_as,
        correspondent=first.correspondent if isinstance(first, ArrivalJudgement) else None,
    )
