"""`/qualite/semaine`: the week as the weekly page tells it, of the whole préfecture.

What the register stated on Monday (`FiguresStated`), with a line for each service; decisions with
the pages on which they are taken. A week before has its own address, by its Monday.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.french.names import Names
from services.desk.pages.quality import figure_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain import weeks as rules
from services.desk.quality.domain.figures import REPLY
from services.desk.quality.store import weeks
from services.desk.store.unread_delays import has_unverified
from shared.calendar.local_days import month_of
from shared.facts.quality.figures import FigureBasis, FiguresStated, StatedFigure
from shared.site.texts import rates, week_words

PATH: Final = "/qualite/semaine"


@dataclass(frozen=True, slots=True)
class WeekLine:
    """A stated figure of the week in French words."""

    name: str
    said: str
    beside: str
    """What of it was not kept."""


@dataclass(frozen=True, slots=True)
class ServiceWeek:
    """A row of weekly figures as stated for one service, by column; « – » where none is."""

    name: str
    cells: Sequence[str]


async def current(visit: Visit) -> Response:
    """Shows the last week whose figures were stated, for the whole préfecture."""
    return await _shown(visit, await weeks.last(visit.connection))


async def show_week(visit: Visit) -> Response:
    """Shows the figures of the week in the address, YYYY-MM-DD of its Monday."""
    try:
        week = date.fromisoformat(visit.request.path_params["week"])
    except ValueError:
        raise HTTPException(404, "Aucune semaine à cette adresse.") from None
    told = await weeks.of_week(visit.connection, visit.applied.site.identity.id, week)
    if told is None:
        raise HTTPException(404, "Aucun chiffre n’a été arrêté pour cette semaine.")
    return await _shown(visit, told)


async def _shown(visit: Visit, told: FiguresStated | None) -> Response:
    site = visit.applied.site
    if told is None:
        return await visit.html("quality/week.html", told=None)
    names = Names(site, visit.directory)
    columns = [figure for figure in told.figures if not figure.services and figure.code == REPLY]
    earlier, later = told.week - rules.WEEK, told.week + rules.WEEK
    return await visit.html(
        "quality/week.html",
        told=told,
        last=rules.last_day(told.week),
        target=figure_words.aim(told.target),
        lines=[_line(figure, told) for figure in told.figures if not figure.services],
        columns=[(_title(figure), "") for figure in columns],
        services=_services(told, columns, names),
        decisions=[
            week_words.decision(
                decision,
                None if decision.service is None else figure_words.short(decision.service, names),
                site.labels,
            )
            for decision in told.decisions
        ],
        verified=await weeks.last_verification(visit.connection),
        unverified=await has_unverified(visit.connection, site, [REPLY]),
        earlier=await _stated(visit, earlier),
        later=await _stated(visit, later),
        path=PATH,
    )


async def _stated(visit: Visit, week: date) -> date | None:
    """The week, if anything was stated of it."""
    site = visit.applied.site.identity.id
    return None if await weeks.of_week(visit.connection, site, week) is None else week


def _line(figure: StatedFigure, told: FiguresStated) -> WeekLine:
    return WeekLine(
        week_words.label(figure, told.counted_on),
        figure_sentence(figure),
        week_words.beside(figure),
    )


def figure_sentence(figure: StatedFigure) -> str:
    """Formats a stated weekly figure in French: « 25 sur 31, soit 81 % (entre …) »."""
    return rates.whole(figure.k, figure.n, (figure.low, figure.high), figure.waiting)


def _title(figure: StatedFigure) -> str:
    """The title of a column of the table by service."""
    if figure.basis is FigureBasis.SETTLED:
        return "Échues dans la semaine"
    return f"Reçus en {month_of(figure.first)}"


def _services(
    told: FiguresStated, columns: Sequence[StatedFigure], names: Names
) -> Sequence[ServiceWeek]:
    """The replies of each service, in the order of the site; those that have none are left out."""
    found = {
        (figure.services[0], figure.basis, figure.first): figure
        for figure in told.figures
        if len(figure.services) == 1 and figure.code == REPLY
    }
    return [
        ServiceWeek(
            names.service(service),
            [
                "–" if figure is None else figure_sentence(figure)
                for column in columns
                for figure in [found.get((service, column.basis, column.first))]
            ],
        )
        for service in dict.fromkeys(service for service, _, _ in found)
    ]
