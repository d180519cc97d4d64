"""Which promise applies (rule 20): the line of commitments.yaml that names most fields.

`site apply` refuses two that are as specific for the same case. What is not promised is not timed:
no line, no clock.
"""

from datetime import date, timedelta
from typing import assert_never

from services.sla.domain.rules import ClockRules
from shared.facts.envelope import ServiceId
from shared.facts.items.base import Classification
from shared.facts.vocabulary import Channel, ClockName
from shared.site.tables.commitments import Commitment, Unit


def promised(
    clock: ClockName,
    channel: Channel,
    classification: Classification,
    service: ServiceId,
    rules: ClockRules,
) -> Commitment | None:
    """Returns the commitment that applies to a clock of an item; `None`: none applies."""
    now = rules.applied.site.category_now(classification.category)
    category = now.id if now else classification.category
    return max(
        (
            line
            for line in rules.commitments(clock)
            if (not line.channels or channel in line.channels)
            and (not line.natures or classification.nature in line.natures)
            and (not line.categories or category in line.categories)
            and (not line.services or service in line.services)
            and (not line.priorities or classification.priority in line.priorities)
        ),
        key=_how_specific,
        default=None,
    )


def _how_specific(line: Commitment) -> tuple[int, bool, bool, bool]:
    """How many fields it names; nature, category and service part a version older than rule 20."""
    return line.named, bool(line.natures), bool(line.categories), bool(line.services)


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
