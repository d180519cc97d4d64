"""Groups that meet beside the users' committee, and the facts of each. Pure.

A group has members and meetings as the committee has them (committee.py), folded from its own facts
alone; what it decides are measures that were born from its meetings.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from services.desk.quality.domain.measures import Measure
from shared.facts.envelope import Digest
from shared.facts.quality.base import SubjectId
from shared.facts.quality.committee import (
    CommitteeFact,
    GroupEnded,
    GroupFormed,
    GroupKind,
    MeetingCalled,
    MemberAppointed,
)
from shared.facts.quality.measures import SourceKind

USERS: Final = 0
"""The users' committee, which nobody forms."""


@dataclass(frozen=True, slots=True)
class QualityGroup:
    """A quality group (steering committee or working group); its name is stored by digest."""

    subject: SubjectId
    number: int
    kind: GroupKind
    name: Digest
    ended: bool = False


def groups(facts: Iterable[CommitteeFact]) -> Mapping[int, QualityGroup]:
    """Returns the quality groups by number, from their facts."""
    found = dict[SubjectId, QualityGroup]()
    for fact in facts:
        if isinstance(fact, GroupFormed):
            found[fact.subject_id] = QualityGroup(
                fact.subject_id, fact.number, fact.kind, fact.sha256
            )
        elif isinstance(fact, GroupEnded) and fact.subject_id in found:
            found[fact.subject_id] = replace(found[fact.subject_id], ended=True)
    return {group.number: group for group in found.values()}


def of_group(facts: Iterable[CommitteeFact], group: int) -> Sequence[CommitteeFact]:
    """Returns the facts of one quality group: its members, meetings and what was said there.

    Facts that name no group are those of the users' committee (`USERS`).
    """
    kept = list(facts)
    where = {
        fact.subject_id: fact.group
        for fact in kept
        if isinstance(fact, MemberAppointed | MeetingCalled)
    }
    return [fact for fact in kept if where.get(fact.subject_id, USERS) == group]


def decisions(measures: Iterable[Measure], meeting: SubjectId) -> Sequence[Measure]:
    """Returns the decisions of a group's meeting: the measures born from it, by number."""
    return [
        measure
        for measure in measures
        if measure.source.kind is SourceKind.DECISION and measure.source.about == meeting
    ]
