"""`/avis`: the opinions that one's services were asked for, and those that they wait for.

Without the questions: these stand on the pages of their items, whose reading is recorded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.visit import Visit
from services.desk.store import opinions
from services.desk.store.opinions import OpenOpinion

OPINIONS: Final = "/avis"
MOST: Final = 200


async def show_opinions(visit: Visit) -> Response:
    """Shows the opinions that the person's services owe or wait for, the most urgent first."""
    mine = visit.roles.services
    found = await opinions.open_opinions(visit.connection, mine, visit.roles.seen, MOST)
    return await visit.html(
        "service/opinions.html",
        owed=_rows(visit, [asked for asked in found if asked.service in mine]),
        awaited=_rows(visit, [asked for asked in found if asked.holder in mine]),
        most=MOST if len(found) == MOST else 0,
    )


def _rows(visit: Visit, found: Sequence[OpenOpinion]) -> Sequence[Mapping[str, Any]]:
    names, days = Names(visit.applied.site, visit.directory), visit.applied.days
    return [
        {
            "chrono": opinion.chrono,
            "category": names.category(opinion.category),
            "service": names.service(opinion.service),
            "holder": names.service(opinion.holder),
            "who": names.author(opinion.asked_by),
            "until": opinion.until,
            "left": labels_fr.days_left(visit.today, opinion.until, days),
            "late": opinion.until < visit.today,
        }
        for opinion in found
    ]


async def owed_opinions(visit: Visit) -> tuple[int, int]:
    """Counts the opinions that the person's services owe, and the late ones, for a home page."""
    mine = visit.roles.services
    if not mine:
        return 0, 0
    return await opinions.count(visit.connection, mine, visit.roles.seen, visit.today)
