"""The users' committee, folded from its facts; and what may be decided about it. Pure.

Members, meetings and remarks have numbers of their own. A remark belongs to its meeting, or, when
it came by mail between two, to the next one that is called.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from services.desk.domain.writings import name_goes_on
from shared.errors import Refused
from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.committee import (
    AgendaPoint,
    AgendaSet,
    AnswerGiven,
    College,
    CommitteeFact,
    MeetingCalled,
    MeetingHeld,
    MemberAppointed,
    MemberEnded,
    MinutesApproved,
    MinutesPublished,
    RemarkFollowed,
    RemarkKind,
    RemarkNoted,
    RemarkWithdrawn,
)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of the users' committee or a quality group; names are stored by digest."""

    subject: SubjectId
    number: int
    college: College
    name: Digest
    since: datetime
    last: date | None = None
    """Last local day of the mandate; `None`: it stands."""

    def erased_on(self) -> date | None:
        """Returns the local day from which the member's name is erased; `None`: not yet known."""
        return None if self.last is None else name_goes_on(self.last)


@dataclass(frozen=True, slots=True)
class Remark:
    """A committee member's remark, with its answer and what it led to."""

    subject: SubjectId
    number: int
    member: int
    kind: RemarkKind
    meeting: int | None
    """`None`: it came between meetings, and none was called since."""
    point: AgendaPoint | None
    item_id: ItemId | None
    said: Digest
    at: datetime
    between: bool
    """It came by mail or form."""
    answer: Digest | None = None
    measure: int | None = None
    no_measure: Digest | None = None
    """The reason for no measure."""

    @property
    def answered(self) -> bool:
        """Whether a committee member's remark was answered, or as praise asks for no answer."""
        return self.answer is not None or self.kind is RemarkKind.SATISFACTION

    @property
    def followed(self) -> bool:
        """Whether the remark led to a measure or a reason for none, or calls for neither."""
        settled = self.measure is not None or self.no_measure is not None
        return settled or self.kind is RemarkKind.SATISFACTION


@dataclass(frozen=True, slots=True)
class Meeting:
    """A meeting of the users' committee or a quality group."""

    subject: SubjectId
    number: int
    at: datetime
    place: Digest
    called_at: datetime
    """When it was called, or given another day or place, for the last time."""
    calls: int = 1
    """How often."""
    points: Sequence[AgendaPoint] = tuple(AgendaPoint)
    present: Sequence[int] = ()
    excused: Sequence[int] = ()
    held: bool = False
    cancelled: bool = False
    """Whether it was called and does not take place."""
    approved: Digest | None = None
    published: bool = False


@dataclass(frozen=True, slots=True)
class Committee:
    """The users' committee (or a quality group) as its facts make it."""

    members: Mapping[int, Member] = field(default_factory=dict)
    meetings: Mapping[int, Meeting] = field(default_factory=dict)
    remarks: Mapping[int, Remark] = field(default_factory=dict)
    """Without those that were withdrawn."""
    noted: int = 0
    """The last number that a remark was given."""
    facts: Sequence[CommitteeFact] = field(default=(), compare=False, repr=False)

    @property
    def sitting(self) -> Sequence[Member]:
        """The committee members whose mandate lasts."""
        return [member for member in self.members.values() if member.last is None]

    @property
    def next(self) -> Meeting | None:
        """The called meeting of the committee that was neither held nor cancelled, or `None`."""
        coming = [met for met in self.meetings.values() if not (met.held or met.cancelled)]
        return coming[-1] if coming else None

    def as_of(self, moment: datetime) -> "Committee":
        """Returns the committee as it was at a moment."""
        return fold(fact for fact in self.facts if fact.happened_at <= moment)

    def of_meeting(self, number: int) -> Sequence[Remark]:
        """Returns a meeting's remarks: earlier ones first, then those made in it, in order."""
        found = [remark for remark in self.remarks.values() if remark.meeting == number]
        return sorted(found, key=lambda remark: (not remark.between, remark.number))


