"""The mail office: to qualify, register, quarantine, departures, papers to print."""

from collections.abc import Sequence

from services.desk.pages.page import Page

PAGES: Sequence[Page] = ()
