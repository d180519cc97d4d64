"""`/mois`: closing the months, and what a closed month says for ever."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.indicators import months
from services.desk.pages.page import Page
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page("/mois", months.every, Right.WATCH, nav="Mois"),
    Page("/mois/{month}", months.show_month, Right.WATCH),
    Page("/mois/{month}/clore", months.confirm, Right.WATCH),
    Page("/mois/{month}/clore", months.close, Right.WATCH, methods=("POST",)),
    Page("/mois/{month}/fiche.pdf", months.sheet, Right.WATCH),
    Page("/mois/{month}/chiffres.csv", months.figures_csv, Right.WATCH),
    Page("/mois/{month}/engagements.csv", months.promises_csv, Right.PROVE),
)
