"""`…/reclamations`: complaints and suggestions of a month or year, by theme and channel."""

from collections.abc import Iterator, Sequence
from typing import Final

from starlette.responses import Response

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import figure_files, figure_words, new_measure
from services.desk.pages.quality.report_frame import ReportFrame, frame
from services.desk.pages.visit import Visit
from services.desk.quality.domain import charts
from services.desk.quality.domain.complaints import UNSAID, ComplaintFigure, ComplaintTable
from services.desk.quality.store import reports
from services.desk.sheets import ExportSheet, SheetCell
from shared.facts.envelope import ServiceId
from shared.facts.quality.measures import MeasureSource, SourceKind
from shared.facts.vocabulary import Nature

SLUG: Final = "reclamations"
UNSAID_WORDS: Final = "thème pas dit"
SHEET: Final = ExportSheet(
    "Réclamations",
    ["Nature", "Thème", "Canal", "Reçues", "Tenus", "Jugés", "Taux", "Bas (95 %)", "Haut (95 %)",
     "En retard", "Limite passée", "Classés sans réponse", "En cours", "Réponse vue", "Médiane",
     "9e décile"],
    [16, 28, 20, 8, 8, 8, 8, 10, 10, 10, 12, 12, 10, 12, 10, 10],
)  # fmt: skip


async def page(visit: Visit) -> Response:
    """Shows the report on complaints and suggestions, by theme and channel, with reply delays."""
    asked = frame(visit, SLUG)
    found = await reports.complaints(visit.connection, asked.question)
    complaints = ComplaintTable(Nature.COMPLAINT.value, found)
    suggestions = ComplaintTable(Nature.SUGGESTION.value, found)
    every = complaints.of()
    return await asked.html(
        "quality/complaints.html",
        received=every.received,
        told=figure_words.whole(every.figure),
        delay=figure_words.delay(every.delay),
        chart=charts.count_chart(
            f"Réclamations par thème, {asked.name}",
            [
                (
                    theme(asked.names, code),
                    str(complaints.of(code).received),
                    complaints.of(code).received,
                )
                for code in complaints.themes
            ],
        ),
        channels=[figure_words.channel(channel) for channel in complaints.channels],
        themes=[
            (
                theme(asked.names, code),
                [complaints.of(code, channel).received for channel in complaints.channels],
                *_said(complaints.of(code)),
            )
            for code in (*complaints.themes, None)
        ],
        openings=[
            (theme(asked.names, code), new_measure.address(_source(asked, code)))
            for code in complaints.themes
            if code in visit.applied.site.labels.every_theme
        ],
        by_channel=[
            (figure_words.channel(channel), *_said(complaints.of(channel=channel)))
            for channel in complaints.channels
        ],
        suggestions=[
            (theme(asked.names, code), *_said(suggestions.of(code)))
            for code in (*suggestions.themes, None)
            if suggestions.of().received
        ],
    )


def _source(asked: ReportFrame, theme: str) -> MeasureSource:
    """A theme in the months and under the filter of the page, as what a measure is born from."""
    service, channel = asked.chosen.service, asked.chosen.channel
    return MeasureSource(
        kind=SourceKind.THEME,
        code=theme,
        first=asked.period.first,
        last=asked.period.last,
        service=ServiceId(service) if service else None,
        channel=channel or None,
    )


async def table(visit: Visit) -> Response:
    """Downloads the figures of complaints and suggestions by theme and channel as a file."""
    asked = frame(visit, SLUG)
    found = await reports.complaints(visit.connection, asked.question)
    return await figure_files.download(visit, _rows(asked, found), asked.file(), SHEET)


def _said(one: ComplaintFigure) -> tuple[int, object, str, str, str]:
    """Received, the figure, its rate, its interval and its delays, in words."""
    return (
        one.received,
        one.figure,
        figure_words.rate(one.figure),
        figure_words.interval(one.figure),
        figure_words.delay(one.delay),
    )


def theme(names: Names, code: str | None) -> str:
    """Returns the French name of a complaint's theme.

    `None`: all themes; empty: none was stated.
    """
    if code is None:
        return "tous"
    return UNSAID_WORDS if code == UNSAID else names.theme(code)


def _rows(asked: ReportFrame, found: Sequence[ComplaintFigure]) -> Iterator[Sequence[SheetCell]]:
    for nature in (Nature.COMPLAINT, Nature.SUGGESTION):
        kept = ComplaintTable(nature.value, found)
        for code in (*kept.themes, None):
            for channel in (*kept.channels, None):
                one = kept.of(code, channel)
                figure, delay = one.figure, one.delay
                if not one.received and not figure.n and not figure.waiting:
                    continue
                ends = (None, None, None) if figure.few else (figure.rate, *figure.ends)
                few = delay is None or figure_words.delay(delay) == figure_words.TOO_FEW
                yield (
                    labels_fr.NATURES[nature],
                    theme(asked.names, code),
                    figure_words.channel(channel or asked.chosen.channel or None),
                    *(one.received, figure.k, figure.n, *ends, figure.late, figure.overdue),
                    *(figure.unanswered, figure.open, figure.observed),
                    None if few or delay is None else delay.median,
                    None if few or delay is None else delay.ninth_decile,
                )
