"""Whatever is asked of any page, and whatever any form holds: an answer, never a failure of ours.

Schemathesis makes the requests, from the table of pages and from every field that a handler reads.
HYPOTHESIS_PROFILE=thorough asks each page a thousand times.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

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
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    await serving


@pytest.fixture(scope="module")
def drawn() -> Callable[[], Iterable[Any]]:
    """The requests that each person makes, one after the other; a long hunt draws for each anew."""
    if EXAMPLES == THOROUGH:
        return lambda: requests(_document())
    once = list(requests(_document()))
    return lambda: once


@pytest.mark.parametrize("person", WHO)
async def test_no_request_makes_a_page_fail(
    desk: tuple[str, Mapping[str | None, str]],
    drawn: Callable[[], Iterable[Any]],
    person: str | None,
) -> None:
    url, sessions = desk
    failed, asked = await asyncio.to_thread(failures, url, drawn(), sessions[person])
    assert asked >= len(features.PAGES) - len(LASTING)
    assert failed == {}


def requests(document: Mapping[str, Any]) -> Iterator[Any]:
    """What is asked of a table of pages (OpenAPI): some requests for each page and method."""
    schema = schemathesis.openapi.from_dict(dict(document))
    for made in schema.get_all_operations():
        yield from _requests(made.ok())  # type: ignore[union-attr]  # our own document is valid


def _requests(operation: Any) -> Sequence[Any]:
    found: list[Any] = []

    @settings(
        max_examples=EXAMPLES,
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


def failures(url: str, cases: Iterable[Any], session: str = "") -> tuple[Mapping[str, str], int]:
    """What failed of these requests, and how many were made."""
    failed: dict[str, str] = {}
    asked = 0
    for case in cases:
        asked += 1
        held = case.body
        case.headers = {**(case.headers or {}), "origin": url}
        case.body = _of_session(held, session)
        answer = case.call(base_url=url, cookies={cookies.SESSION: session}, allow_redirects=False)
        if answer.status_code >= 500:
            failed[f"{case.method} {case.path}"] = case.as_curl_command()[:2000]
        case.body = held
    return failed, asked


def _of_session(body: Any, session: str) -> Any:
    """A form as this session holds it; without one it has no token."""
    if not isinstance(body, dict) or body.get(forms.CSRF) != TOKEN:
        return body
    token = {forms.CSRF: forms.token(session)} if session else {}
    return {name: value for name, value in body.items() if name != forms.CSRF} | token


def _document() -> dict[str, Any]:
    """The table of pages in the words of OpenAPI."""
    source = "\n".join(
        path.read_text() for path in Path(services.desk.pages.__path__[0]).rglob("*.py")
    )
    fields = sorted(set(FORM_FIELD.findall(source)))
    queries = sorted({*QUERY_FIELD.findall(source), *query_string.FIELDS, "apres", "proche"})
    assert len(fields) > 10
    paths: dict[str, Any] = {}
    for page in features.PAGES:
        if page.path not in LASTING:
            path = PARAMETER.sub(r"{\1}", page.path)
            for method in page.methods:
                operation = _operation(page, method, queries, fields)
                paths.setdefault(path, {})[method.lower()] = operation
    return {
        "openapi": "3.0.3",
        "info": {"title": "The pages of the desk", "version": "1"},
        "paths": paths,
    }


def _word(name: str) -> Mapping[str, Any]:
    """Half of the time something that is there, so that what stands behind it is asked too."""
    known = {"chrono": FIRST.rpartition("/")[2], "service": "bmi", "person": "a.gent"}
    free = {**ANY, "minLength": 1}
    return {"anyOf": [{"enum": [known[name]]}, free]} if name in known else free


def _operation(page: Page, method: str, queries: list[str], fields: list[str]) -> dict[str, Any]:
    found: list[dict[str, Any]] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": KINDS[kind] if kind else _word(name),
        }
        for name, kind in PARAMETER.findall(page.path)
    ]
    found += [{"name": name, "in": "query", "schema": ANY} for name in queries]
    operation: dict[str, Any] = {"parameters": found, "responses": {"200": {"description": "it"}}}
    if method == "POST":
        properties: dict[str, Any] = dict.fromkeys(fields, ANY)
        properties[forms.CSRF] = {"type": "string", "enum": [TOKEN]}
        properties[forms.DECISION] = KINDS["uuid"]
        required = [forms.CSRF, forms.DECISION]
        form = {"type": "object", "properties": properties, "required": required}
        operation["requestBody"] = {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": form}},
        }
    return operation
