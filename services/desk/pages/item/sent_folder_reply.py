"""A message of ours that was seen in a Sent folder: what is asked of whoever confirms it."""

from dataclasses import dataclass, replace

from services.desk.domain.item import ItemStatus
from services.desk.french import labels_fr
from services.desk.pages import originals
from services.desk.pages.item.action import About
from services.desk.rights import Sight
from services.desk.store import replies
from shared.errors import VaguemestreError
from shared.facts.envelope import BlobKey
from shared.web import foreign_files

RESERVED = "Ce courrier est réservé : ce message ne se lit pas ici."
NOT_KEPT = (
    "Son texte n’est pas gardé ici : lisez-le dans les messages envoyés du service avant de dire"
    " ce que c’était."
)


@dataclass(frozen=True, slots=True)
class ObservedReplyForm:
    """The question put to a person about a message seen in Sent: was it the reply?"""

    at: str
    looks_like: str
    others: int
    to: str = ""
    subject: str = ""
    text: str = ""
    """Its beginning."""
    unread: str = ""
    """Why nothing of it is shown: it is judged by one key only when it was."""


async def unjudged_reply(about: About) -> ObservedReplyForm | None:
    """Returns the item's oldest message seen in a Sent folder that nobody judged, or `None`."""
    if not about.item.observations or about.state is ItemStatus.MERGED:
        return None
    visit, (first, *others) = about.visit, about.item.observations
    one = ObservedReplyForm(
        at=labels_fr.moment(first.happened_at, visit.applied.site.zone),
        looks_like="" if first.looks_like is None else labels_fr.NOTICES[first.looks_like],
        others=len(others),
    )
    if visit.sight(about.item) is not Sight.WHOLE:
        return replace(one, unread=RESERVED)
    key = await replies.original_of(visit.connection, first.arrival_id)
    if key is None:
        return replace(one, unread=NOT_KEPT)
    async with visit.apart():
        return await _read(about, key, one)


async def _read(about: About, key: BlobKey, one: ObservedReplyForm) -> ObservedReplyForm:
    try:
        octets = await about.visit.blobs.get(key)
    except VaguemestreError:
        return replace(one, unread=NOT_KEPT)
    try:
        said = await originals.call_in_thread(foreign_files.message, octets)
    except foreign_files.Unopened:
        return replace(one, unread=NOT_KEPT)
    return replace(one, to=said.to, subject=said.subject, text=said.text)
