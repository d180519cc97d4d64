"""What the COPIL sheet and the yearly report both tell, in words: months, causes, themes, measures.

No agent is named: a measure has the service of its owner. Services stand in the order of the site.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.french import labels_fr
from services.desk.french.names import Names
from services.desk.pages.quality import (
    complaint_report,
    figure_words,
    label_dates,
    late_replies,
    measure_words,
)
from services.desk.pages.visit import Visit
from services.desk.quality.domain.complaints import ComplaintTable
from services.desk.quality.domain.figures import REPLY, FigureRow, FigureTable
from services.desk.quality.domain.label_calendar import after
from services.desk.quality.domain.measures import Measure, MeasureState
from services.desk.quality.store import figures, label, reports
from services.desk.quality.store import measures as measure_store
from services.desk.quality.store.figures import FigureQuestion
from services.desk.store import months
from shared.calendar.local_days import month_of
from shared.facts.vocabulary import LateCause, Nature

OPEN: Final = (MeasureState.TO_ANALYSE, MeasureState.RUNNING, MeasureState.TO_VERIFY)


@dataclass(frozen=True, slots=True)
class MonthOfReport:
    """A closed month's figure of replies; `figure` is `None` where the month is not closed."""

    month: date
    figure: FigureRow | None
    hash: str = ""

    @property
    def name(self) -> str:
        """The name of the month in French."""
        return month_of(self.month)


@dataclass(frozen=True, slots=True)
class MeasureOfReport:
    """A corrective measure in words for a report; its owner is named by service."""

    number: int
    source: str
    service: str
    due: str
    state: str
    effect: str
    late: bool


async def closed_months(visit: Visit, first: date, last: date) -> Sequence[MonthOfReport]:
    """Returns every month of a span with its closed figure of replies; none before the go-live.

    `first` and `last`: the first days of the first and last month, both included.
    """
    heads = {head.month: head for head in await months.every(visit.connection)}
    table = await figures.figures(
        visit.connection, FigureQuestion(first, last), [REPLY], as_closed=True
    )
    live, found, month = visit.applied.first_month, list[MonthOfReport](), first
    while month <= last:
        if live is not None and month >= live:
            head = heads.get(month)
            figure = None if head is None else table.of(REPLY, month=month)
            found.append(MonthOfReport(month, figure, "" if head is None else head.hash))
        month = after(month, 1)
    return found


async def closed_figures(visit: Visit, first: date, last: date) -> FigureTable:
    """Returns the figures of a span's closed months, each as it was closed, with every total."""
    return await figures.figures(visit.connection, FigureQuestion(first, last), as_closed=True)


def services(table: FigureTable, names: Names) -> Sequence[tuple[str, FigureRow]]:
    """Returns the reply figures of each service, in the order of the site, then of all services."""
    known = set(table.services(REPLY))
    order = [row.id for row in names.site.services.services if row.id in known]
    gone = sorted(known - set(order))
    return [
        (figure_words.service(service, names), table.of(REPLY, service))
        for service in (*order, *gone, None)
    ]


def promises(table: FigureTable) -> Sequence[tuple[str, FigureRow]]:
    """Returns the figures of all promises but the reply, where anything was judged."""
    return [
        (figure_words.TITLES[code], row)
        for code in figure_words.PROMISES
        if (row := table.of(code)).n
    ]


async def causes(visit: Visit, first: date, last: date) -> Sequence[tuple[str, int]]:
    """Returns how many late replies each cause explains, in the order of the causes' keys."""
    counted = await reports.causes(visit.connection, FigureQuestion(first, last))
    said = [(labels_fr.LATE_CAUSES[cause], counted.get(cause.value, 0)) for cause in LateCause]
    return [(name, n) for name, n in (*said, (late_replies.UNSAID, counted.get(None, 0))) if n]


async def themes(visit: Visit, first: date, last: date) -> Sequence[tuple[str, int, FigureRow]]:
    """Returns complaints by theme: how many came, how many were answered in time; then of all."""
    found = await reports.complaints(visit.connection, FigureQuestion(first, last))
    table = ComplaintTable(Nature.COMPLAINT.value, found)
    names = Names(visit.applied.site, visit.directory)
    return [
        (complaint_report.theme(names, theme), table.of(theme).received, table.of(theme).figure)
        for theme in (*table.themes, None)
        if table.of(theme).received
    ]


async def measures(visit: Visit) -> Sequence[Measure]:
    """Returns all corrective measures: late ones first, then by their day, closed ones last."""
    found = await measure_store.every(visit.connection)
    return sorted(found, key=lambda one: (one.state is MeasureState.CLOSED, one.due, one.number))


def measure(visit: Visit, one: Measure) -> MeasureOfReport:
    """Formats a corrective measure in words for a report."""
    names = Names(visit.applied.site, visit.directory)
    owner = visit.directory.person(one.owner)
    late = one.awaits_action and one.due < visit.today
    said = measure_words.STATES[one.state].lower()
    if one.verdict is not None:
        said = f"close\N{NO-BREAK SPACE}: {measure_words.VERDICTS[one.verdict]}"
    return MeasureOfReport(
        one.number,
        measure_words.source(one.source, names),
        figure_words.short(owner.services[0], names) if owner and owner.services else "–",
        labels_fr.short_day(one.due),
        "en retard" if late else said,
        "" if one.reading is None else measure_words.effect(one.reading),
        late,
    )


async def dates(visit: Visit) -> Sequence[label_dates.DateLine]:
    """Returns the label's dates that are to come or were not held; none without a framework."""
    if visit.applied.site.quality.current is None:
        return []
    facts = await label.label_facts(visit.connection)
    return [line for line in label_dates.lines(visit, facts) if not line.settled]
