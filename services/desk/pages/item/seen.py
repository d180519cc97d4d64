"""A message of ours that was seen in a Sent folder: what is asked of whoever confirms it."""

import asyncio
from dataclasses import dataclass, replace
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from html import unescape

import nh3

from services.desk.domain.item import State
from services.desk.pages import words
from services.desk.pages.item.action import About
from services.desk.pages.rights import Sight
from services.desk.store import replies
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey
from shared.mime import Leaf, headers, leaves

MOST_TEXT = 3000
"""Characters: enough to say what it was."""
MOST_HEADER = 400
RESERVED = "Ce courrier est réservé : ce message ne se lit pas ici."
NOT_KEPT = (
    "Son texte n’est pas gardé ici : lisez-le dans les messages envoyés du service avant de dire"
    " ce que c’était."
)


@dataclass(frozen=True, slots=True)
class Seen:
    """The oldest message that nobody has judged yet."""

    at: str
    looks_like: str
    others: int
    to: str = ""
    subject: str = ""
    text: str = ""
    """Its beginning."""
    unread: str = ""
    """Why nothing of it is shown: it is judged by one key only when it was."""


async def seen(about: About) -> Seen | None:
    """What waits to be confirmed of this item."""
    if not about.item.observations or about.item.state is State.MERGED:
        return None
    visit, (first, *others) = about.visit, about.item.observations
    one = Seen(
        at=words.moment(first.happened_at, visit.applied.site.zone),
        looks_like="" if first.looks_like is None else words.NOTICES[first.looks_like],
        others=len(others),
    )
    if visit.sight(about.item) is not Sight.WHOLE:
        return replace(one, unread=RESERVED)
    key = await replies.original_of(visit.connection, first.arrival_id)
    if key is None:
        return replace(one, unread=NOT_KEPT)
    async with visit.apart():
        return await _read(about, key, one)


async def _read(about: About, key: BlobKey, one: Seen) -> Seen:
    try:
        octets = await about.visit.blobs.get(key)
    except VaguemestreError:
        return replace(one, unread=NOT_KEPT)
    fields = {name.lower(): value for name, value in reversed(headers(octets))}
    parts = await asyncio.to_thread(leaves, octets)
    text = next((_decoded(part) for part in parts if _is_text(part)), "") or next(
        (_plain(part) for part in parts if part.media_type == "text/html"), ""
    )
    to = ", ".join(said for name in ("to", "cc") if (said := _said(fields.get(name, ""))))
    return replace(one, to=to, subject=_said(fields.get("subject", "")), text=text)


def _said(value: str) -> str:
    """A header's value in words; what is malformed stays as it came."""
    value = value[:MOST_HEADER]
    try:
        said = str(make_header(decode_header(value)))
    except (ValueError, LookupError, HeaderParseError):
        said = value
    return " ".join(said.replace("\0", "").split())


def _plain(part: Leaf) -> str:
    """The words of a message that has no plain text, its marks left out."""
    return unescape(nh3.clean(_decoded(part), tags=set())).strip()


def _is_text(part: Leaf) -> bool:
    return part.media_type == "text/plain" and part.disposition != "attachment" and not part.name


def _decoded(part: Leaf) -> str:
    content = part.content[: 4 * MOST_TEXT]
    try:
        said = content.decode(part.charset or "utf-8", errors="replace")
    except LookupError:
        said = content.decode("utf-8", errors="replace")
    return said.replace("\0", "").strip()[:MOST_TEXT]
