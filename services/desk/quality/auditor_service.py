"""An auditor's session on site: invited by one person, confirmed by another, ended by either."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from services.desk.accounts.store import auditors as door
from services.desk.accounts.store.auditors import Knock, TypedCodes
from services.desk.domain.decisions.second import signed_in
from services.desk.domain.stamp import REGISTER
from services.desk.quality.domain import auditor_sessions as rules
from services.desk.quality.domain.auditor_sessions import AuditorSession
from services.desk.quality.store import auditor_sessions, texts
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.authors import by_auditor, person_of
from shared.facts.origin import SESSION
from shared.facts.quality.auditors import (
    AuditorArrived,
    AuditorConfirmed,
    AuditorEnded,
    AuditorInvited,
)
from shared.facts.quality.base import SubjectId
from shared.platform.database import Connection
from shared.site.staff.deputies import Function, trusted_people
from shared.site.staff.directory import Directory
from shared.site.tables.bundle import AppliedSite
from shared.site.tables.identity import StandIn


@dataclass(frozen=True, slots=True)
class NewAuditor:
    """The data of an auditor to whom a temporary access is to be given."""

    name: str
    organisation: str
    step: str
    """The audit."""
    occurrence: int | None
    first: date
    last: date
    """Local days, both included."""


@dataclass(frozen=True, slots=True)
class AuditorService:
    """The service object by which one person acts on auditors' accesses; acts may raise Refused.

    One database transaction.
    """

    connection: Connection
    author: Author
    applied: AppliedSite
    directory: Directory

    async def invite(self, auditor: NewAuditor) -> tuple[int, str]:
        """Prepares an auditor's access; returns its number and the first code, shown once.

        The référent qualité invites, or in their absence whoever the site trusts with the evidence.
        Raises Refused.
        """
        signed_in(self.author.origin)
        if not self._is(Function.QUALITY_OFFICER, self.applied.site.identity.quality_officer):
            raise Refused("The quality officer invites.", "auditor-not-yours")
        rules.may_invite(auditor.first, auditor.last, self._today)
        await quality.lock_chain(self.connection)
        number = 1 + max(await self._sessions(), default=0)
        subject = self._subject(number)
        name = " ".join(auditor.name.split())
        who = f"{name}\n{' '.join(auditor.organisation.split())}"
        sha256 = await texts.keep(self.connection, subject, who, self.author.now)
        await quality.state(
            self.connection, self.author, subject, AuditorInvited,
            number=number, step=auditor.step, occurrence=auditor.occurrence, first=auditor.first,
            last=auditor.last, sha256=sha256,
        )  # fmt: skip
        code = rules.new_code()
        await door.prepare(self.connection, number, (auditor.first, auditor.last), code)
        return number, code

    async def confirm(self, number: int) -> str:
        """Agrees to an auditor's access that another person prepared; returns its second code.

        The code is shown once. Raises Refused.
        """
        signed_in(self.author.origin)
        found = await self._found(number)
        if found.confirmed is not None:
            raise Refused("It is confirmed already.", "auditor-confirmed")
        if found.invited.by == self.author.by:
            raise Refused("Two persons are needed: whoever asked can't confirm.", "two-persons")
        if not self._is(Function.GENERAL_SECRETARY, self.applied.site.identity.general_secretary):
            raise Refused("The general secretary confirms.", "auditor-not-yours")
        await self._state(AuditorConfirmed, number)
        code = rules.new_code()
        await door.confirm(self.connection, number, code)
        return code

    async def end(self, number: int) -> None:
        """Ends an auditor's access at once; the browser is signed out."""
        signed_in(self.author.origin)
        await self._found(number)
        await self._state(AuditorEnded, number)
        await door.close(self.connection, number, self.author.now)

    @property
    def _today(self) -> date:
        return self.author.now.astimezone(self.applied.site.zone).date()

    async def _found(self, number: int) -> AuditorSession:
        await quality.lock_chain(self.connection)
        found = (await self._sessions()).get(number)
        if found is None or found.is_over(self._today):
            raise Refused("No such session stands.", "no-such-auditor", number=number)
        return found

    async def _sessions(self) -> Mapping[int, AuditorSession]:
        return await auditor_sessions.sessions(self.connection, self.applied.site.zone)

    def _is(self, function: Function, holder: str) -> bool:
        site = self.applied.site
        may = trusted_people([(holder, function)], StandIn.PROOF, site, self.directory, self._today)
        return person_of(self.author.by) in may

    async def _state(self, kind: type[AuditorConfirmed] | type[AuditorEnded], number: int) -> None:
        subject = self._subject(number)
        await quality.state(self.connection, self.author, subject, kind, number=number)

    def _subject(self, number: int) -> SubjectId:
        return ids.quality_id(self.author.site, "auditor", str(number))


async def enter(
    connection: Connection, site: str, typed: TypedCodes, today: date, now: datetime
) -> tuple[Knock, int | None]:
    """Signs an auditor in by typed codes; returns the answer and the number of their access.

    The number is `None` if no access fits. Their first sign-in becomes a fact, with the auditor as
    author. So does the end of an access that a wrong code too many has closed, with the register as
    author.
    """
    await quality.lock_chain(connection)
    answer, number = await door.knock(connection, typed, today, now)
    if number is None:
        return answer, None
    subject = ids.quality_id(site, "auditor", str(number))
    if answer is Knock.OPENED:
        by = Author(site, by_auditor(number), now, SESSION)
        await quality.state(connection, by, subject, AuditorArrived, number=number)
    if answer is Knock.CLOSED:
        by = Author(site, REGISTER, now)
        await quality.state(connection, by, subject, AuditorEnded, number=number)
    return answer, number
