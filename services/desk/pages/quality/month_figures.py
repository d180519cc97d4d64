"""`/chiffres` and `/chiffres/mois/MONTH`: how the promises of one month stand."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from starlette.responses import Response

from services.desk import month_corrections
from services.desk.domain.months import Month
from services.desk.french.names import Names
from services.desk.pages.quality import figure_address, figure_files, figure_words
from services.desk.pages.quality.figure_address import FigureFilter
from services.desk.pages.quality.figure_words import FigureLine
from services.desk.pages.visit import Visit
from services.desk.quality.domain import charts
from services.desk.quality.domain.charts import BarChart
from services.desk.quality.domain.figures import (
    ANSWERED,
    OUTSIDE,
    REPLY,
    FigureRow,
    FigureTable,
    ReplyDelay,
)
from services.desk.quality.store import figures as store
from services.desk.sheets import KINDS
from services.desk.store import months
from services.desk.store.unread_delays import UNVERIFIED, has_unverified
from shared.calendar.local_days import month_after, month_before, month_of, of_month


@dataclass(frozen=True, slots=True)
class MonthFigures:
    """The promise figures of one month: as they were closed, if they were, and as they are now."""

    month: date
    head: Month | None
    shown: FigureTable
    now: FigureTable
    delays: Mapping[tuple[str | None, str | None], ReplyDelay]

    def today(self, figure: FigureRow) -> FigureRow:
        """Returns a figure of today by the definition with which the month was closed."""
        return figure if self.head is None else figure.by(self.head.definition)


async def current(visit: Visit) -> Response:
    """Shows the page of promise figures of the present month."""
    return await _page(visit, visit.today.replace(day=1))


async def month(visit: Visit) -> Response:
    """Shows the page of promise figures of the month in the address."""
    return await _page(visit, visit.month)


async def table(visit: Visit) -> Response:
    """Downloads the promise figures of a month as .xlsx, .ods or .csv."""
    month, kind = visit.month, figure_address.kind_of_address(visit)
    chosen_by = figure_address.read_filter(visit)
    found = await _figures(visit, month, chosen_by)
    names, zone = Names(visit.applied.site, visit.directory), visit.applied.site.zone
    state = figure_words.TODAY if found.head is None else figure_words.closed_on(found.head, zone)
    if await has_unverified(visit.connection, visit.applied.site, [REPLY]):
        state = f"{state} ; {UNVERIFIED}"
    rows = [
        figure_files.line(row, found.today(found.now.of(*row.key)), state, names, chosen_by)
        for code in found.shown.codes()
        for row in chosen_by.distinct(found.shown.by_service(code))
    ]
    return await figure_files.download(visit, rows, chosen_by.file(f"{month:%Y-%m}", kind))


async def _figures(visit: Visit, month: date, chosen_by: FigureFilter) -> MonthFigures:
    question = chosen_by.question(month, month, visit.applied.first_month)
    head = await months.read_closed_month(visit.connection, month)
    now = await store.figures(visit.connection, question)
    shown = now
    if head is not None:
        shown = await store.figures(visit.connection, question, as_closed=True)
    took = store.delays if head is None else store.closed_delays
    delays = await took(visit.connection, question)
    return MonthFigures(
        month, head, shown, now, {(row.service, row.channel): row for row in delays}
    )


async def _page(visit: Visit, month: date) -> Response:
    names, chosen_by = Names(visit.applied.site, visit.directory), figure_address.read_filter(visit)
    found = await _figures(visit, month, chosen_by)
    target = visit.applied.site.commitments.target if found.head is None else found.head.target
    reply, path = found.shown.of(REPLY), f"/chiffres/mois/{month:%Y-%m}"
    scope = figure_words.scope(chosen_by.service, chosen_by.channel, names)
    name = month_of(month) + scope
    corrections = 0
    if found.head is not None:
        site = visit.applied.site
        corrections = len(
            await month_corrections.month_corrections(visit.connection, site, found.head)
        )
    first = visit.applied.first_month
    return await visit.html(
        "quality/month.html",
        month=month,
        name=name,
        of_name=of_month(month) + scope,
        running=month >= visit.today.replace(day=1),
        head=found.head,
        corrections=corrections,
        reply=reply,
        told=figure_words.whole(reply, target),
        verdict=figure_words.verdict(reply, target),
        now=figure_words.whole(found.today(found.now.of(REPLY))),
        answered=figure_words.whole(found.now.of(ANSWERED)),
        outside=found.now.of(OUTSIDE),
        chart=_chart(found.shown, names, target, name, chosen_by),
        services=[
            _line(found, figure, names, chosen_by) for figure in _by_service(found.shown, chosen_by)
        ],
        channels=[
            _line(found, found.shown.of(REPLY, channel=channel), names, chosen_by)
            for channel in found.shown.channels(REPLY)
        ],
        cells=[
            _line(found, figure, names, chosen_by)
            for figure in chosen_by.distinct(found.shown.by_service(REPLY))
        ],
        promises=[
            (figure_words.TITLES[code], _line(found, figure, names, chosen_by))
            for code in figure_words.PROMISES
            if (figure := found.shown.of(code)).n or figure.waiting
        ],
        path=path,
        unverified=await has_unverified(visit.connection, visit.applied.site, [REPLY]),
        chosen=chosen_by,
        choices=figure_address.choices(visit),
        files=[(kind, chosen_by.address(f"{path}/chiffres{kind}")) for kind in KINDS],
        earlier=month_before(month) if first is not None and month > first else None,
        later=month_after(month) if month < visit.today.replace(day=1) else None,
        month_of=month_of,
        year=month.year,
        live=first,
    )


def _by_service(shown: FigureTable, chosen_by: FigureFilter) -> Sequence[FigureRow]:
    """Each service, then all of them unless one is chosen."""
    services = shown.services(REPLY)
    return [
        shown.of(REPLY, service)
        for service in ((*services, None) if not chosen_by.service else services)
    ]


def _line(
    found: MonthFigures, figure: FigureRow, names: Names, chosen_by: FigureFilter
) -> FigureLine:
    key, own = chosen_by.fill_key(figure.key), figure.key
    delay = found.delays.get((own.service, own.channel)) if own.code == REPLY else None
    return FigureLine(
        service=figure_words.service(key.service, names),
        channel=figure_words.channel(key.channel),
        figure=figure,
        rate=figure_words.rate(figure),
        interval=figure_words.interval(figure),
        delay=figure_words.delay(delay),
        total=own.channel is None,
    )


def _chart(
    figures: FigureTable, names: Names, target: float, name: str, chosen_by: FigureFilter
) -> BarChart:
    """Replies in time by service, in the order of the site, then all of them: never by rate."""
    rows = [
        (figure_words.short(service, names), figures.of(REPLY, service))
        for service in figures.services(REPLY)
    ]
    if len(rows) != 1 and not chosen_by.service:
        rows.append((figure_words.ALL_SERVICES, figures.of(REPLY)))
    said = [(label, figure_words.brief(figure), figure) for label, figure in rows]
    aim = figure_words.aim(target)
    return charts.bar_chart(
        f"Réponses à temps par service, {name}",
        f"Objectif {aim}. "
        + " ; ".join(f"{label} : {figure_words.whole(figure)}" for label, figure in rows)
        + ".",
        said,
        target,
        f"objectif {aim}",
    )
