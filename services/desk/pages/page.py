"""One row of the table of pages."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from services.desk.pages.rights import Right, Roles
from services.desk.pages.visit import Visit
from services.desk.settings import DeskSettings

MOST_OCTETS = 256 * 1024
"""Of a form without files: a long letter is some 20 kB."""


@dataclass(frozen=True)
class Gate:
    """What stands before a form that anybody may send: it judges before anything is read.

    `admits` gives, until the end of its block, the status that refuses, or `None`; `otherwise`
    draws what who was refused sees.
    """

    admits: Callable[[Request, datetime, DeskSettings], AbstractAsyncContextManager[int | None]]
    otherwise: Callable[[Visit, int], Awaitable[Response]]


@dataclass(frozen=True)
class Page:
    """An address, what answers there, and who may ask.

    `path` is written as Starlette writes it: `/courrier/{chrono}`. `nav` puts the page into the
    menu under this name, for those who have the right and for whom `nav_for` holds. `most` is the
    largest form in octets. `without_register`: while PostgreSQL is away it answers all the same,
    with what is known. `gate`: before its form.
    """

    path: str
    handler: Callable[[Visit], Awaitable[Response]]
    right: Right
    methods: tuple[str, ...] = ("GET",)
    nav: str = ""
    nav_for: Callable[[Roles], bool] = lambda _: True
    most: int = MOST_OCTETS
    without_register: bool = False
    gate: Gate | None = None
