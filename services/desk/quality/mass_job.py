"""How a mass reply leaves: some notices each round, each item judged anew, each decision its own.

An item's order has an id made of event, text version and item: nobody is told twice, whatever is
run again. No more are on their way than leave in a minute, so that « Arrêter » stops the rest even
while the mail server is away.
"""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from services.desk.decider import Decider
from services.desk.domain.decisions.replies import SendReply
from services.desk.domain.stamp import REGISTER
from services.desk.quality.domain import mass
from services.desk.quality.domain.events import CrisisEvent, MassReply
from services.desk.quality.domain.mass import LeftOut
from services.desk.quality.domain.mass_letter import letter
from services.desk.quality.mass_service import context, state_end
from services.desk.quality.store import events as store
from services.desk.quality.store import mass as rows
from services.desk.quality.store.mass import MassRow
from services.desk.store import quality, readable_items
from services.desk.store.quality import Author
from shared.content import plis
from shared.content.files_first import FilesFirst
from shared.content.plis import Correspondent, Pli, Store
from shared.errors import Refused, TemporaryFailure, VaguemestreError
from shared.facts import ids
from shared.facts.authors import person_of
from shared.facts.envelope import EventId, ItemId
from shared.facts.origin import MACHINE
from shared.facts.quality.events import EventPart, ExerciseReleased
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection, Pool, transaction
from shared.site.staff.directory import Directory
from shared.site.staff.people_store import people_at
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.people import Person

UNREACHABLE: Final = frozenset({"no-mail-address", "unusable-mail-address"})
ENDED: Final = frozenset(
    {"answered", "reply-ordered", "closed", "merged", "transferred", "returned-open", "destroyed"}
)
UNSIGNED: Final = frozenset({"no-delegation", "nobody-signs"})


class MassStopped(Exception):  # noqa: N818  (no error: somebody said « Arrêter »)
    """The error that a mass reply was stopped meanwhile, so that no further item is ordered."""


@dataclass(frozen=True, slots=True)
class MassRun:
    """A running mass reply, with the data from which its letters are made."""

    event: CrisisEvent
    mass: MassReply
    text: str
    person: Person
    applied: AppliedSite
    directory: Directory
    now: datetime


def decision_of(subject: UUID, version: int) -> UUID:
    """Returns the id of the decision to send a version of an event's reply, the same each time.

    The ids of the orders for its items are made of it.
    """
    return ids.event_id(subject, "reply", version)


def order_of(subject: UUID, version: int, item_id: ItemId) -> EventId:
    """Returns the event id of an item's order in a mass reply, the same each time."""
    return ids.event_id(decision_of(subject, version), str(item_id), 1)


async def step(
    pool: Pool, blobs: Store, applied: AppliedSite, now: datetime, each: timedelta
) -> int:
    """Orders the next notices of each running mass reply; returns how many.

    One whose event is over ends, a paused one waits.
    """
    async with transaction(pool, readonly=True) as connection:
        found = [
            (event, running)
            for event in await store.every(connection)
            if (running := event.mass) is not None and running.runs
        ]
    done = 0
    for event, running in found:
        if not event.open_at(now):
            await _end(pool, applied, event, running.number, LeftOut.EVENT_OVER, now)
        elif running.paused:
            continue
        elif event.exercise:
            done += await _release(pool, applied, event.number, running.number, now, each)
        else:
            done += await _answer(pool, blobs, applied, event, running, now, each)
    return done


def _budget(applied: AppliedSite, each: timedelta) -> int:
    return math.ceil(applied.site.events.per_minute * each / timedelta(minutes=1))


async def _answer(
    pool: Pool,
    blobs: Store,
    applied: AppliedSite,
    event: CrisisEvent,
    running: MassReply,
    now: datetime,
    each: timedelta,
) -> int:
    async with transaction(pool, readonly=True) as connection:
        count = await rows.count(connection, event.subject, running.number, now)
        text = await store.approved_version(connection, event, EventPart.REPLY, running.version)
        directory = await people_at(connection, now)
    person = directory.person(person_of(running.asked_by) or "")
    if count.waits == 0 or text is None or person is None:
        why = LeftOut.STOPPED if count.waits else LeftOut.EVENT_OVER
        await _end(pool, applied, event, running.number, why, now)
        return 0
    run = MassRun(event, running, text, person, applied, directory, now)
    # Of two processes, and of rounds that follow at once, none is faster than the site allows.
    left = applied.site.events.per_minute - max(count.on_the_way, count.lately)
    most = min(_budget(applied, each), left)
    done = 0
    for _ in range(max(0, most)):
        try:
            if not await _next(pool, blobs, run):
                break
        except MassStopped:
            break
        done += 1
    return done


