"""What a person does for the label: each act is checked, then one fact of the site's chain.

The chain is locked before anything is read, so that a number is given once and a finding is
lifted once.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, tzinfo
from uuid import UUID

from services.desk.quality.domain import agents
from services.desk.quality.domain.label_calendar import AUDITS, DueStep, label_calendar
from services.desk.quality.domain.label_facts import TO_LIFT, AuditFinding, LabelFacts, Statement
from services.desk.quality.domain.new_statements import NewFinding, NewProof, may_file
from services.desk.quality.store import label, texts
from services.desk.store import quality
from services.desk.store.quality import Author
from shared.errors import Refused
from shared.facts import ids
from shared.facts.authors import is_auditor, person_of
from shared.facts.envelope import BlobKey, Digest, PersonId
from shared.facts.quality.base import SubjectId
from shared.facts.quality.label import (
    EngagementScoped,
    FindingAnswered,
    FindingLifted,
    FindingStated,
    FrameworkRead,
    LabelDateMoved,
    LabelDateSet,
    ProofFiled,
    ProofHeld,
    QualityFactWithdrawn,
    StepHeld,
    StepPlanned,
)
from shared.platform.database import Connection
from shared.site.staff.directory import Directory
from shared.site.tables.quality import EngagementRow, EvidenceKind, Framework, StepKind


@dataclass(frozen=True, slots=True)
class LabelService:
    """The service object by which one person acts on the quality label.

    One transaction; each act may raise Refused, as it does for a text that names an agent.
    """

    connection: Connection
    author: Author
    framework: Framework
    directory: Directory
    today: date
    seconds: frozenset[PersonId] = frozenset()
    """Who may be the second of two persons (domain/second_persons.py)."""
    zone: tzinfo = UTC
    """Of the site, in which an answer has its day."""

    async def set_date(self, day: date, why: str) -> None:
        """Records or corrects the label's date; a correction needs a reason. Raises Refused."""
        known = await self._known()
        if day > self.today:
            raise Refused("A label is dated when it is given.", "label-day-to-come", day=day)
        subject = self._subject("label", "date")
        if known.label is None:
            await quality.state(self.connection, self.author, subject, LabelDateSet, label=day)
            return
        if day == known.label:
            raise Refused("That is its date already.", "label-date-same")
        if not why:
            raise Refused("Say why the date moves.", "label-needs-why")
        await quality.state(
            self.connection, self.author, subject, LabelDateMoved,
            before=known.label, label=day, why=await self._text(subject, why),
        )  # fmt: skip

    async def note_reading(
        self, row: EngagementRow, page: int, reader: PersonId, read_on: date
    ) -> None:
        """Records who read the framework's page on an engagement, and when."""
        await self._known()
        if read_on > self.today:
            raise Refused("Nobody has read it yet.", "label-day-to-come", day=read_on)
        if page < 1 or (self.framework.pages is not None and page > self.framework.pages):
            raise Refused("No such page.", "no-such-page", pages=self.framework.pages or 0)
        await quality.state(
            self.connection, self.author,
            self._subject("framework", f"{self.framework.name} {row.id}"), FrameworkRead,
            framework=self.framework.name, engagement=row.id, row=row.promise, page=page,
            reader=reader, read_on=read_on,
        )  # fmt: skip

    async def judge_proof(self, proof: NewProof, *, has_file: bool) -> None:
        """Raises Refused for a proof that may not be filed, before its document is stored."""
        await self._known()
        may_file(proof, self.today, has_file=has_file)
        agents.name_nobody(self.directory.people.values(), proof.remark)
        if proof.piece.kind is EvidenceKind.DRAW:
            drawn = {fact.seq for fact in await label.draws(self.connection)}
            if not drawn:
                raise Refused("Nothing was drawn.", "nothing-drawn")
            if proof.draw not in drawn:
                raise Refused("Say which draw was read.", "which-draw")
        elif proof.draw is not None:
            raise Refused("Only a draw that is read names one.", "which-draw")

    async def file_proof(self, row: EngagementRow, proof: NewProof) -> None:
        """Files a proof of an engagement of the label; a document with its end of validity."""
        await self._known()
        await self.judge_proof(proof, has_file=proof.file is not None)
        await self._file(row, proof)

    def _seconds(self, first: Collection[str]) -> bool:
        """Whether the author may be the second person, and is none of the first."""
        return self.author.by not in first and person_of(self.author.by) in self.seconds

    async def file_stated(self, kind: EvidenceKind, on: date, said: str, code: str = "") -> None:
        """Files what the register states as proof of each engagement that rests on it.

        `on`: the local day of what it shows, such as a meeting; `code`: the form of a survey.
        """
        await self._known()
        for row in self.framework.engagements:
            for piece in row.evidence:
                if piece.kind is kind and code in {"", piece.code}:
                    await self._file(row, NewProof(piece, on, ProofHeld.YES, remark=said))

    async def _file(self, row: EngagementRow, proof: NewProof) -> None:
        subject = self._subject("engagement", row.id)
        await quality.state(
            self.connection, self.author, subject, ProofFiled,
            engagement=row.id, kind=proof.piece.kind.value, code=proof.piece.code, on=proof.on,
            valid_until=proof.valid_until, holds=proof.holds, file=proof.file, draw=proof.draw,
            sha256=await self._text(subject, proof.remark) if proof.remark else None,
        )  # fmt: skip

    async def scope(self, row: EngagementRow, why: str, *, applies: bool) -> None:
        """Records that an engagement of the label does not apply here and why, or again does."""
        known = await self._known()
        if known.applies(row.id) is applies:
            raise Refused("That is so already.", "scope-same")
        for finding in known.findings.values():
            if finding.engagement == row.id and finding.bars and not applies:
                raise Refused("A finding stands.", "scope-finding", number=finding.number)
        if not why:
            raise Refused("Say why.", "label-needs-why")
        subject = self._subject("engagement", row.id)
        await quality.state(
            self.connection, self.author, subject, EngagementScoped,
            engagement=row.id, applies=applies, why=await self._text(subject, why),
        )  # fmt: skip

    async def plan(self, due: DueStep, on: date) -> None:
        """Plans a step of the label's calendar for a day."""
        known = await self._known()
        if due.occurrence in known.held:
            raise Refused("It took place.", "step-held")
        await self._step(StepPlanned, due, on)

    async def hold(self, due: DueStep, on: date) -> None:
        """Records that a step of the label's calendar took place on a day."""
        known = await self._known()
        if on > self.today:
            raise Refused("It has not happened yet.", "label-day-to-come", day=on)
        if due.occurrence in known.held:
            raise Refused("It took place.", "step-held")
        if due.step.kind in AUDITS and not due.documents:
            for finding in known.findings.values():
                if finding.must_be_lifted and not (finding.answered or finding.lifted):
                    raise Refused("Answer it first.", "audit-unanswered", number=finding.number)
        await self._step(StepHeld, due, on)

    async def committee_met(self, on: date) -> DueStep | None:
        """Records that the users' committee met, for the next such date of the label's calendar.

        Returns that date. `None`, and nothing is recorded, if no date waits, if the label has no
        date or a later one, or while a fact of the label can't be read.
        """
        await quality.lock_chain(self.connection)
        known = await label.label_facts(self.connection)
        if known.unreadable or known.label is None or on < known.label:
            return None
        for due in label_calendar(known.label, self.framework.calendar, known.held):
            committee = due.step.kind is StepKind.COMMITTEE and not due.documents
            if committee and due.occurrence not in known.held:
                await self._step(StepHeld, due, on)
                return due
        return None

    async def state_finding(self, row: EngagementRow, found: NewFinding) -> int:
        """Records a finding of an audit of the label; returns the finding's number."""
        known = await self._known()
        if found.on > self.today:
            raise Refused("It has not happened yet.", "label-day-to-come", day=found.on)
        if found.grade in TO_LIFT and not known.applies(row.id):
            raise Refused("It does not apply here.", "finding-without-object")
        number = known.last_finding + 1
        subject = self._subject("finding", str(number))
        await quality.state(
            self.connection, self.author, subject, FindingStated,
            number=number, engagement=row.id, grade=found.grade, step=found.step, on=found.on,
            sha256=await self._text(subject, found.text), occurrence=found.occurrence,
            item_id=found.item_id,
        )  # fmt: skip
        return number

    async def answer_finding(
        self, number: int, cause: str, correction: str, action: str, due: date
    ) -> None:
        """Answers an audit finding; the last answer counts. Raises Refused."""
        finding = await self._open_finding(number)
        subject = finding.stated.subject_id
        await quality.state(
            self.connection, self.author, subject, FindingAnswered,
            number=number, cause=await self._text(subject, cause),
            correction=await self._text(subject, correction),
            action=await self._text(subject, action), due=due,
        )  # fmt: skip

    async def judge_lifting(
        self, number: int, on: date, decision: str, *, has_paper: bool
    ) -> AuditFinding:
        """Returns the finding with this number; raises Refused if it may not be lifted.

        Asked before the auditor's paper is stored.
        """
        finding = await self._open_finding(number)
        if finding.answered is None:
            raise Refused("Nobody has answered it.", "finding-unanswered")
        if on > self.today:
            raise Refused("It has not happened yet.", "label-day-to-come", day=on)
        earliest = max(finding.stated.on, finding.answered.happened_at.astimezone(self.zone).date())
        if on < earliest:
            raise Refused("Lifted before it was answered.", "lifted-too-early", day=earliest)
        alone = {finding.stated.by, *finding.answerers}
        if not has_paper and not self._seconds(alone):
            raise Refused("Whoever answered lifts nothing alone.", "lifting-needs-paper")
        agents.name_nobody(self.directory.people.values(), decision)
        return finding

    async def lift_finding(
        self, number: int, on: date, decision: str, paper: BlobKey | None = None
    ) -> None:
        """Records that the auditor lifted an audit finding, which was answered. Raises Refused.

        `paper`: what the auditor wrote. Without it, only somebody may who neither stated nor
        answered the finding.
        """
        finding = await self.judge_lifting(number, on, decision, has_paper=paper is not None)
        subject = finding.stated.subject_id
        await quality.state(
            self.connection, self.author, subject, FindingLifted,
            number=number, on=on, decision=await self._text(subject, decision), file=paper,
        )  # fmt: skip

    async def withdraw(self, seq: int, why: str) -> Statement:
        """Withdraws a statement about the label that was made by mistake; returns it."""
        known = await self._known()
        fact = known.statements.get(seq)
        if fact is None:
            raise Refused("Nothing to take back.", "nothing-to-withdraw")
        if isinstance(fact, FindingStated) and is_auditor(fact.by):
            raise Refused("The auditor stated it: it is lifted.", "withdrawal-of-the-auditors")
        bars = isinstance(fact, FindingStated) and fact.grade in TO_LIFT
        if bars and not self._seconds({fact.by}):
            raise Refused("Two persons take a non-conformité back.", "withdrawal-by-another")
        await quality.state(
            self.connection, self.author, fact.subject_id, QualityFactWithdrawn,
            mistake=seq, kind=fact.type, why=await self._text(fact.subject_id, why),
        )  # fmt: skip
        return fact

    async def _known(self) -> LabelFacts:
        await quality.lock_chain(self.connection)
        found = await label.label_facts(self.connection)
        if found.unreadable:
            raise Refused("A fact of the label can't be read.", "label-unreadable")
        return found

    async def _open_finding(self, number: int) -> AuditFinding:
        known = await self._known()
        if number not in known.findings:
            raise Refused("No such finding.", "no-such-finding", number=number)
        if known.findings[number].lifted is not None:
            raise Refused("The auditor has lifted it.", "finding-lifted")
        return known.findings[number]

    async def _step(self, kind: type[StepPlanned] | type[StepHeld], due: DueStep, on: date) -> None:
        await quality.state(
            self.connection, self.author, self._subject("step", due.key), kind,
            step=due.fact_step, occurrence=due.number, due=due.due, on=on,
        )  # fmt: skip

    def _subject(self, kind: str, key: str) -> SubjectId:
        return ids.quality_id(self.author.site, kind, key)

    async def _text(self, subject: UUID, text: str) -> Digest:
        agents.name_nobody(self.directory.people.values(), text)
        return await texts.keep(self.connection, subject, text, self.author.now)
