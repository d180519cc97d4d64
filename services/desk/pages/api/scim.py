"""`/scim/v2`: where a directory (Entra ID, Keycloak, midPoint) tells who left, by SCIM 2.0.

By a key with the scope `directory`, which reads no letter. Users alone; of what is written of one
only `active` counts, and only from true to false. Errors are documents of SCIM.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, TypeAlias

import orjson
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from services.desk.api.domain import scim
from services.desk.api.domain.keys import ApiKey, KeyScope
from services.desk.api.domain.scim import ScimRefusal, ScimUser
from services.desk.api.leaver_service import LeaverService
from services.desk.api.store import colleagues, keys
from services.desk.pages.api.call import line_of, verify_key
from services.desk.pages.api.problems import PROBLEMS
from services.desk.pages.mount import MountContext
from services.desk.store import access_journal
from services.desk.store.access_journal import What
from shared.errors import TemporaryFailure
from shared.platform.database import Connection
from shared.site.tables.bundle import AppliedSite
from shared.web import bodies
from shared.web.answers import within
from shared.web.problem_details import Problem
from shared.web.program_requests import KeyLimits
from shared.web.transactions import Transactions

ROOT: Final = "/scim/v2"
MEDIA_TYPE: Final = "application/scim+json"
MOST_OCTETS: Final = 64 * 1024
JOURNALLED: Final = frozenset({403, 404})
NO_CONTENT: Final = 204
AWAY: Final = 503
_NUMBER: Final = re.compile(r"-?[0-9]{1,9}", re.ASCII)


@dataclass(frozen=True)
class ScimCall:
    """The context of one SCIM request of a directory: its key, rules, moment, transaction."""

    request: Request
    connection: Connection
    key: ApiKey
    applied: AppliedSite
    now: datetime
    base: str
    body: bytes

    @property
    def service(self) -> LeaverService:
        """The service object by which the directory states departures, in this transaction."""
        line = line_of(self.request, ROOT, self.now, What.LEAVER_TOLD, self.key.author)
        return LeaverService(self.connection, self.applied.site, self.key.author, line, self.now)

    @property
    def said(self) -> object:
        """The JSON document in the SCIM request's body. Raises ScimRefusal if it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise ScimRefusal(400, "The body is no JSON.", "invalidSyntax") from None

    async def user(self) -> ScimUser:
        """Reads the SCIM user (colleague) whom the address names. Raises ScimRefusal 404."""
        id_: str = self.request.path_params["person"]
        known = scim.may_exist(id_)
        found = await colleagues.by_id(self.connection, id_, self.now) if known else None
        if found is None:
            raise ScimRefusal(404, "No colleague has this id.")
        return found


ScimHandler: TypeAlias = Callable[[ScimCall], Awaitable[Any]]


async def list_users(call: ScimCall) -> Any:
    """Answers with a page of the colleagues whom a SCIM filter finds, or of all present ones."""
    words = call.request.query_params
    first, count = _number(words.get("startIndex"), 1), _number(words.get("count"), 100)
    first, count = max(1, first), min(max(0, count), scim.MOST_AT_ONCE)
    if "filter" not in words:
        users, total = await colleagues.page(call.connection, call.now, first - 1, count)
        return scim.users_document(users, total, first, call.base)
    wanted = scim.parse_filter(words["filter"])
    if wanted.address is not None:
        found = list(await colleagues.by_address(call.connection, wanted.address, call.now))
    else:
        one = wanted.id and await colleagues.by_id(call.connection, wanted.id, call.now)
        found = [one] if one else []
    return scim.users_document(found[first - 1 : first - 1 + count], len(found), first, call.base)


async def read_user(call: ScimCall) -> Any:
    """Answers with one colleague as a SCIM user, also one who left. Raises ScimRefusal 404."""
    return (await call.user()).document(call.base)


async def add_user(call: ScimCall) -> Any:
    """Refuses to add a SCIM user. Raises ScimRefusal: 409 if they are present, else 403."""
    address = scim.address_of(call.said)
    known = scim.may_exist(address)
    found = await colleagues.by_address(call.connection, address, call.now) if known else []
    if found and found[0].active:
        raise ScimRefusal(409, f"There is such a colleague: {found[0].person.id}.", "uniqueness")
    raise ScimRefusal(
        403, "A directory adds nobody here: whoever keeps the records does, or the sign-in."
    )


async def replace_user(call: ScimCall) -> Any:
    """Records that a colleague left, if the PUT sends them as not active. Raises ScimRefusal."""
    user = await call.user()
    settled = await call.service.settle(user, active=scim.active_of(call.said))
    return settled.document(call.base)


async def patch_user(call: ScimCall) -> Any:
    """Records that a colleague left, if the PATCH sets `active` to false. Raises ScimRefusal."""
    user = await call.user()
    settled = await call.service.settle(user, active=scim.active_after(call.said))
    return settled.document(call.base)


async def remove_user(call: ScimCall) -> Any:
    """Records that a colleague left, on a DELETE; answers 204. Raises ScimRefusal."""
    await call.service.settle(await call.user(), active=False)
    return None


async def provider_config(call: ScimCall) -> Any:
    """Answers with the SCIM features that we support (ServiceProviderConfig)."""
    return scim.provider_document(call.base)


