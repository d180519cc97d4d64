"""`/chiffres/annee/YEAR`: twelve months side by side, closed or not, and the year before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.months import DEFINITION, Month
from services.desk.french.names import Names
from services.desk.pages.quality import figure_address, figure_files, figure_words
from services.desk.pages.quality.figure_address import FigureFilter
from services.desk.pages.visit import Visit
from services.desk.quality.domain import charts, verdicts
from services.desk.quality.domain.charts import MonthChart
from services.desk.quality.domain.figures import (
    IN_A_YEAR,
    OF_TODAY,
    REPLY,
    FigureRow,
    FigureTable,
)
from services.desk.quality.store import events
from services.desk.quality.store import figures as store
from services.desk.quality.store.figures import FigureQuestion
from services.desk.sheets import KINDS
from services.desk.store import months
from services.desk.store.unread_delays import UNVERIFIED, has_unverified
from shared.calendar.local_days import MONTHS

SHORT: Final = ("janv", "févr", "mars", "avr", "mai", "juin", "juil", "août", "sept", "oct", "nov",
                "déc")  # fmt: skip
OLDEST: Final = 2000


@dataclass(frozen=True, slots=True)
class MonthLine:
    """A month in the table of a year's figures, in French words."""

    url: str
    name: str
    figure: FigureRow
    rate: str
    interval: str
    state: str
    """Whether it is closed, and what it would be today where that differs."""


@dataclass(frozen=True, slots=True)
class YearFigures:
    """The figures of a year: closed months as they were closed, others as they are now."""

    shown: FigureTable
    now: FigureTable
    heads: Mapping[date, Month]
    """By the month's first day."""

    def targets(self, now: float) -> Sequence[float]:
        """Returns the targets by which the year's months are judged, each once, the lowest first.

        `now`: that of months that are not closed.
        """
        judged = {head.target for head in self.heads.values()}
        still = set(self.now.months(REPLY)) - self.heads.keys()
        return sorted(judged | ({now} if still or not judged else set()))

    def month(self, month: date, code: str = REPLY) -> "MonthOfYear":
        """Returns the figure of a month in the year: as its page shows it, and as it is today.

        `month`: its first day; `code`: the commitment.
        """
        head = None if code in OF_TODAY else self.heads.get(month)
        return MonthOfYear(
            shown=(self.now if head is None else self.shown).of(code, month=month),
            now=self.now.of(code, month=month).by(DEFINITION if head is None else head.definition),
            head=head,
        )


@dataclass(frozen=True, slots=True)
class MonthOfYear:
    """The figure of one month in the page of a year: as closed, and as it is today."""

    shown: FigureRow
    """As it was closed, if it is."""
    now: FigureRow
    """As it is today, by the definition by which it was closed."""
    head: Month | None
    """`None`: it is not closed, or of no closed month."""


async def year(visit: Visit) -> Response:
    """Shows the page of promise figures of the year in the address, month by month."""
    wanted, chosen_by = year_asked(visit), figure_address.read_filter(visit)
    found = await _figures(visit, wanted, chosen_by)
    before = await store.figures(visit.connection, _question(visit, wanted - 1, chosen_by), [REPLY])
    names = Names(visit.applied.site, visit.directory)
    target = await store.target(visit.connection, _last_day(visit, wanted))
    total, earlier = found.now.of(REPLY), before.of(REPLY)
    path = f"/chiffres/annee/{wanted}"
    marks = await _marks(visit, wanted)
    name = str(wanted) + figure_words.scope(chosen_by.service, chosen_by.channel, names)
    return await visit.html(
        "quality/year.html",
        year=wanted,
        name=name,
        told=figure_words.whole(total, target),
        verdict=figure_words.verdict_of(total, found.targets(target)),
        before=figure_words.whole(earlier) if earlier.n else "",
        change=figure_words.change_text(
            verdicts.change_of(earlier, total) if wanted < visit.today.year else None
        ),
        chart=_chart(found, target, wanted, name, marks),
        lines=_lines(found, visit, wanted, marks),
        total=total,
        total_rate=figure_words.rate(total),
        total_interval=figure_words.interval(total),
        services=[
            (figure_words.service(service, names), row, figure_words.rate(row),
             figure_words.interval(row))
            for service in (*found.now.services(REPLY), *([] if chosen_by.service else [None]))
            for row in [found.now.of(REPLY, service)]
        ],
        promises=[
            (figure_words.TITLES[code], row, figure_words.rate(row), figure_words.interval(row))
            for code in figure_words.PROMISES
            if (row := found.now.of(code)).n
        ],
        path=path,
        unverified=await has_unverified(visit.connection, visit.applied.site, [REPLY]),
        chosen=chosen_by,
        choices=figure_address.choices(visit),
        files=[(kind, chosen_by.address(f"{path}/chiffres{kind}")) for kind in KINDS],
        last=visit.today.year,
        month=date(wanted, 1, 1),
    )  # fmt: skip


