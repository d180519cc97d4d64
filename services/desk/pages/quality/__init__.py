"""Figures (`/chiffres`) and the quality system (`/qualite`), for SG, directors, quality officer."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.quality import home, month_figures, year_figures
from services.desk.rights import Right

HOME: Final = "/chiffres"

PAGES: Sequence[Page] = (
    Page(HOME, month_figures.current, Right.WATCH, nav="Chiffres"),
    Page(f"{HOME}/mois/{{month}}", month_figures.month, Right.WATCH),
    Page(f"{HOME}/mois/{{month}}/chiffres.{{kind}}", month_figures.table, Right.WATCH),
    Page(f"{HOME}/annee/{{year:int}}", year_figures.year, Right.WATCH),
    Page(f"{HOME}/annee/{{year:int}}/chiffres.{{kind}}", year_figures.table, Right.WATCH),
    Page(home.HOME, home.home, Right.WATCH, nav="Qualité"),
)
