"""What somebody states of the label, before it is a fact, and what of it may not stand. Pure."""

from dataclasses import dataclass
from datetime import date

from shared.errors import Refused
from shared.facts.envelope import BlobKey, ItemId
from shared.facts.quality.label import FindingGrade, ProofHeld
from shared.site.tables.quality import Evidence, EvidenceKind


@dataclass(frozen=True, slots=True)
class NewProof:
    """A proof of an engagement as somebody files it, not yet a fact."""

    piece: Evidence
    on: date
    holds: ProofHeld
    valid_until: date | None = None
    remark: str = ""
    file: BlobKey | None = None
    draw: int | None = None
    """Of a draw that was read: the `seq` of its fact."""


@dataclass(frozen=True, slots=True)
class NewFinding:
    """A finding of an audit as somebody states it, not yet a fact."""

    grade: FindingGrade
    step: str
    """The audit."""
    occurrence: int | None
    """Which of the audit's dates; `None`: the label has no date yet."""
    on: date
    text: str
    item_id: ItemId | None = None
    """The item that it is about, which the auditor drew."""


def may_file(proof: NewProof, today: date, *, has_file: bool) -> None:
    """Raises Refused for a proof of an engagement that shows nothing, or with impossible days.

    A proof is a file or words, of a gap words, of a document a file: a day alone shows nothing.
    Figures are counted, surveys and committees stated by the register, and never filed.
    """
    if proof.piece.kind is EvidenceKind.FIGURE:
        raise Refused("A figure is counted, never filed.", "figure-is-counted")
    if proof.piece.kind is EvidenceKind.SURVEY:
        raise Refused("A survey is proven by its publication.", "survey-is-published")
    if proof.piece.kind is EvidenceKind.COMMITTEE:
        raise Refused("A committee is proven by its approved minutes.", "minutes-are-approved")
    if proof.on > today:
        raise Refused("It has not happened yet.", "label-day-to-come", day=proof.on)
    _may_end(proof)
    if proof.piece.kind is EvidenceKind.DOCUMENT and not has_file:
        raise Refused("A document is a file.", "document-without-file")
    if proof.holds is ProofHeld.NO and not proof.remark:
        raise Refused("Say what is lacking.", "gap-needs-words")
    if not has_file and not proof.remark:
        raise Refused("A day alone shows nothing.", "proof-shows-nothing")


def _may_end(proof: NewProof) -> None:
    if proof.valid_until is None:
        return
    if proof.piece.kind is not EvidenceKind.DOCUMENT:
        raise Refused("Only a document ends on a day of its own.", "only-documents-end")
    if proof.valid_until < proof.on:
        raise Refused("It ends before it begins.", "valid-before-it-begins")
