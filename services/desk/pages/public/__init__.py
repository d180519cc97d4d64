"""What the public sees: the form and its receipt."""

from collections.abc import Sequence

from services.desk.pages.page import Page

PAGES: Sequence[Page] = ()
