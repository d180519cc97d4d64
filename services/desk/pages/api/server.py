"""The application that answers programs: for each address its scope, one transaction, one problem.

The way of a request: read the header, look whether who asks must wait, take one of a few places,
verify the key in constant time, count it, check scope and parameters, hand the call to its handler,
answer JSON with a tag. Only with a place does it ask the pool, which is that of the pages. What is
refused leaves a line in the journal as a refused page does.
"""

import re
from asyncio import Semaphore
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from services.desk.api.domain.key_roles import roles_of_key
from services.desk.api.store import keys
from services.desk.api.store.keys import StoredKey
from services.desk.pages.api.call import ApiCall, line_of, verify_key
from services.desk.pages.api.documents import is_named, tag_of
from services.desk.pages.api.endpoint import ROOT, Body, Endpoint
from services.desk.pages.api.openapi import document
from services.desk.pages.api.problems import PROBLEMS, TYPES, status_of
from services.desk.pages.api.table import ENDPOINTS
from services.desk.pages.mount import MountContext
from services.desk.store import access_journal
from services.desk.store.access_journal import What
from shared.platform.postgres import rows
from shared.platform.postgres.rows import UnreadableRow
from shared.site.staff.directory_cache import KeptDirectory
from shared.web import bodies
from shared.web.answers import within
from shared.web.application_tokens import PresentedToken
from shared.web.problem_details import Problem, ProblemAnswers, fields_problem
from shared.web.program_requests import KeyLimits
from shared.web.transactions import Transactions

AT_ONCE: Final = 3
"""Requests that are answered at the same time: people need the other connections of the pool."""
BUSY_SECONDS: Final = 1
MOST_OCTETS: Final = 64 * 1024
"""Of the body of a decision."""
_ANSWERS: Final = ProblemAnswers(PROBLEMS, TYPES)
JOURNALLED: Final = frozenset({403, 404})
CACHED: Final = "private, no-cache"
"""A program may keep an answer, and asks by its tag whether it still stands."""


@dataclass(frozen=True)
class ApiServer:
    """The web application of the API: checks each request's key and limits, calls its handler."""

    ground: MountContext
    limits: KeyLimits = field(default_factory=KeyLimits)
    directories: KeptDirectory = field(default_factory=KeptDirectory)
    places: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))

    def route(self) -> BaseRoute:
        """Makes the application's route below `/api/v1`."""
        app = Starlette(
            routes=[
                Route("/openapi.json", self._openapi),
                *(Route(row.path, self._endpoint(row), methods=[row.method]) for row in ENDPOINTS),
            ],
            exception_handlers=_ANSWERS.handlers | {UnreadableRow: _ANSWERS.says("unreadable")},
        )
        mounted = Mount(ROOT, app)
        # What no number holds, such as the end of a line, is a problem of ours too, and no page.
        mounted.path_regex = re.compile(mounted.path_regex.pattern, re.DOTALL)
        return mounted

    def _endpoint(self, endpoint: Endpoint) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await within(self._answered(endpoint, request))

        return answer

    async def _answered(self, endpoint: Endpoint, request: Request) -> Response:
        now = self.ground.clock.now()
        if "\0" in request.scope["path"]:  # no column takes it
            raise Problem("not-found")
        token = self.limits.begin(request, now)
        # Before a place is taken: whoever sends slowly keeps nobody waiting.
        body = b"" if endpoint.body is None else await bodies.read(request, MOST_OCTETS)
        if self.places.locked():
            said = {"seconds": BUSY_SECONDS}
            raise Problem("busy", said, headers={"retry-after": str(BUSY_SECONDS)})
        async with self.places:
            return await self._placed(endpoint, request, body, token, now)

    async def _placed(
        self,
        endpoint: Endpoint,
        request: Request,
        body: bytes,
        token: PresentedToken,
        now: datetime,
    ) -> Response:
        path = f"{ROOT}{endpoint.path}"
        stored: StoredKey | None = None
        try:
            async with Transactions(self.ground.pool) as transactions:
                stored = await verify_key(self.limits, transactions.connection, request, token, now)
                return await self._handled(endpoint, transactions, request, body, stored, now)
        except Problem as problem:
            if problem.code == "no-key":
                await self._note(request, path, now, What.SIGN_IN_REFUSED, None)
            elif stored is not None and status_of(problem) in JOURNALLED:
                await self._note(request, path, now, What.REFUSAL, stored.key.author)
            raise

    async def _handled(
        self,
        endpoint: Endpoint,
        transactions: Transactions,
        request: Request,
        body: bytes,
        stored: StoredKey,
        now: datetime,
    ) -> Response:
        key = stored.key
        if endpoint.scope is not None and endpoint.scope not in key.scopes:
            raise Problem("scope", {"scope": endpoint.scope})
        applied = await self.ground.rules.in_transaction(transactions.connection)
        call = ApiCall(
            request=request,
            path=f"{ROOT}{endpoint.path}",
            transactions=transactions,
            key=key,
            roles=roles_of_key(key, applied.site),
            applied=applied,
            now=now,
            blobs=self.ground.blobs,
            directories=self.directories,
        )
        await keys.note_use(transactions.connection, stored, call.today)
        with rows.leaving_out() as left:
            said = (
                _query(endpoint, request) if endpoint.body is None else _said(endpoint.body, body)
            )
            answer = await endpoint.handler(call, said)
        if left:  # a page says what it lacks; a program would take it for what is not there
            raise Problem("unreadable")
        return tagged_response(answer, request) if isinstance(answer, BaseModel) else answer

    async def _note(
        self, request: Request, path: str, now: datetime, what: What, who: str | None
    ) -> None:
        about = str(request.path_params.get("chrono", ""))[:40] if who else ""
        about = about if about.replace("-", "").isalnum() else ""
        async with Transactions(self.ground.pool) as transactions:
            line = line_of(request, path, now, what, who, about)
            await access_journal.note(transactions.connection, line)

    async def _openapi(self, _: Request) -> Response:
        return Response(document(), media_type="application/json")


def _query(endpoint: Endpoint, request: Request) -> BaseModel:
    """Validates the parameters of a request. Raises Problem."""
    said = request.query_params
    unkept = [name for name, value in said.multi_items() if "\0" in name + value]
    if unkept:
        raise Problem("query", errors=[{"field": unkept[0].replace("\0", ""), "error": "NUL"}])
    twice = [name for name in said if len(said.getlist(name)) > 1]
    if twice:
        raise Problem("query", errors=[{"field": twice[0], "error": "given twice"}])
    try:
        return endpoint.query.model_validate(dict(said))
    except ValidationError as error:
        raise fields_problem("query", error) from None


def _said(model: type[Body], body: bytes) -> Body:
    """Validates the JSON document of a request; an empty one is `{}`. Raises Problem."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise fields_problem("body", error) from None


def tagged_response(answer: BaseModel, request: Request) -> Response:
    """Makes the JSON response of a document with its ETag; 304 when the program has it already."""
    octets = answer.model_dump_json().encode()
    tag = tag_of(octets)
    headers = {"etag": tag, "cache-control": CACHED}
    if is_named(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(octets, headers=headers, media_type="application/json")


def mount(ground: MountContext) -> BaseRoute:
    """Builds the web application of the API as a route below `/api/v1`."""
    return ApiServer(ground).route()
