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
from typing import Final, NoReturn

from pydantic import BaseModel, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from services.desk.api.domain.allowance import Allowances
from services.desk.api.domain.key_roles import roles_of_key
from services.desk.api.domain.keys import ApiKey, PresentedToken, matches, presented
from services.desk.api.store import keys
from services.desk.pages.api import problems
from services.desk.pages.api.call import ApiCall, line_of
from services.desk.pages.api.documents import is_named, tag_of
from services.desk.pages.api.endpoint import ROOT, Body, Endpoint
from services.desk.pages.api.openapi import document
from services.desk.pages.api.problems import Problem
from services.desk.pages.api.table import ENDPOINTS
from services.desk.pages.mount import MountContext
from services.desk.store import access_journal
from services.desk.store.access_journal import What
from shared.errors import TemporaryFailure
from shared.platform.postgres import rows
from shared.platform.postgres.rows import UnreadableRow
from shared.site.staff.directory_cache import KeptDirectory
from shared.web import bodies
from shared.web.answers import within
from shared.web.guards import household, network
from shared.web.transactions import Transactions

NO_DIGEST: Final = "0" * 64
"""What a token without a key is compared with, so that it takes as long."""
UNKNOWN_PER_MINUTE: Final = 30
"""Requests without a key that holds, of one household: what they cost is bounded."""
NETWORK_PER_MINUTE: Final = 120
"""And of its network: as many lines of refused keys the journal gets of it."""
AT_ONCE: Final = 3
"""Requests that are answered at the same time: people need the other connections of the pool."""
BUSY_SECONDS: Final = 1
MOST_OCTETS: Final = 64 * 1024
"""Of the body of a decision."""
_HTTP: Final = {405: "method", 408: "slow", 413: "too-large"}
JOURNALLED: Final = frozenset({403, 404})
CACHED: Final = "private, no-cache"
"""A program may keep an answer, and asks by its tag whether it still stands."""


