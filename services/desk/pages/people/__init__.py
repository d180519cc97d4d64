"""Absences, deputies, services and opening hours."""

from collections.abc import Sequence

from services.desk.pages.page import Page

PAGES: Sequence[Page] = ()
