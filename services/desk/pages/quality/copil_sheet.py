"""`/chiffres/mois/MONTH/copil.pdf`: two pages for the steering committee, about a closed month.

Figures are those of closed months; causes, themes, measures and dates are of the day on which the
sheet is made, which it says.
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.french.printed_root import witness
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import figure_address, figure_words, poster, report_parts
from services.desk.pages.quality.report_parts import MonthOfReport
from services.desk.pages.visit import Visit
from services.desk.quality import prints
from services.desk.quality.domain.figures import REPLY, FigureRow
from services.desk.quality.domain.label_calendar import after
from services.desk.store.unread_delays import UNVERIFIED, has_unverified
from shared.calendar.local_days import month_of

MONTHS: Final = 13
"""Months side by side: the same month of last year is among them."""
OF_TODAY: Final = "Tels que le registre les dit le {day}, non figés à la clôture."
MOST_SERVICES: Final = 20
MOST_THEMES: Final = 8
MOST_MEASURES: Final = 9
MOST_EFFECTS: Final = 3
MOST_DATES: Final = 5
"""What fits two pages; what is left out is counted."""


async def sheet(visit: Visit) -> Response:
    """Downloads the steering committee's sheet (PDF) of a month.

    Raises HTTPException 404 while open.
    """
    month = figure_address.month_asked(visit.request.path_params["month"])
    if month is None:
        raise HTTPException(404, "Aucun mois à cette adresse.")
    span = await poster.closed_months(visit, month, 1)
    head, site = span.heads[0], visit.applied.site
    names = Names(site, visit.directory)
    table = await report_parts.closed_figures(visit, month, month)
    services = report_parts.services(table, names)
    themes = await report_parts.themes(visit, month, month)
    data: dict[str, Any] = {
        "authority": site.identity.authority,
        "title": f"Comité de pilotage : {month_of(month)}",
        "said_on": f"Établie le {labels_fr.short_day(visit.today)}",
        "month": month_of(month),
        "told": figure_words.whole(table.of(REPLY), head.target),
        "verdict": figure_words.verdict(table.of(REPLY), head.target),
        "unverified": UNVERIFIED if await has_unverified(visit.connection, site, [REPLY]) else None,
        "target": head.target,
        "months": [
            _month(row)
            for row in await report_parts.closed_months(visit, after(month, 1 - MONTHS), month)
        ],
        "services": [_row(name, row) for name, row in _fitting(services, MOST_SERVICES)],
        "services_left": max(0, len(services) - MOST_SERVICES),
        "of_today": OF_TODAY.format(day=labels_fr.short_day(visit.today)),
        "causes": [(said, str(n)) for said, n in await report_parts.causes(visit, month, month)],
        "themes": [
            (name, str(n), figure_words.brief(row))
            for name, n, row in _fitting(themes, MOST_THEMES)
        ],
        "themes_left": max(0, len(themes) - MOST_THEMES),
        "promises": [_row(name, row) for name, row in report_parts.promises(table)],
        "hash": span.digest,
        "root": witness(span.root, site),
        **await _measures(visit),
        "dates": [
            (
                labels_fr.short_day(line.planned or line.due.due),
                line.due.text,
                "passée" if line.left < 0 else str(line.left),
            )
            for line in (await report_parts.dates(visit))[:MOST_DATES]
        ],
    }
    async with visit.apart():
        content = await asyncio.to_thread(prints.compile_pdf, "copil.typ", visit.today, data)
    return our_file(content, "application/pdf", f"copil-{month:%Y-%m}.pdf")


async def _measures(visit: Visit) -> dict[str, Any]:
    every = await report_parts.measures(visit)
    lines = [report_parts.measure(visit, row) for row in every if row.state in report_parts.OPEN]
    read = sorted(
        (row for row in every if row.reading is not None),
        key=lambda row: row.reading.seq if row.reading else 0,
        reverse=True,
    )
    return {
        "measures": [
            (str(line.number), line.source, line.service, line.due, line.state)
            for line in lines[:MOST_MEASURES]
        ],
        "measures_left": max(0, len(lines) - MOST_MEASURES),
        "effects": [
            f"Mesure n° {line.number}, {line.source} : {line.effect}."
            for line in (report_parts.measure(visit, row) for row in read[:MOST_EFFECTS])
        ],
    }


def _fitting(rows: Sequence[Any], most: int) -> Sequence[Any]:
    """As many rows as fit, the last of them the total, which is the last of all."""
    return rows if len(rows) <= most else [*rows[: most - 1], rows[-1]]


def _row(name: str, row: FigureRow) -> tuple[str, str, str, str]:
    return name, f"{row.k} sur {row.n}", figure_words.rate(row), figure_words.interval(row)


def _month(one: MonthOfReport) -> dict[str, Any]:
    row = one.figure
    if row is None:
        return {"name": one.name, "counted": "–", "said": "non clos", "ends": "–", "drawn": False}
    low, high = row.ends
    return {
        "name": one.name,
        "counted": f"{row.k} sur {row.n}",
        "said": figure_words.rate(row),
        "ends": figure_words.interval(row),
        "drawn": not row.few,
        "rate": row.rate or 0,
        "low": low,
        "high": high,
    }
