"""The addresses of the satisfaction survey, and who may open each."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.quality import (
    survey,
    survey_entry,
    survey_invitations,
    survey_papers,
    survey_results,
    survey_verbatims,
)
from services.desk.rights import Right

ONE: Final = f"{survey.URL}/{{number:int}}"
POST: Final = ("POST",)

PAGES: Final[Sequence[Page]] = (
    Page(survey.URL, survey.home, Right.WATCH),
    Page(survey.URL, survey.open_, Right.IMPROVE, methods=POST),
    Page(ONE, survey.show_campaign, Right.WATCH),
    Page(f"{ONE}/feuilles", survey.distribute, Right.IMPROVE, methods=POST),
    Page(f"{ONE}/clore", survey.close, Right.IMPROVE, methods=POST),
    Page(f"{ONE}/publier", survey.publish, Right.IMPROVE, methods=POST),
    Page(f"{ONE}/feuille.pdf", survey_papers.sheet, Right.WATCH),
    Page(f"{ONE}/affiche.pdf", survey_papers.poster, Right.WATCH),
    Page(f"{ONE}/affiche-resultats.pdf", survey_papers.results_poster, Right.WATCH),
    Page(f"{ONE}/courriels", survey_invitations.page, Right.WATCH),
    Page(f"{ONE}/courriels", survey_invitations.open_, Right.IMPROVE, methods=POST),
    Page(f"{ONE}/courriels/arret", survey_invitations.stop, Right.IMPROVE, methods=POST),
    Page(f"{ONE}/saisie", survey_entry.page, Right.IMPROVE),
    Page(f"{ONE}/saisie", survey_entry.enter, Right.IMPROVE, methods=POST),
    Page(f"{ONE}/resultats", survey_results.page, Right.WATCH),
    Page(f"{ONE}/resultats.{{kind}}", survey_results.table, Right.WATCH),
    Page(f"{ONE}/rapport.odt", survey_results.report, Right.WATCH),
    Page(f"{ONE}/remarques", survey_verbatims.page, Right.WATCH),
    Page(
        f"{ONE}/remarques/{{verbatim:uuid}}",
        survey_verbatims.settle,
        Right.IMPROVE,
        methods=POST,
    ),
)
