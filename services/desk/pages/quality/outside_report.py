"""`…/hors-perimetre`: what is in no rate, by reason and by who put it out."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from starlette.responses import Response

from services.desk.pages.quality import figure_files, figure_words
from services.desk.pages.quality.report_frame import ReportFrame, frame
from services.desk.pages.visit import Visit
from services.desk.quality.domain import charts, outside
from services.desk.quality.domain.figures import OUTSIDE
from services.desk.quality.domain.outside import OutsideCount, OutsideRow, OutsideWay
from services.desk.quality.store import figures, reports
from services.desk.rights import Right, may
from services.desk.sheets import ExportSheet, SheetCell

SLUG: Final = "hors-perimetre"
WAYS: Final[Mapping[OutsideWay, str]] = {
    OutsideWay.RULE: "Règle certaine",
    OutsideWay.PROPOSAL: "Proposition non confirmée",
    OutsideWay.PERSON: "Personne",
    OutsideWay.LABEL: "Périmètre du label",
    OutsideWay.UNKNOWN: "On ne sait pas",
}
_IF_ANY: Final = frozenset({OutsideWay.LABEL, OutsideWay.UNKNOWN})
SHEET: Final = ExportSheet(
    "Hors périmètre",
    ["Motif", "Décidé par", "Service", "Canal", "Courriers", "Déjà en retard"],
    [40, 28, 40, 20, 12, 16],
)


async def page(visit: Visit) -> Response:
    """Shows the report on items out of the perimeter: by reason, and how many were late already."""
    asked = frame(visit, SLUG)
    found = await reports.outside(visit.connection, asked.question)
    figure = (await figures.figures(visit.connection, asked.question, [OUTSIDE])).of(OUTSIDE)
    rows, every = outside.by_reason(found), outside.total(found)
    ways = [way for way, n in every.ways if n or way not in _IF_ANY]
    return await asked.html(
        "quality/outside.html",
        figure=figure,
        late=every.late,
        audits=may(visit.roles, Right.PROVE),
        chart=charts.count_chart(
            f"Hors périmètre par motif, {asked.name}",
            [(_reason(asked, row.reason), str(row.n), row.n) for row in rows],
        ),
        ways=[WAYS[way] for way in ways],
        reasons=[(_reason(asked, row.reason), *_counts(row, ways)) for row in rows],
        total=_counts(every, ways),
        services=[
            (asked.names.service(service), *_counts(outside.total(group), ways))
            for service, group in _by_service(found)
        ],
    )


async def table(visit: Visit) -> Response:
    """Downloads the counts of items out of the perimeter, by reason, way, service, channel."""
    asked = frame(visit, SLUG)
    found = await reports.outside(visit.connection, asked.question)
    return await figure_files.download(visit, _rows(asked, found), asked.file(), SHEET)


def _counts(row: OutsideRow, ways: Sequence[OutsideWay]) -> tuple[Sequence[int], int, int]:
    """Numbers of each way, their sum, and how many were late already."""
    numbers = dict(row.ways)
    return [numbers[way] for way in ways], row.n, row.late


def _by_service(found: Sequence[OutsideCount]) -> Sequence[tuple[str, Sequence[OutsideCount]]]:
    services = sorted({count.service for count in found})
    return [
        (service, [count for count in found if count.service == service]) for service in services
    ]


def _reason(asked: ReportFrame, code: str) -> str:
    return asked.names.reason(code) if code else "sans motif"


def _rows(asked: ReportFrame, found: Sequence[OutsideCount]) -> Iterator[Sequence[SheetCell]]:
    for count in sorted(found, key=lambda one: (one.reason, one.way, one.service, one.channel)):
        yield (
            _reason(asked, count.reason),
            WAYS[count.way],
            asked.names.service(count.service),
            figure_words.channel(count.channel),
            count.n,
            count.late,
        )
