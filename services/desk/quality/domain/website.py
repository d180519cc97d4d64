"""The website as its facts make it: which page was checked when, which changes are asked. Pure.

A check counts for as many months as the table says, and no longer than the address that was read;
a page that did not open after it counts as unchecked until somebody reads it again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.quality.domain.label_calendar import after
from shared.calendar.working_days import BeyondCalendar, WorkingCalendar
from shared.errors import Refused
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.website import (
    ChangeAsked,
    ChangeDone,
    ChangePlaced,
    PageBroken,
    PageChecked,
    PageOutcome,
    WebsiteFact,
)
from shared.site.tables.website import WebPage, Website

WITHIN: Final = 10
"""Jours ouvrés until a change of the website is due."""
QUARTER: Final = 3
"""Months."""
TWO_QUARTERS: Final = 2 * QUARTER


@dataclass(frozen=True, slots=True)
class PageStanding:
    """A listed page of the website with its last check; days are local."""

    page: WebPage
    checked: date | None = None
    """The last check of this address; `None`: nobody has read it."""
    outcome: PageOutcome | None = None
    by: str = ""
    """The author of the check, as its fact has it."""
    broken: date | None = None
    """Since when it does not open; `None`: it was read since."""
    broken_said: tuple[SubjectId, Digest] | None = None
    changed: date | None = None
    """When the last change that was asked for since the check was made; `None`: one is open."""

    @property
    def until(self) -> date | None:
        """The last day on which the page's check counts; `None` without one, or if it is broken."""
        if self.checked is None or self.broken is not None:
            return None
        return after(self.checked, self.page.every)

    def counts(self, today: date) -> bool:
        """Whether the website page counts as checked on a local day."""
        return self.until is not None and today <= self.until

    def is_forgotten(self, today: date) -> bool:
        """Whether a website page's last review is over two quarters old and its check has ended.

        `False` for a page that was never reviewed.
        """
        if self.checked is None:
            return False
        return after(self.checked, max(TWO_QUARTERS, self.page.every)) < today


@dataclass(frozen=True, slots=True)
class PageChange:
    """A requested change of a website page; its texts are stored by digest."""

    subject: SubjectId
    number: int
    page: str | None
    item_id: ItemId | None
    asked: date
    """Local day."""
    due: date
    by: str
    said: Digest | None
    done: date | None = None
    """Local day; `None`: it is still to be made."""
    changed: bool = False
    done_said: Digest | None = None


@dataclass(frozen=True)
class WebsiteState:
    """The state of the website, computed from facts: listed pages, requested changes by number."""

    pages: Sequence[PageStanding]
    changes: Mapping[int, PageChange]
    facts: Sequence[WebsiteFact] = field(default=(), compare=False, repr=False)
    unreadable: int = 0
    """Facts that can't be read: nothing is decided nor printed then."""

    @property
    def open(self) -> Sequence[PageChange]:
        """The website changes that are still to be made, the most urgent first."""
        waiting = (change for change in self.changes.values() if change.done is None)
        return sorted(waiting, key=lambda change: (change.due, change.number))

    def count_checked(self, today: date) -> tuple[int, int]:
        """Returns the number of pages checked on a local day, and the number of all pages."""
        return sum(page.counts(today) for page in self.pages), len(self.pages)


def fold(
    facts: Iterable[WebsiteFact], table: Website, zone: ZoneInfo, until: date | None = None
) -> WebsiteState:
    """Returns the website's pages and changes from their facts.

    `until`: as at the end of this local day.
    """
    pages = {page.id: PageStanding(page) for page in table.pages}
    changes = dict[int, PageChange]()
    numbers = dict[SubjectId, int]()
    kept = []
    for fact in facts:
        day = fact.happened_at.astimezone(zone).date()
        if until is not None and day > until:
            continue
        kept.append(fact)
        number = numbers.get(fact.subject_id, 0)
        match fact:
            case PageChecked() if fact.page in pages:
                pages[fact.page] = _checked(pages[fact.page], fact, day)
            case PageBroken() if fact.page in pages:
                said = (fact.subject_id, fact.sha256)
                pages[fact.page] = replace(pages[fact.page], broken=day, broken_said=said)
            case ChangeAsked():
                numbers[fact.subject_id] = fact.number
                changes[fact.number] = PageChange(
                    fact.subject_id, fact.number, fact.page, fact.item_id, day, fact.due, fact.by,
                    fact.sha256,
                )  # fmt: skip
            case ChangePlaced() if number in changes:
                changes[number] = replace(changes[number], page=fact.page, said=fact.sha256)
            case ChangeDone() if number in changes:
                changes[number] = replace(
                    changes[number], done=day, changed=fact.changed, done_said=fact.sha256
                )
            case _:  # a reminder, or a page that is in the list no more
                pass
    standings = [_changed(page, changes.values()) for page in pages.values()]
    return WebsiteState(standings, changes, kept)


