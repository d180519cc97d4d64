"""The papers of a candidature and of an internal audit, from parts that are already in words."""

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from services.desk.open_document import (
    Bullets,
    DocumentBlock,
    DocumentHeading,
    DocumentTable,
    DocumentText,
    open_document,
)
from services.desk.quality.domain.label_facts import FiledProof
from services.desk.store.unread_delays import UNVERIFIED
from shared.site.tables.quality import Framework

TableLines = Sequence[tuple[str, ...]]

ENGAGEMENTS: Final = (
    "Module", "Engagement", "Règle", "État", "Valeur", "Dernière preuve", "Ce qui manque",
    "Réserve",
)  # fmt: skip
MONTHS: Final = ("Mois", "Tenus", "Jugés", "Taux", "Intervalle (95 %)", "Empreinte")
FINDINGS: Final = (
    "N°", "Le", "Engagement", "Classe", "Constat", "Cause", "Correction",
    "Action corrective", "Levé le",
)  # fmt: skip
SERVICES: Final = ("Service", "Chef", "Directeur")
MEASURES: Final = ("N°", "Origine", "Service", "Échéance", "État", "Effet")
MINUTES: Final = ("Réunion", "Le", "Présents", "Compte rendu", "Empreinte")
PERIMETER: Final = ("Service", "Périmètre", "À partir du", "Pourquoi", "Confirmé par", "Le")


@dataclass(frozen=True, slots=True)
class DossierParts:
    """The parts of the label's candidature file, in French words."""

    today: date
    authority: str
    framework: Framework
    certifier: str
    label: date | None
    engagements: TableLines
    unread: int
    """Engagements that nobody has read in the framework's text: the file is a draft."""
    months: TableLines
    missing: Sequence[str]
    """Of the last twelve months, those that are not closed."""
    findings: TableLines
    draws: TableLines
    measures: TableLines
    """Corrective measures with their effects; owners by service."""
    surveys: Sequence[str]
    """The campaign of each form that was published last, in a few lines."""
    minutes: TableLines
    """Meetings of the users' committee whose minutes were approved."""
    dates: TableLines
    services: TableLines
    perimeter: TableLines
    """Changes of the perimeter by service, each with its day, why and by whom."""
    outside: Sequence[str]
    """Categories outside the perimeter, by the rules of today."""
    proofs: Sequence[FiledProof]
    """The last proof of each piece of evidence."""


def index_document(parts: DossierParts, documents: Mapping[str, str]) -> bytes:
    """Makes the index of the label's candidature file as .odt.

    `documents`: SHA-256 by file name.
    """
    return open_document(
        f"Dossier de candidature, {parts.framework.title}",
        [
            DocumentHeading(f"Dossier de candidature : {parts.framework.title}"),
            *_draft(parts),
            DocumentText(
                f"{parts.authority}. Arrêté au {parts.today:%d/%m/%Y}."
                + (f" Certificateur : {parts.certifier}." if parts.certifier else "")
                + (f" Label du {parts.label:%d/%m/%Y}." if parts.label else "")
            ),
            DocumentHeading("1. Périmètre et organigramme", 2),
            DocumentTable("Services", SERVICES, parts.services),
            *_perimeter(parts),
            DocumentHeading("2. Engagements", 2),
            DocumentTable("Engagements", ENGAGEMENTS, parts.engagements),
            DocumentHeading("3. Douze derniers mois clos", 2),
            *_months(parts),
            DocumentHeading("4. Tirages", 2),
            _table(
                "Tirages", ("Du", "Au", "Graine", "Tirés", "Liste"), parts.draws, "Aucun tirage."
            ),
            DocumentHeading("5. Constats d’audit et réponses", 2),
            _table("Constats", FINDINGS, parts.findings, "Aucun constat."),
            DocumentHeading("6. Mesures correctives et leurs effets", 2),
            _table("Mesures", MEASURES, parts.measures, "Aucune mesure."),
            DocumentHeading("7. Enquête de satisfaction", 2),
            Bullets(parts.surveys) if parts.surveys else DocumentText("Aucun résultat publié."),
            DocumentHeading("8. Comité des usagers", 2),
            _table("Comité", MINUTES, parts.minutes, "Aucun compte rendu approuvé."),
            DocumentHeading("9. Calendrier", 2),
            _table("Calendrier", ("Pour le", "Étape", "Tenue le"), parts.dates, "Aucune étape."),
            DocumentHeading("10. Pièces", 2),
            _table("Pièces", ("Pièce", "SHA-256"), list(documents.items()), "Aucune pièce."),
        ],
        f"{parts.authority}, {parts.today:%d/%m/%Y}" + (" – PROJET" if parts.unread else ""),
    )


