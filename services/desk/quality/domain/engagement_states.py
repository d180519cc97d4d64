"""The state of an engagement, computed from its evidence and never typed. Pure.

Each piece of evidence has a state; the engagement has the gravest of them. A finding that nobody
has lifted is a gap, whatever the proofs say.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from services.desk.quality.domain.label_calendar import after
from services.desk.quality.domain.label_facts import AuditFinding, FiledProof
from shared.facts.quality.label import ProofHeld
from shared.site.tables.quality import EngagementRow, Evidence, EvidenceKind

MONTHS: Final = 3
"""Closed months, one after the other, of which a figure is judged."""
FRESH: Final = 3
"""Months after the end of the last closed one for which a figure counts, whatever the row says."""
ENOUGH: Final = 30
"""Promises in these months below which nothing is concluded."""


class EngagementState(StrEnum):
    """The state of an engagement of the label, the gravest first."""

    GAP = "gap"
    STALE = "stale"
    INCONCLUSIVE = "inconclusive"
    KEPT = "kept"
    NOT_APPLICABLE = "not_applicable"


class ProofGap(StrEnum):
    """The reason why a piece of evidence does not show what is promised."""

    NONE = "none"
    FEW_MONTHS = "few_months"
    """Of the last three months up to the last closed one, one is not closed."""
    FEW = "few"
    """Fewer than thirty promises in them."""
    BELOW = "below"
    """Below its target."""
    WAITING = "waiting"
    """The promises that ran when the months were closed may turn it either way."""
    CORRECTED = "corrected"
    """With what was corrected since, it is below its target."""
    NOTHING_LISTED = "nothing_listed"
    """The list that it counts is empty."""
    UNCHECKED = "unchecked"
    """Too many things of the list are not checked, or no longer."""
    OLD_MONTHS = "old_months"
    """The last closed month is too long ago."""
    NO_PROOF = "no_proof"
    OLD = "old"
    ENDED = "ended"
    """A document's validity has ended."""
    REFUTED = "refuted"
    """The last proof shows a gap."""
    ERASED = "erased"
    """What the last proof showed was erased, its document or words: nobody can read it any more."""


@dataclass(frozen=True, slots=True)
class ClosedFigure:
    """A count of promises over the last three months: `n` were judged, `k` of these were kept.

    Summed over the months that are closed, as they stood when each was. With `on`, counted as
    things stand on that day.
    """

    months: tuple[date, ...]
    """Of these three, the first days of those that are closed, the earliest first."""
    k: int
    n: int
    waiting: int = 0
    """Neither kept nor late when their month was closed: they ran, or an answer was only seen."""
    missing: tuple[date, ...] = ()
    """Of these three, those that are not closed."""
    corrected: int = 0
    """Promises of these months of which a correction stands beside the month."""
    lost: int = 0
    """Of these, those that were closed as kept and are kept no more."""
    on: date | None = None
    """The local day of a figure that is counted as things stand, of no month."""
    ever: int = 0
    """Of such a figure, what was checked at all, whenever that was."""

    @property
    def rate(self) -> float:
        """The part that was kept, 0 to 1; 0 when nothing was judged."""
        return self.k / self.n if self.n else 0.0


NO_FIGURE: Final = ClosedFigure((), 0, 0)


@dataclass(frozen=True, slots=True)
class PieceState:
    """Record of one piece of an engagement's evidence: its state, why, its proof or figure."""

    piece: Evidence
    state: EngagementState
    gap: ProofGap
    proof: FiledProof | None = None
    """The last one; `None` for a figure and where there is none."""
    figure: ClosedFigure | None = None
    until: date | None = None
    """The last day on which the proof counts."""


@dataclass(frozen=True, slots=True)
class EngagementStanding:
    """The state of an engagement of the label, with all from which it is computed."""

    row: EngagementRow
    state: EngagementState
    pieces: Sequence[PieceState]
    findings: Sequence[AuditFinding] = ()
    """Those that nobody has lifted and that must be answered."""
    readable: bool = True
    """Whether every fact of the label could be read."""

    @property
    def last_proof(self) -> FiledProof | None:
        """The youngest proof of any piece of the engagement's evidence, or `None`."""
        proofs = [piece.proof for piece in self.pieces if piece.proof is not None]
        return max(proofs, key=lambda proof: (proof.on, proof.seq), default=None)


