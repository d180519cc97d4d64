"""Facts about committees: who sits on each, its meetings, what was said, what followed.

The users' committee is group 0; the steering committee and working groups are formed by a fact.

Names, places and all that was said are texts: facts have their digest, and the name of a member is
erased three years after the mandate.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from pydantic import AwareDatetime

from shared.facts.envelope import Digest, ItemId
from shared.facts.quality.base import QualityFact


class College(StrEnum):
    """The part of the public for whom a member of the users' committee speaks."""

    USERS = "users"
    ASSOCIATIONS = "associations"
    PROFESSIONALS = "professionals"
    ELECTED = "elected"
    ADMINISTRATION = "administration"


class AgendaPoint(StrEnum):
    """The eight points of the agenda of a users' committee's meeting."""

    ENGAGEMENTS = "engagements"
    RECEPTION = "reception"
    """The digital help desk (PAN) and the pre-reception."""
    LETTERS = "letters"
    """Standard letters, new or changed."""
    SURVEY = "survey"
    MEASURES = "measures"
    LABEL = "label"
    NEXT_MEETING = "next_meeting"
    QUESTIONS = "questions"


class RemarkKind(StrEnum):
    """The kind of remark that a member of the users' committee makes."""

    OBSERVATION = "observation"
    QUESTION = "question"
    SATISFACTION = "satisfaction"


class GroupKind(StrEnum):
    """The kind of a quality group that meets besides the users' committee."""

    STEERING = "steering"
    """The steering committee (COPIL)."""
    WORKING = "working"


class GroupFormed(QualityFact):
    """Fact: a quality group was formed: a steering committee or a working group."""

    type: Literal["GroupFormed"] = "GroupFormed"
    number: int
    """From 1, without a gap; 0 is the users' committee."""
    kind: GroupKind
    sha256: Digest
    """Of what it is called."""


class GroupEnded(QualityFact):
    """Fact: a quality group ended: it meets no more."""

    type: Literal["GroupEnded"] = "GroupEnded"


class MemberAppointed(QualityFact):
    """Fact: a person became a member of the users' committee or a quality group."""

    type: Literal["MemberAppointed"] = "MemberAppointed"
    number: int
    """From 1, without a gap."""
    college: College
    sha256: Digest
    """Of the name and organisation, under a word of chance: nobody finds a name by trying."""
    group: int = 0
    """Of which; 0: the users' committee."""


class MemberEnded(QualityFact):
    """Fact: the mandate of a committee member ended, or its end was taken back."""

    type: Literal["MemberEnded"] = "MemberEnded"
    last: date
    """Local day of the mandate."""
    withdrawn: bool = False
    """Whether this takes an end back that was stated by mistake: the mandate stands."""


class MeetingCalled(QualityFact):
    """Fact: a committee meeting was called, moved to another day or place, or cancelled."""

    type: Literal["MeetingCalled"] = "MeetingCalled"
    number: int
    at: AwareDatetime
    sha256: Digest
    """Of the place."""
    group: int = 0
    """Of which; 0: the users' committee."""
    cancelled: bool = False
    """Whether it does not take place."""


class MembersInvited(QualityFact):
    """Fact: members of the users' committee were told of a meeting, or of its new day or end.

    Who was told by which way is said by number: an address is in no fact.
    """

    type: Literal["MembersInvited"] = "MembersInvited"
    number: int
    """The meeting's."""
    sequence: int
    """How often the meeting was called before: a diary takes the highest."""
    cancelled: bool = False
    electronic: tuple[int, ...] = ()
    """Those who are told by mail."""
    paper: tuple[int, ...] = ()
    """Those for whom a letter is printed."""
    unreached: tuple[int, ...] = ()
    """Those of whom no address is known."""


class InvitationsPosted(QualityFact):
    """Fact: printed invitations to a meeting of the users' committee were posted."""

    type: Literal["InvitationsPosted"] = "InvitationsPosted"
    number: int
    """The meeting's."""
    sequence: int
    members: tuple[int, ...]


class AgendaSet(QualityFact):
    """Fact: the agenda of a committee meeting was set."""

    type: Literal["AgendaSet"] = "AgendaSet"
    points: tuple[AgendaPoint, ...]


class MeetingHeld(QualityFact):
    """Fact: a committee meeting was held, and who was there; stated again, it is corrected."""

    type: Literal["MeetingHeld"] = "MeetingHeld"
    present: tuple[int, ...]
    excused: tuple[int, ...]


class RemarkNoted(QualityFact):
    """Fact: a committee member made a remark, in a meeting or between two."""

    type: Literal["RemarkNoted"] = "RemarkNoted"
    number: int
    """From 1, without a gap, over all meetings."""
    member: int
    kind: RemarkKind
    meeting: int | None
    """The meeting's number; `None`: by mail or form, for the next meeting."""
    point: AgendaPoint | None = None
    item_id: ItemId | None = None
    """The item by which it came."""
    sha256: Digest


class RemarkWithdrawn(QualityFact):
    """Fact: a committee member's remark recorded by mistake was withdrawn from the minutes."""

    type: Literal["RemarkWithdrawn"] = "RemarkWithdrawn"
    sha256: Digest
    """Of the reason."""


class AnswerGiven(QualityFact):
    """Fact: a committee member's remark was answered; the last answer counts."""

    type: Literal["AnswerGiven"] = "AnswerGiven"
    sha256: Digest
    """Of the function of who answered and the answer, a line and the rest."""


class RemarkFollowed(QualityFact):
    """Fact: a committee member's remark led to a measure, or to none for a reason."""

    type: Literal["RemarkFollowed"] = "RemarkFollowed"
    measure: int | None = None
    sha256: Digest | None = None
    """Of the reason for none."""


class MinutesApproved(QualityFact):
    """Fact: the minutes of a committee meeting were approved as they stood."""

    type: Literal["MinutesApproved"] = "MinutesApproved"
    sha256: Digest
    """Of their text, a line each, in UTF-8."""


class MinutesPublished(QualityFact):
    """Fact: the approved minutes of a committee meeting were published."""

    type: Literal["MinutesPublished"] = "MinutesPublished"
    sha256: Digest


CommitteeFact = (
    GroupFormed
    | GroupEnded
    | MemberAppointed
    | MemberEnded
    | MeetingCalled
    | MembersInvited
    | InvitationsPosted
    | AgendaSet
    | MeetingHeld
    | RemarkNoted
    | RemarkWithdrawn
    | AnswerGiven
    | RemarkFollowed
    | MinutesApproved
    | MinutesPublished
)
