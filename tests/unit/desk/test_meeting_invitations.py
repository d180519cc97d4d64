"""Who is told of a meeting of the users' committee, by which way, and who was."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid5

import pytest

from services.desk.pages.quality.committee_invitations import SEVERAL, STATES
from services.desk.quality.committee_invitation_service import trim_contact
from services.desk.quality.domain.committee import Committee, fold
from services.desk.quality.domain.committee_invitations import (
    InvitationPlan,
    MeetingInvitation,
    invitations,
    plan,
    to_invite,
)
from services.desk.quality.store.member_contacts import MemberContact
from shared.errors import Refused
from shared.facts.envelope import Digest, EventId
from shared.facts.quality.base import QualityFact, SubjectId
from shared.facts.quality.committee import (
    College,
    CommitteeFact,
    InvitationsPosted,
    MeetingCalled,
    MemberAppointed,
    MemberEnded,
    MembersInvited,
)
from shared.facts.vocabulary import Way

NAMES = UUID("11111111-1111-5111-8111-111111111111")
START = datetime(2026, 7, 1, 8, 0, tzinfo=UTC)
AT = datetime(2026, 9, 10, 12, 30, tzinfo=UTC)
WORDS = Digest("ab" * 32)
MEETING = SubjectId(uuid5(NAMES, "meeting"))


def member(number: int) -> SubjectId:
    return SubjectId(uuid5(NAMES, f"member {number}"))


class Told:
    """The facts of a committee, in their order."""

    def __init__(self) -> None:
        self.facts = list[CommitteeFact]()

    def say(self, kind: type[QualityFact], subject: SubjectId, **said: object) -> None:
        seq = len(self.facts) + 1
        moment = START + timedelta(hours=seq)
        fact = kind.model_validate(
            {
                "event_id": EventId(uuid5(NAMES, f"fact {seq}")), "happened_at": moment,
                "recorded_at": moment, "by": "person:q.officer", "subject_id": subject,
                "seq": seq, **said,
            }
        )  # fmt: skip
        self.facts.append(fact)  # type: ignore[arg-type]  # each kind used here is the committee's

    def appoint(self, *numbers: int) -> None:
        for n in numbers:
            self.say(MemberAppointed, member(n), number=n, college=College.USERS, sha256=WORDS)

    @property
    def committee(self) -> Committee:
        return fold(self.facts)

    def wanted(self, failed: Sequence[int] = ()) -> list[int]:
        found = self.committee
        known = invitations(self.facts, MEETING)
        return [member_.number for member_ in to_invite(found, found.meetings[1], known, failed)]


@pytest.fixture
def told() -> Told:
    """Three members and a meeting, called once."""
    told = Told()
    for number in (1, 2, 3):
        told.say(
            MemberAppointed, member(number), number=number, college=College.USERS, sha256=WORDS
        )
    told.say(MeetingCalled, MEETING, number=1, at=AT, sha256=WORDS)
    return told


def test_mail_comes_before_a_letter_and_who_has_neither_is_named() -> None:
    told = Told()
    for number in (1, 2, 3):
        told.say(
            MemberAppointed, member(number), number=number, college=College.USERS, sha256=WORDS
        )
    members = list(told.committee.members.values())
    assert plan(members, [member(1)], [member(1), member(2)]) == InvitationPlan([1], [2], [3])


def test_each_member_in_office_is_told_once(told: Told) -> None:
    assert told.wanted() == [1, 2, 3]
    told.say(
        MembersInvited, MEETING, number=1, sequence=0, electronic=(1,), paper=(2,), unreached=(3,)
    )
    assert told.wanted() == [3]  # once an address is known
    assert invitations(told.facts, MEETING)[3] == MeetingInvitation(3, 0, cancelled=False, way=None)


def test_who_came_or_whose_mail_came_back_is_told_later(told: Told) -> None:
    told.say(MembersInvited, MEETING, number=1, sequence=0, electronic=(1, 2, 3))
    told.appoint(4)
    assert told.wanted() == [4]
    assert told.wanted(failed=[2]) == [2, 4]


def test_whose_mandate_ended_is_told_nothing(told: Told) -> None:
    told.say(MemberEnded, member(2), last=date(2026, 7, 2))
    assert told.wanted() == [1, 3]


def test_a_new_day_is_told_to_all_and_the_end_to_who_had_heard(told: Told) -> None:
    told.say(
        MembersInvited, MEETING, number=1, sequence=0, electronic=(1,), paper=(2,), unreached=(3,)
    )
    told.say(MeetingCalled, MEETING, number=1, at=AT + timedelta(days=1), sha256=WORDS)
    assert told.wanted() == [1, 2, 3]
    told.say(MembersInvited, MEETING, number=1, sequence=1, electronic=(1, 3), paper=(2,))
    heard = invitations(told.facts, MEETING)
    assert {n: last.again for n, last in heard.items()} == {1: True, 2: True, 3: False}
    assert told.wanted() == []
    told.say(MeetingCalled, MEETING, number=1, at=AT, sha256=WORDS, cancelled=True)
    assert told.wanted() == [1, 2, 3]


def test_a_letter_is_posted_once_and_an_older_one_counts_no_more(told: Told) -> None:
    told.say(MembersInvited, MEETING, number=1, sequence=0, paper=(1, 2))
    told.say(InvitationsPosted, MEETING, number=1, sequence=0, members=(1,))
    assert {n: last.posted for n, last in invitations(told.facts, MEETING).items()} == {
        1: True, 2: False,
    }  # fmt: skip
    told.say(MeetingCalled, MEETING, number=1, at=AT, sha256=WORDS, cancelled=True)
    told.say(MembersInvited, MEETING, number=1, sequence=1, cancelled=True, paper=(1, 2))
    told.say(InvitationsPosted, MEETING, number=1, sequence=0, members=(2,))
    assert not any(last.posted for last in invitations(told.facts, MEETING).values())


def test_another_meeting_is_another_list(told: Told) -> None:
    told.say(MembersInvited, SubjectId(NAMES), number=2, sequence=0, electronic=(1,))
    assert invitations(told.facts, MEETING) == {}
    assert [last.way for last in invitations(told.facts, SubjectId(NAMES)).values()] == [Way.MAIL]


def test_an_address_is_one_and_has_five_lines() -> None:
    kept = trim_contact(
        MemberContact(" odette@exemple.fr ", " 3,  rue Haute \n\n36000 Châteauroux\n")
    )
    assert (kept.mail, kept.postal) == ("odette@exemple.fr", "3, rue Haute\n36000 Châteauroux")
    for mail in ("odette", "a@b.fr, c@d.fr", "Odette <o@exemple.fr>"):
        with pytest.raises(Refused) as refusal:
            trim_contact(MemberContact(mail))
        assert refusal.value.why == "member-mail-unusable"
    with pytest.raises(Refused) as refusal:
        trim_contact(MemberContact("", "\n".join("123456")))
    assert refusal.value.why == "member-postal-long"


def test_an_address_is_in_no_traceback() -> None:
    assert "odette" not in repr(MemberContact("odette@exemple.fr"))


def test_each_state_is_said_of_one_member_and_of_several() -> None:
    assert STATES.keys() == SEVERAL.keys()
    assert [SEVERAL[state] for state in ("sent", "to_post")] == [
        "courriels partis",
        "lettres à poster",
    ]
