"""Choosing the standard letter with which an item is answered, or a third party is written to."""

from typing import Final

from starlette.responses import Response

from services.desk.domain.decisions.context import not_ended
from services.desk.domain.paper_letters import COMPOSED
from services.desk.letters import store as letters
from services.desk.letters.domain.approval import known_as
from services.desk.letters.domain.library import LetterState
from services.desk.pages.letters import labels_fr
from services.desk.pages.visit import Visit

KIND: Final = "genre"
"""In the address: letters of this kind alone are offered."""


async def choose(visit: Visit) -> Response:
    """Shows the approved standard letters with which an item may be answered, by their kind.

    Those of its service and those for all; a kind in the address shows that kind alone. Raises
    HTTPException 403 or 404 for whoever may not decide about the item, Refused when it has ended.
    """
    found = await visit.item(visit.request.path_params["chrono"], decides=True)
    not_ended(found.item)
    mine = sorted(known_as(found.item.service, visit.applied.site))
    library = await letters.library(visit.connection, mine)
    usable = [version for version in library if version.state is LetterState.APPROVED]
    only = visit.request.query_params.get(KIND, "")
    return await visit.html(
        "letters/choose.html",
        chrono=found.item.chrono,
        groups={
            labels_fr.KINDS[kind].capitalize(): chosen
            for kind in COMPOSED
            if only in {"", kind.value}
            and (chosen := [version for version in usable if version.content.kind is kind])
        },
    )
