"""The API reads: each key × scope × object as the table says, documents, lists, tags."""

import asyncio
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Final

import httpx
import pytest
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi import checks

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.api.openapi import openapi_document
from services.desk.pages.api.table import ENDPOINTS
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import HOME, TODAY
from tests.desk_builders import (
    SPACE,
    an_arrival,
)
from tests.integration.desk.programs import (
    ELSEWHERE,
    FIRST,
    NOWHERE,
    OCTETS,
    RESERVED,
    a_register,
    given,
)
from tests.integration.desk.test_hostile_requests import requests, served_at

pytestmark = pytest.mark.usefixtures("live_site", "environment")


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


ARRIVAL: Final = {
    FIRST: an_arrival("a").arrival_id,
    RESERVED: an_arrival("b").arrival_id,
    ELSEWHERE: an_arrival("c").arrival_id,
    NOWHERE: SPACE,
}
PATHS: Final = ("", "/clocks", "/messages", "/originals/{arrival}")
"""Of an item; each of them stands in the table of addresses."""
ITEMS, CONTENT, BOTH, ALL = (
    (KeyScope.ITEMS,),
    (KeyScope.CONTENT,),
    (KeyScope.ITEMS, KeyScope.CONTENT),
    (KeyScope.ITEMS, KeyScope.CONTENT, KeyScope.RESERVED),
)
RIGHTS: Final[Sequence[tuple[Sequence[KeyScope], Sequence[str] | None, Mapping[str, str]]]] = (
    (ITEMS, ("bmi",), {FIRST: "yynn", RESERVED: "..nn", ELSEWHERE: "..nn", NOWHERE: "..nn"}),
    (CONTENT, ("bmi",), {FIRST: "nnyy", RESERVED: "nn..", ELSEWHERE: "nn..", NOWHERE: "nn.."}),
    (BOTH, ("dre",), {FIRST: "....", RESERVED: "....", ELSEWHERE: "yyyy", NOWHERE: "...."}),
    (BOTH, None, {FIRST: "yyyy", RESERVED: "....", ELSEWHERE: "yyyy", NOWHERE: "...."}),
    (ALL, ("dre",), {FIRST: "....", RESERVED: "....", ELSEWHERE: "yyyy", NOWHERE: "...."}),
    (ALL, ("bmi",), {FIRST: "yyyy", RESERVED: "yyyy", ELSEWHERE: "....", NOWHERE: "...."}),
)
"""By scopes and services of a key, for each item what its addresses answer: given, not this scope
(403), not there (404)."""
MET: Final = {200: "y", 403: "n", 404: "."}


async def test_each_key_meets_of_each_item_what_the_table_says(desk: PageServer) -> None:
    assert {row.path for row in ENDPOINTS if "{chrono}" in row.path and row.method == "GET"} == {
        f"/items/{{chrono}}{path.replace('{arrival}', '{arrival:uuid}')}" for path in PATHS
    }
    for scopes, services, told in RIGHTS:
        program = await given(desk, *scopes, services=services)
        for chrono, wanted in told.items():
            answers = [
                await program.get(f"/items/{chrono}{path.format(arrival=ARRIVAL[chrono])}")
                for path in PATHS
            ]
            met = "".join(MET[answer.status_code] for answer in answers)
            assert met == wanted, (scopes, services, chrono)
        if KeyScope.ITEMS in scopes:
            listed = {row["chrono"] for row in (await program.get("/items")).json()["items"]}
            assert listed == {chrono for chrono, wanted in told.items() if wanted[0] == "y"}


async def test_an_item_is_told_whole_and_its_content_apart(desk: PageServer, pool: Pool) -> None:
    program = await given(desk, *BOTH)
    item = (await program.get(f"/items/{FIRST}")).json()
    assert (item["service"], item["category"], item["received_on"]) == (
        *("bmi", "titre-de-sejour", "2026-05-11"),
    )
    assert item["clocks"][0]["limit"] == "2026-05-19"
    assert item["arrivals"][0]["sha256"] == sha256(OCTETS).hexdigest()
    without = await given(desk, *ITEMS)
    for path in (f"/items/{FIRST}", f"/items/{FIRST}/clocks", "/items"):
        text = (await without.get(path)).text
        assert not [word for word in ("Quidam", "zoe@", "Ma demande", "Bonjour") if word in text]
    clock = (await program.get(f"/items/{FIRST}/clocks")).json()["clocks"][0]
    assert clock["sentence"].startswith("Jour 0\u00a0: lundi 11 mai 2026.")
    assert (clock["limit"], clock["runs"], clock["late"]) == ("2026-05-19", True, False)
    assert clock["reasons"]
    message = (await program.get(f"/items/{FIRST}/messages")).json()["messages"][0]
    assert (message["sender_name"], message["subject"], message["text"]) == (
        *("Zoé Quidam", "Ma demande", "Bonjour"),
    )
    original = await program.get(f"/items/{FIRST}/originals/{ARRIVAL[FIRST]}")
    assert original.content == OCTETS
    assert original.headers["x-content-sha256"] == sha256(OCTETS).hexdigest()
    assert original.headers["content-disposition"].startswith("attachment")
    assert original.headers["content-type"] == "application/octet-stream"
    noted = await pool.fetch(
        "SELECT what, page FROM desk.journal WHERE person LIKE 'application:%' ORDER BY id"
    )
    assert [tuple(row) for row in noted] == [
        ("reading", "/api/v1/items/{chrono}/messages"),
        ("download", "/api/v1/items/{chrono}/originals/{arrival:uuid}"),
    ]


