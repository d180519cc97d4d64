"""`/aide`: the first day, the chapters of one's role, and the visit that leads through pages."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.help import help_page
from services.desk.pages.page import Page
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page(help_page.URL, help_page.show_help, Right.TEND),
    Page(help_page.LEAVE, help_page.leave_visit, Right.TEND, methods=("POST",)),
)
