"""What happens of events by itself: they end, and their rule is asked about each mail that came.

What the rule finds is proposed on a page; a person confirms. Nothing here says anything to anybody.
"""

from datetime import datetime, timedelta
from typing import Final

from services.desk.domain.stamp import REGISTER
from services.desk.jobs import JobContext
from services.desk.quality.domain.events import CrisisEvent
from services.desk.quality.event_service import tell
from services.desk.quality.mass_job import step
from services.desk.quality.store import event_looks
from services.desk.quality.store import events as store
from services.desk.quality.store.event_looks import Unseen
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.content import plis
from shared.content.event_rule import EventRule
from shared.content.plis import Store
from shared.errors import TemporaryFailure, VaguemestreError
from shared.facts.quality.events import EventClosed, EventPart
from shared.platform.clock import sure
from shared.platform.database import Connection, Pool, transaction
from shared.platform.jobs import Job, Left, every

EACH: Final = timedelta(seconds=5)
BATCH: Final = 200
"""Mails whose text is read in one round."""


async def close_ended(connection: Connection, site: str, now: datetime) -> int:
    """Records the end of crisis events whose planned end has passed; returns how many."""
    if not any(_ended(event, now) for event in await store.every(connection)):
        return 0
    await quality.lock_chain(connection)
    author, closed = Author(site, REGISTER, now), 0
    for event in await store.every(connection):
        if _ended(event, now):
            await quality.state(connection, author, event.subject, EventClosed)
            found = await store.read_event(connection, event.number)
            if found is not None:
                await tell(connection, author, found)
            closed += 1
    return closed


def _ended(event: CrisisEvent, now: datetime) -> bool:
    return event.closed_at is None and event.over(now) is not None


async def look(pool: Pool, blobs: Store, now: datetime) -> bool:
    """Applies each open event's rule to mail not yet looked at; returns whether more waits."""
    more = False
    async with transaction(pool, readonly=True) as connection:
        found = [
            (event, await store.rule(connection, event), event.last_approved(EventPart.RULE))
            for event in await store.every(connection)
            if event.open_at(now) and not event.exercise
        ]
    for event, rule, draft in found:
        if rule is None or draft is None:
            continue
        async with transaction(pool, readonly=True) as connection:
            unseen = await event_looks.unseen_mails(
                connection, event.subject, draft.version, rule.since, BATCH
            )
        hits = {mail.item_id: await _hit(blobs, rule, mail) for mail in unseen}
        async with transaction(pool) as connection:
            await event_looks.keep(connection, event.subject, draft.version, hits)
        more = more or len(unseen) == BATCH
    return more


async def _hit(blobs: Store, rule: EventRule, mail: Unseen) -> str | None:
    """The words that the rule finds; none in what can't be read, which a person may still name."""
    if mail.pli is None:
        return None
    try:
        pli = await plis.read(blobs, mail.pli)
    except TemporaryFailure:
        raise  # the round is run again
    except VaguemestreError:
        return None
    return rule.hit(mail.received_at, mail.source, pli.subject, pli.text)


def minds_events(parts: JobContext) -> Job:
    """Makes the background job of crisis events: ends them, runs mass replies, sorts new mail.

    New mail is proposed for an event by the event's rule.
    """

    async def mind() -> Left | None:
        async with transaction(parts.pool) as connection:
            applied = await parts.rules.if_any(connection)
            if applied is None:
                return None
            await close_ended(connection, applied.site.identity.id, sure(parts.clock))
        await step(parts.pool, parts.blobs, applied, sure(parts.clock), EACH)
        more = await look(parts.pool, parts.blobs, sure(parts.clock))
        return Left.MORE if more else None

    return every(EACH.total_seconds(), mind, parts.stopping)
