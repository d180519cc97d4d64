"""Which members of the users' committee were told of a meeting, by which way. Pure.

The last word counts: a meeting that was moved or cancelled was told anew, under a higher sequence.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from services.desk.quality.domain.committee import Committee, Meeting, Member
from shared.facts.quality.base import SubjectId
from shared.facts.quality.committee import CommitteeFact, InvitationsPosted, MembersInvited
from shared.facts.vocabulary import Way


@dataclass(frozen=True, slots=True)
class MeetingInvitation:
    """The last invitation of one committee member to a meeting."""

    member: int
    sequence: int
    cancelled: bool
    way: Way | None
    """`None`: no address was known."""
    posted: bool = False
    """Of a letter: whether it left."""
    again: bool = False
    """Whether the member had been told of another day or place."""

    def heard_before(self, sequence: int) -> bool:
        """Whether the text of this sequence number tells the member of a change of the meeting.

        It does if they were told of the meeting under a lower number, or of another change before.
        """
        return self.way is not None and (self.again or self.sequence < sequence)


@dataclass(frozen=True, slots=True)
class InvitationPlan:
    """The members whom an invitation would reach, by way: their numbers."""

    mail: Sequence[int]
    paper: Sequence[int]
    unreached: Sequence[int]

    def among(self, members: Collection[int]) -> "InvitationPlan":
        """Returns the part of the plan that is about these members."""
        mail, paper, unreached = (
            [member for member in way if member in members]
            for way in (self.mail, self.paper, self.unreached)
        )
        return InvitationPlan(mail, paper, unreached)

    @property
    def everyone(self) -> Sequence[int]:
        """Returns all members of the plan, by number."""
        return sorted({*self.mail, *self.paper, *self.unreached})


def invitations(
    facts: Iterable[CommitteeFact], meeting: SubjectId
) -> Mapping[int, MeetingInvitation]:
    """Returns each member's last call to a meeting, even one unreached or cancelled."""
    found = dict[int, MeetingInvitation]()
    for fact in facts:
        if fact.subject_id != meeting:
            continue
        if isinstance(fact, MembersInvited):
            by_way = ((Way.MAIL, fact.electronic), (Way.PAPER, fact.paper), (None, fact.unreached))
            for way, members in by_way:
                for member in members:
                    last = found.get(member)
                    again = last is not None and last.heard_before(fact.sequence)
                    found[member] = MeetingInvitation(
                        member, fact.sequence, fact.cancelled, way, again=again
                    )
        elif isinstance(fact, InvitationsPosted):
            found |= {
                member: replace(found[member], posted=True)
                for member in fact.members
                if member in found and found[member].sequence == fact.sequence
            }
    return found


def to_invite(
    committee: Committee,
    meeting: Meeting,
    known: Mapping[int, MeetingInvitation],
    failed: Collection[int],
) -> Sequence[Member]:
    """Returns the members to inform of a meeting as it now stands, who were not informed yet.

    Every member in office; if it was cancelled, only those who had been told of it. A member who
    could not be reached, or whose email did not arrive (`failed`), is told again.
    """
    told = {
        number
        for number, last in known.items()
        if last.sequence == meeting.calls - 1 and last.way is not None and number not in failed
    }
    heard = {number for number, last in known.items() if last.way is not None}
    return [
        member
        for member in committee.sitting
        if member.number not in told and (not meeting.cancelled or member.number in heard)
    ]


def plan(
    members: Iterable[Member], mail: Collection[SubjectId], postal: Collection[SubjectId]
) -> InvitationPlan:
    """Sorts members by the way that reaches each: email first, else a letter.

    `mail`, `postal`: the members whose email or postal address may be used.
    """
    ways = dict[Way | None, list[int]]({Way.MAIL: [], Way.PAPER: [], None: []})
    for member in members:
        by_mail, on_paper = member.subject in mail, member.subject in postal
        way = Way.MAIL if by_mail else Way.PAPER if on_paper else None
        ways[way].append(member.number)
    return InvitationPlan(ways[Way.MAIL], ways[Way.PAPER], ways[None])
