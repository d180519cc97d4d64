"""Events as their facts in the chain of quality make them, with what was written about them."""

from collections.abc import Mapping, Sequence
from typing import Final, get_args
from uuid import UUID

from services.desk.quality.domain import event_texts
from services.desk.quality.domain.events import CrisisEvent, EventDraft, fold
from services.desk.quality.store import texts
from services.desk.store import quality
from shared.content.event_rule import EventRule
from shared.facts.envelope import Digest
from shared.facts.quality.events import EventFact, EventPart
from shared.platform.database import Connection

KINDS: Final = get_args(EventFact)


async def every(connection: Connection) -> Sequence[CrisisEvent]:
    """All events and exercises, by number."""
    found = await quality.of_kinds(connection, KINDS)
    return fold(fact for fact in found if isinstance(fact, KINDS))


async def one(connection: Connection, number: int) -> CrisisEvent | None:
    """The event with this number, or `None`."""
    return next((found for found in await every(connection) if found.number == number), None)


async def words(connection: Connection, event: CrisisEvent) -> Mapping[tuple[UUID, Digest], str]:
    """All that was written in an event, by subject and digest."""
    wanted = {(event.subject, draft.sha256) for draft in event.drafts}
    return await texts.texts(connection, wanted)


async def approved(connection: Connection, event: CrisisEvent, part: EventPart) -> str | None:
    """The approved text of a part; `None`: nothing is approved, or its text is not what it was."""
    draft = event.approved(part)
    return None if draft is None else await approved_version(connection, event, part, draft.version)


async def approved_version(
    connection: Connection, event: CrisisEvent, part: EventPart, version: int
) -> str | None:
    """The text of an approved version; `None`: it is not approved, or not what it was."""
    draft = event.version(part, version)
    if draft is None or draft.approved_at is None:
        return None
    return await kept(connection, event, draft)


async def kept(connection: Connection, event: CrisisEvent, draft: EventDraft) -> str | None:
    """The text of a version; `None`: it was erased, or is not what was written."""
    found = await texts.texts(connection, [(event.subject, draft.sha256)])
    return _whole(found.get((event.subject, draft.sha256)))


def _whole(text: str | None) -> str | None:
    """A kept text; `None`: it was erased, or is not the one of its digest."""
    return None if text in {None, texts.ALTERED, texts.MISSING} else text


async def rule(connection: Connection, event: CrisisEvent) -> EventRule | None:
    """The approved rule; `None`: there is none that can be read."""
    text = await approved(connection, event, EventPart.RULE)
    return None if text is None else event_texts.read(text)


async def selection(connection: Connection, subject: UUID, sha256: Digest) -> Sequence[str]:
    """The ids of a mass reply, in their order; none if the list is not what was stated."""
    found = await texts.texts(connection, [(subject, sha256)])
    text = _whole(found.get((subject, sha256)))
    return [] if text is None else text.split("\n")
