"""What stands of the label: its facts, folded in the order of the chain. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Final

from services.desk.quality.domain.label_calendar import DueStep, Occurrence
from shared.facts.envelope import BlobKey, Digest
from shared.facts.quality.base import SubjectId
from shared.facts.quality.label import (
    EngagementScoped,
    FindingAnswered,
    FindingGrade,
    FindingLifted,
    FindingStated,
    FrameworkRead,
    LabelDateMoved,
    LabelDateSet,
    LabelFact,
    NumbersConfirmed,
    ProofFiled,
    ProofHeld,
    QualityFactWithdrawn,
    ReminderFell,
    StepHeld,
    StepPlanned,
)

TO_LIFT: Final = frozenset({FindingGrade.MAJOR, FindingGrade.MINOR})
"""Findings that an auditor must lift: a point sensible is answered, and bars nothing."""


Statement = ProofFiled | StepHeld | FindingStated | FindingLifted | FrameworkRead
"""What somebody may take back: the label's date is corrected, a plan, an answer and what applies
are stated anew."""


@dataclass(frozen=True, slots=True)
class FiledProof:
    """A proof of an engagement of the label, as it was filed."""

    seq: int
    engagement: str
    kind: str
    code: str
    on: date
    valid_until: date | None
    holds: ProofHeld
    by: str
    text: tuple[SubjectId, Digest] | None = None
    """Subject and digest of what was remarked."""
    file: BlobKey | None = None
    draw: int | None = None
    """The `seq` of the draw that was read, where the proof is one."""
    erased: bool = False
    """Whether its document was erased: it shows nothing any more."""


@dataclass(frozen=True, slots=True)
class AuditFinding:
    """A finding of an audit of the label, with its answer and its lifting."""

    stated: FindingStated
    answered: FindingAnswered | None = None
    lifted: FindingLifted | None = None
    answerers: frozenset[str] = frozenset()
    """Who answered it, in any of its answers."""

    @property
    def number(self) -> int:
        """The number of the finding among all findings of the site."""
        return self.stated.number

    @property
    def engagement(self) -> str:
        """The engagement of the label that the finding is about."""
        return self.stated.engagement

    @property
    def must_be_lifted(self) -> bool:
        """Whether the finding is a non-conformité, which an auditor must lift."""
        return self.stated.grade in TO_LIFT

    @property
    def bars(self) -> bool:
        """Whether the finding is a non-conformité that nobody has lifted, which bars the label."""
        return self.must_be_lifted and self.lifted is None


@dataclass(frozen=True, slots=True)
class LabelFacts:
    """The quality label as its facts leave it: proofs, findings, calendar, framework readings."""

    label: date | None = None
    """Its date; `None`: nobody has stated it."""
    stated_at: datetime | None = None
    """When its date was stated or corrected for the last time, or a step held or that taken back:
    since then its reminders are owed."""
    moves: Sequence[LabelDateMoved] = ()
    reads: Mapping[tuple[str, Digest], FrameworkRead] = field(default_factory=dict)
    """By framework and digest of the row: the last reading of it."""
    proofs: Sequence[FiledProof] = ()
    scopes: Mapping[str, EngagementScoped] = field(default_factory=dict)
    """By engagement: the last word on whether it applies."""
    planned: Mapping[Occurrence, date] = field(default_factory=dict)
    """The days for which steps are planned."""
    plans: Mapping[Occurrence, int] = field(default_factory=dict)
    """How often a day was planned: a diary takes the last."""
    held: Mapping[Occurrence, date] = field(default_factory=dict)
    """The days on which steps took place."""
    findings: Mapping[int, AuditFinding] = field(default_factory=dict)
    last_finding: int = 0
    """The last number that was given: that of a finding which was taken back is given no more."""
    statements: Mapping[int, Statement] = field(default_factory=dict)
    """By `seq`, what stands and may be taken back."""
    reminded: frozenset[tuple[str, bool, date, int]] = frozenset()
    """Step, whether its documents, due date and rung of the reminders that fell, since the label's
    date moved or a step was held by mistake: notify ends all of them then, and what stands is told
    anew."""
    unreadable: int = 0
    """Facts of the label that could not be read, and are in none of the above."""

    def step_held(self, occurrence: Occurrence) -> int | None:
        """Returns the number (`seq`) of the fact that a step of the label was held, or `None`."""
        return next(
            (
                seq
                for seq, fact in self.statements.items()
                if isinstance(fact, StepHeld) and (fact.step, fact.occurrence) == occurrence
            ),
            None,
        )

    def is_settled(self, due: DueStep) -> bool:
        """Whether a date of the label needs nothing more: it was held.

        The documents for a step need nothing more either once the step itself was held.
        """
        return due.occurrence in self.held or (due.documents and due.of_step in self.held)

    def reads_of(self, framework: str) -> Mapping[Digest, FrameworkRead]:
        """Returns who read each row of a framework version (`id-version`), by the row's digest."""
        return {row: read for (name, row), read in self.reads.items() if name == framework}

    def applies(self, engagement: str) -> bool:
        """Whether an engagement applies here: it does unless somebody stated otherwise."""
        said = self.scopes.get(engagement)
        return said is None or said.applies


