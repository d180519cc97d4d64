"""Decisions about events: checked, stated as facts, told to every service by a row of `site`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from services.desk.quality.domain import event_decisions as rules
from services.desk.quality.domain import event_texts
from services.desk.quality.domain.events import CrisisEvent
from services.desk.quality.store import events as store
from services.desk.quality.store import texts
from services.desk.store import items as item_store
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.content.event_rule import EventRule
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import ItemId
from shared.facts.quality.base import QualityFact
from shared.facts.quality.events import (
    EventAsked,
    EventClosed,
    EventDropped,
    EventOpened,
    EventPart,
    EventPartApproved,
    EventPartWritten,
    ItemsJoined,
    ItemsLeft,
    JoinReason,
)
from shared.facts.vocabulary import Confidentiality
from shared.platform.database import Connection
from shared.site import events as standing
from shared.site.events import StandingEvent

MOST: Final = 500
"""Items that one list confirms: a record of Kafka holds them."""


@dataclass(frozen=True, slots=True)
class EventDesk:
    """The service object by which one author acts on crisis events, in one transaction.

    Every act raises Refused. The author must be signed in; an act of the second person must be by
    another one than the first.
    """

    connection: Connection
    author: Author

    async def ask(self, code: str, ends_at: datetime, *, exercise: bool) -> CrisisEvent:
        """Requests a crisis event, which shows nothing until a second person opens it."""
        rules.signed_in(self.author.origin)
        if not rules.is_code(code):
            raise Refused("A code has letters, digits and hyphens.", "event-code")
        await quality.lock_chain(self.connection)
        known = await store.every(self.connection)
        rules.may_ask(known, ends_at, self.author.now, exercise=exercise)
        number = 1 + max((event.number for event in known), default=0)
        subject = ids.quality_id(self.author.site, "event", str(number))
        await quality.state(
            self.connection,
            self.author,
            subject,
            EventAsked,
            number=number,
            code=code,
            ends_at=ends_at,
            exercise=exercise,
        )
        return await self.read(number)

    async def drop(self, number: int) -> CrisisEvent:
        """Gives up a crisis event that waits for its second person."""
        event = await self.read_locked(number)
        if not event.waits:
            raise Refused("This event does not wait to be opened.", "event-not-waiting")
        await self.state(event, EventDropped)
        return await self.read(number)

    async def open(self, number: int) -> CrisisEvent:
        """Opens a crisis event as its second person; returns it."""
        event = await self.read_locked(number)
        rules.may_open(event, self.author.by, self.author.now)
        await self.state(
            event,
            EventOpened,
            code=event.code,
            ends_at=event.ends_at,
            exercise=event.exercise,
            asked=event.asked,
        )
        return await self._told(number)

    async def close(self, number: int) -> CrisisEvent:
        """Closes an open crisis event before its planned end; returns it."""
        event = await self.read_locked(number)
        rules.must_be_open(event, self.author.now)
        await self.state(event, EventClosed)
        return await self._told(number)

    async def write_line(self, number: int, text: str) -> CrisisEvent:
        """Writes a version of the line that a crisis event adds to receipts; returns the event."""
        return await self._write(number, EventPart.LINE, event_texts.line(text))

    async def write_reply(self, number: int, text: str) -> CrisisEvent:
        """Writes a version of the text of a crisis event's mass reply; returns the event."""
        return await self._write(number, EventPart.REPLY, event_texts.reply(text))

    async def write_rule(self, number: int, rule: EventRule) -> CrisisEvent:
        """Writes a version of the rule that says which mail a crisis event is about."""
        said = event_texts.rule(rule.words, rule.sources, rule.since, self.author.now)
        return await self._write(number, EventPart.RULE, event_texts.write_rule(said))

    async def approve(self, number: int, part: EventPart, version: int) -> CrisisEvent:
        """Approves the last version of an event's part, as somebody other than its author."""
        event = await self.read_locked(number)
        by, now = self.author.by, self.author.now
        draft = rules.may_approve(event, part, version, by, now)
        if await store.draft_text(self.connection, event, draft) is None:
            raise Refused("This text is not what was written.", "event-text-altered")
        await self.state(event, EventPartApproved, part=part, version=version, sha256=draft.sha256)
        return await self._told(number)

    async def join(
        self,
        number: int,
        items: Sequence[ItemId],
        asks_more: Sequence[ItemId] = (),
        reason: JoinReason = JoinReason.RULE,
    ) -> int:
        """Confirms that items belong to a crisis event; returns how many are new.

        `asks_more`: those of them that also ask another question. The caller has checked that the
        person may know of the items.
        """
        event = await self.read_locked(number)
        rules.must_be_open(event, self.author.now)
        if event.exercise:
            raise Refused("An exercise has no items.", "event-exercise-items")
        wanted = list(dict.fromkeys(items))
        if not 0 < len(wanted) <= MOST:
            raise Refused("A list has from 1 to 500 items.", "event-list", most=MOST)
        known = await item_store.read(self.connection, wanted)
        if known.keys() != set(wanted):
            raise Refused("An item of this list is not there.", "event-item-unknown")
        if any(
            item.classification.confidentiality is not Confidentiality.NORMAL
            for item in known.values()
        ):
            raise Refused("What is réservé belongs to no event.", "event-item-reserved")
        asks = tuple(item for item in wanted if item in set(asks_more))
        new = [
            item
            for item in wanted
            if item not in event.items or (item in event.asks_more) != (item in asks)
        ]
        if new:
            await self.state(
                event,
                ItemsJoined,
                items=tuple(new),
                reason=reason,
                asks_more=tuple(item for item in asks if item in new),
            )
        return len([item for item in new if item not in event.items])

    async def leave(self, number: int, items: Sequence[ItemId]) -> int:
        """Takes items out of a crisis event; returns how many were in it."""
        event = await self.read_locked(number)
        gone = tuple(item for item in dict.fromkeys(items) if item in event.items)
        if gone:
            await self.state(event, ItemsLeft, items=gone)
        return len(gone)

    async def read(self, number: int) -> CrisisEvent:
        """Returns the crisis event with this number. Raises Refused without one."""
        event = await store.read_event(self.connection, number)
        if event is None:
            raise Refused("There is no such event.", "no-such-event", number=number)
        return event

    async def read_locked(self, number: int) -> CrisisEvent:
        """Locks the quality chain until the transaction ends; returns the event with this number.

        For an author who is signed in; raises Refused for another, or without such an event.
        """
        rules.signed_in(self.author.origin)
        await quality.lock_chain(self.connection)
        return await self.read(number)

    async def state(self, event: CrisisEvent, kind: type[QualityFact], /, **said: Any) -> None:
        """Records a fact about a crisis event."""
        await quality.state(self.connection, self.author, event.subject, kind, **said)

    async def _write(self, number: int, part: EventPart, text: str) -> CrisisEvent:
        event = await self.read_locked(number)
        rules.may_write(event, self.author.now)
        before = event.last(part)
        digest = await texts.keep(self.connection, event.subject, text, self.author.now)
        version = 1 if before is None else before.version + 1
        await self.state(event, EventPartWritten, part=part, version=version, sha256=digest)
        return await self.read(number)

    async def _told(self, number: int) -> CrisisEvent:
        event = await self.read(number)
        await tell(self.connection, self.author, event)
        return event


async def tell(connection: Connection, author: Author, event: CrisisEvent) -> None:
    """Publishes an opened crisis event's state: stores it in schema `site`, for all services."""
    if event.opened_at is None:
        return
    row = StandingEvent(
        event.subject,
        event.code,
        event.exercise,
        event.opened_at,
        event.ends_at,
        closed=event.closed_at is not None,
        line=await store.approved_text(connection, event, EventPart.LINE),
    )
    rule = await store.rule(connection, event)
    if rule is not None:
        row = replace(row, words=tuple(rule.words), sources=tuple(rule.sources), since=rule.since)
    reply = event.last_approved(EventPart.REPLY) if event.exercise else None
    if reply is not None:
        text = await store.approved_text(connection, event, EventPart.REPLY)
        if text is not None:
            row = replace(row, reply=text, reply_version=reply.version)
    await standing.keep(connection, row, author.by, author.now)
