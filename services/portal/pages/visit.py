"""A visit: one request of nobody, in transactions of its own, or without any database."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse

from services.portal.settings import PortalSettings
from shared.errors import TemporaryFailure
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite
from shared.web import answers, forms
from shared.web.forms import Form, Refusal
from shared.web.transactions import Transactions

Render: TypeAlias = Callable[[str, "PublicVisit", Mapping[str, Any]], str]
"""Draws a template for a visit."""


@dataclass(frozen=True)
class PublicVisit:
    """The context of one request to the portal: rules, moment, database transactions."""

    request: Request
    transactions: Transactions | None
    """`None` while PostgreSQL is away: pages go on with the rules that were last known."""
    applied: AppliedSite
    now: datetime
    settings: PortalSettings
    render: Render
    sent: Form | None = None
    refusal: Refusal | None = None
    """Set when the form is shown again because it was refused."""

    @property
    def database(self) -> "Connection | None":
        """The database connection of the request; `None` while PostgreSQL is away."""
        return None if self.transactions is None else self.transactions.connection

    @property
    def connection(self) -> Connection:
        """The database connection of the request.

        Raises TemporaryFailure while PostgreSQL is away.
        """
        if self.transactions is None:
            raise TemporaryFailure("PostgreSQL is away, and this page asks it.")
        return self.transactions.connection

    @asynccontextmanager
    async def apart(self) -> AsyncIterator[None]:
        """A context manager for slow work without a database connection; commits what came before.

        Raises TemporaryFailure when PostgreSQL went away meanwhile.
        """
        if self.transactions is None:
            yield
            return
        async with self.transactions.apart():
            yield

    async def html(self, template: str, status: int = 200, **shown: Any) -> HTMLResponse:
        """Renders a template as the HTTP response; after a refusal its status is 422."""
        text = self.render(template, self, shown)
        return answers.html(text, self.refusal, status)

    def form(self) -> Form:
        """Returns the submitted form, after the CSRF check that our own page sent it.

        Raises HTTPException 403 for a foreign page.
        """
        if self.sent is None:
            raise HTTPException(405)
        forms.check(self.request, self.sent, None)
        return self.sent
