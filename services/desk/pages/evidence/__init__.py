"""Evidence, audits, withdrawal and destruction: what is proven, what goes, and who said so."""

from collections.abc import Sequence

from services.desk.pages.evidence import access_journal, draws, months
from services.desk.pages.evidence.audits import audit, explained
from services.desk.pages.evidence.destruction_lists import (
    approve,
    carry_out,
    drop,
    printed,
    propose,
    slip,
    table,
    waiting,
)
from services.desk.pages.evidence.item_evidence import (
    export,
    hold,
    leave_perimeter,
    lift,
    proof,
    withdraw,
)
from services.desk.pages.evidence.nightly_roots import nights
from services.desk.pages.page import Page
from services.desk.rights import Right

ITEM = "/courrier/{chrono}/preuve"
SLIPS = "/elimination"

PAGES: Sequence[Page] = (
    Page(ITEM, proof, Right.BELONG),
    Page(f"{ITEM}.zip", export, Right.BELONG),
    Page(f"{ITEM}/retrait", withdraw, Right.BELONG, methods=("POST",)),
    Page(f"{ITEM}/conservation", hold, Right.BELONG, methods=("POST",)),
    Page(f"{ITEM}/conservation/lever", lift, Right.BELONG, methods=("POST",)),
    Page(f"{ITEM}/perimetre", leave_perimeter, Right.BELONG, methods=("POST",)),
    Page("/preuve", nights, Right.PROVE, nav="Preuves"),
    Page("/audit", audit, Right.PROVE, nav="Audit"),
    Page("/audit/a-expliquer.xlsx", explained, Right.PROVE),
    Page("/audit/arreter", draws.freeze, Right.PROVE, methods=("POST",)),
    Page("/audit/listes/{number:int}", draws.frozen, Right.PROVE),
    Page("/audit/listes/{number:int}.csv", draws.table, Right.PROVE),
    Page("/audit/listes/{number:int}/tirer", draws.draw, Right.PROVE, methods=("POST",)),
    Page("/audit/tirages/{number:int}", draws.drawn, Right.PROVE),
    Page("/audit/tirages/{number:int}.zip", draws.archive, Right.PROVE),
    Page("/mois", months.every, Right.WATCH, nav="Mois"),
    Page("/mois/{month}", months.one, Right.WATCH),
    Page("/mois/{month}/clore", months.confirm, Right.WATCH),
    Page("/mois/{month}/clore", months.close, Right.WATCH, methods=("POST",)),
    Page("/mois/{month}/fiche.pdf", months.sheet, Right.WATCH),
    Page("/mois/{month}/chiffres.csv", months.figures_csv, Right.WATCH),
    Page("/mois/{month}/engagements.csv", months.promises_csv, Right.PROVE),
    Page("/journal", access_journal.journal_, Right.OVERSEE, nav="Journal"),
    Page("/journal.csv", access_journal.table, Right.OVERSEE),
    Page(SLIPS, waiting, Right.PROVE, nav="Élimination"),
    Page(f"{SLIPS}/proposer", propose, Right.PROVE, methods=("POST",)),
    Page(f"{SLIPS}/{{slip}}", slip, Right.PROVE),
    Page(f"{SLIPS}/{{slip}}/bordereau.csv", table, Right.PROVE),
    Page(f"{SLIPS}/{{slip}}/bordereau.pdf", printed, Right.PROVE),
    Page(f"{SLIPS}/{{slip}}/visa", approve, Right.PROVE, methods=("POST",)),
    Page(f"{SLIPS}/{{slip}}/executer", carry_out, Right.PROVE, methods=("POST",)),
    Page(f"{SLIPS}/{{slip}}/abandonner", drop, Right.PROVE, methods=("POST",)),
)
