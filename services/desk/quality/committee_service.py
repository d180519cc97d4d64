"""Decisions about the users' committee: checked, stated as facts, texts kept beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from services.desk.quality.domain import agents, groups
from services.desk.quality.domain import committee as rules
from services.desk.quality.domain.committee import Committee, Meeting, Remark
from services.desk.quality.domain.groups import USERS
from services.desk.quality.label_proofs import LabelProofs
from services.desk.quality.store import committee as store
from services.desk.quality.store import member_contacts, texts
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.envelope import ItemId
from shared.facts.quality.base import QualityFact, SubjectId
from shared.facts.quality.committee import (
    AgendaPoint,
    AgendaSet,
    AnswerGiven,
    College,
    GroupEnded,
    GroupFormed,
    GroupKind,
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
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite

SHORT: Final = 200
"""Letters of a name, an organisation, a place."""


@dataclass(frozen=True, slots=True)
class CommitteeDesk:
    """The service object by which one author acts on the users' committee or a group."""

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory
    group: int = USERS
    """Which; the users' committee unless another is named."""

    async def form(self, kind: GroupKind, name: str) -> int:
        """Forms a quality group (a steering committee …); returns its number. Raises Refused."""
        await quality.lock_chain(self.connection)
        number = 1 + max(groups.groups(await store.facts(self.connection)), default=0)
        subject = self._subject("group", number)
        digest = await texts.keep(
            self.connection, subject, texts.short(name, SHORT), self.author.now
        )
        await self._state(subject, GroupFormed, number=number, kind=kind, sha256=digest)
        return number

    async def dissolve(self) -> None:
        """Dissolves a quality group: it meets no more, its decisions stay. Raises Refused.

        Its members' mandates end with it, so that their names are erased three years later.
        """
        await quality.lock_chain(self.connection)
        found = groups.groups(await store.facts(self.connection)).get(self.group)
        if found is None or found.ended:
            raise Refused(f"No group {self.group} stands.", "no-such-group", number=self.group)
        last = self.author.now.astimezone(self.applied.site.zone).date()
        for member in (await store.committee(self.connection, self.group)).sitting:
            await self._state(member.subject, MemberEnded, last=last)
        await self._state(found.subject, GroupEnded)

    async def appoint(self, name: str, organisation: str, college: College) -> int:
        """Appoints a member of the committee or group; returns their number. Raises Refused."""
        await self._locked()
        number = await self._next(MemberAppointed)
        subject = self._subject("member", number)
        digest = await store.keep_name(
            self.connection,
            subject,
            texts.short(name, SHORT),
            texts.short(organisation, SHORT),
            self.author.now,
        )
        await self._state(
            subject, MemberAppointed, number=number, college=college, sha256=digest,
            group=self.group,
        )  # fmt: skip
        return number

    async def end(self, number: int, last: date) -> None:
        """Ends a committee member's mandate; the addresses go with it. Raises Refused."""
        member = (await self._locked()).members.get(number)
        if member is None or member.last is not None:
            raise Refused(f"No mandate {number} stands.", "no-such-member", number=number)
        await self._state(member.subject, MemberEnded, last=last)
        await member_contacts.erase(self.connection, [member.subject])

    async def resume(self, number: int) -> None:
        """Undoes the end of a committee member's mandate stated by mistake. Raises Refused.

        Once the name is erased nobody knows any more whose mandate it was.
        """
        member = (await self._locked()).members.get(number)
        today = self.author.now.astimezone(self.applied.site.zone).date()
        gone = None if member is None else member.erased_on()
        if member is None or member.last is None or (gone is not None and gone <= today):
            raise Refused(f"No mandate {number} has ended.", "mandate-not-ended", number=number)
        await self._state(member.subject, MemberEnded, last=member.last, withdrawn=True)

    async def cancel(self, number: int) -> None:
        """Records that a called meeting of the committee does not take place. Raises Refused.

        Remarks that wait for an answer in it wait for the next meeting.
        """
        meeting = self._meeting(await self._locked(), number)
        if meeting.held:
            raise Refused("This meeting was held.", "meeting-held")
        said = {"number": number, "at": meeting.at, "sha256": meeting.place, "group": self.group}
        await self._state(meeting.subject, MeetingCalled, **said, cancelled=True)

    async def call(self, at: datetime, place: str, number: int | None = None) -> int:
        """Calls a committee meeting, or moves one to another day and place; returns its number.

        Raises Refused for a moment that has passed, a meeting that was held, or a second call
        while one is called already.
        """
        found = await self._locked()
        if at <= self.author.now:
            raise Refused("A meeting lies ahead.", "meeting-past")
        if number is None:
            if found.next is not None:
                raise Refused(
                    "A meeting is called already.", "meeting-called", number=found.next.number
                )
            number = await self._next(MeetingCalled)
        elif self._meeting(found, number).held:
            raise Refused("This meeting was held.", "meeting-held")
        subject = self._subject("meeting", number)
        said = texts.short(place, SHORT)
        digest = await texts.keep(self.connection, subject, said, self.author.now)
        await self._state(
            subject, MeetingCalled, number=number, at=at, sha256=digest, group=self.group
        )
        return number

    async def agenda(self, number: int, points: Sequence[AgendaPoint]) -> None:
        """Sets the agenda of a committee meeting. Raises Refused."""
        meeting = self._meeting(await self._locked(), number)
        rules.may_note(meeting)
        if not points:
            raise Refused("An agenda has a point.", "agenda-empty")
        await self._state(meeting.subject, AgendaSet, points=tuple(dict.fromkeys(points)))

    async def call_roll(self, number: int, present: Sequence[int], excused: Sequence[int]) -> None:
        """Records who was present at a committee meeting and who was excused. Raises Refused.

        The first time the users' committee's date is held in the label's calendar too.
        """
        found = await self._locked()
        meeting = self._meeting(found, number)
        rules.may_note(meeting)
        strangers = {*present, *excused} - found.members.keys()
        if strangers or not present:
            raise Refused("A meeting has members who are present.", "nobody-present")
        if meeting.at > self.author.now:
            raise Refused("This meeting lies ahead.", "meeting-ahead")
        there = tuple(dict.fromkeys(present))
        away = tuple(member for member in dict.fromkeys(excused) if member not in there)
        await self._state(meeting.subject, MeetingHeld, present=there, excused=away)
        if not meeting.held and self.group == USERS:
            proofs = LabelProofs(self.connection, self.author, self.applied.site, self.directory)
            await proofs.committee_met(meeting.at)

    async def note(
        self,
        member: int,
        kind: RemarkKind,
        text: str,
        *,
        meeting: int | None = None,
        point: AgendaPoint | None = None,
        item_id: ItemId | None = None,
    ) -> int:
        """Records a member's remark; returns the remark's number. Raises Refused."""
        found = await self._locked()
        if member not in found.members:
            raise Refused(f"There is no member {member}.", "no-such-member", number=member)
        if meeting is not None:
            rules.may_note(self._meeting(found, meeting))
        number = found.noted + 1
        subject = self._subject("remark", number)
        said = texts.short(text)
        digest = await texts.keep(self.connection, subject, said, self.author.now)
        await self._state(
            subject,
            RemarkNoted,
            number=number,
            member=member,
            kind=kind,
            meeting=meeting,
            point=point,
            item_id=item_id,
            sha256=digest,
        )
        return number

    async def withdraw(self, number: int, why: str) -> None:
        """Withdraws a member's remark that was recorded by mistake. Raises Refused."""
        await self._about(await self._open(number), RemarkWithdrawn, why)

    async def answer(self, number: int, function: str, text: str) -> None:
        """Answers a committee member's remark, naming no agent; the last stands. Raises Refused."""
        said = f"{' '.join(function.split())}\n{text}"
        await self._about(await self._open(number), AnswerGiven, said)

    async def follow(self, number: int, *, measure: int | None = None, why: str = "") -> None:
        """Records what a member's remark led to: a measure, or why none. Raises Refused."""
        remark = self._remark(await self._locked(), number)
        if measure is None:
            await self._about(remark, RemarkFollowed, why)
        else:
            await self._state(remark.subject, RemarkFollowed, measure=measure)

    async def approve(self, number: int, minutes: str) -> None:
        """Approves and stores minutes as they stand: a proof for the label. Raises Refused."""
        found = await self._locked()
        meeting = self._meeting(found, number)
        rules.may_note(meeting)
        rules.may_approve(meeting, found.of_meeting(number))
        digest = await texts.keep(self.connection, meeting.subject, minutes, self.author.now)
        await self._state(meeting.subject, MinutesApproved, sha256=digest)
        if self.group == USERS:
            proofs = LabelProofs(self.connection, self.author, self.applied.site, self.directory)
            await proofs.minutes_approved(number, meeting.at)

    async def publish(self, number: int) -> None:
        """Records that approved minutes of a meeting were published. Raises Refused."""
        meeting = self._meeting(await self._locked(), number)
        if meeting.approved is None:
            raise Refused("Minutes are approved before they are published.", "minutes-open")
        if meeting.published:
            raise Refused("These minutes are published.", "minutes-published")
        await self._state(meeting.subject, MinutesPublished, sha256=meeting.approved)

    async def _locked(self) -> Committee:
        await quality.lock_chain(self.connection)
        if self.group != USERS:
            found = groups.groups(await store.facts(self.connection)).get(self.group)
            if found is None or found.ended:
                raise Refused(f"No group {self.group} stands.", "no-such-group", number=self.group)
        return await store.committee(self.connection, self.group)

    async def _next(self, kind: type[MemberAppointed | MeetingCalled]) -> int:
        """The number of the next member or meeting, counted over all groups."""
        known = await store.facts(self.connection)
        return 1 + max((fact.number for fact in known if isinstance(fact, kind)), default=0)

    async def _open(self, number: int) -> Remark:
        """A remark whose meeting has no approved minutes. Raises Refused."""
        found = await self._locked()
        remark = self._remark(found, number)
        if remark.meeting is not None:
            rules.may_note(self._meeting(found, remark.meeting))
        return remark

    def _remark(self, found: Committee, number: int) -> Remark:
        if number not in found.remarks:
            raise Refused(f"There is no remark {number}.", "no-such-remark", number=number)
        return found.remarks[number]

    def _meeting(self, found: Committee, number: int) -> Meeting:
        if number not in found.meetings:
            raise Refused(f"There is no meeting {number}.", "no-such-meeting", number=number)
        if found.meetings[number].cancelled:
            raise Refused("This meeting does not take place.", "meeting-cancelled")
        return found.meetings[number]

    async def _about(self, remark: Remark, kind: type[QualityFact], text: str) -> None:
        said = texts.short(text)
        agents.name_nobody(self.directory.people.values(), said)
        digest = await texts.keep(self.connection, remark.subject, said, self.author.now)
        await self._state(remark.subject, kind, sha256=digest)

    def _subject(self, kind: str, number: int) -> SubjectId:
        return ids.quality_id(self.author.site, f"committee {kind}", str(number))

    async def _state(self, subject: SubjectId, kind: type[QualityFact], /, **said: Any) -> None:
        await quality.state(self.connection, self.author, subject, kind, **said)
