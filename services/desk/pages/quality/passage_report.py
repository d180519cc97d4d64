"""`…/cheminement`: how letters went through the house: lag, reassigned, net delay, proof."""

from collections.abc import Iterator, Sequence
from typing import Final

from starlette.responses import Response

from services.desk.domain.months import FEW
from services.desk.french import labels_fr
from services.desk.pages.quality import figure_files, figure_words
from services.desk.pages.quality.report_frame import ReportFrame, frame
from services.desk.pages.visit import Visit
from services.desk.quality.domain import charts
from services.desk.quality.domain.figures import COURSES, DEDUCTED, FORM, FigureTable
from services.desk.quality.domain.passages import PROOFS, Passage, PassageTable
from services.desk.quality.store import figures, reports
from services.desk.sheets import ExportSheet, SheetCell
from shared.facts.vocabulary import Proof

SLUG: Final = "cheminement"
LAGS: Final = ("le jour même", "le lendemain", "de 2 à 7 jours", "plus tard")
SHEET: Final = ExportSheet(
    "Cheminement",
    ["Service", "Canal", "Reçus", "Réattribués", "Enregistrés le jour même", "Le lendemain",
     "De 2 à 7 jours", "Plus tard", "Médiane (jours)", "9e décile (jours)",
     "Délai net, médiane", "Délai net, 9e décile",
     *(labels_fr.PROOFS[Proof(name)].capitalize() for name in PROOFS),
     "Attente de pièces déduite", "Grille de forme passée"],
    [40, 20, 8, 12, 14, 12, 12, 12, 12, 12, 12, 12, 14, 14, 14, 14, 14, 14, 14],
)  # fmt: skip


async def page(visit: Visit) -> Response:
    """Shows the report on how items went: delay of registration, reassignment, reply, proof."""
    asked = frame(visit, SLUG)
    found = await reports.passages(visit.connection, asked.question)
    counted = await figures.figures(visit.connection, asked.question, COURSES)
    every = found.of()
    rows = [(service, found.of(service)) for service in _services(found, asked)]
    return await asked.html(
        "quality/passages.html",
        every=every,
        lag=charts.count_chart(
            f"De la réception à l’enregistrement, {asked.name}",
            [(said, str(n), n) for said, n in zip(LAGS, every.lags, strict=True) if every.n],
        ),
        lags=LAGS,
        figures=[
            (figure_words.TITLES[code], row, figure_words.rate(row), figure_words.interval(row))
            for code in COURSES
            for row in [counted.of(code)]
        ],
        proofs=[labels_fr.PROOFS[Proof(name)] for name in PROOFS],
        services=[
            (
                figure_words.service(service, asked.names),
                row,
                _two(row.n, row.lag_median, row.lag_ninth_decile),
                _two(row.net_n, row.net_median, row.net_ninth_decile),
            )
            for service, row in rows
        ],
    )


async def table(visit: Visit) -> Response:
    """Downloads the figures on how items went, by service and channel, as a file."""
    asked = frame(visit, SLUG)
    found = await reports.passages(visit.connection, asked.question)
    counted = await figures.figures(visit.connection, asked.question, [DEDUCTED, FORM])
    return await figure_files.download(visit, _rows(asked, found, counted), asked.file(), SHEET)


def _services(found: PassageTable, asked: ReportFrame) -> Sequence[str | None]:
    """Each service, then all of them unless one is chosen."""
    return [*found.services, *([] if asked.chosen.service else [None])]


def _two(n: int, median: int | None, ninth_decile: int | None) -> str:
    """Formats median and ninth decile: « 4 et 11 »; « trop peu » under ten."""
    if median is None or not n:
        return "–"
    return figure_words.TOO_FEW if n < FEW else f"{median} et {ninth_decile}"


def _rows(
    asked: ReportFrame, found: PassageTable, counted: FigureTable
) -> Iterator[Sequence[SheetCell]]:
    for service in _services(found, asked):
        for channel in (*found.channels, *([] if asked.chosen.channel else [None])):
            row: Passage = found.of(service, channel)
            if not row.n:
                continue
            net = (None, None) if row.net_n < FEW else (row.net_median, row.net_ninth_decile)
            lag = (None, None) if row.n < FEW else (row.lag_median, row.lag_ninth_decile)
            yield (
                figure_words.service(service, asked.names),
                figure_words.channel(channel),
                *(row.n, row.reassigned, *row.lags, *lag, *net, *row.proofs),
                *(counted.of(code, service, channel).k for code in (DEDUCTED, FORM)),
            )
