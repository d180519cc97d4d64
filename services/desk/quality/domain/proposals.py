"""What the register proposes to open a measure about: it counts, a person opens. Pure.

A proposal is a source; it is shown until a measure about it was opened.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Final

from services.desk.quality.domain.committee import Committee
from services.desk.quality.domain.figures import REPLY, FigureRow
from services.desk.quality.domain.label_facts import AuditFinding
from services.desk.quality.domain.measures import Measure, MeasureState, alike
from services.desk.quality.domain.survey import SurveyCampaign
from services.desk.quality.domain.survey_results import PointVerdict, SurveyResults
from services.desk.quality.domain.verdicts import TargetVerdict, against
from services.desk.quality.domain.website import PageStanding
from shared.facts.envelope import ItemId, ServiceId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.label import FindingGrade
from shared.facts.quality.measures import MeasureSource, SourceKind

CLOSED_MONTHS: Final = 3
"""Months in a row that are read together."""
COMPLAINTS: Final = 3
WITHIN: Final = 10
"""So many complaints of a theme within so many jours ouvrés are worth a measure."""


NO_SLOT: Final = "sans-creneau"
"""The code of an incident that is days without an appointment to take."""


@dataclass(frozen=True, slots=True)
class MeasureProposal:
    """A proposal to open a corrective measure: its source, with a figure if it has one."""

    source: MeasureSource
    figure: FigureRow | None = None
    target: float | None = None


def last_closed(closed: Iterable[date]) -> Sequence[date]:
    """Returns the last three closed months when none between them is open, else none."""
    found = sorted(closed)[-CLOSED_MONTHS:]
    follow = all(
        (later.year * 12 + later.month) - (earlier.year * 12 + earlier.month) == 1
        for earlier, later in pairwise(found)
    )
    return found if len(found) == CLOSED_MONTHS and follow else ()


def below_target(
    figures: Iterable[FigureRow], target: float, months: Sequence[date]
) -> Sequence[MeasureProposal]:
    """Proposes measures for replies whose whole confidence interval is below the target."""
    return [
        MeasureProposal(
            MeasureSource(
                kind=SourceKind.FIGURE,
                code=REPLY,
                first=months[0],
                last=months[-1],
                service=None if figure.key.service is None else ServiceId(figure.key.service),
            ),
            figure,
            target,
        )
        for figure in figures
        if against(figure, target) is TargetVerdict.MISSED
    ]


def from_complaints(themes: Mapping[str, Sequence[ItemId]]) -> Sequence[MeasureProposal]:
    """Proposes measures for themes with three or more of the given complaints (by theme)."""
    return [
        MeasureProposal(MeasureSource(kind=SourceKind.THEME, code=theme, items=tuple(items)))
        for theme, items in themes.items()
        if len(items) >= COMPLAINTS
    ]


def from_unchecked(pages: Iterable[PageStanding], today: date) -> Sequence[MeasureProposal]:
    """Proposes measures for website pages whose last check is over two quarters old."""
    return [
        MeasureProposal(MeasureSource(kind=SourceKind.PAGE, code=page.page.id))
        for page in pages
        if page.is_forgotten(today)
    ]


def from_survey(results: SurveyResults, campaign: SurveyCampaign) -> Sequence[MeasureProposal]:
    """Proposes measures for the points to watch of a survey's published results."""
    return [
        MeasureProposal(
            MeasureSource(
                kind=SourceKind.QUESTION,
                code=f"{campaign.form}.{question.question}",
                number=campaign.number,
            )
        )
        for question in results.questions
        if question.verdict is PointVerdict.WATCH
    ]


def found_again(findings: Iterable[AuditFinding]) -> Sequence[MeasureProposal]:
    """Proposes measures for findings about engagements in which an earlier audit found some."""
    earlier, found = dict[str, set[tuple[str, int | None]]](), list[MeasureProposal]()
    for finding in sorted(findings, key=lambda finding: finding.number):
        stated = finding.stated
        if stated.grade is FindingGrade.STRENGTH:
            continue
        audits = earlier.setdefault(finding.engagement, set())
        if audits - {(stated.step, stated.occurrence)} and finding.lifted is None:
            source = MeasureSource(kind=SourceKind.FINDING, number=finding.number)
            found.append(MeasureProposal(source))
        audits.add((stated.step, stated.occurrence))
    return found


def left_waiting(committee: Committee) -> Sequence[MeasureProposal]:
    """Proposes measures for remarks of past meetings that still lack an answer or a follow-up.

    None while no meeting is called: until then there is time.
    """
    if committee.next is None:
        return []
    held = {number for number, meeting in committee.meetings.items() if meeting.held}
    return [
        MeasureProposal(MeasureSource(kind=SourceKind.REMARK, number=remark.number))
        for remark in committee.remarks.values()
        if remark.meeting in held and not (remark.answered and remark.followed)
    ]


def without_slot(
    runs: Sequence[SubjectId], run: SubjectId, measures: Sequence[Measure]
) -> Sequence[MeasureProposal]:
    """Proposes a measure for days in a row without a free appointment, unless one is open.

    `run`: the id of the days in a row that last until now; `runs`: the ids that such a row would
    have from each tried day of the place on, by which an open measure about earlier days is found.
    """
    standing = any(
        measure.source.code == NO_SLOT
        and measure.source.about in set(runs)
        and measure.state is not MeasureState.CLOSED
        for measure in measures
    )
    source = MeasureSource(kind=SourceKind.INCIDENT, code=NO_SLOT, about=run)
    return [] if standing else [MeasureProposal(source)]


def unanswered_proposals(
    proposals: Iterable[MeasureProposal], measures: Sequence[Measure]
) -> Sequence[MeasureProposal]:
    """Returns the proposals about which nobody has opened a corrective measure.

    An open measure about the same figure or theme covers proposals of later months too; a closed
    one only the proposal from which it came.
    """
    return [
        proposal
        for proposal in proposals
        if not any(_answers(measure, proposal.source) for measure in measures)
    ]


def _answers(measure: Measure, source: MeasureSource) -> bool:
    if measure.source == source:
        return True
    return alike(measure.source, source) and measure.state is not MeasureState.CLOSED
