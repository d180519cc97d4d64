"""States, gaps, steps and findings of the label in French."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

from services.desk.domain.months import FEW
from services.desk.french import labels_fr
from services.desk.pages.quality import figure_words
from services.desk.quality.domain.engagement_states import (
    ENOUGH,
    MONTHS,
    ClosedFigure,
    EngagementStanding,
    EngagementState,
    PieceState,
    ProofGap,
)
from services.desk.quality.domain.frameworks import RowChange
from services.desk.quality.domain.label_calendar import after
from shared.calendar.local_days import month_of
from shared.facts.quality import DrawMade
from shared.facts.quality.label import FindingGrade
from shared.site.tables.quality import EvidenceKind, Framework, StepKind
from shared.values import Certainty

STATES: Final[Mapping[EngagementState, tuple[str, str]]] = {
    EngagementState.KEPT: ("tenu", "done"),
    EngagementState.STALE: ("preuve périmée", "risk"),
    EngagementState.GAP: ("écart", "late"),
    EngagementState.INCONCLUSIVE: ("non concluant", "wait"),
    EngagementState.NOT_APPLICABLE: ("sans objet", ""),
}
"""Words, and the colour of the chip beside them."""
KINDS: Final[Mapping[EvidenceKind, str]] = {
    EvidenceKind.FIGURE: "chiffre",
    EvidenceKind.CHECK: "vérification",
    EvidenceKind.DOCUMENT: "document",
    EvidenceKind.DRAW: "tirage relu",
    EvidenceKind.OBSERVATION: "observation",
    EvidenceKind.MEASURE: "mesure",
    EvidenceKind.SURVEY: "enquête publiée",
    EvidenceKind.COMMITTEE: "compte-rendu approuvé",
}
GRADES: Final[Mapping[FindingGrade, str]] = {
    FindingGrade.MAJOR: "non-conformité majeure",
    FindingGrade.MINOR: "non-conformité mineure",
    FindingGrade.SENSITIVE: "point sensible",
    FindingGrade.STRENGTH: "point fort",
}
CERTAINTIES: Final[Mapping[Certainty, str]] = {
    Certainty.LAW: "fixé par un texte",
    Certainty.PUBLISHED: "lu dans une source publique",
    Certainty.LIKELY: "rapporté, non vérifié",
    Certainty.CHOICE: "choix local",
}
CHANGES: Final[Mapping[RowChange, str]] = {
    RowChange.NEW: "nouveau",
    RowChange.GONE: "retiré",
    RowChange.CHANGED: "modifié",
    RowChange.SAME: "identique",
}
FIELDS: Final = {
    "module": "module",
    "text": "texte",
    "rule": "règle",
    "target": "objectif",
    "every": "fréquence",
    "evidence": "preuves",
}


def duration(framework: Framework) -> str:
    """Formats how long a label lasts and when its audits are, as its framework says.

    Empty where its calendar has no end.
    """
    end = [max(step.at) for step in framework.calendar if step.kind is StepKind.END and step.at]
    audits = [
        f"{step.text[:1].lower()}{step.text[1:]} à {month} mois"
        for step in framework.calendar
        if step.kind in {StepKind.FOLLOW_UP, StepKind.RENEWAL}
        for month in step.at
    ]
    if not end:
        return ""
    return f"Le label vaut {end[0]} mois{' : ' if audits else ''}{', '.join(audits)}."


def value(piece: PieceState, target: float | None) -> str:
    """Formats what shows an engagement now: a rate with its months, or the last proof."""
    if piece.figure is not None:
        return figure(piece.figure, target)
    if piece.proof is None:
        return "rien n’est déposé"
    return f"{KINDS[piece.piece.kind]} du {labels_fr.short_day(piece.proof.on)}"


def figure(found: ClosedFigure, target: float | None) -> str:
    """Formats a rate: « 27 sur 30, soit 90 % (avril à juin 2026), objectif 90 % »."""
    if found.on is None and not found.months:
        return "aucun mois clos"
    span = months(found.months) if found.on is None else f"au {labels_fr.short_day(found.on)}"
    if found.n < FEW:
        told = f"{found.k} sur {found.n} ({span})"
    else:
        told = f"{found.k} sur {found.n}, soit {figure_words.percentage(found.rate)} ({span})"
    if target is not None:
        told += f", objectif {figure_words.aim(target)}"
    if found.waiting:
        told += f", {found.waiting} en attente à la clôture"
    if found.corrected:
        told += f", {found.corrected} corrigé{'s'[: found.corrected > 1]} depuis"
    return told


def months(found: Sequence[date]) -> str:
    """Formats months: « juin 2026 », « avril 2026 à juin 2026 », or « avril 2026, juin 2026 »."""
    if len(found) > 1 and found[-1] == after(found[0], len(found) - 1):
        return f"{month_of(found[0])} à {month_of(found[-1])}"
    return ", ".join(month_of(month) for month in found)


def _open(missing: Sequence[date]) -> str:
    return f" ({', '.join(month_of(month) for month in missing)})"


def gap(piece: PieceState, target: float | None, today: date) -> str:  # noqa: C901, PLR0911, PLR0912  (a table)
    """Returns a French sentence on what a piece of evidence lacks; "" if it lacks nothing."""
    proof, found = piece.proof, piece.figure
    match piece.gap:
        case ProofGap.NONE:
            return ""
        case ProofGap.FEW_MONTHS:
            closed = 0 if found is None else len(found.months)
            named = "" if found is None or not found.missing else _open(found.missing)
            return f"{closed} mois clos sur {MONTHS} : closez les mois finis{named}."
        case ProofGap.NOTHING_LISTED:
            return "La liste est vide : rien ne se compte."
        case ProofGap.UNCHECKED:
            left = 0 if found is None else found.n - found.k
            return f"{left} à vérifier de nouveau : une vérification ne compte qu’un temps."
        case ProofGap.OLD_MONTHS:
            return "Le dernier mois clos est trop ancien : closez les mois finis."
        case ProofGap.FEW:
            n = 0 if found is None else found.n
            return f"{labels_fr.amount(n, 'jugé')} sur {ENOUGH} : c’est trop peu pour conclure."
        case ProofGap.BELOW:
            aim = figure_words.aim(target or 1.0)
            return f"Sous l’objectif de {aim}."
        case ProofGap.WAITING:
            waiting = 0 if found is None else found.waiting
            return (
                f"{waiting} en attente quand les mois ont été clos : selon leur issue, l’objectif"
                " est atteint ou non."
            )
        case ProofGap.CORRECTED:
            lost = 0 if found is None else found.lost
            many = "s" if lost > 1 else ""
            return (
                f"{lost} clos comme tenu{many}, corrigé{many} depuis : l’objectif n’est plus"
                " atteint."
            )
        case ProofGap.NO_PROOF:
            return f"Aucune preuve n’est déposée\N{NO-BREAK SPACE}: {piece.piece.text.lower()}."
        case ProofGap.OLD | ProofGap.ENDED:
            until = piece.until or today
            late = (today - until).days
            return f"Périmée depuis le {labels_fr.short_day(until)} ({late} jour{'s'[: late > 1]})."
        case ProofGap.ERASED:
            return "Ce que montrait la dernière preuve a été effacé : déposez-en une autre."
        case ProofGap.REFUTED:
            on = "" if proof is None else f" du {labels_fr.short_day(proof.on)}"
            return f"La preuve{on} montre un écart."


def gaps(standing: EngagementStanding, today: date) -> list[str]:
    """Returns a French sentence for each gap of an engagement of the label."""
    told = [gap(piece, standing.row.target, today) for piece in standing.pieces]
    for finding in standing.findings:
        grade = GRADES[finding.stated.grade]
        told.append(f"Constat n° {finding.number}, {grade}, à lever par l’auditeur.")
    if not standing.readable:
        told.append("Une ligne du label est illisible : elle peut dire le contraire.")
    return [sentence for sentence in told if sentence]


def draw_text(draw: DrawMade) -> str:
    """Formats an audit's random draw: « n° 12, 01/06/2026 – 30/06/2026, 10 tirés »."""
    period = f"{labels_fr.short_day(draw.first)} – {labels_fr.short_day(draw.last)}"
    return f"n° {draw.seq}, {period}, {len(draw.chosen)} tiré{'s'[: len(draw.chosen) > 1]}"


def age(on: date, today: date) -> str:
    """Formats the age of a day in French: « aujourd’hui », « 1 jour », « 12 jours »."""
    days = (today - on).days
    return "aujourd’hui" if days <= 0 else f"{days} jour{'s'[: days > 1]}"
