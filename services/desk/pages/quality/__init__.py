"""Figures (`/chiffres`) and the quality system (`/qualite`), for SG, directors, quality officer."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.quality import (
    complaint_report,
    home,
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
)
