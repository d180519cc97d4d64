"""Figures (`/chiffres`) and the quality system (`/qualite`), for SG, directors, quality officer."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import MOST_OCTETS, Page
from services.desk.pages.quality import (
    committee,
    committee_sessions,
    complaint_report,
    copil_sheet,
    document_uploads,
    event_pages,
    groups,
    home,
    label,
    label_dates,
    label_dossier,
    label_findings,
    label_framework,
    label_perimeter,
    label_withdrawals,
    late_replies,
    measure_acts,
    measure_board,
    measure_files,
    measures,
    month_figures,
    new_measure,
    outside_report,
    passage_report,
    poster,
    quality_texts,
    reception,
    reception_acts,
    reception_report,
    survey_routes,
    website,
    week,
    year_figures,
    yearly_report,
)
from services.desk.rights import Right

HOME: Final = "/chiffres"
SPANS: Final = (f"{HOME}/mois/{{month}}", f"{HOME}/annee/{{year:int}}")
"""A report is of a month or of a year."""
REPORTS: Final = (late_replies, complaint_report, outside_report, passage_report)
LABEL: Final = label.HOME
FINDINGS: Final = label_findings.PATH
POST: Final = ("POST",)
ONE_MEASURE: Final = f"{measures.URL}/{{number:int}}"
MEETING: Final = f"{committee.URL}/reunions/{{number:int}}"
REMARK: Final = f"{committee.URL}/remarques/{{number:int}}"
PLACE: Final = f"{reception.URL}/lieux/{{place}}"
MEMBERS: Final = f"{committee.URL}/membres"
GROUP: Final = f"{groups.URL}/{{group:int}}"
ITS_MEETING: Final = f"{GROUP}/reunions/{{number:int}}"

PAGES: Sequence[Page] = (
    Page(HOME, month_figures.current, Right.WATCH, nav="Chiffres"),
    Page(f"{HOME}/mois/{{month}}", month_figures.month, Right.WATCH),
    Page(f"{HOME}/mois/{{month}}/chiffres.{{kind}}", month_figures.table, Right.WATCH),
    Page(f"{HOME}/mois/{{month}}/affiche.pdf", poster.poster, Right.WATCH),
    Page(f"{HOME}/mois/{{month}}/copil.pdf", copil_sheet.sheet, Right.WATCH),
    Page(f"{HOME}/annee/{{year:int}}", year_figures.year, Right.WATCH),
    Page(f"{HOME}/annee/{{year:int}}/chiffres.{{kind}}", year_figures.table, Right.WATCH),
    Page(f"{HOME}/annee/{{year:int}}/rapport.odt", yearly_report.report, Right.WATCH),
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
    Page(week.PATH, week.current, Right.WATCH),
    Page(f"{week.PATH}/{{week}}", week.one, Right.WATCH),
    Page(LABEL, label.engagements, Right.WATCH),
    Page(f"{LABEL}/date", label.set_date, Right.IMPROVE, methods=POST),
    Page(f"{LABEL}/engagements/{{engagement}}", label.engagement, Right.WATCH),
    Page(
        f"{LABEL}/engagements/{{engagement}}/preuve",
        label.file_proof,
        Right.IMPROVE,
        methods=POST,
        most=document_uploads.MOST_FILE + MOST_OCTETS,
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
    Page(
        f"{FINDINGS}/{{number:int}}/lever",
        label_findings.lift,
        Right.WATCH,
        methods=POST,
        most=document_uploads.MOST_FILE + MOST_OCTETS,
    ),
    Page(f"{FINDINGS}/{{number:int}}/levee", label_findings.paper, Right.WATCH),
    Page(f"{LABEL}/calendrier/etape", label_dates.note, Right.IMPROVE, methods=POST),
    Page(label_perimeter.PATH, label_perimeter.page, Right.WATCH),
    Page(label_perimeter.TRIAL, label_perimeter.trial, Right.IMPROVE),
    Page(f"{label_perimeter.PATH}/demander", label_perimeter.ask, Right.IMPROVE, methods=POST),
    Page(f"{label_perimeter.PATH}/confirmer", label_perimeter.confirm, Right.WATCH, methods=POST),
    Page(f"{label_perimeter.PATH}/abandonner", label_perimeter.drop, Right.IMPROVE, methods=POST),
    Page(label_withdrawals.PATH, label_withdrawals.withdraw, Right.WATCH, methods=POST),
    Page(quality_texts.PATH, quality_texts.listed, Right.PROVE),
    Page(f"{quality_texts.PATH}/{{seq:int}}", quality_texts.one, Right.PROVE),
    Page(f"{quality_texts.PATH}/{{seq:int}}/effacer", quality_texts.ask, Right.PROVE, methods=POST),
    Page(
        f"{quality_texts.PATH}/{{seq:int}}/decider",
        quality_texts.decide,
        Right.PROVE,
        methods=POST,
    ),
    Page(measures.URL, measure_board.board, Right.WATCH),
    Page(f"{measures.URL}/registre.{{kind}}", measure_files.register, Right.WATCH),
    Page(new_measure.PATH, new_measure.page, Right.IMPROVE),
    Page(new_measure.PATH, new_measure.open_, Right.IMPROVE, methods=("POST",)),
    Page(f"{measures.URL}/miennes", measures.mine, Right.BELONG),
    Page(ONE_MEASURE, measures.one, Right.BELONG),
    Page(f"{ONE_MEASURE}/fiche.odt", measure_files.sheet, Right.BELONG),
    Page(f"{ONE_MEASURE}/cause", measure_acts.cause, Right.BELONG, methods=("POST",)),
    Page(f"{ONE_MEASURE}/action", measure_acts.action, Right.BELONG, methods=("POST",)),
    Page(f"{ONE_MEASURE}/echeance", measure_acts.postpone, Right.BELONG, methods=("POST",)),
    Page(f"{ONE_MEASURE}/faite", measure_acts.done, Right.BELONG, methods=("POST",)),
    Page(f"{ONE_MEASURE}/responsable", measure_acts.entrust, Right.IMPROVE, methods=("POST",)),
    Page(f"{ONE_MEASURE}/effet", measure_acts.effect, Right.IMPROVE),
    Page(f"{ONE_MEASURE}/effet", measure_acts.plan, Right.IMPROVE, methods=("POST",)),
    Page(f"{ONE_MEASURE}/relire", measure_acts.read, Right.IMPROVE, methods=("POST",)),
    Page(f"{ONE_MEASURE}/clore", measure_acts.close, Right.IMPROVE, methods=("POST",)),
    Page(f"{ONE_MEASURE}/rouvrir", measure_acts.reopen, Right.IMPROVE, methods=("POST",)),
    Page(committee.URL, committee.home, Right.WATCH),
    Page(MEMBERS, committee.appoint, Right.IMPROVE, methods=("POST",)),
    Page(f"{MEMBERS}/{{number:int}}/fin", committee.end, Right.IMPROVE, methods=("POST",)),
    Page(f"{committee.URL}/reunions", committee.call, Right.IMPROVE, methods=("POST",)),
    Page(f"{committee.URL}/remarques", committee.note, Right.IMPROVE, methods=("POST",)),
    Page(f"{REMARK}/reponse", committee.answer, Right.IMPROVE, methods=("POST",)),
    Page(f"{REMARK}/suite", committee.follow, Right.IMPROVE, methods=("POST",)),
    Page(f"{REMARK}/retirer", committee.withdraw, Right.IMPROVE, methods=("POST",)),
    Page(MEETING, committee_sessions.one, Right.WATCH),
    Page(f"{MEETING}/seance", committee_sessions.point, Right.WATCH),
    Page(f"{MEETING}/compte-rendu.odt", committee_sessions.document, Right.WATCH),
    Page(f"{MEETING}/invitation.ics", committee_sessions.invitation, Right.WATCH),
    Page(f"{MEETING}/deplacer", committee.move, Right.IMPROVE, methods=("POST",)),
    Page(f"{MEETING}/ordre-du-jour", committee_sessions.agenda, Right.IMPROVE, methods=("POST",)),
    Page(f"{MEETING}/remarques", committee_sessions.note, Right.IMPROVE, methods=("POST",)),
    Page(f"{MEETING}/tenue", committee_sessions.held, Right.IMPROVE, methods=("POST",)),
    Page(f"{MEETING}/approuver", committee_sessions.approve, Right.IMPROVE, methods=("POST",)),
    Page(f"{MEETING}/diffuser", committee_sessions.publish, Right.IMPROVE, methods=("POST",)),
    *survey_routes.PAGES,
    *website.PAGES,
    Page(groups.URL, groups.home, Right.WATCH),
    Page(groups.URL, groups.form, Right.IMPROVE, methods=("POST",)),
    Page(GROUP, groups.one, Right.WATCH),
    Page(f"{GROUP}/dissoudre", groups.dissolve, Right.IMPROVE, methods=("POST",)),
    Page(f"{GROUP}/membres", groups.appoint, Right.IMPROVE, methods=("POST",)),
    Page(f"{GROUP}/membres/{{number:int}}/fin", groups.end, Right.IMPROVE, methods=("POST",)),
    Page(f"{GROUP}/reunions", groups.call, Right.IMPROVE, methods=("POST",)),
    Page(ITS_MEETING, groups.meeting, Right.WATCH),
    Page(f"{ITS_MEETING}/tenue", groups.held, Right.IMPROVE, methods=("POST",)),
    Page(f"{ITS_MEETING}/releve.odt", groups.document, Right.WATCH),
    *event_pages.PAGES,
    Page(reception.URL, reception.home, Right.BELONG),
    Page(reception_report.URL, reception_report.report, Right.WATCH),
    Page(f"{reception_report.URL}.{{kind}}", reception_report.table, Right.WATCH),
    Page(f"{PLACE}/jeu.pdf", reception.set_, Right.BELONG),
    Page(f"{PLACE}/fiches/{{letter}}/{{version:int}}.pdf", reception.paper, Right.BELONG),
    Page(f"{PLACE}/horaires", reception_acts.except_hours, Right.BELONG, methods=POST),
    Page(f"{PLACE}/accompagnant", reception_acts.admit, Right.IMPROVE, methods=POST),
    Page(f"{PLACE}/affiche", reception_acts.displayed, Right.BELONG, methods=POST),
    Page(f"{PLACE}/incident", reception_acts.seen, Right.BELONG, methods=POST),
    Page(f"{PLACE}/essai", reception_acts.tried, Right.BELONG, methods=POST),
    Page(f"{PLACE}/compte", reception_acts.count, Right.BELONG, methods=POST),
    Page(
        f"{reception.URL}/horaires/{{number:int}}/retirer",
        reception_acts.end_exception,
        Right.BELONG,
        methods=POST,
    ),
    Page(
        f"{reception.URL}/incidents/{{number:int}}/ticket",
        reception_acts.ticket,
        Right.BELONG,
        methods=POST,
    ),
    Page(
        f"{reception.URL}/incidents/{{number:int}}/fin",
        reception_acts.ended,
        Right.BELONG,
        methods=POST,
    ),
    Page(
        f"{reception.URL}/fiches/{{letter}}/{{version:int}}/relue",
        reception_acts.read_again,
        Right.BELONG,
        methods=POST,
    ),
)
