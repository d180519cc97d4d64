"""Evidence and audits: what is proven of an item, of nights and of a period, and who said so."""

from collections.abc import Sequence

from services.desk.pages.evidence import draws
from services.desk.pages.evidence.audits import audit, download_explained
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

PAGES: Sequence[Page] = (
    Page(ITEM, proof, Right.BELONG),
    Page(f"{ITEM}.zip", export, Right.BELONG),
    Page(f"{ITEM}/retrait", withdraw, Right.BELONG, methods=("POST",)),
    Page(f"{ITEM}/conservation", hold, Right.BELONG, methods=("POST",)),
    Page(f"{ITEM}/conservation/lever", lift, Right.BELONG, methods=("POST",)),
    Page(f"{ITEM}/perimetre", leave_perimeter, Right.BELONG, methods=("POST",)),
    Page("/preuve", nights, Right.PROVE, nav="Preuves"),
    Page("/audit", audit, Right.PROVE, nav="Audit"),
    Page("/audit/a-expliquer.xlsx", download_explained, Right.PROVE),
    Page("/audit/arreter", draws.freeze, Right.PROVE, methods=("POST",)),
    Page("/audit/listes/{number:int}", draws.show_frozen_list, Right.PROVE),
    Page("/audit/listes/{number:int}.csv", draws.table, Right.PROVE),
    Page("/audit/listes/{number:int}/tirer", draws.draw, Right.PROVE, methods=("POST",)),
    Page("/audit/tirages/{number:int}", draws.show_draw, Right.PROVE),
    Page("/audit/tirages/{number:int}.zip", draws.archive, Right.PROVE),
)
