"""The application that answers: for each page its right, one transaction, and a plain way to fail.

The way of a request: read the form, open a transaction, find who asks, check the right, hand the
visit to the page. A refused decision rolls everything back and shows the page of the form again.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match, Route

from services.desk.pages import forms, routes
from services.desk.pages.assets import Assets
from services.desk.pages.drawing import Drawing
from services.desk.pages.forms import Form
from services.desk.pages.guards import HOSTS, Guarded
from services.desk.pages.page import Page
from services.desk.pages.refusals import Mistyped, french
from services.desk.pages.rights import NOBODY, Right, may, roles_of
from services.desk.pages.visit import SEE_OTHER, Refusal, Repeated, Visit
from services.desk.rules import Rules
from services.desk.settings import DeskSettings
from services.desk.store import sessions
from shared.blobs import Blobs
from shared.clock import Clock
from shared.database import Connection, Pool, transaction
from shared.errors import Refused, TemporaryFailure
from shared.facts.envelope import PersonId, ServiceId
from shared.site import people_store

COOKIE = "desk"
SIGN_IN = "/connexion"

SAID = {
    HTTPStatus.NOT_FOUND: "Cette page n’existe pas.",
    HTTPStatus.FORBIDDEN: "Cette page est réservée à d’autres fonctions que la vôtre.",
    HTTPStatus.METHOD_NOT_ALLOWED: "Cette page ne reçoit pas de formulaire.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Le registre ne répond pas en ce moment ; réessayez bientôt.",
}


@dataclass(frozen=True)
class Pages:
    """The pages of one register."""

    pool: Pool
    clock: Clock
    rules: Rules
    blobs: Blobs
    settings: DeskSettings
    table: Sequence[Page] = field(default=routes.PAGES)

    @cached_property
    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[*self._routes, Route("/static/{name:path}", self._assets.answer)],
            middleware=[
                Middleware(Guarded),
                Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS),
            ],
            exception_handlers={
                HTTPException: self._http_error,
                TemporaryFailure: self._away,
            },
        )

    @cached_property
    def _assets(self) -> Assets:
        return Assets(self.settings.vendor)

    @cached_property
    def _drawing(self) -> Drawing:
        return Drawing(self._assets, self.table)

    @cached_property
    def _routes(self) -> Sequence[Route]:
        return [Route(page.path, self._endpoint(page), methods=page.methods) for page in self.table]

    def _endpoint(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            sent = await forms.read(request, page.most) if request.method == "POST" else None
            try:
                return await self._visit(page, request, sent)
            except Repeated as repeated:
                return RedirectResponse(repeated.url, SEE_OTHER)
            except Refused as refused:
                return await self._again(request, sent, refused)

        return answer

    async def _visit(
        self, page: Page, request: Request, sent: Form | None, refusal: Refusal | None = None
    ) -> Response:
        async with transaction(self.pool) as connection:
            visit = await self._who(connection, request, sent, refusal)
            if visit.somebody is None and page.right is not Right.OPEN:
                return self._sign_in(request)
            if not may(visit.roles, page.right, request.path_params.get("service")):
                raise HTTPException(403)
            return await page.handler(visit)

    async def _who(
        self, connection: Connection, request: Request, sent: Form | None, refusal: Refusal | None
    ) -> Visit:
        now = self.clock.now()
        applied = await self.rules(connection)
        directory = await people_store.people_at(connection, now)
        token = request.cookies.get(COOKIE)
        session = None if token is None else await sessions.find(connection, token)
        # Until the sign-in is there, this machine acts as the head of the mail office.
        office = applied.site.service.get(ServiceId(applied.site.identity.mail_office))
        who = session.person if session else None if office is None else PersonId(office.head)
        person = None if who is None else directory.person(who)
        today = now.astimezone(applied.site.zone).date()
        administrator = session is not None and session.administrator
        roles = (
            NOBODY
            if person is None
            else roles_of(
                PersonId(person.id), applied.site, directory, today, administrator=administrator
            )
        )
        return Visit(
            request=request,
            connection=connection,
            signed_in=session,
            somebody=person,
            roles=roles,
            applied=applied,
            directory=directory,
            now=now,
            settings=self.settings,
            blobs=self.blobs,
            render=self._drawing,
            sent=sent,
            refusal=refusal,
        )

    def _sign_in(self, request: Request) -> Response:
        if request.method != "GET":
            raise HTTPException(403, "Votre session est terminée : identifiez-vous à nouveau.")
        wanted = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"{SIGN_IN}?suite={quote(wanted, safe='/')}", SEE_OTHER)

    async def _again(self, request: Request, sent: Form | None, refused: Refused) -> Response:
        """The page that holds the form, with the sentence and what was typed."""
        name = refused.field if isinstance(refused, Mistyped) else ""
        typed = {} if sent is None else sent.typed
        refusal = Refusal(french(refused), name, typed)
        address = "" if sent is None else sent.text(forms.AGAIN)
        found = self._page_at(address or request.url.path, request)
        if sent is None or found is None:
            return self._error(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.sentence)
        shown, asked = found
        try:
            return await self._visit(shown, asked, None, refusal)
        except Refused:
            return self._error(HTTPStatus.UNPROCESSABLE_ENTITY, refusal.sentence)

    def _page_at(self, address: str, request: Request) -> tuple[Page, Request] | None:
        """The page that answers a GET of a local address, and the request that asks for it."""
        parts = urlsplit(address)
        scope: dict[str, Any] = {
            **request.scope,
            "method": "GET",
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "path_params": {},
        }
        for page, route in zip(self.table, self._routes, strict=True):
            match, more = route.matches(scope)
            if match is Match.FULL:
                return page, Request({**scope, **more})
        return None

    def _error(self, status: HTTPStatus, sentence: str) -> HTMLResponse:
        return HTMLResponse(self._drawing.error(sentence), status_code=status)

    async def _http_error(self, _: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
        detail = error.detail if isinstance(error, HTTPException) else ""
        said = detail if detail and detail != status.phrase else SAID.get(status, status.phrase)
        return self._error(status, said)

    async def _away(self, _: Request, error: Exception) -> Response:
        del error
        unavailable = HTTPStatus.SERVICE_UNAVAILABLE
        return self._error(unavailable, SAID[unavailable])