def fold(facts: Iterable[LabelFact]) -> LabelFacts:
    """Returns the quality label's state from its facts in the quality chain.

    Withdrawn facts are ignored.
    """
    told = list(facts)
    gone = {fact.mistake for fact in told if isinstance(fact, QualityFactWithdrawn)}
    standing = [fact for fact in told if fact.seq not in gone]
    found = LabelFacts(
        last_finding=max((f.number for f in told if isinstance(f, FindingStated)), default=0),
        statements={fact.seq: fact for fact in standing if isinstance(fact, Statement)},
    )
    for fact in standing:
        found = _with(found, fact)
    return found


def _with(found: LabelFacts, fact: LabelFact) -> LabelFacts:  # noqa: C901, PLR0911  (a table)
    match fact:
        case LabelDateSet():
            return replace(found, label=fact.label, stated_at=fact.happened_at)
        case LabelDateMoved():
            moves = (*found.moves, fact)
            return replace(_owed_anew(found, fact), label=fact.label, moves=moves)
        case FrameworkRead():
            return replace(found, reads={**found.reads, (fact.framework, fact.row): fact})
        case ProofFiled():
            return replace(found, proofs=(*found.proofs, _proof(fact)))
        case EngagementScoped():
            return replace(found, scopes={**found.scopes, fact.engagement: fact})
        case StepPlanned():
            key = (fact.step, fact.occurrence)
            plans = {**found.plans, key: found.plans.get(key, 0) + 1}
            return replace(found, planned={**found.planned, key: fact.on}, plans=plans)
        case StepHeld():
            # The next date of a step that is counted from the last time lies elsewhere since.
            held = {**found.held, (fact.step, fact.occurrence): fact.on}
            return replace(found, held=held, stated_at=fact.happened_at)
        case FindingStated() | FindingAnswered() | FindingLifted():
            return replace(found, findings=_findings(found.findings, fact))
        case QualityFactWithdrawn():
            return _owed_anew(found, fact) if fact.kind == StepHeld.__name__ else found
        case ReminderFell():
            told = (fact.what, fact.documents, fact.due, fact.days)
            return replace(found, reminded=found.reminded | {told})
        case NumbersConfirmed():
            return found  # of the site's rules, in which its numbers stand


def _owed_anew(found: LabelFacts, fact: LabelDateMoved | QualityFactWithdrawn) -> LabelFacts:
    return replace(found, reminded=frozenset(), stated_at=fact.happened_at)


def _proof(fact: ProofFiled) -> FiledProof:
    return FiledProof(
        seq=fact.seq,
        engagement=fact.engagement,
        kind=fact.kind,
        code=fact.code,
        on=fact.on,
        valid_until=fact.valid_until,
        holds=fact.holds,
        by=fact.by,
        text=None if fact.sha256 is None else (fact.subject_id, fact.sha256),
        file=fact.file,
        draw=fact.draw,
    )


def _findings(
    found: Mapping[int, AuditFinding], fact: FindingStated | FindingAnswered | FindingLifted
) -> Mapping[int, AuditFinding]:
    if isinstance(fact, FindingStated):
        return {**found, fact.number: AuditFinding(fact)}
    known = found.get(fact.number)
    if known is None:
        return found
    if isinstance(fact, FindingAnswered):
        answerers = known.answerers | {fact.by}
        return {**found, fact.number: replace(known, answered=fact, answerers=answerers)}
    return {**found, fact.number: replace(known, lifted=fact)}
