"""Weeks of figures: which one has ended, and what waits for a decision. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from services.desk.quality.domain.label_facts import AuditFinding
from services.desk.quality.domain.measures import Measure
from services.desk.quality.domain.proposals import MeasureProposal
from shared.facts.envelope import ServiceId
from shared.facts.quality.figures import DecisionKind, StatedDecision
from shared.facts.quality.label import FindingGrade
from shared.site.texts.week_words import urgent

WEEK: Final = timedelta(days=7)
FROM: Final = time(0, 5)
"""Local time of a Monday from which on the week before it is counted."""
SOON: Final = WEEK
"""A finding's action is told so long before its day."""
MOST: Final = 60
"""Decisions in one fact: a page shows three of its reader's."""


def last_ended(now: datetime, zone: ZoneInfo) -> date:
    """Returns the Monday of the last week that has ended and may be counted."""
    local = now.astimezone(zone)
    monday = local.date() - timedelta(days=local.weekday())
    early = local.date() == monday and local.time() < FROM
    return monday - (2 * WEEK if early else WEEK)


def last_day(week: date) -> date:
    """Returns the Sunday of a week that is named by its Monday."""
    return week + timedelta(days=6)


def decisions(
    measures: Iterable[Measure],
    services: Mapping[str, ServiceId | None],
    findings: Iterable[AuditFinding],
    proposed: Iterable[MeasureProposal],
    today: date,
) -> tuple[StatedDecision, ...]:
    """Returns the decisions that wait for a head: late measures, findings due, proposals.

    `services`: the service of each owner, by person. The oldest of each kind come first, then the
    rest by kind and age; at most `MOST`.
    """
    found = [
        *sorted(_late(measures, services, today), key=_by_day),
        *sorted(_due(findings, today), key=_by_day),
        *(
            StatedDecision(
                kind=DecisionKind.PROPOSED_MEASURE,
                service=proposal.source.service,
                source=proposal.source,
            )
            for proposal in proposed
        ),
    ]
    return tuple(urgent(found)[:MOST])


def _late(
    measures: Iterable[Measure], services: Mapping[str, ServiceId | None], today: date
) -> Iterator[StatedDecision]:
    for measure in measures:
        if measure.awaits_action and measure.due < today:
            yield StatedDecision(
                kind=DecisionKind.LATE_MEASURE,
                number=measure.number,
                due=measure.due,
                service=services.get(measure.owner),
            )


def _due(findings: Iterable[AuditFinding], today: date) -> Iterator[StatedDecision]:
    for finding in findings:
        if finding.stated.grade is FindingGrade.STRENGTH or finding.lifted is not None:
            continue
        due = None if finding.answered is None else finding.answered.due
        if due is None or due <= today + SOON:
            yield StatedDecision(kind=DecisionKind.FINDING_DUE, number=finding.number, due=due)


def _by_day(decision: StatedDecision) -> tuple[date, int]:
    return decision.due or date.min, decision.number or 0
