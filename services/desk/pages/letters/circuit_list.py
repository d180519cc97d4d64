"""`/signatures`: the letters that one is to read, sign or take up again, and one's own elsewhere.

Without their texts: these stand on the pages of their letters, whose reading is recorded.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from starlette.responses import Response

from services.desk.french import circuit_words, labels_fr
from services.desk.french.names import Names
from services.desk.pages.service.signatures import letters_of
from services.desk.pages.visit import Visit
from services.desk.store.circuit_letters import CircuitRow

SIGNATURES: Final = "/signatures"


async def show_signatures(visit: Visit) -> Response:
    """Shows the prepared letters that wait for the person, and those of theirs that lie elsewhere.

    Oldest first.
    """
    found = await letters_of(visit)
    return await visit.html(
        "letters/signatures.html",
        mine=_rows(visit, found.mine),
        elsewhere=_rows(visit, found.elsewhere),
        most=found.most,
    )


def _rows(visit: Visit, rows: Sequence[CircuitRow]) -> Sequence[Mapping[str, Any]]:
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    return [
        {
            "chrono": row.chrono,
            "url": f"/courrier/{row.chrono}/lettre/{row.letter.letter}",
            "kind": labels_fr.NOTICES[row.letter.kind],
            "where": circuit_words.where(row.letter, row.lies_with, names, visit.today),
            "by": names.person(row.letter.prepared_by),
            "at": labels_fr.moment(row.letter.prepared_at, zone),
            "service": names.service(row.service),
        }
        for row in rows
    ]
