"""Decisions by which members of the users' committee hear of a meeting, and where each is reached.

An invitation leaves by notify, or as a letter that a person posts. Whoever was invited hears of a
new day and of the end by the same act that states it (docs/decisions/0108).
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from services.desk.domain.writings import text_id
from services.desk.quality.committee_service import SHORT, CommitteeDesk
from services.desk.quality.domain import committee_invitations as rules
from services.desk.quality.domain.committee import Committee, Meeting
from services.desk.quality.domain.committee_invitations import InvitationPlan, MeetingInvitation
from services.desk.quality.store import committee as store
from services.desk.quality.store import member_contacts, texts
from services.desk.quality.store.member_contacts import MemberContact
from services.desk.store import committee_mails, quality
from services.desk.store.committee_mails import OrderedMeetingMail
from shared.content.addresses import UnusableAddress, one_address
from shared.errors import Refused
from shared.facts import ids
from shared.facts.quality.committee import College, InvitationsPosted, MembersInvited
from shared.facts.vocabulary import NoticeKind, Way
from shared.platform.database import Connection

LINES: Final = 5
"""Lines of a postal address below the name."""
FAILED: Final = frozenset({"failed", "bounced", "withdrawn"})


@dataclass(frozen=True, slots=True)
class MeetingView:
    """A meeting with the last invitation of each member, and who may be told of it now."""

    meeting: Meeting
    known: Mapping[int, MeetingInvitation]
    mails: Mapping[int, tuple[int, str, str | None]]
    """Of the last mail to each member: sequence, state, reason."""
    ready: InvitationPlan

    def state(self, member: int) -> str:
        """Returns what became of the last text about the meeting to a member, as a code.

        Such as `sent`, `to_post`, or `unreached` for a member without an address.
        """
        last = self.known[member]
        if last.way is Way.MAIL:
            return self.mails[member][1] if member in self.mails else "ordered"
        return "unreached" if last.way is None else "posted" if last.posted else "to_post"

    @property
    def counted(self) -> Sequence[tuple[str, int]]:
        """Counts the invited members by what became of the last text sent to them (a code each)."""
        return sorted(Counter(self.state(member) for member in self.known).items())


@dataclass(frozen=True, slots=True)
class InvitingDesk:
    """The service object by which one author reaches the members of the users' committee."""

    desk: CommitteeDesk

    async def appoint(
        self, name: str, organisation: str, college: College, contact: MemberContact
    ) -> int:
        """Appoints a member with the addresses given; returns the member's number.

        Raises Refused for an address or name that can't be used.
        """
        usable = trim_contact(contact)
        number = await self.desk.appoint(name, organisation, college)
        await self.reach(number, usable)
        return number

    async def reach(self, number: int, contact: MemberContact) -> None:
        """Stores where a member in office is reached; without any address, erases it.

        Raises Refused.
        """
        usable = trim_contact(contact)
        await quality.lock_chain(self._connection)
        member = (await store.committee(self._connection)).members.get(number)
        if member is None or member.last is not None:
            raise Refused(f"No mandate {number} stands.", "no-such-member", number=number)
        await member_contacts.keep(self._connection, member.subject, usable, self.desk.author.now)

    async def view(self, number: int) -> MeetingView:
        """Reads a meeting with its invitations. Raises Refused."""
        return await view(self._connection, await store.committee(self._connection), number)

    async def invite(self, number: int, seen: Collection[int]) -> InvitationPlan:
        """Informs members of a called meeting who were not informed of it as it stands.

        Returns them. `seen`: the members whom the page named. Raises Refused when they are others
        by now, when nobody can be told, or when the meeting does not lie ahead.
        """
        await quality.lock_chain(self._connection)
        found = await self.view(number)
        meeting, now = found.meeting, self.desk.author.now
        if meeting.held or meeting.cancelled or meeting.at <= now:
            raise Refused("A meeting lies ahead.", "meeting-past")
        if not (found.ready.mail or found.ready.paper):
            raise Refused("Nobody can be invited.", "nobody-to-invite")
        if sorted(seen) != found.ready.everyone:
            raise Refused("It is not what was read any more.", "invited-moved")
        await self._tell(found)
        return found.ready

    async def move(self, at: datetime, place: str, number: int) -> InvitationPlan:
        """Moves a meeting and informs whoever was invited; returns them. Raises Refused."""
        await self.desk.call(at, place, number)
        return await self._follow(number)

    async def cancel(self, number: int) -> InvitationPlan:
        """Cancels a meeting and informs whoever was invited; returns them. Raises Refused."""
        await self.desk.cancel(number)
        return await self._follow(number)

    async def record_posting(self, number: int) -> int:
        """Records that all printed letters about a meeting were posted; returns how many.

        Raises Refused.
        """
        await quality.lock_chain(self._connection)
        found = await self.view(number)
        waiting = dict[int, list[int]]()
        for last in found.known.values():
            if last.way is Way.PAPER and not last.posted:
                waiting.setdefault(last.sequence, []).append(last.member)
        if not waiting:
            raise Refused("No letter waits.", "no-letter-waits")
        for sequence, members in sorted(waiting.items()):
            await quality.state(
                self._connection,
                self.desk.author,
                found.meeting.subject,
                InvitationsPosted,
                number=number,
                sequence=sequence,
                members=tuple(sorted(members)),
            )
        return sum(map(len, waiting.values()))

    async def _follow(self, number: int) -> InvitationPlan:
        """Tells those who had been invited that the meeting has changed."""
        found = await self.view(number)
        heard = {member for member, last in found.known.items() if last.way is not None}
        plan = found.ready.among(heard)
        after = MeetingView(found.meeting, found.known, found.mails, plan)
        if plan.everyone:
            await self._tell(after)
        return plan

    async def _tell(self, found: MeetingView) -> None:
        meeting, plan, author = found.meeting, found.ready, self.desk.author
        fact = await quality.state(
            self._connection,
            author,
            meeting.subject,
            MembersInvited,
            number=meeting.number,
            sequence=meeting.calls - 1,
            cancelled=meeting.cancelled,
            electronic=tuple(plan.mail),
            paper=tuple(plan.paper),
            unreached=tuple(plan.unreached),
        )
        members = (await store.committee(self._connection)).members
        await committee_mails.order(
            self._connection,
            [
                OrderedMeetingMail(
                    ids.notice_id(
                        author.site,
                        str(fact.event_id),
                        NoticeKind.MEETING,
                        ids.meeting_recipient(number),
                    ),
                    meeting.subject,
                    members[number].subject,
                    number,
                    fact.sequence,
                    meeting.at,
                    text_id(meeting.subject, meeting.place),
                    tuple(point.value for point in meeting.points),
                    meeting.cancelled,
                    self._again(found, number),
                    meeting.called_at,
                    author.now,
                )
                for number in plan.mail
            ],
        )

    @staticmethod
    def _again(found: MeetingView, number: int) -> bool:
        last = found.known.get(number)
        return last is not None and last.heard_before(found.meeting.calls - 1)

    @property
    def _connection(self) -> Connection:
        return self.desk.connection


