"""The application that answers: for each page its right, one transaction, and a plain way to fail.

The way of a request: read the form, open a transaction, find who asks, check the right, hand the
visit to the page. A refused decision rolls everything back and shows the page of the form again.
While PostgreSQL is away pages say so. The public's pages are another process's (services/portal).
"""

from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.convertors import register_url_convertor
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Route

from services.desk.accounts.oidc import Provider
from services.desk.accounts.store import sessions
from services.desk.accounts.store.sessions import SignedIn
from services.desk.news import News
from services.desk.pages import journal_entries
from services.desk.pages.mount import MountContext, Mounting
from services.desk.pages.page import MOST_OCTETS, Page, ShortInteger
from services.desk.pages.refusals import NOT_PRINTED, OTHERWISE
from services.desk.pages.renderer import STATIC, TEMPLATES, Renderer
from services.desk.pages.request_context import RequestContext, RequestOpener
from services.desk.pages.signin import cookies
from services.desk.pages.streaming import Streaming
from services.desk.pages.visit import Repeated, Visit
from services.desk.rights import Right, may
from services.desk.settings import DeskSettings
from shared.content.blobs import Blobs
from shared.errors import Refused, TemporaryFailure
from shared.paper.typst_pdf import CannotBePrinted
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.platform.observability.logs import Log
from shared.platform.postgres import rows
from shared.platform.postgres.rows import UnreadableRow
from shared.site.applied_rules import AppliedRules
from shared.web import forms
from shared.web.answers import SEE_OTHER, ErrorAnswers, within
from shared.web.assets import Assets
from shared.web.forms import Mistyped
from shared.web.guards import middleware
from shared.web.route_index import RouteIndex
from shared.web.transactions import Transactions

log = Log("pages")

SIGN_IN = "/connexion"
HOME = "/"
AUDITORS_HOME = "/auditeur"
MOVED = 308
NOT_SENT: Final = "Votre message n’est pas envoyé : ce formulaire a changé d’adresse"
MOVED_THEN: Final = (
    "Revenez à la page précédente : ce que vous avez écrit y est encore. Copiez-le, puis collez-le"
    " dans le formulaire à sa nouvelle adresse : {address}"
)
ENDED = "Votre session est terminée : identifiez-vous à nouveau."

UNREADABLE: Final = (
    "Ce courrier, ou ce que montre cette page, ne peut pas être lu en ce moment ; rien n’a été"
    " changé. L’administrateur en est averti ; les autres pages répondent."
)