@dataclass(frozen=True)
class ApiServer:
    """The web application of the API, with its rate limits and its cache of people."""

    ground: MountContext
    allowances: Allowances = field(default_factory=Allowances)
    directories: KeptDirectory = field(default_factory=KeptDirectory)
    places: Semaphore = field(default_factory=lambda: Semaphore(AT_ONCE))
    known: dict[str, str] = field(default_factory=dict)
    """Who counts a request, by the digest of a secret that was verified: as many as keys."""

    def mounted(self) -> BaseRoute:
        """Returns the application below its address."""
        app = Starlette(
            routes=[
                Route("/openapi.json", self._openapi),
                *(Route(row.path, self._endpoint(row), methods=[row.method]) for row in ENDPOINTS),
            ],
            exception_handlers={
                Problem: self._problem,
                HTTPException: self._http_error,
                TemporaryFailure: self._as("away"),
                UnreadableRow: self._as("unreadable"),
                Exception: self._as("broken"),
            },
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
        token = presented(request.headers.get("authorization"))
        if token is None:
            self._refuse(request, now)
        for name in [self.known[token.digest]] if token.digest in self.known else _names(request):
            _wait(self.allowances.wait(name, now))
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
        key: ApiKey | None = None
        try:
            async with Transactions(self.ground.pool) as transactions:
                key = await self._key(transactions, request, token, now)
                return await self._handled(endpoint, transactions, request, body, key, now)
        except Problem as problem:
            if problem.code == "no-key":
                await self._note(request, path, now, What.SIGN_IN_REFUSED, None)
            elif key is not None and problem.status in JOURNALLED:
                await self._note(request, path, now, What.REFUSAL, key.author)
            raise

    async def _key(
        self, transactions: Transactions, request: Request, token: PresentedToken, now: datetime
    ) -> ApiKey:
        """Verifies the key of a request, and counts it. Raises Problem."""
        stored = await keys.one(transactions.connection, token.key)
        same = matches(token, NO_DIGEST if stored is None else stored.digest)
        waits = stored is not None and stored.key.waits(now)
        if stored is None or not same or not (waits or stored.key.holds(now)):
            self.known.pop(token.digest, None)
            self._refuse(request, now)
        self.known[token.digest] = stored.key.author
        self._count(stored.key.author, stored.key.per_minute, now)
        if waits:
            raise Problem("unconfirmed")
        return stored.key

    def _refuse(self, request: Request, now: datetime) -> NoReturn:
        one, around = _names(request)
        self._count(one, UNKNOWN_PER_MINUTE, now)
        self._count(around, NETWORK_PER_MINUTE, now)
        raise Problem("no-key", headers={"www-authenticate": 'Bearer realm="vaguemestre"'})

    def _count(self, name: str, per_minute: int, now: datetime) -> None:
        _wait(self.allowances.ask(name, per_minute, now))

    async def _handled(
        self,
        endpoint: Endpoint,
        transactions: Transactions,
        request: Request,
        body: bytes,
        key: ApiKey,
        now: datetime,
    ) -> Response:
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
        await keys.seen(transactions.connection, key.key, call.today)
        with rows.leaving_out() as left:
            said = (
                _query(endpoint, request) if endpoint.body is None else _said(endpoint.body, body)
            )
            answer = await endpoint.handler(call, said)
        if left:  # a page says what it lacks; a program would take it for what is not there
            raise Problem("unreadable")
        return tagged(answer, request) if isinstance(answer, BaseModel) else answer

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

    async def _problem(self, request: Request, error: Exception) -> Response:
        problem = error if isinstance(error, Problem) else Problem("broken")
        return problems.answer(problem, problems.preferred(request.headers.get("accept-language")))

    async def _http_error(self, request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 404
        headers = error.headers if isinstance(error, HTTPException) else None
        return await self._problem(
            request, Problem(_HTTP.get(status, "not-found"), headers=headers)
        )

    def _as(self, code: str) -> Callable[[Request, Exception], Awaitable[Response]]:
        async def answer(request: Request, _: Exception) -> Response:
            return await self._problem(request, Problem(code))

        return answer


def _names(request: Request) -> tuple[str, str]:
    """Returns under which names a request without a key that holds counts: household, network."""
    address = "" if request.client is None else request.client.host
    return f"address:{household(address)}", f"network:{network(address)}"


def _wait(seconds: int) -> None:
    """Refuses a request that comes too soon. Raises Problem."""
    if seconds:
        raise Problem("pace", {"seconds": seconds}, headers={"retry-after": str(seconds)})


def _query(endpoint: Endpoint, request: Request) -> BaseModel:
    """Validates the parameters of a request. Raises Problem."""
    said = request.query_params
    twice = [name for name in said if len(said.getlist(name)) > 1]
    if twice:
        raise Problem("query", errors=[{"field": twice[0], "error": "given twice"}])
    try:
        return endpoint.query.model_validate(dict(said))
    except ValidationError as error:
        raise _mistyped("query", error) from None


def _said(model: type[Body], body: bytes) -> Body:
    """Validates the JSON document of a request; an empty one is `{}`. Raises Problem."""
    try:
        return model.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise _mistyped("body", error) from None


def _mistyped(code: str, error: ValidationError) -> Problem:
    faults = error.errors(include_url=False, include_input=False)
    return Problem(
        code,
        errors=[
            {"field": ".".join(map(str, fault["loc"][:1])), "error": fault["type"]}
            for fault in faults
        ],
    )


def tagged(answer: BaseModel, request: Request) -> Response:
    """Makes the JSON response of a document with its tag; 304 when the program has it already."""
    octets = answer.model_dump_json().encode()
    tag = tag_of(octets)
    headers = {"etag": tag, "cache-control": CACHED}
    if is_named(tag, request.headers.get("if-none-match", "")):
        return Response(status_code=304, headers=headers)
    return Response(octets, headers=headers, media_type="application/json")


def mount(ground: MountContext) -> BaseRoute:
    """Builds the application of the API, with its address."""
    return ApiServer(ground).mounted()
