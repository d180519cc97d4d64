"""Scanned departures become what left; bounces are only counted here (notify acts on them)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from services.desk import statements
from services.desk.domain import placement_facts
from services.desk.domain.days import instant_of
from services.desk.domain.dispatch import Dispatch, fact_of, passed_on, until_of
from services.desk.domain.disposition import Disposition
from services.desk.domain.item import Item
from services.desk.domain.stamp import REGISTER, Stamp
from services.desk.store import (
    arrivals,
    facts,
    former_chronos,
    item_numbers,
    items,
    letter_uses,
    parapheur_letters,
)
from services.desk.store.arrivals import SetAsideArrival
from services.desk.store.letter_uses import Use
from shared.facts.authors import by_source
from shared.facts.envelope import Chrono, EventId, ItemId
from shared.facts.items import Items
from shared.facts.items.replies import ReplyObserved
from shared.facts.observations import BounceSeen, DepartureScanned
from shared.facts.vocabulary import NoticeKind, Proof, Way
from shared.platform.database import Connection
from shared.platform.messaging.subscription import pass_over
from shared.site.tables.bundle import AppliedSite

UNKNOWN_CHRONO = "unknown_chrono"
GIVEN_TWICE = "chrono_given_twice"
"""A restore lost to whom it was given first: no code says of which letter it was printed."""
NOT_JUDGED = "not-judged"
"""A letter to a third party whom no letter taken here names, or one of two: no word to the
sender."""
Seen = TypeVar("Seen", BounceSeen, DepartureScanned)


async def depart(
    connection: Connection,
    scanned: Sequence[DepartureScanned],
    applied: AppliedSite,
    now: datetime,
) -> None:
    """Records for each scanned departure (outgoing letter) that it was sent.

    One whose code names no item, a chrono that two items have had, or a third party whom no letter
    taken here names, or one of several that lie ready, waits for a person.
    """
    scanned = await _new(connection, scanned)
    if not scanned:
        return
    zone = applied.site.zone
    chronos = [Chrono(departure_scanned.chrono) for departure_scanned in scanned]
    twice = await former_chronos.given_twice(connection, chronos)
    once = [chrono for chrono in chronos if chrono not in twice]
    named = await item_numbers.by_chronos(connection, once)
    before = await items.lock(connection, named.values())
    # A letter taken before a merger bears the number of the merged item, and is of that one.
    bearers = await item_numbers.bearers(connection, once)
    papers = await letter_uses.on_paper(connection, list(bearers.values()))
    thirds = await _thirds(connection, scanned, bearers, named)
    seqs = {item_id: kept.item.seq for item_id, kept in before.items()}
    stated: list[Items] = []
    waiting: list[Items] = []
    asides: list[SetAsideArrival] = []
    left: list[tuple[ItemId, NoticeKind]] = []
    for departure_scanned in scanned:
        received = instant_of(departure_scanned.receipt, zone)
        chrono = Chrono(departure_scanned.chrono)
        item_id, bearer = named.get(chrono), bearers.get(chrono)
        taken = None if bearer is None else papers.get((bearer, departure_scanned.kind))
        if bearer is not None and departure_scanned.kind is NoticeKind.THIRD:
            ready = thirds.get(bearer, [taken])
            taken = ready[0] if len(ready) == 1 else None
        why = _unclear(departure_scanned, taken, known=item_id is not None, twice=chrono in twice)
        if item_id is None or why is not None:
            stamp = Stamp(
                ItemId(departure_scanned.arrival_id), 0, departure_scanned.event_id, REGISTER, now
            )
            waiting.append(placement_facts.quarantine_fact(applied.site, stamp))
            asides.append(
                SetAsideArrival(departure_scanned, Disposition.QUARANTINE, received, reason=why)
            )
            continue
        stamp = Stamp(
            item_id,
            seqs[item_id],
            departure_scanned.event_id,
            by_source(departure_scanned.source),
            now,
        )
        told = _left(departure_scanned, before[item_id].item, taken, received, stamp)
        stated += told
        seqs[item_id] += len(told)
        if not isinstance(told[-1], ReplyObserved):
            left.append((item_id, departure_scanned.kind))
        asides.append(SetAsideArrival(departure_scanned, Disposition.DEPARTURE, received, item_id))
    await statements.state(connection, before, stated, zone)
    await parapheur_letters.note_left(connection, left, now)
    await facts.keep(connection, waiting)
    await arrivals.keep_aside(connection, asides)


async def _thirds(
    connection: Connection,
    scanned: Sequence[DepartureScanned],
    bearers: Mapping[Chrono, ItemId],
    named: Mapping[Chrono, ItemId],
) -> Mapping[ItemId, Sequence[Use]]:
    """The letters to third parties that lie ready: of several no code says which one left."""
    chronos = {Chrono(scan.chrono) for scan in scanned if scan.kind is NoticeKind.THIRD}
    known = {bearers[chrono]: named[chrono] for chrono in chronos & bearers.keys() & named.keys()}
    return await letter_uses.thirds_to_leave(connection, known) if known else {}


def _unclear(scan: DepartureScanned, taken: Use | None, *, known: bool, twice: bool) -> str | None:
    """Why a person has to say what left, as a quarantine's reason; `None`: its code says it.

    `known`: its number leads to an item; `twice`: it was given to two; `taken`: as for `_left`.
    """
    if twice:
        return GIVEN_TWICE
    if not known:
        return UNKNOWN_CHRONO
    to_nobody = taken is None or taken.addressee is None
    return NOT_JUDGED if scan.kind is NoticeKind.THIRD and to_nobody else None


def _left(
    scan: DepartureScanned, item: Item, taken: Use | None, at: datetime, stamp: Stamp
) -> list[Items]:
    """What left by its code; where the code does not say enough, a person is asked.

    `taken`: the standard letter of this kind that was last taken as a document.
    """
    left = Dispatch(
        kind=scan.kind,
        at=at,
        way=Way.PAPER,
        proof=Proof.SCANNED,
        until=(taken and taken.until) or until_of(scan.kind, item.orders),
        document=scan.original,
        observation=_observation(scan.kind, item),
        template=None if taken is None else taken.version,
        addressee=None if taken is None else taken.addressee,
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
        fact.event_id
        for fact in item.observations
        if kind is NoticeKind.REPLY or fact.looks_like is kind
    )
    return next(seen, None)


async def store_bounces(connection: Connection, seen: Sequence[BounceSeen]) -> None:
    """Stores bounced emails (non-delivery reports) as arrivals; notify acts on them."""
    asides = [
        SetAsideArrival(
            bounce_seen, Disposition.BOUNCE, bounce_seen.happened_at, bounce_seen.item_id
        )
        for bounce_seen in await _new(connection, seen)
    ]
    await arrivals.keep_aside(connection, asides)


async def _new(connection: Connection, batch: Sequence[Seen]) -> Sequence[Seen]:
    """Each arrival of which the register knows nothing yet, once."""
    unknown = await arrivals.unknown(connection, [bounce_seen.arrival_id for bounce_seen in batch])
    found = {
        bounce_seen.arrival_id: bounce_seen
        for bounce_seen in batch
        if bounce_seen.arrival_id in unknown
    }
    for bounce_seen in batch:
        if found.get(bounce_seen.arrival_id) is not bounce_seen:
            pass_over(bounce_seen)
    return list(found.values())
