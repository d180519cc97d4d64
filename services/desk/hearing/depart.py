"""Scanned departures become what left; bounces are only counted here (notify acts on them)."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from services.desk import statements
from services.desk.domain import placed
from services.desk.domain.days import instant_of
from services.desk.domain.item import Item
from services.desk.domain.left import Left, fact_of, passed_on, until_of
from services.desk.domain.registering import Word
from services.desk.domain.stamp import REGISTER, Stamp
from services.desk.store import arrivals, facts, items, letters
from services.desk.store.arrivals import Aside
from services.desk.store.letters import Use
from shared.database import Connection
from shared.facts.arrivals import BounceSeen, DepartureScanned
from shared.facts.authors import by_source
from shared.facts.envelope import Chrono, EventId, ItemId
from shared.facts.items import Items
from shared.facts.items.replies import ReplyObserved
from shared.facts.vocabulary import NoticeKind, Proof, Way
from shared.site.bundle import AppliedSite
from shared.subscription import pass_over

UNKNOWN_CHRONO = "unknown_chrono"
Seen = TypeVar("Seen", BounceSeen, DepartureScanned)


async def depart(
    connection: Connection,
    scanned: Sequence[DepartureScanned],
    applied: AppliedSite,
    now: datetime,
) -> None:
    """Says of each item what left; a code that names no item of ours waits for a person."""
    scanned = await _new(connection, scanned)
    if not scanned:
        return
    zone = applied.site.zone
    named = await items.by_chronos(connection, [one.chrono for one in scanned])
    before = await items.lock(connection, named.values())
    papers = await letters.on_paper(connection, list(before))
    seqs = {item_id: kept.item.seq for item_id, kept in before.items()}
    stated: list[Items] = []
    waiting: list[Items] = []
    asides: list[Aside] = []
    for one in scanned:
        received = instant_of(one.receipt, zone)
        item_id = named.get(Chrono(one.chrono))
        if item_id is None:
            stamp = Stamp(ItemId(one.arrival_id), 0, one.event_id, REGISTER, now)
            waiting.append(placed.quarantined(applied.site, stamp))
            asides.append(Aside(one, Word.QUARANTINE, received, reason=UNKNOWN_CHRONO))
            continue
        stamp = Stamp(item_id, seqs[item_id], one.event_id, by_source(one.source), now)
        taken = papers.get((item_id, one.kind))
        told = _left(one, before[item_id].item, taken, received, stamp)
        stated += told
        seqs[item_id] += len(told)
        asides.append(Aside(one, Word.DEPARTURE, received, item_id))
    await statements.state(connection, before, stated, zone)
    await facts.keep(connection, waiting)
    await arrivals.keep_aside(connection, asides)


def _left(
    scan: DepartureScanned, item: Item, taken: Use | None, at: datetime, stamp: Stamp
) -> list[Items]:
    """What left by its code; where the code does not say enough, a person is asked.

    `taken`: the standard letter of this kind that was last taken as a document.
    """
    left = Left(
        kind=scan.kind,
        at=at,
        way=Way.PAPER,
        proof=Proof.SCANNED,
        until=(taken and taken.until) or until_of(scan.kind, item.orders),
        document=scan.original,
        observation=_observation(scan.kind, item),
        template=None if taken is None else taken.version,
    )
    passed = passed_on(scan.kind, None if taken is None else taken.addressee, item, stamp, at)
    fact = fact_of(left, stamp, len(passed) + 1)
    if fact is not None:
        return [*passed, fact]
    return [
        ReplyObserved(
            **stamp(1, min(at, stamp.now)),
            arrival_id=scan.arrival_id,
            message=None,
            looks_like=scan.kind,
        )
    ]


def _observation(kind: NoticeKind, item: Item) -> EventId | None:
    """What was seen in Sent and now left signed on paper: of a reply the oldest, else its like."""
    seen = (
        one.event_id
        for one in item.observations
        if kind is NoticeKind.REPLY or one.looks_like is kind
    )
    return next(seen, None)


async def bounced(connection: Connection, seen: Sequence[BounceSeen]) -> None:
    """A bounce is a word of the register, nothing more."""
    asides = [
        Aside(one, Word.BOUNCE, one.happened_at, one.item_id)
        for one in await _new(connection, seen)
    ]
    await arrivals.keep_aside(connection, asides)


async def _new(connection: Connection, batch: Sequence[Seen]) -> Sequence[Seen]:
    """Each arrival of which the register knows nothing yet, once."""
    unknown = await arrivals.unknown(connection, [one.arrival_id for one in batch])
    found = {one.arrival_id: one for one in batch if one.arrival_id in unknown}
    for one in batch:
        if found.get(one.arrival_id) is not one:
            pass_over(one)
    return list(found.values())