def _checked(standing: PageStanding, fact: PageChecked, day: date) -> PageStanding:
    if fact.row != standing.page.listed:  # another address was read
        return standing
    return PageStanding(standing.page, day, fact.outcome, fact.by)


def _changed(standing: PageStanding, changes: Iterable[PageChange]) -> PageStanding:
    if standing.outcome is not PageOutcome.TO_CHANGE or standing.checked is None:
        return standing
    asked = [
        change.done
        for change in changes
        if change.page == standing.page.id and change.asked >= standing.checked
    ]
    done = [day for day in asked if day is not None]
    return replace(standing, changed=max(done)) if done and len(done) == len(asked) else standing


def to_check(
    pages: Iterable[PageStanding], today: date, days: WorkingCalendar
) -> Sequence[PageStanding]:
    """Returns the website pages to be reviewed on a local day, the oldest check first.

    Those without a check that counts; those whose check is of an earlier quarter and ends in this
    one; and those that `ending` returns.
    """
    _, last = quarter(today)
    known = list(pages)
    soon = {page.page.id for page in ending(known, today, days)}
    due = [
        page
        for page in known
        if page.until is None
        or page.page.id in soon
        or (page.until <= last and not _read_in_quarter(page, today))
    ]
    return sorted(due, key=lambda page: (page.until or date.min, page.page.title))


def ending(
    pages: Iterable[PageStanding], today: date, days: WorkingCalendar
) -> Sequence[PageStanding]:
    """Returns the pages checked in this quarter whose check ends in it, within ten jours ouvrés.

    Or has ended already. The reminders about the whole quarter leave them out: each has its own.
    """
    _, last = quarter(today)
    return [
        page
        for page in pages
        if page.until is not None
        and page.until <= last
        and _read_in_quarter(page, today)
        and _within(page.until, today, days)
    ]


def _read_in_quarter(page: PageStanding, today: date) -> bool:
    return page.checked is not None and page.checked >= quarter(today)[0]


def _within(until: date, today: date, days: WorkingCalendar) -> bool:
    try:
        return days.add(until, -WITHIN) <= today
    except BeyondCalendar:
        return until <= today


def quarter(day: date) -> tuple[date, date]:
    """Returns the first and last day of the quarter in which a local day lies."""
    first = date(day.year, day.month - (day.month - 1) % QUARTER, 1)
    return first, date.fromordinal(after(first, QUARTER).toordinal() - 1)


def last_day(day: date, days: WorkingCalendar) -> date:
    """Returns the day by which a quarter's website pages are checked: its last jour ouvré.

    Raises BeyondCalendar.
    """
    _, last = quarter(day)
    return last if days.is_worked(last) else days.add(last, -1)


def reached_rung(day: date, days: WorkingCalendar) -> str | None:
    """Returns the reminder step that the quarterly page checks have reached on a local day.

    `None` before the first; lower steps are not made up for.

    `begun` from the quarter's first jour ouvré, `-10` and `+0` by its last. Raises BeyondCalendar.
    """
    first, due = quarter(day)[0], last_day(day, days)
    rungs = (("begun", days.first_worked_not_before(first)), ("-10", days.add(due, -10)))
    fallen = [name for name, on in (*rungs, ("+0", due)) if on <= day]
    return fallen[-1] if fallen else None


def change_reached(change: PageChange, today: date, days: WorkingCalendar) -> str:
    """Returns the reminder step that a website change has reached on a local day.

    `begun` from the request on, `-3` from three jours ouvrés before its due day, `+1` from the jour
    ouvré after it. Raises BeyondCalendar.
    """
    if days.add(change.due, 1) <= today:
        return "+1"
    return "-3" if days.add(change.due, -3) <= today else "begun"


def may_settle(change: PageChange) -> None:
    """Raises Refused for naming a website change's page, or calling it made, twice."""
    if change.done is not None:
        raise Refused("This change is made.", "change-done", number=change.number)
