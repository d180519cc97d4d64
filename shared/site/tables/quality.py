"""quality.yaml: what a label asks for, as data: frameworks with their engagements and calendar.

A framework (référentiel) is one dated version: another, or the next, is another block of the file,
and two of them are compared row by row. No date of this préfecture stands here: the label's date is
stated on a page. A site without the file has no label to prepare.
"""

import hashlib
from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Self

from pydantic import Field, StringConstraints, model_validator

from shared.facts.envelope import Digest
from shared.facts.vocabulary import Channel
from shared.values import Certainty, Code, Source, Table

QualityWords = Annotated[str, StringConstraints(min_length=2, max_length=500)]
Months = Annotated[int, Field(ge=1, le=120)]

FIGURES: Final = frozenset(
    {
        "enregistrement", "accuse-automatique", "services-publics-plus", "accuse-de-reception",
        "reponse", "reponse-hors-reclamation", "reclamation", "decision-implicite",
        "date-annoncee", "pieces", "transmission",
    }
)  # fmt: skip
"""The figures that closed months hold, as `desk.figures` names them, and one less the other."""
OF_THE_DAY: Final = frozenset({"pages-verifiees", "fiches-verifiees"})
"""The figures that are counted as things stand on the day, of no month and no channel."""


class EvidenceKind(StrEnum):
    """The kinds of evidence (proof) that an engagement of a quality label is kept."""

    FIGURE = "figure"
    """A figure of `desk.figures` against the row's target."""
    CHECK = "check"
    """A list that somebody went through, at least every so many months."""
    DOCUMENT = "document"
    """A file that is valid until a day."""
    DRAW = "draw"
    """A draw of items that an auditor or the référent qualité has read."""
    OBSERVATION = "observation"
    """A mystery call or mail, a visit: what was seen, of no agent."""
    MEASURE = "measure"
    """A corrective measure that was done."""
    SURVEY = "survey"
    """A campaign of the satisfaction survey whose results were published: stated by that alone."""
    COMMITTEE = "committee"
    """A meeting of the users' committee whose minutes were approved: stated by that alone."""


STATED: Final = frozenset({EvidenceKind.SURVEY, EvidenceKind.COMMITTEE})
"""Kinds of evidence that what was done elsewhere in the register states; nobody files them."""


class Evidence(Table):
    """A piece of evidence (proof) that an engagement of a quality label asks for."""

    kind: EvidenceKind
    code: Code
    """Of a figure, as `desk.figures` has it, or `reponse-hors-reclamation`; of a survey, the id of
    its form in survey.yaml; of anything else, its name within the row."""
    text: QualityWords
    channels: tuple[Channel, ...] = ()
    """Of a figure: only these; empty: all."""
    every: Months | None = None
    """After how many months it is stale; `None`: the row's. A document's own day counts if it is
    earlier; a figure never uses it."""


PROMISED: Final = ("module", "text", "rule", "target", "every", "evidence")
"""The fields of a row by which two versions are compared: its text, not who answers for it."""


class EngagementRow(Table):
    """An engagement of a quality framework: what is promised, and what shows that it is kept."""

    id: Code
    module: int = Field(ge=1, le=20)
    text: QualityWords
    rule: QualityWords
    """When it is kept, in words."""
    evidence: tuple[Evidence, ...] = Field(min_length=1)
    every: Months = 12
    """How old its proofs may be, in months; a figure has a bound of its own."""
    owner: Code
    """The service that answers for it."""
    target: float | None = Field(default=None, gt=0, le=1)
    """Of its figures; `None`: it has none."""
    source: Source

    @property
    def likely(self) -> bool:
        """Whether what the engagement promises was not read in the framework's own text."""
        return self.source.certainty is Certainty.LIKELY

    @cached_property
    def promise(self) -> Digest:
        """The SHA-256 of what the engagement promises: when it changes, somebody reads it again."""
        said = self.model_dump_json(include={"id", *PROMISED})
        return Digest(hashlib.sha256(said.encode()).hexdigest())

    @model_validator(mode="after")
    def _has_a_target_for_figures(self) -> Self:
        if self.target is None and any(row.kind is EvidenceKind.FIGURE for row in self.evidence):
            raise ValueError("a target between 0 and 1, for its figure")
        return self


class StepKind(StrEnum):
    """The kinds of steps of a quality label's calendar: audits, reports, renewal and so on."""

    SELF_ASSESSMENT = "self_assessment"
    INTERNAL_AUDIT = "internal_audit"
    FOLLOW_UP = "follow_up"
    REQUEST = "request"
    RENEWAL = "renewal"
    END = "end"
    COMMITTEE = "committee"
    SURVEY = "survey"
    REPORT = "report"
    CHECK = "check"


OF_DOCUMENTS: Final = "-documents"
"""Ends, in facts, the name of a step whose documents are meant; no step's own id ends so."""


class CalendarStep(Table):
    """A step of a quality label's calendar: months after the label's date, or every so many."""

    id: Code
    kind: StepKind
    text: QualityWords
    at: tuple[Months, ...] = ()
    """Months after the label's date."""
    every: Months | None = None
    """Again every so many months until the label ends."""
    since_last: bool = False
    """Of `every`: counted from the last time it was held, not from the label's date."""
    documents: Months | None = None
    """The documents of this step are due so many months before it."""
    source: Source

    @model_validator(mode="after")
    def _either_at_or_every(self) -> Self:
        if bool(self.at) == (self.every is not None):
            raise ValueError("either 'at' or 'every'")
        if self.id.endswith(OF_DOCUMENTS):
            raise ValueError(f"an id that does not end in '{OF_DOCUMENTS}'")
        return self


class Framework(Table):
    """A dated version of a quality framework (référentiel), with its engagements and calendar."""

    id: Code
    version: Code
    title: QualityWords
    since: date | None = None
    """The day from which it is in force; `None`: not known."""
    pages: int | None = Field(default=None, ge=1)
    """Pages of its text."""
    engagements: tuple[EngagementRow, ...] = Field(min_length=1)
    calendar: tuple[CalendarStep, ...] = ()

    @property
    def name(self) -> str:
        """The framework's id and version, as addresses and facts name it: `qual-e-pref-3`."""
        return f"{self.id}-{self.version}"

    @cached_property
    def engagement(self) -> Mapping[str, EngagementRow]:
        """The framework's engagements by id."""
        return {row.id: row for row in self.engagements}

    @property
    def likely(self) -> tuple[EngagementRow, ...]:
        """The engagements that nobody has read in the framework's own text."""
        return tuple(row for row in self.engagements if row.likely)


class QualityTable(Table):
    """The table quality.yaml: the quality frameworks, and which one is in force here."""

    framework: str = ""
    """The `id-version` of the one in force; empty: there is no label to prepare."""
    compared_with: str = ""
    """The `id-version` of the one before, of which the page shows what is new."""
    certifier: str = ""
    """Who audits for the label."""
    frameworks: tuple[Framework, ...] = ()

    def framework_named(self, name: str) -> Framework | None:
        """Returns the quality framework with this id and version; `None`: there is none."""
        return next((row for row in self.frameworks if row.name == name), None)

    @property
    def current(self) -> Framework | None:
        """The quality framework in force; `None`: there is no label to prepare."""
        return self.framework_named(self.framework)


NO_QUALITY = QualityTable()
