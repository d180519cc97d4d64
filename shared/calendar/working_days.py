"""Jours ouvrés: the working days of a territory, as one frozen value (docs/domain.md §4).

A `WorkingCalendar` is built once, when a site is applied, and kept with that version: a deadline
never moves because a library or its data changed. Day 0 is the local day of receipt, day 1 the next
jour ouvré; a limit is the end of day n, local time. Every operation is an index into two tables.
"""

from array import array
from calendar import monthrange
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cached_property
from importlib.metadata import version
from itertools import accumulate
from typing import NamedTuple, Self

from pydantic import model_validator

from shared.calendar.territories import Closure, Territory
from shared.errors import PermanentFailure
from shared.values import Table

COMMON: Mapping[str, str] = {
    "Jour de l'an": "jour de l’an",
    "Lundi de Pâques": "lundi de Pâques",
    "Fête du Travail": "1er mai, fête du Travail",
    "Fête de la Victoire": "8 mai, Victoire de 1945",
    "Ascension": "jeudi de l’Ascension",
    "Lundi de Pentecôte": "lundi de Pentecôte",
    "Fête nationale": "14 juillet, fête nationale",
    "Assomption": "15 août, Assomption",
    "Toussaint": "1er novembre, Toussaint",
    "Armistice": "11 novembre, armistice de 1918",
    "Noël": "25 décembre, Noël",
}
"""The eleven legal days of Code du travail, art. L3133-1: name in the library → ours."""

ALSACE_MOSELLE: Mapping[str, str] = {
    "Vendredi saint": "Vendredi saint (Alsace-Moselle)",
    "Saint-Étienne": "26 décembre, Saint-Étienne (Alsace-Moselle)",
}
"""Code du travail, art. L3134-13."""

ABOLITION: Mapping[Territory, tuple[int, int]] = {
    Territory.MAYOTTE: (4, 27),
    Territory.MARTINIQUE: (5, 22),
    Territory.GUADELOUPE: (5, 27),
    Territory.SAINT_MARTIN: (5, 28),
    Territory.GUYANE: (6, 10),
    Territory.SAINT_BARTHELEMY: (10, 9),
    Territory.LA_REUNION: (12, 20),
}
"""Month and day of the abolition of slavery (Code du travail, art. L3422-2)."""

FIRST_YEAR, LAST_YEAR = 2015, 2045
"""Old letters of an import are counted too; a regime adds at most two years."""

SINCE = 1984
"""The first year with all legal days as the law has them now: 8 May is one again since 1982, the
abolition of slavery since 1984."""

WEEKEND = {5: "samedi", 6: "dimanche"}


class BeyondCalendar(PermanentFailure):
    """Raised for a day outside the years that the applied working calendar covers."""


class UnknownHolidays(PermanentFailure):
    """Raised when the holiday library does not give the legal holidays as the law does."""


class DayOff(Table):
    """A day from Monday to Friday that is not worked, and why, in French."""

    day: date
    why: str


class CountedDay(NamedTuple):
    """A day in the explanation of a deadline: its number as a jour ouvré, or why it is skipped."""

    day: date
    number: int | None
    why: str | None


