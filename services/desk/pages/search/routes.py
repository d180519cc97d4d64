"""The addresses of the search and of what comes from another register."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.rights import Right
from services.desk.pages.search.results import export, results

PAGES: Final[Sequence[Page]] = (
    Page("/recherche", results, Right.BELONG, nav="Recherche"),
    Page("/recherche/export/{kind}", export, Right.BELONG),
)
