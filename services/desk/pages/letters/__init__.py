"""Standard letters and emails: the library of a service, and what is composed from it."""

from collections.abc import Sequence

from services.desk.pages.page import Page

PAGES: Sequence[Page] = ()
