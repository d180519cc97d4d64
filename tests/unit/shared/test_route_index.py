"""Routes behind an index answer as a list of them does, and few of them are tried."""

from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import Scope

from shared.web.route_index import RouteIndex


def saying(word: str) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        return PlainTextResponse(f"{word} {request.path_params} {request.scope['route'].path}")

    return answer


def routes() -> Sequence[BaseRoute]:
    inner = Starlette(routes=[Route("/docs", saying("hidden")), Route("/items", saying("items"))])
    return [
        Route("/", saying("front")),
        Route("/courrier", saying("list")),
        Route("/courrier", saying("sent"), methods=["POST"]),
        Route("/api/v1/docs", saying("docs")),
        Route("/{code}", saying("any")),
        Route("/courrier/{chrono}", saying("one")),
        Route("/bureau", saying("late")),
        Mount("/api/v1", inner),
        Route("/static/{name:path}", saying("file")),
    ]


ASKED = [
    ("GET", "/"), ("GET", "/courrier"), ("POST", "/courrier"), ("DELETE", "/courrier"),
    ("GET", "/courrier/"), ("GET", "/courrier/36"), ("POST", "/courrier/36"), ("GET", "/bureau"),
    ("GET", "/api/v1/docs"), ("GET", "/api/v1/items"), ("POST", "/api/v1/items"),
    ("GET", "/api/v1/none"), ("GET", "/api/v1"), ("GET", "/other"), ("GET", "/other/more"),
    ("GET", "/static/a/b.css"), ("GET", "//courrier"), ("GET", "/courrier%0A"),
    ("GET", "/bureau/36"), ("HEAD", "/courrier/36"), ("GET", "/static"),
]  # fmt: skip


async def ask(routes: Sequence[BaseRoute], method: str, path: str) -> httpx.Response:
    transport = httpx.ASGITransport(Starlette(routes=routes))
    async with httpx.AsyncClient(transport=transport) as client:
        return await client.request(method, f"http://desk.example{path}")


@pytest.mark.parametrize(("method", "path"), ASKED)
@pytest.mark.parametrize("below", ["", "/below"])
async def test_each_request_is_answered_as_by_the_list(method: str, path: str, below: str) -> None:
    async def said(listed: Sequence[BaseRoute]) -> tuple[int, str, str | None, str | None]:
        routes = [Mount(below, routes=listed)] if below else listed
        answer = await ask(routes, method, below + path)
        headers = answer.headers
        return answer.status_code, answer.text, headers.get("location"), headers.get("allow")

    assert await said([RouteIndex(routes())]) == await said(routes())


async def test_what_another_segment_leads_to_is_not_tried() -> None:
    tried = list[str]()

    class Noting(Route):
        def matches(self, scope: Scope) -> tuple[Match, Scope]:
            tried.append(self.path)
            return super().matches(scope)

    paths = [f"/qualite/{number}" for number in range(300)] + ["/{code}", "/api/items"]
    index = RouteIndex([Noting(path, saying(path)) for path in paths])
    assert (await ask([index], "GET", "/api/items")).status_code == 200
    assert tried == ["/{code}", "/api/items"]


def test_a_route_is_found_by_its_name() -> None:
    app = Starlette(routes=[RouteIndex([Route("/a/{n}", saying("a"), name="a")])])
    assert app.url_path_for("a", n="1") == "/a/1"
