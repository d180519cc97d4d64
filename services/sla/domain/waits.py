"""The time waiting for missing pieces, as intervals that never overlap (rule 13).

A request waits from its local day until the pieces arrive or its date passes, whichever is first; a
reception ends every open request. Waits are united, so that two requests at once count once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from services.sla.domain.known import Known
from services.sla.domain.rules import Rules
from shared.facts.handled import PiecesReceived, PiecesRequested


@dataclass(frozen=True, slots=True)
class Wait:
    """From `begun` (local day `since`) to `over` (local day `until`); `over` may be ahead."""

    begun: datetime
    over: datetime
    since: date
    until: date


def waits(known: Known, rules: Rules) -> Sequence[Wait]:
    """All waits, united, in order."""
    return known.once(("waits", rules.version), lambda: _waits(known, rules))


def _waits(known: Known, rules: Rules) -> Sequence[Wait]:
    asked = sorted(known.every(PiecesRequested), key=lambda fact: fact.happened_at)
    united = list[Wait]()
    for one in (_wait(request, known, rules) for request in asked):
        if united and one.begun <= united[-1].over:
            before = united.pop()
            last = max(before, one, key=lambda wait: wait.over)
            united.append(Wait(before.begun, last.over, before.since, last.until))
        else:
            united.append(one)
    return united


def _wait(request: PiecesRequested, known: Known, rules: Rules) -> Wait:
    since = rules.day(request.happened_at)
    until = max(since, request.until)
    received = reception(request, known)
    if received and rules.day(received.happened_at) <= until:
        until = rules.day(received.happened_at)
        return Wait(request.happened_at, received.happened_at, since, until)
    return Wait(request.happened_at, rules.end(until), since, until)


def reception(request: PiecesRequested, known: Known) -> PiecesReceived | None:
    """The first pieces that arrived after this request."""
    after = [one for one in known.every(PiecesReceived) if one.happened_at >= request.happened_at]
    return min(after, key=lambda one: (one.happened_at, one.seq), default=None)


def waited(every: Sequence[Wait], after: date, until: date, rules: Rules) -> int:
    """Jours ouvrés spent waiting after a day and up to another."""
    spans = ((max(one.since, after), min(one.until, until)) for one in every)
    return sum(rules.calendar.between(since, to) for since, to in spans if since < to)


def moved(day: date, every: Sequence[Wait], rules: Rules, after: datetime | None = None) -> date:
    """The day of a rung that each wait begun before its morning moves by what was waited.

    `after` a moment: only what is waited from then on.
    """
    for one in every:
        if rules.morning(day) > one.begun and (after is None or one.over > after):
            since = max(one.since, rules.day(after)) if after else one.since
            day = rules.calendar.add(day, max(0, rules.calendar.between(since, one.until)))
    return day
