"""The label's perimeter by service: one person asks, another confirms, and the items follow.

Items are locked in the order of their ids before the chain, as everywhere; what another transaction
was writing meanwhile is put right by the job within a minute.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from services.desk.domain.decisions.second import signed_in
from services.desk.domain.fold import fold
from services.desk.domain.item import Item
from services.desk.domain.label_perimeter import LabelPerimeter, outside_service
from services.desk.jobs import JobContext
from services.desk.quality.domain import agents
from services.desk.quality.domain.perimeter_preview import PerimeterPreview
from services.desk.quality.store import perimeter_preview, texts
from services.desk.store import fact_history, items, label_perimeter, quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.authors import person_of
from shared.facts.envelope import Digest, EventId, ItemId, PersonId, ServiceId
from shared.facts.quality.perimeter import PerimeterAsked, PerimeterChanged, PerimeterDropped
from shared.platform.clock import sure
from shared.platform.database import Connection, transaction
from shared.platform.jobs import Job, every
from shared.site.staff.deputies import Function, trusted_people
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite, Site
from shared.site.tables.identity import StandIn

BATCH: Final = 200
FARTHEST: Final = timedelta(days=366)
EACH_SECONDS: Final = 60.0
STRAGGLERS: Final = timedelta(hours=1)
"""How long after a change the job goes on to look for items that were written during it."""
NEAR: Final = timedelta(minutes=10)
"""The longest that a transaction, or a confirmation, may last."""


@dataclass(frozen=True, slots=True)
class PerimeterService:
    """The service object by which one person acts on the label's perimeter.

    One transaction; each act raises Refused.
    """

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory

    @property
    def today(self) -> date:
        """The local day of the request or confirmation."""
        return self.author.now.astimezone(self.applied.site.zone).date()

    async def ask(self, service: ServiceId, since: date, why: str, *, inside: bool) -> None:
        """Requests that a service leaves the label's perimeter from a local day, or returns.

        Raises Refused.
        """
        signed_in(self.author.origin)
        await quality.lock_chain(self.connection)
        known = await label_perimeter.perimeter(self.connection)
        may_ask(known, self.applied, service, since, self.today, inside=inside)
        if not why:
            raise Refused("Say why.", "label-needs-why")
        if agents.named_person(why, self.directory.people.values()) is not None:
            raise Refused("A reason names nobody of the préfecture.", "perimeter-names-agent")
        subject = ids.quality_id(self.author.site, "perimeter", service)
        digest = await texts.keep(self.connection, subject, why, self.author.now)
        await quality.state(
            self.connection, self.author, subject, PerimeterAsked,
            service=service, inside=inside, since=since, why=digest,
        )  # fmt: skip

    async def drop(self, service: ServiceId, request: EventId) -> None:
        """Drops a request to change the label's perimeter that nobody has confirmed."""
        await quality.lock_chain(self.connection)
        asked = await self._asked(service, request)
        await quality.state(
            self.connection, self.author, asked.subject_id, PerimeterDropped,
            service=service, asked=asked.event_id,
        )  # fmt: skip

    async def confirm(self, service: ServiceId, request: EventId, shown: str) -> PerimeterPreview:
        """Confirms another person's request to take a service out of the label, or back in.

        Its items count from now on in no rate, or count again. `shown`: the digest of the preview
        that the person saw. Returns what moved. Raises Refused.
        """
        signed_in(self.author.origin)
        asked = await self._asked(service, request)
        me, first = person_of(self.author.by), person_of(asked.by)
        if me is None or me == first:
            raise Refused("Whoever asked can't confirm.", "perimeter-two-persons")
        officers, all_ = who_confirms(self.applied.site, self.directory, self.today)
        if me not in all_ or not {me, first} & officers:
            raise Refused("The quality officer with the secretary can.", "perimeter-may-not")
        concerned = await label_perimeter.concerned_items(self.connection, service, asked.since)
        await items.lock_rows(self.connection, concerned)
        # Folded before the chain is locked: nobody waits for it who states anything else.
        known = await label_perimeter.perimeter(self.connection)
        found = await preview(self.connection, self.applied, asked)
        await quality.lock_chain(self.connection)
        # Somebody may have confirmed, dropped or replaced it while the rows were waited for.
        await self._asked(service, request)
        now = await label_perimeter.perimeter(self.connection)
        if found.digest(asked.event_id) != shown or now != known:
            raise Refused("It is not what was shown any more.", "perimeter-moved")
        await quality.state(
            self.connection, self.author, asked.subject_id, PerimeterChanged,
            service=service, inside=asked.inside, since=asked.since, why=asked.why,
            asked=asked.event_id,
        )  # fmt: skip
        await label_perimeter.put(self.connection, service, found.leaving, found.coming)
        return found

    async def _asked(self, service: ServiceId, request: EventId) -> PerimeterAsked:
        known = await label_perimeter.perimeter(self.connection)
        asked = known.asked.get(service)
        if asked is None or asked.event_id != request:
            raise Refused("Nothing is asked.", "perimeter-not-asked")
        return asked


