"""Whatever is asked of any page, and whatever any form holds: an answer, never a failure of ours.

Schemathesis draws what is asked, from the addresses of pages and from every field that a handler
reads: once for all pages, of which each is asked other draws than its neighbours (to draw for each
anew costs more than to ask). HYPOTHESIS_PROFILE=thorough asks each page a thousand times.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
import schemathesis
import uvicorn
from hypothesis import HealthCheck, Phase, given, settings
from pydantic import SecretStr
from starlette.applications import Starlette

import services.desk.pages
from services.desk import features
from services.desk.pages.page import Page
from services.desk.pages.search import query_string
from services.desk.pages.signin import cookies
from shared.platform.clock import open_clock
from shared.platform.database import Pool
from shared.web import forms
from tests.desk_browser import Browser, pages
from tests.integration.desk.authorisations import FIRST
from tests.integration.desk.test_authorisations import register  # noqa: F401  (a fixture)
from tests.roles import under_role

pytestmark = pytest.mark.usefixtures("live_site")

THOROUGH = 1000
EXAMPLES = THOROUGH if settings().max_examples >= THOROUGH else 4
DRAWN = max(100, EXAMPLES)
"""How many draws the pages share; the first is the simplest there is, and asked of each."""
WHO = ("c.lerk", "b.head", None)
"""The mail office, a head of service, and whoever is not signed in."""

FORM_FIELD = re.compile(r'\.(?:text|texts|needed|day|number|word|ticked)\(\s*"([\w-]+)"')
QUERY_FIELD = re.compile(r'query_params(?:\.get)?[\[(]\s*"([\w-]+)"')
PARAMETER = re.compile(r"{(\w+)(?::(\w+))?}")
TOKEN = "of the person"
"""Where a form holds the token of its session."""
LASTING = ("/deconnexion", "/nouvelles")
"""They end the session, or never end."""

ANY: Mapping[str, Any] = {"type": "string", "maxLength": 200}
KINDS: Mapping[str, Mapping[str, Any]] = {
    "uuid": {"type": "string", "format": "uuid"},
    "int": {"type": "integer", "minimum": 0},
}


@pytest.fixture
async def desk(
    pool: Pool,
    postgres_url: str,
    tmp_path: Path,
    register: None,  # noqa: F811  (the fixture)
) -> AsyncIterator[tuple[str, Mapping[str | None, str]]]:
    """Where the pages answer, and the session of each person."""
    del register
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    made = pages(pool, clock, tmp_path)
    sessions: dict[str | None, str] = {None: ""}
    for person in filter(None, WHO):
        browser = await Browser(made).sign_in(person)
        sessions[person] = browser.client.cookies[cookies.SESSION]
    async for url in served_at(made.app):
        yield url, sessions


async def served_at(app: Starlette) -> AsyncIterator[str]:
    # Whoever asks keeps one connection, and may be slow on a busy machine.
    config = uvicorn.Config(
        app, port=0, log_level="critical", lifespan="off", timeout_keep_alive=300
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@dataclass(frozen=True)
class Request:
    """What is asked of an address, in words that are not yet quoted."""

    method: str
    path: str
    query: Mapping[str, Any]
    form: Mapping[str, Any] | None

    @classmethod
    def of(cls, case: Any) -> "Request":
        """What Schemathesis drew for one page alone."""
        form = case.body if isinstance(case.body, dict) else None
        return cls(case.method, case.formatted_path, case.query or {}, form)


@pytest.fixture(scope="module")
def drawn() -> Callable[[], Iterable[Request]]:
    """The requests that each person makes, one after the other; a long hunt draws for each anew."""
    if EXAMPLES == THOROUGH:
        return _of_pages
    once = list(_of_pages())
    return lambda: once


@pytest.mark.parametrize("person", WHO)
async def test_no_request_makes_a_page_fail(
    desk: tuple[str, Mapping[str | None, str]],
    drawn: Callable[[], Iterable[Request]],
    person: str | None,
) -> None:
    url, sessions = desk
    failed, asked = await asyncio.to_thread(failures, url, drawn(), sessions[person])
    assert asked >= len(features.all_pages()) - len(LASTING)
    assert failed == {}


def requests(document: Mapping[str, Any]) -> Iterator[Any]:
    """What is asked of a table of pages (OpenAPI): some requests for each page and method."""
    schema = schemathesis.openapi.from_dict(dict(document))
    for made in schema.get_all_operations():
        yield from _cases(made.ok(), EXAMPLES)  # type: ignore[union-attr]  # our own document is valid


def _cases(operation: Any, number: int) -> Sequence[Any]:
    found: list[Any] = []

    @settings(
        max_examples=number,
        phases=[Phase.generate],
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def draw(case: Any) -> None:
        found.append(case)

    draw()
    return found


def failures(
    url: str, requests: Iterable[Request], session: str = ""
) -> tuple[Mapping[str, str], int]:
    """What failed of these requests, and how many were made."""
    failed: dict[str, str] = {}
    asked = 0
    door = HTTPConnection(urlsplit(url).netloc)
    for request in requests:
        asked += 1
        target = f"{request.path}?{urlencode(request.query, doseq=True)}".removesuffix("?")
        headers = {"origin": url, "cookie": f"{cookies.SESSION}={session}"}
        body = None
        if request.form is not None:
            headers["content-type"] = "application/x-www-form-urlencoded"
            body = urlencode(_of_session(request.form, session), doseq=True)
        door.request(request.method, target, body, headers)
        answer = door.getresponse()
        answer.read()
        if answer.status >= 500:
            failed[f"{request.method} {request.path}"] = f"{target} {body}"[:2000]
    door.close()
    return failed, asked


def _of_session(form: Mapping[str, Any], session: str) -> Mapping[str, Any]:
    """A form as this session holds it; without one it has no token."""
    if form.get(forms.CSRF) != TOKEN:
        return form
    token = {forms.CSRF: forms.token(session)} if session else {}
    return {name: value for name, value in form.items() if name != forms.CSRF} | token


def _of_pages() -> Iterator[Request]:
    """The simplest request of each page and method, and as many others as make up `EXAMPLES`."""
    [simplest, *others] = _draws()
    assert len(others) >= EXAMPLES - 1
    at = 0
    for page in features.all_pages():
        if page.path in LASTING:
            continue
        for method in page.methods:
            yield _request(page, method, simplest)
            for _ in range(EXAMPLES - 1):
                yield _request(page, method, others[at % len(others)])
                at += 1


def _request(page: Page, method: str, draw: Any) -> Request:
    """What was drawn, as far as that page has a place for it."""

    def word(parameter: re.Match[str]) -> str:
        return quote(str(draw.path_parameters[_named(*parameter.groups())]), safe="")

    path = PARAMETER.sub(word, page.path)
    return Request(method, path, draw.query or {}, draw.body if method == "POST" else None)


def _named(name: str, kind: str | None) -> str:
    """A parameter of pages' addresses among those of all pages."""
    return f"{name}_{kind or 'word'}"


