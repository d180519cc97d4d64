"""Facts of the label: its date, its calendar, proofs of engagements, findings of audits.

Each names an engagement, a step or a framework by its code in quality.yaml, never its text. What
somebody wrote is a row of desk.quality_texts, a file a blob; the fact has the SHA-256.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from shared.facts.envelope import BlobKey, Digest, ItemId, PersonId
from shared.facts.quality.base import QualityFact


class LabelDateSet(QualityFact):
    """Fact: the date of the quality label was stated, from which its calendar counts."""

    type: Literal["LabelDateSet"] = "LabelDateSet"
    label: date


class LabelDateMoved(QualityFact):
    """Fact: the date of the quality label was corrected, which moves its whole calendar."""

    type: Literal["LabelDateMoved"] = "LabelDateMoved"
    before: date
    label: date
    why: Digest
    """Of the text."""


class FrameworkRead(QualityFact):
    """Fact: a person read, in the framework's own text, the page about one engagement."""

    type: Literal["FrameworkRead"] = "FrameworkRead"
    framework: str
    """`id-version`, as quality.yaml names it."""
    engagement: str
    row: Digest
    """Of what the row promises, as services/desk/quality/domain/frameworks.py has it: a row that
    changes must be read again."""
    page: int
    reader: PersonId
    read_on: date


class ProofHeld(StrEnum):
    """Whether a proof (evidence) shows that an engagement is kept, or a gap."""

    YES = "yes"
    NO = "no"


class ProofFiled(QualityFact):
    """Fact: a proof of an engagement was filed: a check, a document, a draw, an observation."""

    type: Literal["ProofFiled"] = "ProofFiled"
    engagement: str
    kind: str
    """The kind of evidence, as quality.yaml has it: `check`, `document`, `draw`, …"""
    code: str
    on: date
    """The day of what it shows, not of its filing."""
    valid_until: date | None
    """Of a document; `None`: as long as the row says."""
    holds: ProofHeld
    sha256: Digest | None
    """Of what was remarked."""
    file: BlobKey | None
    draw: int | None = None
    """Of a draw that was read: the `seq` of its `DrawMade`."""


class EngagementScoped(QualityFact):
    """Fact: an engagement was said not to apply to the préfecture, and why, or to apply again."""

    type: Literal["EngagementScoped"] = "EngagementScoped"
    engagement: str
    applies: bool
    why: Digest
    """Of the text."""


class StepPlanned(QualityFact):
    """Fact: an audit, or another step of the label's calendar, was planned for a day."""

    type: Literal["StepPlanned"] = "StepPlanned"
    step: str
    occurrence: int
    """Which of the step's dates, from 1: the label's date may move, this does not."""
    due: date
    """As the calendar had it."""
    on: date


class StepHeld(QualityFact):
    """Fact: an audit, or another step of the label's calendar, took place."""

    type: Literal["StepHeld"] = "StepHeld"
    step: str
    occurrence: int
    """As in `StepPlanned`."""
    due: date
    on: date


class FindingGrade(StrEnum):
    """The grade of an audit's finding, the gravest first."""

    MAJOR = "major"
    """Non-conformité majeure."""
    MINOR = "minor"
    """Non-conformité mineure."""
    SENSITIVE = "sensitive"
    """Point sensible."""
    STRENGTH = "strength"
    """Point fort: nothing to answer."""


class FindingStated(QualityFact):
    """Fact: an audit stated a finding about an engagement, with its grade."""

    type: Literal["FindingStated"] = "FindingStated"
    number: int
    """Of the site's findings, from 1."""
    engagement: str
    grade: FindingGrade
    step: str
    """The audit."""
    on: date
    sha256: Digest
    """Of what was found."""
    occurrence: int | None = None
    """Which of the audit's dates, as in `StepPlanned`; `None`: the label had no date yet."""
    item_id: ItemId | None = None
    """The item that it is about, which the auditor drew."""


class FindingAnswered(QualityFact):
    """Fact: the préfecture answered an audit's finding: cause, correction, corrective action."""

    type: Literal["FindingAnswered"] = "FindingAnswered"
    number: int
    cause: Digest
    correction: Digest
    action: Digest
    due: date
    """Until when the action is done."""


class FindingLifted(QualityFact):
    """Fact: the auditor lifted (closed) a finding."""

    type: Literal["FindingLifted"] = "FindingLifted"
    number: int
    on: date
    decision: Digest
    """Of the text of the auditor's decision."""
    file: BlobKey | None = None
    """The auditor's paper; `None`: a second person of ours lifted it."""


class ReminderTo(StrEnum):
    """The people in whose digest a reminder of the quality label stands."""

    QUALITY_OFFICER = "quality_officer"
    GENERAL_SECRETARY = "general_secretary"


class ReminderFell(QualityFact):
    """Fact: a date of the quality label comes near, and its reminder goes into the day's digest."""

    type: Literal["ReminderFell"] = "ReminderFell"
    what: str
    """The step of the calendar."""
    occurrence: int
    """As in `StepPlanned`."""
    documents: bool
    """Its documents are due, not the step."""
    due: date
    days: int
    """Which reminder: 60, 30, 10 or 0 days before."""
    tell: tuple[ReminderTo, ...]


class NumbersConfirmed(QualityFact):
    """Fact: a second person confirmed that numbers of the label are replaced in the rules."""

    type: Literal["NumbersConfirmed"] = "NumbersConfirmed"
    request: int
    """Of site.replacements, which says who asked and why."""
    before: Digest
    """Of the rules that ran."""
    after: Digest
    """Of the rules that may be applied: these, and no others."""
    numbers: tuple[str, ...]
    """What was shown, a line for each number: `commitments.reponse: 15 … → 14 …`."""


class QualityFactWithdrawn(QualityFact):
    """Fact: a statement of the quality label was taken back: it had been made by mistake."""

    type: Literal["QualityFactWithdrawn"] = "QualityFactWithdrawn"
    mistake: int
    """The `seq` of what is taken back."""
    kind: str
    """Its type, such as `StepHeld`."""
    why: Digest
    """Of the text."""


LabelFact = (
    LabelDateSet
    | LabelDateMoved
    | FrameworkRead
    | ProofFiled
    | EngagementScoped
    | StepPlanned
    | StepHeld
    | FindingStated
    | FindingAnswered
    | FindingLifted
    | ReminderFell
    | NumbersConfirmed
    | QualityFactWithdrawn
)
"""What is stated of the label."""
