"""The months that a report of quality is about, as its address says: one of them, or a year."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from starlette.exceptions import HTTPException

from services.desk.pages.quality.figure_address import FigureFilter
from services.desk.pages.visit import Visit
from services.desk.quality.store.figures import FigureQuestion
from shared.calendar.local_days import month_after, month_before, month_of, of_month

OLDEST: Final = 2000


@dataclass(frozen=True, slots=True)
class ReportPeriod:
    """The period of a quality report: a month or a year, with its words and addresses."""

    first: date
    last: date
    """First days of the first and the last month."""
    words: str
    """« mai 2026 », « 2026 »."""
    code: str
    """As a file's name has it: `2026-05`, `2026`."""
    path: str
    """`/chiffres/mois/2026-05`, `/chiffres/annee/2026`."""
    earlier: tuple[str, str] | None
    """Path and words of the span before; `None`: there is none since the go-live."""
    later: tuple[str, str] | None

    @property
    def of_words(self) -> str:
        """« de mai 2026 », « d’avril 2026 », « de 2026 »."""
        return of_month(self.first) if self.first == self.last else f"de {self.words}"

    def question(self, chosen: FigureFilter, live: date | None) -> FigureQuestion:
        """Makes the query for the figures of the report's period, from the month of go-live on."""
        return chosen.question(self.first, self.last, live)


def of_address(visit: Visit) -> ReportPeriod:
    """Parses the period of a report (a month or year) from the page's address.

    Raises HTTPException 404.
    """
    if "year" in visit.request.path_params:
        return _year(visit, visit.request.path_params["year"])
    return _month(visit, visit.month)


def _month(visit: Visit, month: date) -> ReportPeriod:
    live, now = visit.applied.first_month, visit.today.replace(day=1)
    before, after = month_before(month), month_after(month)
    return ReportPeriod(
        month, month, month_of(month), f"{month:%Y-%m}", _path(month),
        (_path(before), month_of(before)) if live is not None and month > live else None,
        (_path(after), month_of(after)) if month < now else None,
    )  # fmt: skip


def _path(month: date) -> str:
    return f"/chiffres/mois/{month:%Y-%m}"


def _year(visit: Visit, year: int) -> ReportPeriod:
    live, now = visit.applied.first_month, visit.today.year
    if not OLDEST <= year <= now:
        raise HTTPException(404, "Aucun chiffre pour cette année.")
    path = "/chiffres/annee"
    return ReportPeriod(
        date(year, 1, 1), date(year, 12, 1), str(year), str(year), f"{path}/{year}",
        (f"{path}/{year - 1}", str(year - 1)) if live is not None and year > live.year else None,
        (f"{path}/{year + 1}", str(year + 1)) if year < now else None,
    )  # fmt: skip