async def _next(pool: Pool, blobs: Store, run: MassRun) -> bool:
    """Orders the next item's notice, or says why not; returns whether there was one."""
    files = FilesFirst(blobs)

    async def work(connection: Connection) -> bool:
        row = await rows.lock_next(connection, run.event.subject, run.mass.number)
        if row is None:
            return False
        why = await _order(connection, files, run, row)
        await quality.lock_chain(connection)
        if await rows.is_stopped(connection, run.event.subject, run.mass.number):
            raise MassStopped
        subject, number = run.event.subject, run.mass.number
        if why is not None:
            await rows.left_out(connection, subject, number, row, why, run.now)
            return True
        order = order_of(subject, run.mass.version, row.item_id)
        site = run.applied.site.identity.id
        notice = ids.notice_id(site, str(order), NoticeKind.REPLY, "sender")
        await rows.mark_ordered(connection, subject, number, row, notice, run.now)
        return True

    return await files.transact(pool, work)


async def _order(
    connection: Connection, files: FilesFirst, run: MassRun, row: MassRow
) -> LeftOut | None:
    """Records the order of an item as its own decision; else why it is left out after all."""
    known, _ = await readable_items.lock(connection, [row.item_id])
    kept = known.get(row.item_id)
    if kept is None:
        return LeftOut.UNREADABLE
    about = await context(connection, run.event, [row.item_id], run.applied)
    if (why := mass.why_left_out(kept.item, about)) is not None:
        return why
    today = run.now.astimezone(run.applied.site.zone).date()
    decision = decision_of(run.event.subject, run.mass.version)
    by = Decider(
        connection,
        run.person,
        decision,
        run.now,
        run.applied,
        run.directory,
        origin=MACHINE,
        # The list was frozen by a person who may decide about each, and nothing réservé is left.
        sees=lambda _: True,
        blobs=files,
    )
    try:
        said = letter(kept.item, run.text, run.person, run.applied, run.directory, today)
        nobody = Correspondent()
        pli = Pli(
            kind="composed", sender=nobody, answer_to=nobody, subject=said.subject, text=said.whole
        )
        owner = kept.item.arrival_id or row.item_id
        key = await plis.write(files, today.year, owner, pli)
        async with connection.transaction():
            await by.about(row.item_id, SendReply(key))
    except Refused as refused:
        return _reason(refused)
    except TemporaryFailure:
        raise
    except VaguemestreError:
        return LeftOut.UNREADABLE
    return None


def _reason(refused: Refused) -> LeftOut:
    if refused.why in UNREACHABLE:
        return LeftOut.UNREACHABLE
    if refused.why in UNSIGNED:
        return LeftOut.NO_DELEGATION
    return LeftOut.ANSWERED if refused.why in ENDED else LeftOut.OTHER


async def _end(
    pool: Pool,
    applied: AppliedSite,
    found: CrisisEvent,
    mass_number: int,
    why: LeftOut,
    now: datetime,
) -> None:
    """Records the end of a mass reply, once; what still waits is left out for `why`."""
    async with transaction(pool) as connection:
        await rows.lock(connection, found.subject, mass_number)
        await quality.lock_chain(connection)
        event = await store.read_event(connection, found.number)
        if event is None or not event.masses[mass_number].runs:
            return
        await rows.end(connection, event.subject, mass_number, why, now)
        await state_end(
            connection, Author(applied.site.identity.id, REGISTER, now), event, mass_number
        )


async def _release(
    pool: Pool, applied: AppliedSite, number: int, mass_number: int, now: datetime, each: timedelta
) -> int:
    """Records which entries of the exercise list may be written to now; returns how many."""
    async with transaction(pool) as connection:
        await quality.lock_chain(connection)
        event = await store.read_event(connection, number)
        running = None if event is None else event.masses.get(mass_number)
        if event is None or running is None or not running.runs or running.paused:
            return 0
        chosen = await store.selection(connection, event.subject, running.sha256)
        gone = {
            entry
            for fact in event.released
            if fact.number == mass_number
            for entry in fact.recipients
        }
        waiting = [entry for entry in chosen if entry not in gone]
        author = Author(applied.site.identity.id, REGISTER, now)
        if not waiting:
            await state_end(connection, author, event, mass_number)
            return 0
        batch = tuple(waiting[: _budget(applied, each)])
        await quality.state(
            connection,
            author,
            event.subject,
            ExerciseReleased,
            number=mass_number,
            version=running.version,
            recipients=batch,
        )
        return len(batch)
