"""Every area of the desk, in the order of the menu. An area is a package with its PAGES."""

from collections.abc import Sequence
from typing import Final

from services.desk.pages import (
    evidence,
    item,
    letters,
    office,
    people,
    quality,
    search,
    service,
    signin,
)
from services.desk.pages.page import Page

PAGES: Final[Sequence[Page]] = (
    *service.PAGES,
    *office.PAGES,
    *item.PAGES,
    *search.PAGES,
    *letters.PAGES,
    *people.PAGES,
    *quality.PAGES,
    *evidence.PAGES,
    *signin.PAGES,
)
