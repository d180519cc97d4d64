"""What the API gives to decide by: what is found, codes, what waits, numbers of facts."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote

import pytest

from services.desk.api.domain.keys import KeyScope
from services.desk.pages.serve import PageServer
from shared.facts.arrivals import Quarantine
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_builders import an_arrival, proposed
from tests.integration.desk.clocked import ARRIVALS, NOW
from tests.integration.desk.findings import read
from tests.integration.desk.programs import (
    ELSEWHERE,
    FIRST,
    NOWHERE,
    RESERVED,
    Program,
    a_register,
    given,
)

pytestmark = pytest.mark.usefixtures("live_site", "environment")

DECIDES: Final = (KeyScope.ITEMS, KeyScope.DECIDE)
FINDS: Final[Sequence[tuple[Sequence[KeyScope], Sequence[str] | None, Sequence[str]]]] = (
    ((KeyScope.CONTENT,), ("bmi",), (FIRST,)),
    ((KeyScope.CONTENT,), ("dre",), (ELSEWHERE,)),
    ((KeyScope.CONTENT,), None, (ELSEWHERE, FIRST)),
    ((KeyScope.CONTENT, KeyScope.RESERVED), ("bmi",), (RESERVED, FIRST)),
    ((KeyScope.CONTENT, KeyScope.RESERVED), ("dre",), (ELSEWHERE,)),
    ((KeyScope.CONTENT, KeyScope.RESERVED), None, (ELSEWHERE, RESERVED, FIRST)),
)
"""By scopes and services of a key, what it finds by words that stand in all three items."""


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    made = await a_register(pool, story_clock, tmp_path)
    await read(pool, tmp_path)
    return made


async def found(program: Program, words: str) -> Sequence[str]:
    answer = await program.get(f"/search?q={quote(words)}")
    assert answer.status_code == 200, answer.text
    return [row["chrono"] for row in answer.json()["found"]]


async def test_each_key_finds_what_it_may_read_and_nothing_else(desk: PageServer) -> None:
    for scopes, services, told in FINDS:
        program = await given(desk, *scopes, services=services)
        assert await found(program, "quidam demande") == list(told), (scopes, services)
        for chrono in (FIRST, RESERVED, ELSEWHERE, NOWHERE):
            assert await found(program, chrono) == [chrono] * (chrono in told)
    for scopes in (
        (KeyScope.ITEMS,),
        (KeyScope.LETTERS, KeyScope.FIGURES),
        DECIDES,
        (KeyScope.DEPOSIT,),
    ):
        program = await given(desk, *scopes)
        answer = await program.get("/search?q=quidam")
        assert (answer.status_code, answer.json()["code"]) == (403, "scope"), scopes


async def test_what_is_found_is_told_by_its_words_page_by_page_and_journalled(
    desk: PageServer, pool: Pool
) -> None:
    program = await given(desk, KeyScope.CONTENT, KeyScope.RESERVED, services=None)
    told, address = list[Mapping[str, object]](), "/search?q=quidam&limit=1"
    while address:
        answer = (await program.get(address)).json()
        told += answer["found"]
        address = (answer["next"] or "").removeprefix("/api/v1")
    assert [row["chrono"] for row in told] == [ELSEWHERE, RESERVED, FIRST]
    assert told[2] == {
        "chrono": FIRST,
        "received_on": "2026-05-11",
        "reserved": False,
        "sender": "Zoé Quidam · zoe@example.org",
        "subject": "Ma demande",
        "extract": told[2]["extract"],
        "indexed": True,
    }
    assert "Bonjour" in str(told[2]["extract"])
    noted = await pool.fetch(
        "SELECT DISTINCT what, page, person FROM desk.journal WHERE person LIKE 'application:%'"
    )
    assert [tuple(row) for row in noted] == [
        ("reading", "/api/v1/search", f"application:{program.key}")
    ]
    readers = await pool.fetch(
        "SELECT chrono, person FROM desk.readings JOIN desk.items USING (item_id)"
    )
    assert [tuple(row) for row in readers] == [(RESERVED, f"application:{program.key}")]
    slip = (await program.get("/search?q=qiudam&limit=1")).json()
    assert (slip["close"], len(slip["found"])) == (True, 1)
    after = (await program.get(slip["next"].removeprefix("/api/v1"))).json()
    assert (after["close"], after["found"][0]["chrono"]) == (True, RESERVED)
    for wrong in ("", "?q=", "?q=a&after=x", f"?q={'a' * 201}", "?q=a&limit=0"):
        assert (await program.get(f"/search{wrong}")).status_code == 422, wrong
    for nasty in ("' OR 1=1 --", "\ue000a\ue001", "&" * 200, "(|!<->", '"', "   "):
        await found(program, nasty)


async def test_the_codes_are_those_that_decisions_take(desk: PageServer) -> None:
    program = await given(desk, *DECIDES)
    codes = (await program.get("/codes")).json()
    assert codes["effective_from"].endswith("Z")
    assert {"code": "bmi", "words": "Bureau bmi"} in codes["services"]
    rows = {row["code"]: row for row in codes["categories"]}
    assert (rows["titre-de-sejour"]["service"], rows["titre-de-sejour"]["perimeter"]) == (
        *("bmi", True),
    )
    assert {"close", "reopen", "receipt", "perimeter", "late", "extend", "dismiss"} == set(
        codes["reasons"]
    )
    for row in codes["reasons"]["close"]:
        closed = await program.decide(FIRST, "close", reason=row["code"])
        assert closed.status_code == 200, row
        why = codes["reasons"]["reopen"][0]["code"]
        assert (await program.decide(FIRST, "reopen", reason=why)).status_code == 200
    unknown = await program.decide(FIRST, "close", reason="aucune")
    assert (unknown.status_code, unknown.json()["why"]) == (409, "no-such-code")


async def test_arrivals_that_wait_go_on_from_page_to_page(desk: PageServer, pool: Pool) -> None:
    wait = [
        an_arrival(
            f"q{n}",
            verdict=Quarantine(reason="bomb"),
            routing=proposed(),
            happened_at=NOW + timedelta(minutes=n),
        )
        for n in range(3)
    ]
    async with transaction(pool) as connection:
        await ARRIVALS(connection, wait, NOW)
    office = await given(desk, *DECIDES, services=("courrier",))
    told, address = list[str](), "/arrivals?limit=2"
    while address:
        answer = (await office.get(address)).json()
        assert answer["total"] == 3
        told += [row["arrival"] for row in answer["arrivals"]]
        address = (answer["next"] or "").removeprefix("/api/v1")
    assert sorted(told) == sorted(str(arrival.arrival_id) for arrival in wait)
    for wrong in ("after=x", "after=2026-05-12T08:00:00Z~x"):
        assert (await office.get(f"/arrivals?{wrong}")).status_code == 422, wrong


async def test_an_item_tells_the_numbers_that_decisions_name(desk: PageServer) -> None:
    program = await given(desk, *DECIDES)
    assert (await program.decide(FIRST, "assign", agent="a.gent")).status_code == 200
    item = (await program.get(f"/items/{FIRST}")).json()
    last, opened = item["facts"][-1], item["facts"][0]
    assert (last["fact"], last["stands"], last["statement"]) == ("ItemAssigned", True, True)
    assert not opened["statement"]
    assert (opened["seq"], opened["fact"], opened["arrival"]) == (
        *(1, "ItemRegistered", item["arrivals"][0]["arrival"]),
    )
    assert (await program.decide(FIRST, "undo", seq=last["seq"])).status_code == 200
    undone = (await program.get(f"/items/{FIRST}")).json()
    assert undone["agent"] is None
    after = undone["facts"]
    assert [fact["stands"] for fact in after if fact["seq"] == last["seq"]] == [False]
    assert [fact["seq"] for fact in after] == list(range(1, len(after) + 1))
