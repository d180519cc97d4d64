"""`/recherche`: items found by number, sender, subject or content."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.page import Page
from services.desk.pages.search import results
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (Page("/recherche", results.results, Right.BELONG, nav="Recherche"),)
