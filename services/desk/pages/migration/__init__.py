"""`/reprise`: taking over what another register held, from a spreadsheet."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.migration.imports import MOST_OCTETS, begin, go_on
from services.desk.pages.page import Page
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page("/reprise", begin, Right.SORT, ("GET", "POST"), nav="Reprise", most=MOST_OCTETS),
    Page("/reprise/{import_id:uuid}", go_on, Right.SORT, ("GET", "POST")),
)