def fold(facts: Iterable[CommitteeFact]) -> Committee:
    """Returns the committee (members, meetings, remarks) from its facts."""
    kept = list(facts)
    members = dict[int, Member]()
    meetings = dict[int, Meeting]()
    remarks = dict[int, Remark]()
    at = dict[SubjectId, int]()
    noted = 0
    for fact in kept:
        number = at.get(fact.subject_id, 0)
        match fact:
            case MemberAppointed():
                at[fact.subject_id] = fact.number
                members[fact.number] = Member(
                    fact.subject_id, fact.number, fact.college, fact.sha256, fact.happened_at
                )
            case MemberEnded() if number in members:
                last = None if fact.withdrawn else fact.last
                members[number] = replace(members[number], last=last)
            case MeetingCalled():
                at[fact.subject_id] = fact.number
                meetings[fact.number] = _called(meetings.get(fact.number), fact)
                # What waited comes to the meeting, and waits again if it is cancelled.
                held_by, to = (fact.number, None) if fact.cancelled else (None, fact.number)
                remarks = {
                    key: replace(remark, meeting=to) if remark.meeting == held_by else remark
                    for key, remark in remarks.items()
                }
            case RemarkNoted():
                at[fact.subject_id] = noted = fact.number
                remarks[fact.number] = _noted(fact, meetings)
            case RemarkWithdrawn():
                remarks.pop(number, None)
            case AnswerGiven() | RemarkFollowed() if number in remarks:
                remarks[number] = _of_remark(remarks[number], fact)
            case AgendaSet() | MeetingHeld() | MinutesApproved() | MinutesPublished() if (
                number in meetings
            ):
                meetings[number] = _of_meeting(meetings[number], fact)
            case _:  # what it is about can't be read
                pass
    return Committee(members, meetings, remarks, noted, kept)


def _called(before: Meeting | None, fact: MeetingCalled) -> Meeting:
    if before is None:
        return Meeting(fact.subject_id, fact.number, fact.at, fact.sha256, fact.happened_at)
    return replace(
        before,
        at=fact.at,
        place=fact.sha256,
        called_at=fact.happened_at,
        calls=before.calls + 1,
        cancelled=fact.cancelled,
    )


def _noted(fact: RemarkNoted, meetings: Mapping[int, Meeting]) -> Remark:
    coming = [met.number for met in meetings.values() if not (met.held or met.cancelled)]
    between = fact.meeting is None
    return Remark(
        fact.subject_id,
        fact.number,
        fact.member,
        fact.kind,
        (coming[-1] if coming else None) if between else fact.meeting,
        fact.point,
        fact.item_id,
        fact.sha256,
        fact.happened_at,
        between,
    )


def _of_remark(remark: Remark, fact: AnswerGiven | RemarkFollowed) -> Remark:
    if isinstance(fact, AnswerGiven):
        return replace(remark, answer=fact.sha256)
    return replace(remark, measure=fact.measure, no_measure=fact.sha256)


def _of_meeting(
    meeting: Meeting, fact: AgendaSet | MeetingHeld | MinutesApproved | MinutesPublished
) -> Meeting:
    match fact:
        case AgendaSet():
            return replace(meeting, points=fact.points)
        case MeetingHeld():
            return replace(meeting, held=True, present=fact.present, excused=fact.excused)
        case MinutesApproved():
            return replace(meeting, approved=fact.sha256, published=False)
        case MinutesPublished():
            return replace(meeting, published=True)


def may_note(meeting: Meeting) -> None:
    """Raises Refused for a remark in a meeting whose minutes are approved."""
    if meeting.approved is not None:
        raise Refused("The minutes of this meeting are approved.", "minutes-approved")


def may_approve(meeting: Meeting, remarks: Sequence[Remark]) -> None:
    """Raises Refused for minutes of a meeting not held, or with a remark left unanswered."""
    if not meeting.held:
        raise Refused("This meeting was not held yet.", "meeting-not-held")
    if waiting := [remark.number for remark in remarks if not remark.answered]:
        raise Refused(
            "Every observation and question has its answer in the minutes.",
            "remarks-unanswered",
            numbers=", ".join(map(str, waiting)),
        )
