"""Figures as a file to keep: .xlsx, .ods or .csv, the same lines as on the page."""

import asyncio
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import figure_words
from services.desk.pages.quality.figure_address import FigureFilter
from services.desk.pages.visit import Visit
from services.desk.quality.domain.figures import OUTSIDE, FigureRow
from services.desk.sheets import MEDIA, ExportSheet, SheetCell, octets
from shared.calendar.local_days import month_of

SHEET: Final = ExportSheet(
    "Chiffres",
    ["Mois", "Engagement", "Service", "Canal", "Tenus", "Jugés", "Taux", "Bas (95 %)",
     "Haut (95 %)", "En retard", "Limite passée", "Classés sans réponse", "En cours",
     "Réponse vue", "Remarque", "État", "Tenus aujourd’hui", "Jugés aujourd’hui"],
    [16, 32, 40, 20, 8, 8, 8, 10, 10, 10, 12, 12, 10, 12, 24, 18, 10, 10],
)  # fmt: skip
FEW: Final = "moins de dix : pas de taux"
RECEIVED: Final = "hors périmètre, sur reçus"


def line(
    row: FigureRow, now: FigureRow, state: str, names: Names, chosen_by: FigureFilter
) -> Sequence[SheetCell]:
    """Returns the cells of a figure in a file: as on the page, its `state`, and as it is `now`."""
    key = chosen_by.fill_key(row.key)
    promise = key.code != OUTSIDE
    ends = (row.rate, *row.ends) if promise and not row.few else (None, None, None)
    return (
        "" if key.month is None else month_of(key.month),
        figure_words.TITLES.get(key.code, key.code),
        figure_words.service(key.service, names),
        figure_words.channel(key.channel),
        *(row.k, row.n, *ends),
        *(row.late, row.overdue, row.unanswered, row.open, row.observed),
        RECEIVED if not promise else FEW if row.few else "",
        *(state, now.k, now.n),
    )


async def download(
    visit: Visit, rows: Iterable[Sequence[SheetCell]], name: str, sheet: ExportSheet = SHEET
) -> Response:
    """Makes the response that downloads figures as .xlsx, .ods or .csv, by the name's ending."""
    kept, kind = list(rows), Path(name).suffix
    async with visit.apart():
        content = await asyncio.to_thread(octets, kept, sheet, kind)
    return our_file(content, MEDIA[kind], name)
