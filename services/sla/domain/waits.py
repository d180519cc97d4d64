"""The time waiting for missing pieces, as intervals that never overlap (rule 13)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from services.sla.domain.history import ItemHistory
from services.sla.domain.rules import ClockRules
from shared.calendar.pieces import Pieces, PiecesWait
from shared.facts.items.pieces import PiecesReceived, PiecesRequested


def pieces(known: ItemHistory) -> Pieces:
    """Returns an item's requests for missing pieces and their receptions, save withdrawn ones."""
    return Pieces(known.every(PiecesRequested), known.every(PiecesReceived))


def waits(known: ItemHistory, rules: ClockRules) -> Sequence[PiecesWait]:
    """Returns an item's waits for missing pieces, in order, merged so that none overlap."""
    key = ("waits", rules)
    if not known.every(PiecesRequested):
        return ()
    return known.once(key, lambda: pieces(known).waits(rules.applied.site.zone))


def reception(request: PiecesRequested, known: ItemHistory) -> PiecesReceived | None:
    """Returns the first reception of pieces after a request, or `None`."""
    return pieces(known).reception(request)


def days_waited(every: Sequence[PiecesWait], after: date, until: date, rules: ClockRules) -> int:
    """Counts the jours ouvrés spent waiting for pieces, after the day `after` and until `until`.

    The latter is included.
    """
    return sum(wait.worked_days(rules.calendar, after, until) for wait in every)


def shifts(
    day: date, every: Sequence[PiecesWait], rules: ClockRules, after: datetime | None = None
) -> Iterator[tuple[PiecesWait, int]]:
    """Yields the waits for pieces that move a reminder of this day, with their jours ouvrés.

    `after`: only waiting after this moment counts.
    """
    for wait in every:
        if rules.morning(day) > wait.begun and (after is None or wait.over > after):
            since = max(wait.since, rules.day(after)) if after else wait.since
            days = max(0, rules.calendar.between(since, wait.until))
            day = rules.calendar.add(day, days)
            yield wait, days


def moved_day(
    day: date, every: Sequence[PiecesWait], rules: ClockRules, after: datetime | None = None
) -> date:
    """Returns the day of a reminder (rung) after the waits for pieces have moved it."""
    return rules.calendar.add(day, sum(days for _, days in shifts(day, every, rules, after)))
