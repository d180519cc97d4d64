"""`/journal`: who signed in, read, took a file away or was refused."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.journal import access_journal
from services.desk.pages.page import Page
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page("/journal", access_journal.journal_, Right.OVERSEE, nav="Journal"),
    Page("/journal.csv", access_journal.table, Right.OVERSEE),
)
