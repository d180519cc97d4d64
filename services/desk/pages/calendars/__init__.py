"""Diaries: the page on which somebody makes the address of theirs, and what it reads there."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages.calendars import diary, my_calendar
from services.desk.pages.page import Page
from services.desk.rights import Right

PAGES: Final[Sequence[Page]] = (
    Page(my_calendar.URL, my_calendar.mine, Right.BELONG, ("GET", "POST")),
    Page(f"{my_calendar.URL}/terminer", my_calendar.end, Right.BELONG, ("POST",)),
    Page(diary.PATH, diary.read, Right.OPEN),
)
