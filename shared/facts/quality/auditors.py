"""Facts of an auditor's session on site: invited by one, confirmed by another, used, ended.

The name of the auditor is a text beside the chain; what they drew and found are facts of their own,
in its order: a draw between the arrival and the end was made in their presence.
"""

from datetime import date
from typing import Literal

from shared.facts.envelope import Digest
from shared.facts.quality.base import QualityFact


class AuditorInvited(QualityFact):
    """Fact: an auditor's access on site was prepared; it opens once a second person agrees."""

    type: Literal["AuditorInvited"] = "AuditorInvited"
    number: int
    """Of the site's sessions of auditors, from 1."""
    step: str
    """The audit, as quality.yaml names it."""
    occurrence: int | None
    """Which of the audit's dates, as in `StepPlanned`; `None`: the label has no date yet."""
    first: date
    last: date
    """Local days, both included."""
    sha256: Digest
    """Of the auditor's name and organisation."""


class AuditorConfirmed(QualityFact):
    """Fact: a second person agreed that an auditor's access on site may be opened."""

    type: Literal["AuditorConfirmed"] = "AuditorConfirmed"
    number: int


class AuditorArrived(QualityFact):
    """Fact: an auditor opened their access on site, in the one browser that it is bound to."""

    type: Literal["AuditorArrived"] = "AuditorArrived"
    number: int


class AuditorEnded(QualityFact):
    """Fact: an auditor's access on site was ended before its last day was over."""

    type: Literal["AuditorEnded"] = "AuditorEnded"
    number: int


Auditor = AuditorInvited | AuditorConfirmed | AuditorArrived | AuditorEnded
"""What is stated of auditors' sessions."""