@dataclass(frozen=True)
class PageServer:
    """The web application of the register's pages, with its database pool and settings."""

    pool: Pool
    clock: Clock
    rules: AppliedRules
    blobs: Blobs
    settings: DeskSettings
    table: Sequence[Page]
    provider: Provider | None = None
    news: News | None = None
    templates: Sequence[Path] = (TEMPLATES,)
    mounts: Sequence[Mounting] = ()
    """Applications of features beside their pages (the API)."""

    def prepare(self) -> None:
        """Compiles the templates before the first visitor comes."""
        self._drawing.prepare()

    @cached_property
    def app(self) -> Starlette:
        """The ASGI web application (Starlette) with all routes."""
        return Starlette(
            routes=[
                RouteIndex(
                    [
                        *self._routes,
                        *self._streams,
                        *self._moved,
                        *self._mounted,
                        Route("/static/{name:path}", self._assets.answer),
                    ]
                ),
            ],
            middleware=middleware(self.settings.desk_url),
            exception_handlers={**self._errors.handlers, UnreadableRow: self._unreadable},
        )

    @cached_property
    def _streams(self) -> Sequence[Route]:
        if self.news is None:
            return ()
        stream = Streaming(self.pool, self.clock, self._opening, self.news)
        return [Route("/nouvelles", stream.__call__)]

    @cached_property
    def _mounted(self) -> Sequence[BaseRoute]:
        ground = MountContext(self.pool, self.clock, self.rules, self.blobs, self.settings)
        return [mounting(ground) for mounting in self.mounts]

    @cached_property
    def _moved(self) -> Sequence[Route]:
        """The addresses of the public's form, which lead to the portal once it has an address."""
        if self._portal is None:
            return ()
        return [
            *(Route(path, self._to_portal) for path in ("/formulaire", "/formulaire/{rest:path}")),
            Route("/formulaire", self._not_here, methods=["POST"]),
        ]

    async def _to_portal(self, request: Request) -> Response:
        return RedirectResponse(f"{self._portal}{request.url.path}", MOVED)

    async def _not_here(self, _: Request) -> Response:
        """To whoever had the form open while it moved: nothing is read of it here."""
        then = MOVED_THEN.format(address=f"{self._portal}/formulaire")
        return self._errors.page(HTTPStatus.GONE, NOT_SENT, then)

    @property
    def _portal(self) -> str | None:
        url = self.settings.portal_url
        return None if url is None else url.rstrip("/")

    @cached_property
    def _assets(self) -> Assets:
        return Assets(self.settings.vendor, STATIC)

    @cached_property
    def _drawing(self) -> Renderer:
        return Renderer(self._assets, self.table, self.templates, self._portal)

    @cached_property
    def _errors(self) -> ErrorAnswers:
        return ErrorAnswers(self.rules, self._drawing.error, "Le registre")

    @cached_property
    def _routes(self) -> Sequence[Route]:
        register_url_convertor("int", ShortInteger())
        return [Route(page.path, self._endpoint(page), methods=page.methods) for page in self.table]

    @cached_property
    def _opening(self) -> RequestOpener:
        return RequestOpener(self.rules, self.blobs, self.settings, self._drawing, self.provider)

    def _endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            if request.method == "HEAD":
                request = Request({**request.scope, "method": "GET"}, request.receive)
            if request.method != "POST":
                return await self._answer(page, RequestContext(request))
            await self._admit(page, request)
            sent = await forms.read(request, page.most)
            try:
                return await self._answer(page, RequestContext(request, sent))
            finally:
                await sent.data.close()

        return answer

    async def _admit(self, page: Page, request: Request) -> None:
        """Refuses before anything of a form is read. Raises HTTPException 403."""
        if page.right is not Right.OPEN and page.most > MOST_OCTETS:
            # Large files are taken from nobody whom we don't know.
            async with Transactions(self.pool) as transactions:
                token = cookies.read(request, self.settings, cookies.SESSION)
                known = token and await sessions.find(transactions.connection, token)
            if not known:
                raise HTTPException(403, ENDED)

    async def _answer(self, page: Page, asked: RequestContext) -> Response:
        try:
            return await within(self._visit(page, asked))
        except Repeated as repeated:
            return RedirectResponse(repeated.url, SEE_OTHER)
        except Refused as refused:
            return await within(self._again(replace(asked, refused=refused)))
        except CannotBePrinted as fault:
            # Without a trace: its cause quotes what the paper says.
            log.error("paper_not_set", why=str(fault))  # noqa: TRY400  (as said above)
            unset = Mistyped("", NOT_PRINTED)
            return await within(self._again(replace(asked, refused=unset)))

    async def _visit(self, page: Page, asked: RequestContext) -> Response:
        now = self.clock.now()
        with rows.leaving_out():
            return await self._visited(page, asked, now)

    async def _visited(self, page: Page, asked: RequestContext, now: datetime) -> Response:
        visit = None
        try:
            async with Transactions(self.pool) as transactions:
                visit = await self._opening(transactions, now, asked)
                return await self._handled(page, visit)
        except HTTPException as error:
            if visit is not None:
                async with Transactions(self.pool) as noted:
                    await journal_entries.record_refusal(
                        noted.connection, visit, page, error.status_code
                    )
            raise
        except TemporaryFailure:
            if visit is not None and visit.told is not None:
                await self._say_again(visit.told)
            raise

    async def _say_again(self, session: SignedIn) -> None:
        """Gives a session the message back that a page would have shown, had it read its files."""
        async with Transactions(self.pool) as kept:
            await sessions.say(
                kept.connection, session.token, session.said, refused=session.said_refused
            )

    async def _handled(self, page: Page, visit: Visit) -> Response:
        if page.right is Right.AUDIT and not may(visit.roles, page.right):
            raise HTTPException(404)
        if visit.signed_in is None and page.right is not Right.OPEN:
            return _sign_in(visit.request)
        if not may(visit.roles, page.right, visit.request.path_params.get("service")):
            if visit.roles.auditor is not None and page.path == HOME:
                return RedirectResponse(AUDITORS_HOME, SEE_OTHER)  # where pages of errors lead
            raise HTTPException(403)
        answer = await page.handler(visit)
        await journal_entries.record_answer(visit, page, answer)
        return answer

    async def _again(self, asked: RequestContext) -> Response:
        """The page that holds the form, with the sentence and what was typed."""
        address = asked.request.url.path
        if asked.sent is not None:
            address = asked.sent.text(forms.AGAIN) or address
        found = self._page_at(address, asked.request)
        if asked.sent is not None and found is not None:
            page, request = found
            with suppress(Refused):
                return await self._visit(page, RequestContext(request, asked.sent, asked.refused))
        said = str(asked.refused) if isinstance(asked.refused, Mistyped) else OTHERWISE
        return self._errors.page(HTTPStatus.UNPROCESSABLE_ENTITY, said)

    def _page_at(self, address: str, request: Request) -> tuple[Page, Request] | None:
        """The page that answers a GET of a local address, and the request that asks for it."""
        path, _, query = address.partition("?")
        scope: dict[str, Any] = {
            **request.scope,
            "method": "GET",
            "path": path,
            "raw_path": path.encode(),
            "query_string": query.encode(),
            "path_params": {},
        }
        for page, route in zip(self.table, self._routes, strict=True):
            match, more = route.matches(scope)
            if match is Match.FULL:
                return page, Request({**scope, **more})
        return None

    async def _unreadable(self, _: Request, error: Exception) -> Response:
        del error  # the row is named in the log and in /health (shared/platform/postgres/rows.py)
        return self._errors.page(HTTPStatus.INTERNAL_SERVER_ERROR, UNREADABLE)


def _sign_in(request: Request) -> Response:
    """To the sign-in, and back to the page that was wanted."""
    if request.method != "GET":
        raise HTTPException(403, ENDED)
    wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"{SIGN_IN}?suite={quote(wanted, safe='/')}", SEE_OTHER)
