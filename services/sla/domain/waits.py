"""The time waiting for missing pieces, as intervals that never overlap (rule 13)."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from services.sla.domain.known import Known
from services.sla.domain.rules import Rules
from shared.facts.items.pieces import PiecesReceived, PiecesRequested
from shared.pieces import Pieces, Wait


def pieces(known: Known) -> Pieces:
    """The requests and receptions that stand."""
    return Pieces(known.every(PiecesRequested), known.every(PiecesReceived))


def waits(known: Known, rules: Rules) -> Sequence[Wait]:
    """All waits, united, in order."""
    key = ("waits", rules.version)
    return known.once(key, lambda: pieces(known).waits(rules.applied.site.zone))


def reception(request: PiecesRequested, known: Known) -> PiecesReceived | None:
    """The first pieces that arrived after this request."""
    return pieces(known).reception(request)


def waited(every: Sequence[Wait], after: date, until: date, rules: Rules) -> int:
    """Jours ouvrés spent waiting after a day and up to another."""
    return sum(one.worked_days(rules.calendar, after, until) for one in every)


def shifts(
    day: date, every: Sequence[Wait], rules: Rules, after: datetime | None = None
) -> Iterator[tuple[Wait, int]]:
    """Each wait begun before the morning of a rung's day, and its jours ouvrés, which move it.

    `after` a moment: only what is waited from then on.
    """
    for one in every:
        if rules.morning(day) > one.begun and (after is None or one.over > after):
            since = max(one.since, rules.day(after)) if after else one.since
            days = max(0, rules.calendar.between(since, one.until))
            day = rules.calendar.add(day, days)
            yield one, days


def moved(day: date, every: Sequence[Wait], rules: Rules, after: datetime | None = None) -> date:
    """The day of a rung once it was waited."""
    return rules.calendar.add(day, sum(days for _, days in shifts(day, every, rules, after)))
