"""`/qualite/accueil/suivi`: reception month by month: mail about it, incidents, days without slot.

Over the last twelve months, this one included. What is counted is counted by people: a day nobody
tried on is no day without a slot.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Final

from starlette.exceptions import HTTPException
from starlette.responses import Response

from services.desk.domain.wilson import interval
from services.desk.french.names import Names
from services.desk.pages.quality import figure_files, figure_words, reception_words
from services.desk.pages.visit import Visit
from services.desk.quality.domain import charts
from services.desk.quality.domain.figures import FigureKey, FigureRow
from services.desk.quality.domain.label_calendar import after
from services.desk.quality.domain.places import PlacesState
from services.desk.quality.store import places as store
from services.desk.quality.store.places import MonthMail, MonthTally
from services.desk.sheets import KINDS, ExportSheet, SheetCell
from shared.calendar.local_days import month_of
from shared.facts.vocabulary import Theme

URL: Final = "/qualite/accueil/suivi"
MONTHS: Final = 12
THEMES: Final = (Theme.APPOINTMENTS, Theme.RECEPTION, Theme.TELEPHONE, Theme.WEBSITE)
"""What complaints and suggestions about reception are about."""
TITLES: Final = (
    "Incidents", "Jours essayés", "Jours sans créneau", "Essais (médiane)", "Passages",
)  # fmt: skip
SLOTS: Final = "creneau"
"""The code of the figure: tried days on which a slot was found, of all tried days."""


@dataclass(frozen=True, slots=True)
class ReceptionMonth:
    """The reception of a month in numbers: mail about it, incidents, days without slot, visits."""

    month: date
    received: int
    """Items received, whatever they are about."""
    themes: Sequence[int]
    """Of these, the complaints and suggestions of each theme of reception."""
    incidents: int
    tried: int
    """Days on which somebody tried, a place and day counted once."""
    without: int
    """Of these, the days on which no slot was found."""
    tries: float | None
    """The median of tries until a slot was found; `None`: none was."""
    visits: int
    """Tallied."""

    @property
    def about(self) -> int:
        """The number of complaints and suggestions of the month that are about reception."""
        return sum(self.themes)


def months(
    state: PlacesState,
    mail: Sequence[MonthMail],
    tallied: Sequence[MonthTally],
    today: date,
    zone_day: Sequence[tuple[int, date]],
) -> Sequence[ReceptionMonth]:
    """Returns reception in the last twelve months, the earliest first, in numbers.

    `zone_day`: local day of each incident.
    """
    first = after(today.replace(day=1), 1 - MONTHS)
    found = []
    for number in range(MONTHS):
        month = after(first, number)
        received = next((row for row in mail if row.month == month), None)
        days = [day for day in state.days if day.on.replace(day=1) == month]
        tries = [day.tries for day in days if day.found]
        found.append(
            ReceptionMonth(
                month=month,
                received=0 if received is None else received.received,
                themes=[0 if received is None else received.themes.get(t, 0) for t in THEMES],
                incidents=sum(on.replace(day=1) == month for _, on in zone_day),
                tried=len(days),
                without=sum(not day.found for day in days),
                tries=median(tries) if tries else None,
                visits=sum(row.n for row in tallied if row.month == month),
            )
        )
    return found


async def _read(visit: Visit) -> tuple[Sequence[ReceptionMonth], Sequence[MonthTally]]:
    zone = visit.applied.site.zone
    first = after(visit.today.replace(day=1), 1 - MONTHS)
    state = await store.places(visit.connection, visit.applied.site)
    mail = await store.mail(visit.connection, first, visit.today, [theme.value for theme in THEMES])
    tallied = await store.month_tallies(visit.connection, first, visit.today)
    seen = [
        (incident.number, incident.seen_at.astimezone(zone).date())
        for incident in state.incidents.values()
    ]
    return months(state, mail, tallied, visit.today, seen), tallied


async def report(visit: Visit) -> Response:
    """Shows reception month by month: mail about it, incidents, tries, visits."""
    found, tallied = await _read(visit)
    names = Names(visit.applied.site, visit.directory)
    tried, without = sum(row.tried for row in found), sum(row.without for row in found)
    low, high = interval(tried - without, tried)
    slots = FigureRow(FigureKey(SLOTS), tried - without, tried, low, high)
    kinds: dict[str, int] = {}
    for row in tallied:
        kinds[row.kind] = kinds.get(row.kind, 0) + row.n
    return await visit.html(
        "quality/reception_report.html",
        months=[(row, month_of(row.month), share(row)) for row in found],
        themes=[names.theme(theme.value) for theme in THEMES],
        slots=figure_words.whole(slots),
        incidents=charts.count_chart(
            "Incidents de la page de rendez-vous, par mois",
            [(month_of(row.month), str(row.incidents), row.incidents) for row in found],
        ),
        without=charts.count_chart(
            "Jours sans créneau, par mois",
            [(month_of(row.month), _tried(row), row.without) for row in found],
        ),
        visits=[
            (reception_words.tally(visit.applied.site.places, kind), n)
            for kind, n in sorted(kinds.items(), key=lambda pair: -pair[1])
        ],
        files=[(kind, f"{URL}{kind}") for kind in KINDS],
    )


def _tried(row: ReceptionMonth) -> str:
    """« 2 sur 15 essayés »; a dash where nobody tried."""
    return f"{row.without} sur {row.tried} essayés" if row.tried else "–"


def share(row: ReceptionMonth) -> str:
    """Formats the share of a month's mail that is about reception; a dash where none came."""
    return figure_words.percentage(row.about / row.received) if row.received else "–"


async def table(visit: Visit) -> Response:
    """Downloads the figures of reception month by month as a file."""
    kind = f".{visit.request.path_params['kind']}"
    if kind not in KINDS:
        raise HTTPException(404)
    found, _ = await _read(visit)
    names = Names(visit.applied.site, visit.directory)
    themes = [names.theme(theme.value) for theme in THEMES]
    titles = ["Mois", "Courriers reçus", *themes, *TITLES]
    sheet = ExportSheet("Accueil", titles, [16, *([14] * (len(titles) - 1))])
    return await figure_files.download(visit, _cells(found), f"accueil{kind}", sheet)


def _cells(found: Sequence[ReceptionMonth]) -> Iterator[Sequence[SheetCell]]:
    for row in found:
        yield (
            month_of(row.month), row.received, *row.themes, row.incidents, row.tried, row.without,
            row.tries, row.visits,
        )  # fmt: skip
