"""A message of ours that was seen in a Sent folder: what is asked of whoever confirms it."""

import asyncio
from dataclasses import dataclass

from services.desk.domain.item import State
from services.desk.pages import words
from services.desk.pages.item.action import About
from services.desk.pages.rights import Sight
from services.desk.store import replies
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey
from shared.mime import Leaf, leaves

MOST_TEXT = 3000
"""Characters: enough to say what it was."""


@dataclass(frozen=True, slots=True)
class Seen:
    """The oldest message that nobody has judged yet."""

    at: str
    looks_like: str
    others: int
    text: str
    """Its beginning; empty when it can't be read, or not by this person."""


async def seen(about: About) -> Seen | None:
    """What waits to be confirmed of this item."""
    if not about.item.observations or about.item.state is State.MERGED:
        return None
    visit, (first, *others) = about.visit, about.item.observations
    text = ""
    if visit.sight(about.item) is Sight.WHOLE:
        key = await replies.original_of(visit.connection, first.arrival_id)
        text = "" if key is None else await _text(about, key)
    return Seen(
        at=words.moment(first.happened_at, visit.applied.site.zone),
        looks_like="" if first.looks_like is None else words.NOTICES[first.looks_like],
        others=len(others),
        text=text,
    )


async def _text(about: About, key: BlobKey) -> str:
    try:
        octets = await about.visit.blobs.get(key)
    except VaguemestreError:
        return ""
    parts = await asyncio.to_thread(leaves, octets)
    return next((_decoded(one) for one in parts if _is_text(one)), "")


def _is_text(part: Leaf) -> bool:
    return part.media_type == "text/plain" and part.disposition != "attachment" and not part.name


def _decoded(part: Leaf) -> str:
    content = part.content[: 4 * MOST_TEXT]
    try:
        said = content.decode(part.charset or "utf-8", errors="replace")
    except LookupError:
        said = content.decode("utf-8", errors="replace")
    return said.replace("\0", "").strip()[:MOST_TEXT]