async def view(connection: Connection, committee: Committee, number: int) -> MeetingView:
    """Reads a meeting of the users' committee with its invitations. Raises Refused."""
    meeting = committee.meetings.get(number)
    if meeting is None:
        raise Refused(f"There is no meeting {number}.", "no-such-meeting", number=number)
    known = rules.invitations(committee.facts, meeting.subject)
    mails = await committee_mails.states(connection, meeting.subject)
    failed = [member for member, (_, state, _) in mails.items() if state in FAILED]
    members = rules.to_invite(committee, meeting, known, failed)
    contacts = await member_contacts.of_members(connection, [member.subject for member in members])
    refused = {
        member.subject
        for member in members
        if member.number in failed and known[member.number].way is Way.MAIL
    }
    postal = [subject for subject, contact in contacts.items() if contact.postal]
    mail = [
        subject
        for subject, contact in contacts.items()
        # A letter reaches whom a mail did not; without an address for one, the mail is tried anew.
        if contact.mail and not (subject in refused and contact.postal)
    ]
    return MeetingView(meeting, known, mails, rules.plan(members, mail, postal))


def trim_contact(contact: MemberContact) -> MemberContact:
    """Returns a member's addresses without needless blanks.

    Raises Refused for an invalid email address, or one that is too long.
    """
    mail = contact.mail.strip()
    if mail:
        try:
            mail = one_address(mail)
        except UnusableAddress:
            raise Refused("This is no email address.", "member-mail-unusable") from None
    lines = [" ".join(line.split()) for line in contact.postal.splitlines() if line.strip()]
    if len(lines) > LINES:
        raise Refused("An address has five lines.", "member-postal-long", most=LINES)
    return MemberContact(texts.short(mail, SHORT), texts.short("\n".join(lines), SHORT))
