"""`/elimination`: what may be destroyed, the list that says so, its approval and its execution."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.retention import destruction_lists
from services.desk.rights import Right

SLIPS: Final = "/elimination"

PAGES: Final[Sequence[Page]] = (
    Page(SLIPS, destruction_lists.show_waiting, Right.PROVE, nav="Élimination"),
    Page(f"{SLIPS}/proposer", destruction_lists.propose, Right.PROVE, methods=("POST",)),
    Page(f"{SLIPS}/{{slip}}", destruction_lists.slip, Right.PROVE),
    Page(f"{SLIPS}/{{slip}}/bordereau.csv", destruction_lists.table, Right.PROVE),
    Page(f"{SLIPS}/{{slip}}/bordereau.pdf", destruction_lists.download_slip, Right.PROVE),
    Page(f"{SLIPS}/{{slip}}/visa", destruction_lists.approve, Right.PROVE, methods=("POST",)),
    Page(f"{SLIPS}/{{slip}}/executer", destruction_lists.carry_out, Right.PROVE, methods=("POST",)),
    Page(f"{SLIPS}/{{slip}}/abandonner", destruction_lists.drop, Right.PROVE, methods=("POST",)),
)
