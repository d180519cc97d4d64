"""Figures (`/chiffres`) and the quality system (`/qualite`), for SG, directors, quality officer."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import MOST_OCTETS, Page
from services.desk.pages.quality import (
    complaint_report,
    home,
    label,
    label_dates,
    label_dossier,
    label_findings,
    label_framework,
    late_replies,
    month_figures,
    outside_report,
    passage_report,
    year_figures,
)
from services.desk.rights import Right

HOME: Final = "/chiffres"
SPANS: Final = (f"{HOME}/mois/{{month}}", f"{HOME}/annee/{{year:int}}")
"""A report is of a month or of a year."""
REPORTS: Final = (late_replies, complaint_report, outside_report, passage_report)
LABEL: Final = label.HOME
FINDINGS: Final = label_findings.PATH
POST: Final = ("POST",)

PAGES: Sequence[Page] = (
    Page(HOME, month_figures.current, Right.WATCH, nav="Chiffres"),
    Page(f"{HOME}/mois/{{month}}", month_figures.month, Right.WATCH),
    Page(f"{HOME}/mois/{{month}}/chiffres.{{kind}}", month_figures.table, Right.WATCH),
    Page(f"{HOME}/annee/{{year:int}}", year_figures.year, Right.WATCH),
    Page(f"{HOME}/annee/{{year:int}}/chiffres.{{kind}}", year_figures.table, Right.WATCH),
    *(
        Page(f"{span}/{report.SLUG}", report.page, Right.WATCH)
        for span in SPANS
        for report in REPORTS
    ),
    *(
        Page(f"{span}/{report.SLUG}/chiffres.{{kind}}", report.table, Right.WATCH)
        for span in SPANS
        for report in REPORTS
    ),
    Page(home.HOME, home.home, Right.WATCH, nav="Qualité"),
    Page(LABEL, label.engagements, Right.WATCH),
    Page(f"{LABEL}/date", label.set_date, Right.IMPROVE, methods=POST),
    Page(f"{LABEL}/engagements/{{engagement}}", label.engagement, Right.WATCH),
    Page(
        f"{LABEL}/engagements/{{engagement}}/preuve",
        label.file_proof,
        Right.IMPROVE,
        methods=POST,
        most=label.MOST_FILE + MOST_OCTETS,
    ),
    Page(f"{LABEL}/engagements/{{engagement}}/objet", label.scope, Right.IMPROVE, methods=POST),
    Page(f"{LABEL}/preuves/{{seq:int}}", label.document, Right.WATCH),
    Page(f"{LABEL}/referentiel", label_framework.framework, Right.WATCH),
    Page(f"{LABEL}/referentiel/lu", label_framework.note_reading, Right.IMPROVE, methods=POST),
    Page(f"{LABEL}/calendrier", label_dates.calendar, Right.WATCH),
    Page(f"{LABEL}/calendrier.ics", label_dates.ics, Right.WATCH),
    Page(f"{LABEL}/dossier", label_dossier.dossier, Right.WATCH),
    Page(f"{LABEL}/dossier.zip", label_dossier.candidature, Right.WATCH),
    Page(f"{LABEL}/audit-interne.odt", label_dossier.report, Right.WATCH),
    Page(FINDINGS, label_findings.findings, Right.WATCH),
    Page(FINDINGS, label_findings.state, Right.IMPROVE, methods=POST),
    Page(f"{FINDINGS}/{{number:int}}", label_findings.finding, Right.WATCH),
    Page(f"{FINDINGS}/{{number:int}}/fiche.pdf", label_findings.sheet, Right.WATCH),
    Page(f"{FINDINGS}/{{number:int}}/repondre", label_findings.answer, Right.IMPROVE, methods=POST),
    Page(f"{FINDINGS}/{{number:int}}/lever", label_findings.lift, Right.IMPROVE, methods=POST),
    Page(f"{LABEL}/calendrier/etape", label_dates.note, Right.IMPROVE, methods=POST),
)