def standing(
    row: EngagementRow,
    proofs: Sequence[FiledProof],
    figures: Mapping[str, ClosedFigure],
    findings: Sequence[AuditFinding],
    today: date,
    *,
    applies: bool = True,
    readable: bool = True,
) -> EngagementStanding:
    """Computes the state of an engagement of the label on a local day.

    `figures`: those that its evidence asks for, by `figure_key`. `readable`: whether every fact of
    the label could be read; if not, the engagement is neither called kept nor not applicable.
    """
    pieces = [_piece(row, piece, proofs, figures, today) for piece in row.evidence]
    standing_findings = [
        finding
        for finding in findings
        if finding.engagement == row.id and finding.must_be_lifted and finding.lifted is None
    ]
    if not applies and readable:
        return EngagementStanding(row, EngagementState.NOT_APPLICABLE, pieces, standing_findings)
    states = {piece.state for piece in pieces}
    if standing_findings:
        states.add(EngagementState.GAP)
    if not readable:
        states.add(EngagementState.INCONCLUSIVE)
    worst = next(state for state in EngagementState if state in states)
    return EngagementStanding(row, worst, pieces, standing_findings, readable)


def figure_key(piece: Evidence) -> str:
    """Returns the key of a figure with its channels: engagements asking for the same share it."""
    return " ".join((piece.code, *(channel.value for channel in piece.channels)))


def _piece(
    row: EngagementRow,
    piece: Evidence,
    proofs: Sequence[FiledProof],
    figures: Mapping[str, ClosedFigure],
    today: date,
) -> PieceState:
    if piece.kind is EvidenceKind.FIGURE:
        figure = figures.get(figure_key(piece), NO_FIGURE)
        state, gap = _of_figure(row, figure, today)
        return PieceState(piece, state, gap, figure=figure)
    mine = [
        proof
        for proof in proofs
        if (proof.engagement, proof.kind, proof.code) == (row.id, piece.kind.value, piece.code)
    ]
    # Of one day, what shows a gap outweighs what shows none: only a later day answers it.
    last = max(
        mine, key=lambda proof: (proof.on, proof.holds is ProofHeld.NO, proof.seq), default=None
    )
    if last is None:
        return PieceState(piece, EngagementState.INCONCLUSIVE, ProofGap.NO_PROOF)
    until = after(last.on, piece.every or row.every)
    own = last.valid_until if piece.kind is EvidenceKind.DOCUMENT else None
    if own is not None:
        until = min(until, own)
    if last.holds is ProofHeld.NO:
        return PieceState(piece, EngagementState.GAP, ProofGap.REFUTED, last, until=until)
    if last.erased:
        gone = EngagementState.INCONCLUSIVE
        return PieceState(piece, gone, ProofGap.ERASED, last, until=until)
    if until < today:
        gap = ProofGap.ENDED if until == own else ProofGap.OLD
        return PieceState(piece, EngagementState.STALE, gap, last, until=until)
    return PieceState(piece, EngagementState.KEPT, ProofGap.NONE, last, until=until)


def _of_figure(
    row: EngagementRow, figure: ClosedFigure, today: date
) -> tuple[EngagementState, ProofGap]:
    if figure.on is not None:
        return _of_the_day(row.target or 1.0, figure)
    if figure.months and after(figure.months[-1], 1 + FRESH) <= today:
        return EngagementState.STALE, ProofGap.OLD_MONTHS
    if len(figure.months) < MONTHS:
        return EngagementState.INCONCLUSIVE, ProofGap.FEW_MONTHS
    if figure.n < ENOUGH:
        return EngagementState.INCONCLUSIVE, ProofGap.FEW
    return _against(row.target or 1.0, figure)


def _of_the_day(target: float, figure: ClosedFigure) -> tuple[EngagementState, ProofGap]:
    """Checks that ran out are proofs that are stale, no gap: what they looked at may be right."""
    if figure.n == 0:
        return EngagementState.INCONCLUSIVE, ProofGap.NOTHING_LISTED
    if figure.ever == 0:
        return EngagementState.INCONCLUSIVE, ProofGap.NO_PROOF
    if figure.rate < target:
        return EngagementState.STALE, ProofGap.UNCHECKED
    return EngagementState.KEPT, ProofGap.NONE


def _against(target: float, figure: ClosedFigure) -> tuple[EngagementState, ProofGap]:
    most = figure.n + figure.waiting
    if (figure.k + figure.waiting) / most < target:
        return EngagementState.GAP, ProofGap.BELOW
    if figure.k / most < target:
        return EngagementState.INCONCLUSIVE, ProofGap.WAITING
    if (figure.k - figure.lost) / most < target:
        return EngagementState.INCONCLUSIVE, ProofGap.CORRECTED
    return EngagementState.KEPT, ProofGap.NONE
