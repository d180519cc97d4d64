"""Events as their facts in the chain of quality make them, with what was written about them."""

from collections.abc import Sequence
from typing import Final, get_args
from uuid import UUID

from services.desk.quality.domain import event_texts
from services.desk.quality.domain.events import CrisisEvent, EventDraft, fold
from services.desk.quality.store import texts
from services.desk.quality.store.texts import TextsByDigest
from services.desk.store import quality
from shared.content.event_rule import EventRule
from shared.facts.envelope import Digest
from shared.facts.quality.events import EventFact, EventPart
from shared.platform.database import Connection

KINDS: Final = get_args(EventFact)


async def every(connection: Connection) -> Sequence[CrisisEvent]:
    """Reads all crisis events and exercises, by number."""
    found = await quality.of_kinds(connection, KINDS)
    return fold(fact for fact in found if isinstance(fact, KINDS))


async def read_event(connection: Connection, number: int) -> CrisisEvent | None:
    """Reads the crisis event with this number, or `None`."""
    return next((found for found in await every(connection) if found.number == number), None)


async def words(connection: Connection, event: CrisisEvent) -> TextsByDigest:
    """Reads the texts written in a crisis event, by subject and digest."""
    wanted = {(event.subject, draft.sha256) for draft in event.drafts}
    return await texts.texts(connection, wanted)


async def approved_text(connection: Connection, event: CrisisEvent, part: EventPart) -> str | None:
    """Reads the approved text of an event's part, or `None`: not approved, or altered."""
    draft = event.last_approved(part)
    return None if draft is None else await approved_version(connection, event, part, draft.version)


async def approved_version(
    connection: Connection, event: CrisisEvent, part: EventPart, version: int
) -> str | None:
    """Reads the text of an event part's approved version, or `None`: not approved, or altered."""
    draft = event.version(part, version)
    if draft is None or draft.approved_at is None:
        return None
    return await draft_text(connection, event, draft)


async def draft_text(connection: Connection, event: CrisisEvent, draft: EventDraft) -> str | None:
    """Reads the text of an event part's version, or `None`: erased, or altered."""
    found = await texts.texts(connection, [(event.subject, draft.sha256)])
    return _whole(found.get((event.subject, draft.sha256)))


def _whole(text: str | None) -> str | None:
    """A kept text; `None`: it was erased, or is not the one of its digest."""
    return None if text in {None, texts.ALTERED, texts.MISSING} else text


async def rule(connection: Connection, event: CrisisEvent) -> EventRule | None:
    """Reads the approved rule of a crisis event, or `None`: there is none that can be read."""
    text = await approved_text(connection, event, EventPart.RULE)
    return None if text is None else event_texts.read(text)


async def selection(connection: Connection, subject: UUID, sha256: Digest) -> Sequence[str]:
    """Reads the item ids of a mass reply, in order; none if the list was altered."""
    found = await texts.texts(connection, [(subject, sha256)])
    text = _whole(found.get((subject, sha256)))
    return [] if text is None else text.split("\n")
