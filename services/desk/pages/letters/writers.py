"""Who writes a letter about an item in this moment: said by the page on which it is written.

The page says so when it is opened or checked, and each minute while somebody types (drafts.js);
colleagues who open the item read « écrit une réponse ».
"""

from typing import Final

from starlette.responses import Response

from services.desk.pages.visit import Visit
from services.desk.store import reply_writers
from shared.facts.envelope import ItemId, PersonId

WRITES: Final = "/courrier/{chrono}/ecriture"
_NO_CONTENT: Final = 204


async def touch(visit: Visit) -> Response:
    """Handles what an open page posts while somebody types: they write a letter about the item.

    Answers 204, without content. Raises HTTPException: 404 for an item of which they may not know,
    403 for one that they may only read.
    """
    visit.read()
    found = await visit.item(visit.request.path_params["chrono"], decides=True)
    await note_writing(visit, found.item.item_id)
    return Response(status_code=_NO_CONTENT)


async def note_writing(visit: Visit, item_id: ItemId) -> None:
    """Notes that the person of the request writes a letter about an item now.

    For the five minutes of `reply_writers.LASTS`.
    """
    await reply_writers.touch(visit.connection, item_id, PersonId(visit.person.id))


async def note_done(visit: Visit, item_id: ItemId) -> None:
    """Notes that the person of the request writes about an item no more.

    Last of what a request writes: nobody waits for the row while a letter is printed.
    """
    await reply_writers.leave(visit.connection, item_id, PersonId(visit.person.id))
