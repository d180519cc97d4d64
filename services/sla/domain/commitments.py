"""Which promise a clock counts by (rule 20), and the limit that it makes.

What is not promised is not timed: no line, no clock.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import assert_never

from services.sla.domain.rules import ClockRules
from shared.facts.envelope import ServiceId
from shared.facts.items.base import Classification
from shared.facts.vocabulary import Channel, ClockName
from shared.site.item_commitments import commitment_of
from shared.site.tables.commitments import Commitment, Unit


def commitment_for(
    clock: ClockName,
    channel: Channel,
    classification: Classification,
    service: ServiceId,
    rules: ClockRules,
) -> Commitment | None:
    """Returns the commitment that applies to a clock of an item; `None`: none applies."""
    lines = rules.commitments(clock)
    return commitment_of(lines, rules.applied.site, channel, classification, service)


def earliest(
    clock: ClockName,
    received: Sequence[tuple[date, Channel]],
    classification: Classification,
    service: ServiceId,
    rules: ClockRules,
) -> tuple[date, Commitment] | None:
    """Returns the earliest limit of an item's messages, and the commitment that sets it.

    `received`: the local day and channel of each. `None`: nothing is promised. Computed once for
    items of a kind received on the same days. Raises BeyondCalendar.
    """
    what = classification

    def work() -> tuple[date, Commitment] | None:
        lines = (
            (day, commitment_for(clock, channel, what, service, rules)) for day, channel in received
        )
        limits = [(limit_of(line, day, rules), line) for day, line in lines if line]
        return min(limits, key=lambda found: found[0], default=None)

    case = (clock, what.category, what.nature, what.priority, service, *received)
    return rules.once(case, work)


def limit_of(commitment: Commitment, day_zero: date, rules: ClockRules) -> date:
    """Computes the limit of a commitment: the local day at whose 24:00 the promise ends.

    0 jours ouvrés is the first jour ouvré not before day 0. Raises BeyondCalendar.
    """
    days = commitment.days or 0
    match commitment.unit:
        case Unit.JOURS_OUVRES if days == 0:
            return rules.calendar.first_worked_not_before(day_zero)
        case Unit.JOURS_OUVRES:
            return rules.calendar.add(day_zero, days)
        case Unit.JOURS:
            return day_zero + timedelta(days=days)
        case _:
            assert_never(commitment.unit)