async def table(visit: Visit) -> Response:
    """Downloads the promise figures of a year, month by month, as .xlsx, .ods or .csv."""
    wanted, kind = year_asked(visit), figure_address.kind_of_address(visit)
    chosen_by = figure_address.read_filter(visit)
    found = await _figures(visit, wanted, chosen_by)
    names = Names(visit.applied.site, visit.directory)
    rests = await has_unverified(visit.connection, visit.applied.site, [REPLY])
    rows = [
        figure_files.line(row, now, f"{state} ; {UNVERIFIED}" if rests else state, names, chosen_by)
        for code in IN_A_YEAR
        for row, now, state in _file_rows(found, code, visit.applied.site.zone)
    ]
    return await figure_files.download(visit, rows, chosen_by.file(str(wanted), kind))


async def _figures(visit: Visit, wanted: int, chosen_by: FigureFilter) -> YearFigures:
    question = _question(visit, wanted, chosen_by)
    return YearFigures(
        await store.figures(visit.connection, question, IN_A_YEAR, as_closed=True),
        await store.figures(visit.connection, question, IN_A_YEAR),
        {
            head.month: head
            for head in await months.every(visit.connection)
            if head.month.year == wanted
        },
    )


def year_asked(visit: Visit) -> int:
    """Reads the year of the page's address. Raises HTTPException 404."""
    wanted: int = visit.request.path_params["year"]
    if not OLDEST <= wanted <= visit.today.year:
        raise HTTPException(404, "Aucun chiffre pour cette année.")
    return wanted


def _last_day(visit: Visit, wanted: int) -> date:
    """The day by whose rules a year is judged: its last, or today."""
    return min(visit.today, date(wanted, 12, 31))


def _question(visit: Visit, year: int, chosen_by: FigureFilter) -> FigureQuestion:
    live = visit.applied.first_month
    return chosen_by.question(date(year, 1, 1), date(year, 12, 1), live)


def _file_rows(
    found: YearFigures, code: str, zone: ZoneInfo
) -> Iterator[tuple[FigureRow, FigureRow, str]]:
    """Of a code each month as the page shows it, as it is today, and its state; then the year."""
    for first in sorted({*found.shown.months(code), *found.now.months(code)}):
        month = found.month(first, code)
        state = (
            figure_words.TODAY if month.head is None else figure_words.closed_on(month.head, zone)
        )
        yield month.shown, month.now, state
    total = found.now.of(code)
    if total.n or total.waiting:
        yield total, total, figure_words.TODAY


async def _marks(visit: Visit, wanted: int) -> Sequence[str]:
    """The events that were open in each month of the year: a mark, which moves no figure."""
    zone, marks = visit.applied.site.zone, [list[str]() for _ in MONTHS]
    for event in await events.every(visit.connection):
        if event.exercise or event.opened_at is None:
            continue
        last = (event.over(visit.now) or visit.now).astimezone(zone)
        first = event.opened_at.astimezone(zone)
        for number, codes in enumerate(marks, start=1):
            here = (wanted, number)
            if (first.year, first.month) <= here <= (last.year, last.month):
                codes.append(f"événement {event.code}")
    return [", ".join(codes) for codes in marks]


def _lines(
    found: YearFigures, visit: Visit, wanted: int, marks: Sequence[str]
) -> Sequence[MonthLine]:
    running, live = visit.today.replace(day=1), visit.applied.first_month
    lines = []
    for number, name in enumerate(MONTHS, start=1):
        first = date(wanted, number, 1)
        if first > running or live is None or first < live:
            continue
        month = found.month(first)
        figure, now = month.shown, month.now
        if month.head is not None:
            state = figure_words.closed_on(month.head, visit.applied.site.zone)
            if (figure.k, figure.n) != (now.k, now.n):
                state += f" ; aujourd’hui {figure_words.brief(now)}"
        else:
            state = "en cours" if first == running else "pas clos"
        state += f" ; {marks[number - 1]}" if marks[number - 1] else ""
        lines.append(
            MonthLine(
                f"/chiffres/mois/{first:%Y-%m}", name, figure, figure_words.rate(figure),
                figure_words.interval(figure), state,
            )
        )  # fmt: skip
    return lines


def _chart(
    found: YearFigures, target: float, wanted: int, name: str, marks: Sequence[str]
) -> MonthChart:
    columns = []
    for number, label in enumerate(SHORT, start=1):
        figure = found.month(date(wanted, number, 1)).shown
        columns.append((label, f"{figure.k}/{figure.n}" if figure.n else "", figure))
    aim = figure_words.aim(target)
    told = [
        f"{name} : {figure_words.whole(figure)}"
        for name, (_, _, figure) in zip(MONTHS, columns, strict=True)
        if figure.n
    ]
    return charts.month_chart(
        f"Réponses à temps par mois, {name}",
        f"Objectif {aim}. " + (" ; ".join(told) or "rien à juger") + ".",
        columns,
        target,
        f"objectif {aim}",
        marks,
    )
