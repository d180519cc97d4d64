"""The pauses of a clock: while pieces are waited for, and the clock counts no day (rules 13, 19).

A reply waits for them, and a decision whose period they suspend; the other clocks run on. What a
pause does to the reminders is worked out in ladder.py, and what it takes off the delay of a stopped
clock in endings.py.
"""

from dataclasses import dataclass
from datetime import date, datetime

from services.sla.domain.history import ItemHistory
from services.sla.domain.promises import implied_period
from services.sla.domain.rules import ClockRules
from services.sla.domain.waits import waits
from shared.facts.vocabulary import ClockName


@dataclass(frozen=True, slots=True)
class Pause:
    """A pause of a clock, from local day `since` to `until`; over at the moment `over`."""

    begun: datetime
    over: datetime
    since: date
    until: date


def pauses(clock: ClockName, known: ItemHistory, rules: ClockRules) -> tuple[Pause, ...]:
    """Lists the pauses of a clock, in order: an item's waits for pieces, where they count for it.

    Empty for a clock that no wait suspends. Raises BeyondCalendar.
    """
    if clock is ClockName.IMPLIED_DECISION:
        period = implied_period(known, rules)
        every = period.waits if period else ()
    elif clock is ClockName.REPLY:
        every = tuple(waits(known, rules))
    else:
        every = ()
    return tuple(Pause(wait.begun, wait.over, wait.since, wait.until) for wait in every)
