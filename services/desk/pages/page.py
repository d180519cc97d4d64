"""One row of the table of pages."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.convertors import IntegerConvertor
from starlette.responses import Response

from services.desk.pages.visit import Visit
from services.desk.rights import Right
from services.desk.roles import Roles
from services.desk.store.menu_counts import MenuCounts

MOST_OCTETS = 256 * 1024
"""Of a form without files: a long letter is some 20 kB."""


class ShortInteger(IntegerConvertor):
    """A number in an address that fits a column; a longer one is an address that does not exist."""

    regex = "[0-9]{1,9}"


@dataclass(frozen=True)
class Page:
    """A row of the table of pages: address, handler, required right (permission), menu entry.

    `path` is written as Starlette writes it: `/courrier/{chrono}`. `nav` puts the page into the
    menu under this name, for those who have the right and for whom `nav_for` holds; `nav_count` is
    what waits there. `most` is the largest form in octets.
    """

    path: str
    handler: Callable[[Visit], Awaitable[Response]]
    right: Right
    methods: tuple[str, ...] = ("GET",)
    nav: str = ""
    nav_for: Callable[[Roles], bool] = lambda _: True
    nav_count: Callable[[MenuCounts], int] = lambda _: 0
    most: int = MOST_OCTETS
