"""Sign-in and sign-out."""

from collections.abc import Sequence

from services.desk.pages.page import Page

PAGES: Sequence[Page] = ()