async def test_lists_go_on_from_page_to_page_and_are_filtered(desk: PageServer) -> None:
    program = await given(desk, *ALL, services=None)
    found, address = [], "/items?limit=1"
    while address:
        answer = (await program.get(address)).json()
        found += [row["chrono"] for row in answer["items"]]
        address = (answer["next"] or "").removeprefix("/api/v1")
    assert found == [ELSEWHERE, RESERVED, FIRST]
    asked = {
        "service=dre": [ELSEWHERE],
        "state=late": [],
        "category=titre-de-sejour": [RESERVED, FIRST],
        "received_from=2026-05-12": [],
        "received_until=2026-05-11&channel=email": [ELSEWHERE, RESERVED, FIRST],
    }
    for query, wanted in asked.items():
        items = (await program.get(f"/items?{query}")).json()["items"]
        assert [row["chrono"] for row in items] == wanted, query
    for query in (
        "limit=0",
        "limit=x",
        "nothing=1",
        "after=x",
        "state=lost",
        "service=a&service=b",
    ):
        wrong = await program.get(f"/items?{query}")
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (
            *(422, query.partition("=")[0]),
        )


async def test_what_a_program_has_already_is_not_sent_again(desk: PageServer) -> None:
    program = await given(desk, *ITEMS)
    for path in ("/items", f"/items/{FIRST}", "/key"):
        tag = (await program.get(path)).headers["etag"]
        again = await program.get(path, **{"if-none-match": f'"x", W/{tag}'})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
        assert (await program.get(path, **{"if-none-match": '"x"'})).status_code == 200


async def test_addresses_that_are_none_answer_a_problem_as_well(desk: PageServer) -> None:
    program = await given(desk, *ITEMS)
    for path, code in (("/nothing", "not-found"), ("/items/x", "no-such-item"), ("/", "not-found")):
        answer = await program.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, code)
    transport = httpx.ASGITransport(app=desk.app)
    async with httpx.AsyncClient(transport=transport, base_url=HOME) as client:
        answer = await client.post("/api/v1/key")
        described = await client.get("/api/v1/openapi.json")
        page = await client.get("/api/v1/docs")
    assert (answer.status_code, answer.json()["code"]) == (405, "method")
    assert described.json()["openapi"] == "3.1.0"
    shown = page.text.replace(":uuid", "")
    assert [
        path
        for path, methods in described.json()["paths"].items()
        for method in methods
        if f"<code>{method.upper()} /api/v1{path}<" not in shown
    ] == []


async def test_departures_figures_and_letters_are_of_the_services_of_the_key(
    desk: PageServer, pool: Pool
) -> None:
    rows = await pool.fetch("SELECT item_id, chrono FROM desk.items ORDER BY chrono")
    for number, row in enumerate(rows, 1):
        await pool.execute(
            "INSERT INTO desk.departures (chrono, item_id, recorded_at) VALUES ($1, $2, $3)",
            f"36-2026-D-00000{number}", row["item_id"], TODAY,
        )  # fmt: skip
    program = await given(desk, KeyScope.ITEMS, KeyScope.FIGURES, KeyScope.LETTERS)
    left = (await program.get("/departures")).json()["departures"]
    assert [row["departure"] for row in left] == ["36-2026-D-000001"]
    whole = await given(desk, *KeyScope, services=None)
    first = (await whole.get("/departures?limit=2")).json()
    after = (await whole.get(first["next"].removeprefix("/api/v1"))).json()
    numbers = [row["departure"] for row in (*first["departures"], *after["departures"])]
    assert numbers == [f"36-2026-D-00000{number}" for number in (3, 2, 1)]
    told = (await program.get("/figures?first=2026-05&last=2026-05")).json()["figures"]
    assert {(row["service"], row["month"]) for row in told} == {("bmi", "2026-05")}
    assert [(row["kept"], row["due"], row["open"]) for row in told if row["code"] == "reponse"] == [
        (0, 0, 1)
    ]
    for months in ("first=2026-05&last=2026-04", "first=2020-01&last=2026-05", "first=2026-13"):
        assert (await program.get(f"/figures?{months}")).status_code == 422
    assert (await program.get("/letters")).json() == {"letters": []}
    assert (await (await given(desk, *ITEMS)).get("/letters")).status_code == 403


CHECKS: Final = [
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


async def test_a_nul_in_an_address_is_a_problem_and_no_page(desk: PageServer) -> None:
    program = await given(desk, *ITEMS)
    for path, status, code in (
        ("/items?text=a%00b", 422, "query"),
        ("/items?a%00b=1", 422, "query"),
        ("/items/%00", 404, "not-found"),
    ):
        answer = await program.get(path)
        assert answer.headers["content-type"] == "application/problem+json"
        assert (answer.status_code, answer.json()["code"]) == (status, code)


async def test_no_request_breaks_what_the_document_promises(desk: PageServer) -> None:
    """Statuses, media types and documents are those that the OpenAPI document names."""
    program = await given(desk, *KeyScope, pace=6000)

    def broken(url: str) -> tuple[list[str], int]:
        wrong, asked = list[str](), 0
        for case in requests(openapi_document()):
            asked += 1
            case.headers = {**(case.headers or {}), "authorization": f"Bearer {program.token}"}
            answer = case.call(base_url=f"{url}/api/v1")
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as error:
                wrong.append(f"{case.method} {case.formatted_path}: {error.exceptions}")
        return wrong, asked

    async for url in served_at(desk.app):
        wrong, asked = await asyncio.to_thread(broken, url)
    assert wrong == []
    assert asked >= len(ENDPOINTS)