def may_ask(
    known: LabelPerimeter,
    applied: AppliedSite,
    service: ServiceId,
    since: date,
    today: date,
    *,
    inside: bool,
) -> None:
    """Raises Refused for a perimeter request of an unknown service, a far day, or no change.

    Also for a day before the first month that counts in rates, the month of the go-live.
    """
    if service not in applied.site.service:
        raise Refused("There is no such service.", "perimeter-no-service")
    first = applied.first_month
    if first is not None and since < first:
        raise Refused("Nothing counts before the go-live.", "perimeter-too-early", day=first)
    if since > today + FARTHEST:
        raise Refused("That day is too far ahead.", "perimeter-too-far", day=today + FARTHEST)
    later = any(fact.since > since for fact in known.periods(service))
    if known.inside(service, since) is inside and not later:
        raise Refused("It is so already.", "scope-same")


def draft(author: Author, service: ServiceId, since: date, *, inside: bool) -> PerimeterAsked:
    """Makes a perimeter request as it would be stated, for a preview; nothing is stored."""
    subject = ids.quality_id(author.site, "perimeter", service)
    return PerimeterAsked(
        event_id=EventId(subject), subject_id=subject, seq=1, happened_at=author.now,
        recorded_at=author.now, by=author.by, service=service, inside=inside, since=since,
        why=Digest("0" * 64),
    )  # fmt: skip


def who_confirms(
    site: Site, directory: Directory, today: date
) -> tuple[frozenset[PersonId], frozenset[PersonId]]:
    """Returns the people who answer for quality, and all who may confirm a perimeter change.

    The second also has the general secretary. Both have deputies whom the site trusts with the
    proof.
    """
    officer = (site.identity.quality_officer, Function.QUALITY_OFFICER)
    secretary = (site.identity.general_secretary, Function.GENERAL_SECRETARY)
    officers = trusted_people([officer], StandIn.PROOF, site, directory, today)
    return officers, officers | trusted_people([secretary], StandIn.PROOF, site, directory, today)


async def preview(
    connection: Connection, applied: AppliedSite, request: PerimeterAsked
) -> PerimeterPreview:
    """Counts what a perimeter request would move if it were confirmed now."""
    known, zone = await label_perimeter.perimeter(connection), applied.site.zone
    then = known.with_request(request)
    concerned = await label_perimeter.concerned_items(connection, request.service, request.since)
    leaving, coming, unreadable = list[ItemId](), list[ItemId](), 0
    merged = set[ItemId]()
    for start in range(0, len(concerned), BATCH):
        found, lost = await _items(connection, concerned[start : start + BATCH])
        unreadable += lost
        for item in found:
            was = outside_service(item, zone, known) is None
            will = outside_service(item, zone, then) is None
            if was is not will:
                (leaving if was else coming).append(item.item_id)
                if item.merged_into is not None:
                    merged.add(item.item_id)
        await asyncio.sleep(0)  # the process has others to serve
    out, late, out_closed = await perimeter_preview.moved_figures(connection, leaving)
    back, _, back_closed = await perimeter_preview.moved_figures(connection, coming)
    closed = dict(out_closed)
    for month, number in back_closed:
        closed[month] = closed.get(month, 0) + number
    lines = await perimeter_preview.lines(connection, out, back)
    return PerimeterPreview(
        leaving, coming, frozenset(merged), late, unreadable, lines, sorted(closed.items())
    )


async def _items(connection: Connection, item_ids: Sequence[ItemId]) -> tuple[Sequence[Item], int]:
    found, unreadable = await fact_history.readable(connection, item_ids)
    return [fold(told) for told in found.values()], len(unreadable)


async def settle(connection: Connection, applied: AppliedSite, since: datetime | None) -> int:
    """Corrects items that were written while a perimeter change was confirmed; returns how many.

    `since`: only the changes recorded from then on are looked at; `None`: all are.
    """
    known, zone = await label_perimeter.perimeter(connection), applied.site.zone
    concerned = set[ItemId]()
    for change in known.changes:
        if since is None or change.recorded_at >= since:
            concerned |= set(await label_perimeter.written_near(connection, change, NEAR))
    in_order, count = sorted(concerned), 0
    for start in range(0, len(in_order), BATCH):
        locked = await items.lock_rows(connection, in_order[start : start + BATCH])
        stands = await label_perimeter.outside(connection, locked)
        found, _ = await _items(connection, locked)
        wrong = [
            item for item in found if outside_service(item, zone, known) != stands[item.item_id]
        ]
        await items.save(connection, wrong, zone)
        count += len(wrong)
    return count


def settles_perimeter(parts: JobContext) -> Job:
    """Makes the background job that corrects items written during a perimeter change.

    Its first look takes every change ever made, for the process may have stopped before it was
    done.
    """
    looked: list[datetime] = []

    async def look() -> None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
            if applied is not None:
                now = sure(parts.clock)
                await settle(connection, applied, looked[-1] - STRAGGLERS if looked else None)
                looked[:] = [now]

    return every(EACH_SECONDS, look, parts.stopping)
