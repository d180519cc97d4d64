"""The addresses of the search and of what comes from another register."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.search.imports import MOST_OCTETS, begin, go_on
from services.desk.pages.search.results import export, results
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page("/recherche", results, Right.BELONG, nav="Recherche"),
    Page("/recherche/export/{kind}", export, Right.BELONG),
    Page("/reprise", begin, Right.SORT, ("GET", "POST"), nav="Reprise", most=MOST_OCTETS),
    Page("/reprise/{import_id:uuid}", go_on, Right.SORT, ("GET", "POST")),
)
