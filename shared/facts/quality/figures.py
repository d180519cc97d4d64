"""Facts about figures of a week: what the register counted, told to whoever writes of it.

Codes, days and counts only: which decisions wait is told by number and service, in no words.
"""

from datetime import date
from enum import StrEnum
from typing import Literal

from shared.facts.envelope import Part, ServiceId
from shared.facts.quality.base import QualityFact
from shared.facts.quality.measures import MeasureSource


class FigureBasis(StrEnum):
    """Which items a figure counts: received in its days, or ended or past their limit in them."""

    RECEIVED = "received"
    """Of what was received in these days: kept, of what is due."""
    SETTLED = "settled"
    """Of what ended in these days, or whose limit passed in them: kept, of all (desk.settled)."""


class StatedFigure(Part):
    """A figure as the register counted it: `k` promises kept of `n` judged."""

    code: str
    """Of the promise, as desk.figures has it."""
    basis: FigureBasis
    first: date
    last: date
    """Local days, both included."""
    services: tuple[ServiceId, ...] = ()
    """Only these, together; empty: all."""
    k: int
    n: int
    low: float
    high: float
    """Wilson's interval at 95 %, wherever what waits may take it; between 0 and 1."""
    waiting: int = 0
    """Promises that can't be judged yet."""
    late: int = 0
    overdue: int = 0
    unanswered: int = 0
    """Of `n`: answered late, not answered and past the limit, closed without reply."""
    closed: bool = False
    """Whether it is of a closed month, as it was closed."""


class DecisionKind(StrEnum):
    """The kind of a decision that waits for a head or director."""

    LATE_MEASURE = "late_measure"
    """A measure whose day has passed."""
    FINDING_DUE = "finding_due"
    """A finding of an audit, not answered yet, or whose corrective action is due within a week."""
    PROPOSED_MEASURE = "proposed_measure"
    """A measure that the register proposes and nobody opened."""


class StatedDecision(Part):
    """A quality decision that waits for a head: kind, number and service; no agent, no text."""

    kind: DecisionKind
    number: int | None = None
    """Of the measure or finding."""
    due: date | None = None
    service: ServiceId | None = None
    """Of the measure's owner, or whose figure it is; `None`: of nobody in particular."""
    source: MeasureSource | None = None
    """Of a proposed measure."""


class FiguresStated(QualityFact):
    """Fact: the figures of the week that ended were counted, for the weekly page."""

    type: Literal["FiguresStated"] = "FiguresStated"
    week: date
    """Its Monday."""
    counted_on: date
    """The local day on which it was counted."""
    target: float
    """Between 0 and 1."""
    figures: tuple[StatedFigure, ...]
    decisions: tuple[StatedDecision, ...]
    """The most urgent first."""
