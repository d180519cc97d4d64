"""Measures on paper: the register of all of them (.xlsx, .ods, .csv, .odt) and a sheet for each."""

import asyncio
from collections.abc import Sequence
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk import open_document
from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.downloads import our_file
from services.desk.pages.quality import figure_files, measure_history, measure_words, measures
from services.desk.pages.quality.measure_words import MeasureLine
from services.desk.pages.visit import Visit
from services.desk.quality.store import measures as store
from services.desk.quality.text_documents import TextDocument
from services.desk.sheets import KINDS, ExportSheet, SheetCell

SHEET: Final = ExportSheet(
    "Mesures",
    ["N°", "État", "Source", "Constat", "Engagement", "Responsable", "Ouverte le", "Échéance",
     "Reports", "Cause", "Action", "Preuve", "Effet", "Conclusion"],
    [6, 12, 30, 50, 24, 24, 12, 12, 8, 40, 40, 40, 50, 20],
)  # fmt: skip
ODT: Final = ".odt"


async def register(visit: Visit) -> Response:
    """Downloads the list of corrective measures as a table or a text."""
    kind = f".{visit.request.path_params['kind']}"
    found = await store.every(visit.connection)
    rows = measures.lines(visit, found, await store.words(visit.connection, found))
    if kind in KINDS:
        cells = [_cells(line) for line in rows]
        return await figure_files.download(visit, cells, f"mesures{kind}", SHEET)
    if kind != ODT:
        raise HTTPException(404)
    authority, today = visit.applied.site.identity.authority, labels_fr.short_day(visit.today)
    async with visit.apart():
        content = await asyncio.to_thread(_register, rows, authority, today)
    return our_file(content, open_document.MEDIA, "mesures.odt")


def _cells(line: MeasureLine) -> Sequence[SheetCell]:
    return (
        line.number, line.state, line.source, line.seen, line.engagement, line.owner, line.opened,
        line.due, line.postponed, line.cause, line.action, line.proof, line.effect, line.verdict,
    )  # fmt: skip


def _register(rows: Sequence[MeasureLine], authority: str, today: str) -> bytes:
    """The register as a text: a section for each state, a heading for each measure. Blocks."""
    document = TextDocument("Registre des mesures correctives", f"{authority}, au {today}")
    document.title("Registre des mesures correctives")
    document.text(f"{authority}, au {today}. {len(rows)} mesure{'s' if len(rows) > 1 else ''}.")
    for state, column in measure_words.COLUMNS.items():
        standing = [line for line in rows if line.state == measure_words.STATES[state]]
        if standing:
            document.heading(column)
        for line in standing:
            document.heading(f"Mesure n° {line.number}", 2)
            document.table(("Rubrique", "Contenu"), _rows(line))
    return document.save()


def _rows(line: MeasureLine) -> Sequence[tuple[str, str]]:
    due = labels_fr.short_day(line.due)
    postponed = f" (reportée {line.postponed} fois)" if line.postponed else ""
    return [
        (name, said)
        for name, said in (
            ("Source", line.source),
            ("Constat", line.seen),
            ("Engagement", line.engagement),
            ("Responsable", line.owner),
            ("Ouverte le", line.opened),
            ("Échéance", f"{due}{postponed}"),
            ("Cause", line.cause),
            ("Action", line.action),
            ("Preuve", line.proof),
            ("Effet", line.effect),
            ("Conclusion", line.verdict),
        )
        if said
    ]


async def sheet(visit: Visit) -> Response:
    """Downloads the sheet (fiche) of one corrective measure, with its history."""
    measure = await measures.find_measure(visit)
    words = await store.words(visit.connection, [measure])
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    line = measure_words.line(measure, words, names, zone, visit.today)
    past = measure_history.history(measure, words, names, zone)
    authority = visit.applied.site.identity.authority

    def written() -> bytes:
        document = TextDocument(f"Mesure n° {line.number}", authority)
        document.title(f"Mesure corrective n° {line.number}")
        document.text(f"{authority}. État : {line.state.lower()}.")
        document.heading("Fiche")
        document.table(("Rubrique", "Contenu"), _rows(line))
        document.heading("Historique")
        document.table(
            ("Quand", "Qui", "Quoi"),
            [
                (event.at, event.who, f"{event.what} : {event.text}" if event.text else event.what)
                for event in past
            ],
        )
        document.heading("Visa du référent qualité")
        document.text("", "")
        return document.save()

    async with visit.apart():
        content = await asyncio.to_thread(written)
    return our_file(content, open_document.MEDIA, f"mesure-{line.number}.odt")