class WorkingCalendar(Table):
    """The working days (jours ouvrés) of a territory from `first` to `last`, both included."""

    territory: Territory
    first: date
    last: date
    off: tuple[DayOff, ...]
    library: str
    """Where the movable days were taken from, such as `holidays 0.108`."""

    @model_validator(mode="after")
    def _is_in_order(self) -> Self:
        days = [off.day for off in self.off]
        if self.first > self.last or days != sorted(set(days)):
            raise ValueError("the days of a calendar stand in order, each once, within its span")
        return self

    @cached_property
    def _why(self) -> Mapping[date, str]:
        return {off.day: off.why for off in self.off}

    @cached_property
    def _origin(self) -> int:
        return self.first.toordinal()

    @cached_property
    def _worked(self) -> "array[int]":
        """The ordinal of each jour ouvré, in order."""
        off = {day.toordinal() for day in self._why}
        span = range(self._origin, self.last.toordinal() + 1)
        return array("i", (n for n in span if (n - 1) % 7 not in WEEKEND and n not in off))

    @cached_property
    def _rank(self) -> "array[int]":
        """At i, how many jours ouvrés lie before the i-th day of the span; one more at its end."""
        worked = set(self._worked)
        days = range(self._origin, self.last.toordinal() + 1)
        return array("i", accumulate((day in worked for day in days), initial=0))

    def _index(self, day: date) -> int:
        index = day.toordinal() - self._origin
        if not 0 <= index < len(self._rank) - 1:
            raise self._beyond(day.isoformat())
        return index

    def _beyond(self, what: str) -> BeyondCalendar:
        return BeyondCalendar(
            f"{what} is beyond the working calendar ({self.first} to {self.last}):"
            " correct the date, or apply the site again for a longer calendar"
        )

    def is_worked(self, day: date) -> bool:
        """Whether a day is a jour ouvré (worked). Raises BeyondCalendar."""
        index = self._index(day)
        return self._rank[index + 1] > self._rank[index]

    def why_off(self, day: date) -> str | None:
        """Returns in French why a day is not worked, `None` when it is. Raises BeyondCalendar."""
        return None if self.is_worked(day) else self._why.get(day) or WEEKEND[day.weekday()]

    def add(self, day: date, working_days: int) -> date:
        """Returns the day `working_days` jours ouvrés after a day, or before it when negative.

        0: the day itself, worked or not. Raises BeyondCalendar.
        """
        index = self._index(day)
        if working_days == 0:
            return day
        after = working_days > 0
        wanted = self._rank[index + after] + working_days - after
        if not 0 <= wanted < len(self._worked):
            raise self._beyond(f"{day} {working_days:+d} jours ouvrés")
        return date.fromordinal(self._worked[wanted])

    def between(self, after: date, until: date) -> int:
        """Counts the jours ouvrés after the day `after`, up to and with the day `until`.

        `between(day, add(day, n)) == n` for every n ≥ 0. Raises BeyondCalendar.
        """
        rank, origin = self._rank, self._origin
        first, last = after.toordinal() - origin + 1, until.toordinal() - origin + 1
        if 0 < first < len(rank) and 0 < last < len(rank):
            return rank[last] - rank[first]
        raise self._beyond((after if 0 < last < len(rank) else until).isoformat())

    def first_worked_not_before(self, day: date) -> date:
        """Returns the day itself if it is a jour ouvré, else the next one.

        Raises BeyondCalendar.
        """
        return day if self.is_worked(day) else self.add(day, 1)

    def explain(self, day: date, working_days: int) -> Sequence[CountedDay]:
        """Lists each calendar day of a deadline, with its number or the reason why it is skipped.

        For n < 0 the days run backwards. Raises BeyondCalendar.
        """
        end = self.add(day, working_days)
        step = 1 if working_days > 0 else -1
        lines, number = list[CountedDay](), 0
        for offset in range(step, (end - day).days + step, step):
            one = day + timedelta(days=offset)
            why = self.why_off(one)
            number += step if why is None else 0
            lines.append(CountedDay(one, number if why is None else None, why))
        return lines


def add_months(day: date, months: int) -> date:
    """Returns the same day of the month `months` later, or the last of a shorter month.

    The periods of implied decisions are counted so; their limit is not moved to a jour ouvré.
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def working_calendar(
    territory: Territory,
    closures: Iterable[Closure] = (),
    first_year: int = FIRST_YEAR,
    last_year: int = LAST_YEAR,
) -> WorkingCalendar:
    """Makes the working calendar of a territory and its local closures, for whole years.

    Raises UnknownHolidays for years before the present law (1984), and when the holiday library
    does not give each legal holiday exactly once a year.
    """
    if first_year < SINCE:
        raise UnknownHolidays(
            f"The public holidays of {first_year} were others: Code du travail, art. L3133-1 and"
            f" L3422-2, hold as we count from {SINCE} on"
        )
    off = {
        day: why
        for year in range(first_year, last_year + 1)
        for day, why in _legal_days(territory, year).items()
    }
    closed = {closure.day: f"fermeture : {closure.decided.why}" for closure in closures}
    first, last = date(first_year, 1, 1), date(last_year, 12, 31)
    return WorkingCalendar(
        territory=territory,
        first=first,
        last=last,
        off=tuple(
            DayOff(day=day, why=why)
            for day, why in sorted((closed | off).items())
            if day.weekday() not in WEEKEND and first <= day <= last
        ),
        library=_library(),
    )


def _library() -> str:
    return f"holidays {version('holidays')}"


def _legal_days(territory: Territory, year: int) -> Mapping[date, str]:
    """The legal days of one year; the library's customary days are left out."""
    from holidays.utils import country_holidays  # noqa: PLC0415  (3 MB that only whoever applies a site needs)

    alsace_moselle = territory is Territory.ALSACE_MOSELLE
    wanted = {**COMMON, **ALSACE_MOSELLE} if alsace_moselle else COMMON
    told = country_holidays(
        "FR", subdiv="6AE" if alsace_moselle else None, language="fr", years=[year]
    )
    found = [
        (day, wanted[name])
        for day, names in told.items()
        for name in names.split("; ")
        if name in wanted
    ]
    if sorted(label for _, label in found) != sorted(wanted.values()):
        raise UnknownHolidays(
            f"{_library()} tells other legal days for {year} ({territory}) than"
            " Code du travail, art. L3133-1: use the version that the project pins"
        )
    days = dict(found)
    if territory in ABOLITION:
        month, day = ABOLITION[territory]
        days[date(year, month, day)] = "abolition de l’esclavage"
    return days