def _draws() -> Sequence[Any]:
    """Cases of an address that takes all that any page takes."""
    schema = schemathesis.openapi.from_dict(_document())
    [made] = schema.get_all_operations()
    return _cases(made.ok(), DRAWN)  # type: ignore[union-attr]  # our own document is valid


def _document() -> dict[str, Any]:
    """Such an address, in the words of OpenAPI."""
    source = "\n".join(
        path.read_text() for path in Path(services.desk.pages.__path__[0]).rglob("*.py")
    )
    fields = sorted(set(FORM_FIELD.findall(source)))
    queries = sorted({*QUERY_FIELD.findall(source), *query_string.FIELDS, "apres", "proche"})
    assert len(fields) > 10
    words = {
        _named(name, kind): KINDS[kind] if kind else _word(name)
        for page in features.all_pages()
        for name, kind in PARAMETER.findall(page.path)
    }
    found: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": schema}
        for name, schema in words.items()
    ]
    found += [{"name": name, "in": "query", "schema": ANY} for name in queries]
    path = "".join(f"/{{{name}}}" for name in words)
    return {
        "openapi": "3.0.3",
        "info": {"title": "The pages of the desk", "version": "1"},
        "paths": {path: {"post": _operation(found, fields)}},
    }


def _word(name: str) -> Mapping[str, Any]:
    """Half of the time something that is there, so that what stands behind it is asked too."""
    known = {"chrono": FIRST.rpartition("/")[2], "service": "bmi", "person": "a.gent"}
    free = {**ANY, "minLength": 1}
    return {"anyOf": [{"enum": [known[name]]}, free]} if name in known else free


def _operation(parameters: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> dict[str, Any]:
    properties: dict[str, Any] = dict.fromkeys(fields, ANY)
    properties[forms.CSRF] = {"type": "string", "enum": [TOKEN]}
    properties[forms.DECISION] = KINDS["uuid"]
    required = [forms.CSRF, forms.DECISION]
    form = {"type": "object", "properties": properties, "required": required}
    return {
        "parameters": parameters,
        "responses": {"200": {"description": "it"}},
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": form}},
        },
    }
