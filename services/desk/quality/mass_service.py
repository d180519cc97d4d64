"""Decisions about mass replies: weighed, asked for by one person, ordered by another, stopped."""

import asyncio
import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from services.desk.domain.item import Item
from services.desk.quality.domain import event_decisions as rules
from services.desk.quality.domain import mass
from services.desk.quality.domain.events import CrisisEvent, MassReply
from services.desk.quality.domain.mass import LeftOut, MassContext
from services.desk.quality.event_service import EventDesk
from services.desk.quality.store import events as store
from services.desk.quality.store import mass as rows
from services.desk.quality.store import texts
from services.desk.store import items, quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.events import (
    EventPart,
    MassAsked,
    MassDropped,
    MassEnded,
    MassOrdered,
    MassPaused,
    MassResumed,
)
from shared.facts.vocabulary import NoticeKind
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

MOST: Final = 10_000
"""Items of one mass reply."""
BATCH: Final = 200
"""Items that are folded at once."""


@dataclass(frozen=True, slots=True)
class MassGroup:
    """The chosen part of an event's items: by service, by category; empty: all of them."""

    service: str = ""
    category: str = ""

    def holds(self, item: Item) -> bool:
        """Whether an item is in the chosen part of an event's items."""
        of_service = not self.service or item.service == self.service
        return of_service and (not self.category or item.classification.category == self.category)


@dataclass(frozen=True, slots=True)
class Weighed:
    """The items that a mass reply would answer, and how many it leaves out, by reason."""

    chosen: Sequence[Item]
    entries: Sequence[str]
    """Of an exercise: the ids of its list, and no item."""
    left_out: Mapping[str, int]

    @property
    def ids(self) -> Sequence[str]:
        """The ids of the items that a mass reply would answer, whose digest is stored."""
        return self.entries or [str(item.item_id) for item in self.chosen]

    @property
    def sha256(self) -> Digest:
        """The digest of the items that a mass reply would answer, as shown before the request."""
        return Digest(hashlib.sha256("\n".join(self.ids).encode()).hexdigest())


