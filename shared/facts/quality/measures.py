"""Facts about corrective measures: opened, understood, done, its effect read, closed by a person.

What is said of one (finding, cause, action, proof, reason) is text: its fact has the digest.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from shared.facts.envelope import Digest, ItemId, Part, PersonId, ServiceId
from shared.facts.quality.base import QualityFact, SubjectId


class SourceKind(StrEnum):
    """The kind of source that a corrective measure was born from."""

    THEME = "theme"
    """Complaints of one theme."""
    FIGURE = "figure"
    """A figure of a month, or of several."""
    FINDING = "finding"
    """A finding of an audit."""
    QUESTION = "question"
    """A question of a survey."""
    REMARK = "remark"
    """A remark of the users' committee."""
    INCIDENT = "incident"
    PAGE = "page"
    """A page of the website."""
    DECISION = "decision"
    """A decision of the steering committee or of a working group."""
    FREE = "free"
    """What somebody saw."""


class MeasureSource(Part):
    """The typed link to a corrective measure's source; what a kind does not need stays empty."""

    kind: SourceKind
    code: str | None = None
    """Of the figure, theme, question or page."""
    first: date | None = None
    last: date | None = None
    """Months of the figure, by their first days, both included."""
    service: ServiceId | None = None
    channel: str | None = None
    items: tuple[ItemId, ...] = ()
    """The complaints of a theme."""
    about: SubjectId | None = None
    """The finding, incident or meeting."""
    number: int | None = None
    """Of the remark within its meeting."""


class MeasureOpened(QualityFact):
    """Fact: a person opened a corrective measure and gave it an owner and a day."""

    type: Literal["MeasureOpened"] = "MeasureOpened"
    number: int
    """From 1, without a gap."""
    source: MeasureSource
    engagement: str | None
    """The commitment or the engagement of the label that it serves, by its code."""
    owner: PersonId
    due: date
    """Local day at which the action is to be done."""
    sha256: Digest
    """Of what was seen."""


class CauseStated(QualityFact):
    """Fact: the cause that a corrective measure answers was stated: never a person.

    It is an organisation, a tool or a rule.
    """

    type: Literal["CauseStated"] = "CauseStated"
    sha256: Digest


class ActionStated(QualityFact):
    """Fact: the action of a corrective measure was stated."""

    type: Literal["ActionStated"] = "ActionStated"
    sha256: Digest


class MeasureChanged(QualityFact):
    """Fact: a corrective measure got another day or another owner, with the reason."""

    type: Literal["MeasureChanged"] = "MeasureChanged"
    due: date | None = None
    """`None`: as before."""
    owner: PersonId | None = None
    """`None`: as before."""
    sha256: Digest
    """Of the reason."""


class MeasureDone(QualityFact):
    """Fact: the action of a corrective measure was done, with its proof."""

    type: Literal["MeasureDone"] = "MeasureDone"
    sha256: Digest
    """Of the proof, or of where it lies."""


class EffectPlanned(QualityFact):
    """Fact: the figure and months by which a measure's effect will be read were fixed.

    The months after the measure had not begun then; those before it may be over.
    """

    type: Literal["EffectPlanned"] = "EffectPlanned"
    code: str
    """Of the figure (desk.figures)."""
    service: ServiceId | None = None
    channel: str | None = None
    before_first: date
    before_last: date
    after_first: date
    after_last: date
    """Months by their first days, both ends included; `after` began after this was stated."""
    wanted: float | None = None
    """The rate that is hoped for, between 0 and 1."""


class EffectRead(QualityFact):
    """Fact: a measure's effect was read from closed months: the change of the rate (95 %).

    Newcombe's interval; where promises waited in a closed month it reaches as far as they could
    take it.
    """

    type: Literal["EffectRead"] = "EffectRead"
    k1: int
    n1: int
    waiting1: int = 0
    """Of the months before: kept, judged, and neither."""
    k2: int
    n2: int
    waiting2: int = 0
    """Of the months after."""
    diff: float
    low: float
    high: float
    """Later less earlier, between -1 and 1."""
    rules: tuple[int, ...] = ()
    """The versions of the rules by which those months were closed; one: nothing changed."""


class MeasureVerdict(StrEnum):
    """The conclusion of a person about a corrective measure."""

    EFFECTIVE = "effective"
    WITHOUT_EFFECT = "without_effect"
    UNPROVEN = "unproven"
    """Done, and its effect could not be established."""
    GIVEN_UP = "given_up"


class MeasureClosed(QualityFact):
    """Fact: a person closed a corrective measure with a verdict."""

    type: Literal["MeasureClosed"] = "MeasureClosed"
    verdict: MeasureVerdict
    sha256: Digest
    """Of the reason."""


class MeasureReopened(QualityFact):
    """Fact: a person reopened a closed or done corrective measure, with the reason."""

    type: Literal["MeasureReopened"] = "MeasureReopened"
    sha256: Digest


class RungAudience(StrEnum):
    """The function (role) of the people who are told of a corrective measure's reminder."""

    OWNER = "owner"
    HEAD = "head"
    """Of the owner's first service."""
    DIRECTOR = "director"
    QUALITY = "quality"
    """The référent qualité."""


class QualityRung(QualityFact):
    """Fact: a reminder step (rung) of a corrective measure was reached; once for each due day."""

    type: Literal["QualityRung"] = "QualityRung"
    number: int
    """Of the measure."""
    rung: str
    """Jours ouvrés from the due day, such as `-5` or `+1`; or `postponed`."""
    tell: tuple[RungAudience, ...]
    owner: PersonId
    due: date
    opened: date
    """Local day."""


MeasureFact = (
    MeasureOpened
    | CauseStated
    | ActionStated
    | MeasureChanged
    | MeasureDone
    | EffectPlanned
    | EffectRead
    | MeasureClosed
    | MeasureReopened
    | QualityRung
)