async def resource_types(call: ScimCall) -> Any:
    """Answers with the SCIM resource types: users alone."""
    return scim.resource_types_document(call.base)


async def schemas(call: ScimCall) -> Any:
    """Answers with the SCIM schema of a user."""
    return scim.schemas_document(call.base)


ADDRESSES: Final = (
    ("GET", "/Users", list_users),
    ("POST", "/Users", add_user),
    ("GET", "/Users/{person}", read_user),
    ("PUT", "/Users/{person}", replace_user),
    ("PATCH", "/Users/{person}", patch_user),
    ("DELETE", "/Users/{person}", remove_user),
    ("GET", "/ServiceProviderConfig", provider_config),
    ("GET", "/ResourceTypes", resource_types),
    ("GET", "/Schemas", schemas),
)


@dataclass(frozen=True)
class ScimServer:
    """The web application of SCIM: verifies each request's key, hands it to its handler."""

    ground: MountContext
    limits: KeyLimits = field(default_factory=KeyLimits)

    def make_route(self) -> BaseRoute:
        """Makes the application's route below `/scim/v2`."""
        app = Starlette(
            routes=[
                Route(path, self._endpoint(handler), methods=[method])
                for method, path, handler in ADDRESSES
            ],
            exception_handlers={
                ScimRefusal: _refused,
                Problem: _refused,
                HTTPException: _refused,
                TemporaryFailure: _refused,
                Exception: _refused,
            },
        )
        mounted = Mount(ROOT, app)
        # What no id holds, such as the end of a line, is answered by a document too, and no page.
        mounted.path_regex = re.compile(mounted.path_regex.pattern, re.DOTALL)
        return mounted

    def _endpoint(self, handler: ScimHandler) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            return await within(self._answered(handler, request))

        return answer

    async def _answered(self, handler: ScimHandler, request: Request) -> Response:
        now = self.ground.clock.now()
        token = self.limits.begin(request, now)
        body = await bodies.read(request, MOST_OCTETS)
        key: ApiKey | None = None
        try:
            async with Transactions(self.ground.pool) as transactions:
                connection = transactions.connection
                stored = await verify_key(self.limits, connection, request, token, now)
                key = stored.key
                _judge(key)
                applied = await self.ground.rules.in_transaction(connection)
                await keys.note_use(connection, stored, now.astimezone(applied.site.zone).date())
                call = ScimCall(request, connection, key, applied, now, self._base(request), body)
                _refuse_nul(request)
                said = await handler(call)
        except (Problem, ScimRefusal) as problem:
            await self._note(request, now, key, problem)
            raise
        return Response(status_code=NO_CONTENT) if said is None else _scim(said)

    def _base(self, request: Request) -> str:
        home = self.ground.settings.desk_url or f"http://{request.headers.get('host', '')}"
        return f"{home.rstrip('/')}{ROOT}"

    async def _note(
        self, request: Request, now: datetime, key: ApiKey | None, error: Problem | ScimRefusal
    ) -> None:
        refused = isinstance(error, Problem) and error.code == "no-key"
        if not refused and (key is None or _status(error) not in JOURNALLED):
            return
        what = What.SIGN_IN_REFUSED if refused else What.REFUSAL
        line = line_of(request, ROOT, now, what, None if key is None else key.author)
        async with Transactions(self.ground.pool) as transactions:
            await access_journal.note(transactions.connection, line)


def _judge(key: ApiKey) -> None:
    if KeyScope.DIRECTORY not in key.scopes:
        raise Problem("scope", {"scope": KeyScope.DIRECTORY})


def _refuse_nul(request: Request) -> None:
    """Refuses a character that no column takes. Raises ScimRefusal."""
    if "\0" in request.scope["path"]:
        raise ScimRefusal(404, "Nobody has this id.")
    if any("\0" in name + value for name, value in request.query_params.multi_items()):
        raise ScimRefusal(400, "A NUL is no value.", "invalidValue")


def _number(text: str | None, otherwise: int) -> int:
    if text is None:
        return otherwise
    if not _NUMBER.fullmatch(text):
        raise ScimRefusal(400, "startIndex and count are numbers.", "invalidValue")
    return int(text)


def _status(error: Exception) -> int:
    if isinstance(error, ScimRefusal):
        return error.status
    if isinstance(error, Problem):
        return PROBLEMS[error.code].status
    if isinstance(error, HTTPException):
        return error.status_code
    return AWAY if isinstance(error, TemporaryFailure) else 500


async def _refused(_: Request, error: Exception) -> Response:
    status = _status(error)
    if isinstance(error, ScimRefusal):
        return _scim(error.document, status)
    headers = None
    if isinstance(error, Problem):
        detail = PROBLEMS[error.code].english.format_map(error.said or {})
        headers = dict(error.headers or {})
    elif isinstance(error, HTTPException):
        detail = {404: "Nothing has this address.", 405: "Not by this method."}.get(
            status, "The request can't be read."
        )
    else:
        detail = PROBLEMS["away" if status == AWAY else "broken"].english
    return _scim(ScimRefusal(status, detail).document, status, headers)


def _scim(document: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(orjson.dumps(document), status, headers, MEDIA_TYPE)


def mount(ground: MountContext) -> BaseRoute:
    """Builds the web application of SCIM as a route below `/scim/v2`."""
    return ScimServer(ground).make_route()
