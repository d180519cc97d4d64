"""`/notes`: the internal notes that name whoever asks, until they say that they read them.

Without their texts: these stand on the pages of their items, whose reading is recorded.
"""

from typing import Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.store import note_mentions
from shared.facts.envelope import PersonId

MOST: Final = 100


async def show_notes(visit: Visit) -> Response:
    """Shows the notes that name the person (mentions) and that they have not marked as read."""
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    found = await note_mentions.unread(
        visit.connection, PersonId(visit.person.id), visit.roles.seen, MOST
    )
    return await visit.html(
        "service/notes.html",
        rows=[
            {
                "note": mention.event_id,
                "chrono": mention.chrono,
                "category": names.category(mention.category),
                "service": names.service(mention.service),
                "who": names.author(mention.by),
                "at": labels_fr.moment(mention.noted_at, zone),
            }
            for mention in found
        ],
        most=MOST,
    )


async def unread_notes(visit: Visit) -> int:
    """Counts the notes that name the person and that they have not marked as read, for a page."""
    return await note_mentions.count(visit.connection, PersonId(visit.person.id), visit.roles.seen)
