"""The application that answers: routes, templates, and one transaction for each page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cached_property
from http import HTTPStatus
from pathlib import Path
from uuid import UUID

import jinja2
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from services.desk.domain import chrono
from services.desk.pages import originals
from services.desk.pages.guards import HOSTS, Guarded
from services.desk.pages.item import item
from services.desk.pages.today import today
from services.desk.rules import Rules
from services.desk.store import items
from services.desk.store.sheets import Sheet, sheet
from shared.blobs import Blobs
from shared.clock import Clock
from shared.database import Connection, Pool, transaction
from shared.errors import PermanentFailure, Refused, TemporaryFailure
from shared.facts.words import Confidentiality
from shared.site import people_store
from shared.site.bundle import AppliedSite
from shared.site.directory import Directory

HERE = Path(__file__).resolve().parents[1]

SAID = {
    HTTPStatus.NOT_FOUND: "Cette page n’existe pas.",
    HTTPStatus.SERVICE_UNAVAILABLE: "Le registre ne répond pas en ce moment ; réessayez bientôt.",
}


@dataclass(frozen=True)
class Pages:
    """The pages of one register."""

    pool: Pool
    clock: Clock
    rules: Rules
    blobs: Blobs

    @cached_property
    def app(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/", self._today),
                Route("/service/{service}", self._today),
                Route("/courrier/{chrono}", self._item),
                Route("/courrier/{chrono}/{arrival:uuid}/{page:int}.png", self._page),
                Mount("/static", StaticFiles(directory=HERE / "static")),
            ],
            middleware=[
                Middleware(Guarded),
                Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS),
            ],
            exception_handlers={
                HTTPException: self._http_error,
                Refused: self._refused,
                TemporaryFailure: self._away,
            },
        )

    @cached_property
    def _templates(self) -> jinja2.Environment:
        return jinja2.Environment(
            loader=jinja2.FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def _today(self, request: Request) -> Response:
        async with self._ground() as (connection, applied, directory):
            service = request.path_params.get("service")
            if service is not None and service not in applied.site.service:
                raise HTTPException(404, "Ce service n’existe pas.")
            shown = await today(connection, applied, directory, self.clock.now(), service)
        return self._html("today.html", applied, shown)

    async def _item(self, request: Request) -> Response:
        async with self._ground() as (connection, applied, directory):
            found = await self._sheet(connection, applied, request.path_params["chrono"])
        shown = await item(found, applied, directory, self.clock.now(), self.blobs)
        return self._html("item.html", applied, shown)

    async def _page(self, request: Request) -> Response:
        async with self._ground() as (connection, applied, _):
            found = await self._sheet(connection, applied, request.path_params["chrono"])
        wanted: UUID = request.path_params["arrival"]
        arrival = next((one for one in found.arrivals if one.arrival_id == wanted), None)
        confidentiality = found.item.classification.confidentiality
        if arrival is None or confidentiality is not Confidentiality.NORMAL:
            raise HTTPException(404)
        try:
            original = await self.blobs.get(arrival.original)
            picture = await originals.page(original, request.path_params["page"])
        except PermanentFailure as error:
            raise HTTPException(404) from error
        return Response(picture, media_type="image/png")

    async def _sheet(self, connection: Connection, applied: AppliedSite, text: str) -> Sheet:
        year = self.clock.now().astimezone(applied.site.zone).year
        wanted = chrono.read(text, applied.site.identity.department, year)
        item_id = await items.by_chrono(connection, wanted)
        if item_id is None:
            raise HTTPException(404, f"Aucun courrier ne porte le numéro {wanted}.")
        return await sheet(connection, item_id)

    @asynccontextmanager
    async def _ground(self) -> AsyncIterator[tuple[Connection, AppliedSite, Directory]]:
        async with transaction(self.pool) as connection:
            applied = await self.rules(connection)
            directory = await people_store.people_at(connection, self.clock.now())
            yield connection, applied, directory

    def _html(self, template: str, applied: AppliedSite, shown: dict[str, object]) -> HTMLResponse:
        identity = applied.site.identity
        text = self._templates.get_template(template).render(
            authority=identity.authority, demo=identity.demo, **shown
        )
        return HTMLResponse(text)

    def _error(self, status: HTTPStatus, sentence: str) -> HTMLResponse:
        text = self._templates.get_template("error.html").render(
            authority="Vaguemestre", demo=False, sentence=sentence
        )
        return HTMLResponse(text, status_code=status)

    async def _http_error(self, _: Request, error: Exception) -> Response:
        status = HTTPStatus(error.status_code if isinstance(error, HTTPException) else 500)
        detail = error.detail if isinstance(error, HTTPException) else ""
        said = detail if detail and detail != status.phrase else SAID.get(status, status.phrase)
        return self._error(status, said)

    async def _refused(self, _: Request, error: Exception) -> Response:
        del error
        return self._error(HTTPStatus.NOT_FOUND, "Ce n’est pas un numéro de courrier.")

    async def _away(self, _: Request, error: Exception) -> Response:
        del error
        unavailable = HTTPStatus.SERVICE_UNAVAILABLE
        return self._error(unavailable, SAID[unavailable])