@dataclass(frozen=True, slots=True)
class MassDesk:
    """The service object by which one person acts on mass replies, in one transaction.

    Every act raises Refused.
    """

    events: EventDesk
    applied: AppliedSite
    directory: Directory
    person: str
    """The id of the author."""
    may: Callable[[Item], bool]
    """Whether the author may decide about an item."""

    async def weigh(self, event: CrisisEvent, group: MassGroup) -> Weighed:
        """Returns which items of an event a mass reply would answer, and how many not, by reason.

        Nothing is decided.
        """
        if event.exercise:
            return self._weigh_exercise(event)
        connection = self.events.connection
        # In the days of an event most are answered soon: their facts are read by nobody again.
        done = await rows.done_items(connection, event.subject, event.items)
        waiting = [item_id for item_id in event.items if item_id not in done]
        about = await context(connection, event, waiting, self.applied)
        chosen, reasons = list[Item](), [LeftOut.ANSWERED] * len(done)
        for start in range(0, len(waiting), BATCH):
            batch = waiting[start : start + BATCH]
            known = await items.read(connection, batch)
            for item_id in batch:
                item = known.get(item_id)
                why = LeftOut.UNREADABLE if item is None else self._why(item, about, group)
                if item is not None and why is None:
                    chosen.append(item)
                elif why is not None:
                    reasons.append(why)
            await asyncio.sleep(0)  # the process has others to serve
        told = await rows.told_senders(self.events.connection, event.subject)
        once, again = mass.latest_of_each(chosen, told)
        reasons += [LeftOut.SAME_SENDER] * again + [LeftOut.TOO_MANY] * max(0, len(once) - MOST)
        return Weighed(once[:MOST], (), mass.count_left_out(reasons))

    def _weigh_exercise(self, event: CrisisEvent) -> Weighed:
        """The entries of the exercise list that this version of the reply has not been sent to."""
        draft = event.last_approved(EventPart.REPLY)
        gone = {
            entry
            for fact in event.released
            if draft is not None and fact.version == draft.version
            for entry in fact.recipients
        }
        entries = sorted(entry.id for entry in self.applied.site.events.exercise)
        left_out = mass.count_left_out([LeftOut.ANSWERED for entry in entries if entry in gone])
        return Weighed((), [entry for entry in entries if entry not in gone], left_out)

    def _why(self, item: Item, about: MassContext, group: MassGroup) -> LeftOut | None:
        if not self.may(item):
            return LeftOut.NOT_YOURS
        if not group.holds(item):
            return LeftOut.NOT_CHOSEN
        if (why := mass.why_left_out(item, about)) is not None:
            return why
        return None if self._signs(item) else LeftOut.NO_DELEGATION

    def _signs(self, item: Item) -> bool:
        site = self.applied.site
        service = site.service_now(item.service)
        if service is None:
            return False
        if NoticeKind.REPLY not in site.identity.delegation_required:
            return True
        today = self.events.author.now.astimezone(site.zone).date()
        signed = self.directory.delegation(self.person, service.id, NoticeKind.REPLY, today)
        return signed is not None

    async def ask(
        self, number: int, version: int, group: MassGroup, shown: str, typed: int | None
    ) -> MassReply:
        """Requests a mass reply. `shown`: the digest of the list read; `typed`: its count.

        Raises Refused.
        """
        event = await self.events.read_locked(number)
        rules.may_mass(event, version, self.events.author.now)
        weighed = await self.weigh(event, group)
        if weighed.sha256 != shown:
            raise Refused("The list is not the one that was shown.", "mass-list-moved")
        n = len(weighed.ids)
        if n == 0:
            raise Refused("Nobody is left to answer.", "mass-empty")
        _same(typed, n)
        digest = await texts.keep(
            self.events.connection, event.subject, "\n".join(weighed.ids), self.events.author.now
        )
        next_ = 1 + max(event.masses, default=0)
        await self.events.state(
            event,
            MassAsked,
            number=next_,
            version=version,
            n=n,
            sha256=digest,
            left_out=weighed.left_out,
        )
        return (await self.events.read(number)).masses[next_]

    async def drop(self, number: int, mass_number: int) -> CrisisEvent:
        """Gives up a mass reply that waits for its second person."""
        event = await self.events.read_locked(number)
        rules.waiting_mass(event, mass_number)
        await self.events.state(event, MassDropped, number=mass_number)
        return await self.events.read(number)

    async def order(self, number: int, mass_number: int, typed: int | None) -> CrisisEvent:
        """Orders a mass reply as its second person, so that it leaves. Raises Refused."""
        event = await self.events.read_locked(number)
        rules.must_be_open(event, self.events.author.now)
        waiting = rules.waiting_mass(event, mass_number)
        rules.another(self.events.author.by, waiting.asked_by)
        rules.must_be_approved(event, waiting.version)
        _same(typed, waiting.n)
        chosen = await store.selection(self.events.connection, event.subject, waiting.sha256)
        if len(chosen) != waiting.n:
            raise Refused("The list is not the one that was stated.", "mass-list-moved")
        await self.events.state(event, MassOrdered, number=mass_number, asked=waiting.asked)
        if not event.exercise:
            listed = [ItemId(UUID(entry)) for entry in chosen]
            await rows.fill(self.events.connection, event.subject, mass_number, listed)
        return await self.events.read(number)

    async def pause(self, number: int, mass_number: int) -> CrisisEvent:
        """Pauses a mass reply: no further notice is ordered; those on their way still leave."""
        event = await self.events.read_locked(number)
        rules.running_mass(event, mass_number, paused=False)
        await self.events.state(event, MassPaused, number=mass_number)
        return await self.events.read(number)

    async def resume(self, number: int, mass_number: int) -> CrisisEvent:
        """Resumes a paused mass reply."""
        event = await self.events.read_locked(number)
        rules.must_be_open(event, self.events.author.now)
        rules.running_mass(event, mass_number, paused=True)
        await self.events.state(event, MassResumed, number=mass_number)
        return await self.events.read(number)

    async def end(self, number: int, mass_number: int) -> CrisisEvent:
        """Ends a paused mass reply for good: items that wait stay with their holder."""
        subject = (await self.events.read(number)).subject
        await rows.lock(self.events.connection, subject, mass_number)
        event = await self.events.read_locked(number)
        rules.running_mass(event, mass_number, paused=True)
        await rows.end(
            self.events.connection,
            event.subject,
            mass_number,
            LeftOut.STOPPED,
            self.events.author.now,
        )
        await state_end(self.events.connection, self.events.author, event, mass_number)
        return await self.events.read(number)


def _same(typed: int | None, n: int) -> None:
    """Refuses whoever did not type the number of notices that would leave."""
    if typed != n:
        raise Refused("The number that was typed is another one.", "mass-n", n=n)


async def context(
    connection: Connection, event: CrisisEvent, among: Collection[ItemId], applied: AppliedSite
) -> MassContext:
    """Reads the data by which a mass reply judges an event's items."""
    told = await rows.ordered_items(connection, event.subject, among)
    return MassContext(event.items, event.asks_more, told, mass.held_senders(applied.site))


async def state_end(
    connection: Connection, author: Author, event: CrisisEvent, number: int
) -> None:
    """Records the end of a mass reply, with how many items it answered and left out."""
    reasons = await rows.reasons(connection, event.subject, number)
    count = await rows.count(connection, event.subject, number, author.now)
    released = sum(len(fact.recipients) for fact in event.released if fact.number == number)
    left = event.masses[number].n - released if event.exercise else sum(reasons.values())
    await quality.state(
        connection,
        author,
        event.subject,
        MassEnded,
        number=number,
        ordered=released if event.exercise else count.ordered,
        left_out=({LeftOut.STOPPED.value: left} if left else {}) if event.exercise else reasons,
    )