def _draft(parts: DossierParts) -> Sequence[DocumentBlock]:
    if not parts.unread:
        return []
    n = parts.unread
    return [
        DocumentText(
            f"PROJET – {UNVERIFIED} : {n} engagement{'s'[: n > 1]} sur"
            f" {len(parts.engagements)} n’{'ont' if n > 1 else 'a'} pas été"
            f" {'comparés' if n > 1 else 'comparé'} au texte du référentiel."
        )
    ]


def _perimeter(parts: DossierParts) -> Sequence[DocumentBlock]:
    """What is outside: services from their day on, categories as the rules have them today."""
    named = ", ".join(parts.outside) or "aucune"
    categories = DocumentText(
        f"Catégories hors périmètre, par les règles du {parts.today:%d/%m/%Y} : {named}."
    )
    if not parts.perimeter:
        return [
            DocumentText("Tous les services sont dans le périmètre, depuis le début."),
            categories,
        ]
    return [DocumentTable("Périmètre par service", PERIMETER, parts.perimeter), categories]


def _months(parts: DossierParts) -> Sequence[DocumentBlock]:
    found: list[DocumentBlock] = [_table("Mois", MONTHS, parts.months, "Aucun mois clos.")]
    if parts.missing:
        found.append(DocumentText("Mois non clos : " + ", ".join(parts.missing) + "."))
    return found


def _table(name: str, titles: Sequence[str], rows: TableLines, none: str) -> DocumentBlock:
    return DocumentTable(name, titles, rows) if rows else DocumentText(none)


def files_of(parts: DossierParts) -> Mapping[str, bytes]:
    """Makes the tables of the label's candidature file as .csv, which a script may add up again."""
    return {
        "engagements.csv": _csv(ENGAGEMENTS, parts.engagements),
        "mois.csv": _csv(MONTHS, parts.months),
        "constats.csv": _csv(FINDINGS, parts.findings),
        "mesures.csv": _csv(MEASURES, parts.measures),
        "comite.csv": _csv(MINUTES, parts.minutes),
        "organigramme.csv": _csv(SERVICES, parts.services),
        "perimetre.csv": _csv(PERIMETER, parts.perimeter),
    }


def _csv(titles: Sequence[str], rows: TableLines) -> bytes:
    kept = io.StringIO()
    writer = csv.writer(kept, delimiter=";", lineterminator="\n")
    writer.writerow(titles)
    writer.writerows([_plain(cell) for cell in row] for row in rows)
    return kept.getvalue().encode("utf-8-sig")


def _plain(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip()[:1] in {"=", "+", "-", "@"} else cell


def audit_report(parts: DossierParts) -> bytes:
    """Makes the skeleton of an internal audit's report: what is known, and gaps to fill."""
    blank = "À compléter."
    return open_document(
        "Rapport d’audit interne",
        [
            DocumentHeading("Rapport d’audit interne"),
            *_draft(parts),
            DocumentText(f"{parts.authority}. {parts.framework.title}."),
            DocumentHeading("1. Présentation", 2),
            DocumentText("Date, auditeurs, personnes rencontrées, objet : " + blank.lower()),
            DocumentHeading("2. Plan d’audit", 2),
            DocumentTable("Plan", ("Heure", "Service", "Engagements", "Auditeur"), [("",) * 4] * 4),
            DocumentHeading("3. Évaluation", 2),
            DocumentTable("Évaluation", ENGAGEMENTS, parts.engagements),
            DocumentHeading("4. Récapitulatif", 2),
            DocumentTable("Récapitulatif", ("Classe", "Nombre"), _by_grade(parts.findings)),
            DocumentHeading("5. Fiches d’écart", 2),
            _table("Fiches", FINDINGS, parts.findings, "Aucun constat."),
            DocumentHeading("6. Procès-verbal de clôture", 2),
            DocumentText("Conclusions, suites, signatures : " + blank.lower()),
            DocumentHeading("7. Lexique", 2),
            Bullets(
                (
                    "Non-conformité majeure : un engagement n’est pas tenu.",
                    "Non-conformité mineure : un engagement est tenu en partie.",
                    "Point sensible : il est tenu, et pourrait ne plus l’être.",
                    "Point fort : une pratique à garder.",
                )
            ),
            DocumentHeading("8. Pièces à fournir un mois avant", 2),
            Bullets(
                [
                    f"{row.text} : {piece.text}"
                    for row in parts.framework.engagements
                    for piece in row.evidence
                ]
            ),
        ],
        parts.authority,
    )


def _by_grade(findings: TableLines) -> TableLines:
    grades = [finding[3] for finding in findings]
    return [(grade, str(grades.count(grade))) for grade in dict.fromkeys(grades)]
