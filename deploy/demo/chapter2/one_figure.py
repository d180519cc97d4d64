"""One closed month as each of its readers says it: page, file, poster, sheet, week, dashboard.

The report of the year says the sum of its closed months.

The tests compare them on drawn letters; here they are compared on the mail of the story, whose
figure expected.yaml has by hand.
"""

import asyncio
import io
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pypdfium2
from python_calamine import CalamineWorkbook

from deploy.demo.chapter2.page_text import odt_text, plain
from deploy.demo.month import Play
from deploy.demo.session import Visitor
from deploy.demo.tale import line
from deploy.grafana import promises
from deploy.grafana.panels import Sql

PANEL: Final = "Par service"
CHANNELS: Final = ("email", "form", "letter", "registered_letter", "hand_delivered")
REPLY, ALL, EVERY_SERVICE = "Réponse", "tous", "Tous les services"
CLOSED_IN_WEEKS: Final = """
SELECT payload::jsonb ->> 'week' AS week, left(figure ->> 'first', 7) AS month,
    (figure ->> 'k')::int AS k, (figure ->> 'n')::int AS n
FROM desk.quality_facts, jsonb_array_elements(payload::jsonb -> 'figures') AS figure
WHERE type = 'FiguresStated' AND figure ->> 'code' = 'reponse' AND figure -> 'services' = '[]'
  AND figure ->> 'basis' = 'received' AND (figure ->> 'closed')::bool
ORDER BY seq
"""


async def readers(
    play: Play, visitor: Visitor, expected: Mapping[str, Any], closed: Mapping[str, Sequence[int]]
) -> AsyncIterator[tuple[str, Any, Any]]:
    """Yields each place that shows a month's figure: its name, what it must show, what it shows.

    Of a document that must only hold a sentence: True, and whether it does. `expected` names the
    month; `closed`: replies in time and replies judged of each closed month, for the weekly pages.
    """
    month, counts = str(expected["month"]), expected["counts"]
    for page, said in expected["says"].items():
        text = await _text(visitor, page)
        yield f"{page} says « {said} »", True, said.casefold() in text.casefold()
    octets = await visitor.octets(f"/chiffres/mois/{month}/chiffres.xlsx")
    yield f"sums of the file of {month}", counts, await asyncio.to_thread(_summed, octets)
    yield f"sums of the panel « {PANEL} » of {month}", counts, await _on_dashboard(play, month)
    async for reader in _weeks(play, visitor, closed):
        yield reader


async def _weeks(
    play: Play, visitor: Visitor, closed: Mapping[str, Sequence[int]]
) -> AsyncIterator[tuple[str, Any, Any]]:
    """Yields the closed month of each week that was stated: in its fact, and on its page.

    Stated by a job that looks once a real minute: the story may have passed a whole week.
    """
    stated = await play.running.db.fetch(CLOSED_IN_WEEKS)
    for row in stated:
        week, month, found = row["week"], row["month"], [row["k"], row["n"]]
        yield f"{month} as stated for the week of {week}", closed.get(month), found
        said = f"{found[0]} sur {found[1]}, soit "
        text = await _text(visitor, f"/qualite/semaine/{week}")
        yield f"page of the week of {week} says « {said} »", True, said in text
    line(f"  {len(stated)} weekly pages told a closed month.")


async def _text(visitor: Visitor, address: str) -> str:
    if address.endswith(".pdf"):
        return await asyncio.to_thread(_printed, await visitor.octets(address))
    if address.endswith(".odt"):
        return await asyncio.to_thread(odt_text, await visitor.octets(address))
    return plain(await visitor.read(address))


def _printed(octets: bytes) -> str:
    with pypdfium2.PdfDocument(io.BytesIO(octets)) as document:
        pages = [page.get_textpage().get_text_bounded() for page in document]
    return " ".join(" ".join(pages).split())


def _summed(octets: bytes) -> list[int]:
    """Kept and judged replies: the lines of each service and channel, added up."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(octets))
    lines = [
        row
        for row in book.get_sheet_by_index(0).to_python()
        if row[1] == REPLY and row[3] != ALL and row[2] != EVERY_SERVICE
    ]
    return [sum(int(float(str(row[place]))) for row in lines) for place in (4, 5)]


async def _on_dashboard(play: Play, month: str) -> list[int]:
    """Kept and judged replies as the dashboard's own query has them, by service, added up."""
    panel = next(panel for panel in promises.BOARD.panels if panel.title == PANEL)
    query = next(ask.query for ask in panel.asks if isinstance(ask, Sql))
    services = await play.running.db.fetch("SELECT DISTINCT service FROM desk.items")
    first = datetime.fromisoformat(f"{month}-01").replace(tzinfo=UTC)
    chosen = {
        "${service:sqlstring}": ",".join(f"'{row['service']}'" for row in services),
        "${channel:sqlstring}": ",".join(f"'{channel}'" for channel in CHANNELS),
        "$__timeFrom()": f"'{first.isoformat()}'",
        "$__timeTo()": f"'{first.replace(day=28).isoformat()}'",
    }
    for name, value in chosen.items():
        query = query.replace(name, value)
    rows = [
        (row["Taux tenu"], int(str(row["n"]).split()[0]))
        for row in await play.running.db.fetch(query)
    ]
    return [sum(round((rate or 0) * n) for rate, n in rows), sum(n for _, n in rows)]
