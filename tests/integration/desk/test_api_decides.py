"""Programs decide by their keys: once, on what they saw, by the rules of pages, as nobody."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from services.desk.api.answers_job import forget
from services.desk.api.domain.keys import KeyScope
from services.desk.api.store import decisions as told
from services.desk.pages.api.decisions import by_session
from services.desk.pages.serve import PageServer
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import TODAY, Browser
from tests.desk_builders import an_arrival, digest, proposed
from tests.integration.desk.clocked import ARRIVALS, NOW
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

DECIDES = (KeyScope.ITEMS, KeyScope.DECIDE)
UNSORTED = "36-2026-A-000004"


@pytest.fixture
async def desk(pool: Pool, story_clock: Clock, tmp_path: Path) -> PageServer:
    return await a_register(pool, story_clock, tmp_path)


async def facts(pool: Pool, chrono: str) -> list[tuple[str, str]]:
    """Type and author of the facts that programs stated about an item."""
    rows = await pool.fetch(
        "SELECT f.type, f.by FROM desk.facts f JOIN desk.items USING (item_id)"
        " WHERE chrono = $1 AND f.payload::jsonb ->> 'via' = 'application' ORDER BY f.seq",
        chrono,
    )
    return [(row["type"], row["by"]) for row in rows]


async def test_a_decision_of_a_program_is_its_keys(desk: PageServer, pool: Pool) -> None:
    program = await given(desk, *DECIDES)
    answer = await program.decide(FIRST, "assign", agent="a.gent")
    assert answer.status_code == 200
    item = await program.get(f"/items/{FIRST}")
    said = answer.json()
    assert (said["chrono"], said["version"], said["state"]) == (
        *(FIRST, item.json()["version"], item.json()["state"]),
    )
    assert (item.json()["agent"], item.headers["etag"]) == ("a.gent", said["tag"])
    author = f"application:{program.key}"
    assert await facts(pool, FIRST) == [("ItemAssigned", author)]
    page = (await (await Browser(desk).sign_in("b.head")).get(f"/courrier/{FIRST}")).text
    assert f"une application (clé {program.key})" in page
    given_by = await pool.fetchrow(
        "SELECT given_by, confirmed_by FROM desk.api_keys WHERE key = $1", program.key
    )
    assert tuple(given_by or ()) == ("account:local", "person:s.general")


async def test_a_request_that_is_repeated_decides_nothing_twice(
    desk: PageServer, pool: Pool
) -> None:
    program = await given(desk, *DECIDES)
    both = await asyncio.gather(
        *(program.decide(FIRST, "declare", once="a", tag="*", day="2026-05-11") for _ in range(2))
    )
    assert {answer.status_code for answer in both} == {200}
    assert len({answer.text for answer in both}) == 1
    assert len(await facts(pool, FIRST)) == 1
    for name, day in (("declare", {"day": "2026-05-10"}), ("hear-third", dict[str, str]())):
        word = {"if-match": "*", "idempotency-key": "a"}
        other = await program.post(f"/items/{FIRST}/decisions/{name}", day, **word)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency-other")
    refused = await program.decide(FIRST, "hear-third", once="b")
    assert refused.status_code == 409
    again = await program.decide(FIRST, "take-back", once="b", reason="unknown_at_address")
    assert (again.status_code, again.json()["state"]) == (200, "returned"), "a refusal is not kept"
    none = await program.post(f"/items/{FIRST}/decisions/to-transmit", {}, **{"if-match": "*"})
    assert (none.status_code, none.json()["code"]) == (400, "idempotency-key")


async def test_answers_are_forgotten_after_thirty_days(desk: PageServer, pool: Pool) -> None:
    program = await given(desk, *DECIDES)
    assert (await program.decide(FIRST, "to-transmit", once="a")).status_code == 200
    async with transaction(pool) as connection:
        later = TODAY + timedelta(days=1)
        assert await told.claim(connection, program.key, "b", "0" * 64, later) is None
    assert await forget(pool, TODAY + told.KEPT) == 0
    assert await forget(pool, TODAY + told.KEPT + timedelta(hours=1)) == 1
    assert await pool.fetchval("SELECT array_agg(said) FROM desk.api_decisions") == ["b"]


async def test_who_decides_on_what_has_changed_is_told_so(desk: PageServer) -> None:
    program, other = await given(desk, *DECIDES), await given(desk, *DECIDES)
    seen = (await program.get(f"/items/{FIRST}")).headers["etag"]
    assert (await other.decide(FIRST, "to-transmit")).status_code == 200
    stale = await program.decide(FIRST, "assign", tag=seen, agent="a.gent")
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    blind = await program.post(
        f"/items/{FIRST}/decisions/assign", {"agent": "a.gent"}, **{"idempotency-key": "x"}
    )
    assert (blind.status_code, blind.json()["code"]) == (428, "if-match")
    assert (await program.decide(FIRST, "assign", agent="a.gent")).status_code == 200


async def test_a_refusal_has_the_sentence_of_its_page(desk: PageServer) -> None:
    program = await given(desk, *DECIDES)
    refused = await program.decide(FIRST, "from-signature")
    assert (refused.status_code, refused.json()["code"], refused.json()["why"]) == (
        *(409, "refused", "not-in-signature"),
    )
    assert refused.json()["title"] == f"Le courrier {FIRST} n’est pas à la signature."
    flagged = await program.decide(FIRST, "reclassify", priority="signalee")
    assert flagged.json()["why"] == "may-not-flag"
    assert (await program.decide(FIRST, "close", reason="made-up")).json()["why"] == "no-such-code"
    address = f"/items/{FIRST}/decisions/close"
    for body, field in (({}, "reason"), ({"reason": "x", "more": 1}, "more")):
        wrong = await program.post(address, body, **{"if-match": "*", "idempotency-key": field})
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, field)
    broken = await program.post(f"/items/{FIRST}/decisions/close", b"{", **{"if-match": "*"})
    assert (broken.status_code, broken.json()["code"]) == (422, "body")
    huge = await program.post(f"/items/{FIRST}/decisions/close", b" " * 70_000)
    assert (huge.status_code, huge.json()["code"]) == (413, "too-large")


async def test_a_key_decides_what_an_agent_of_its_services_may(desk: PageServer) -> None:
    ours, office = await given(desk, *DECIDES), await given(desk, *DECIDES, services=("courrier",))
    copied = await office.decide(ELSEWHERE, "assign", copies=["bmi"])
    assert copied.status_code == 200
    reads = await given(desk, KeyScope.ITEMS)
    whole = await given(desk, *DECIDES, KeyScope.RESERVED)
    for program, chrono, met in (
        (ours, FIRST, 200),
        (ours, ELSEWHERE, 403),  # in copy: it reads
        (ours, RESERVED, 404),
        (ours, NOWHERE, 404),
        (office, RESERVED, 404),
        (whole, RESERVED, 200),
        (reads, FIRST, 403),
    ):
        answer = await program.decide(chrono, "to-transmit", tag="*")
        assert answer.status_code == met, chrono
    lists = [row["chrono"] for row in (await office.get("/items")).json()["items"]]
    assert lists == [ELSEWHERE, FIRST]
    assert (await ours.get("/arrivals")).json()["code"] == "not-yours"


async def test_the_bureau_du_courrier_sorts_and_registers(desk: PageServer, pool: Pool) -> None:
    unsorted = an_arrival("d", routing=proposed(), correspondent=digest("d"))
    async with transaction(pool) as connection:
        await ARRIVALS(connection, [unsorted], NOW)
    office = await given(desk, *DECIDES, services=("courrier",))
    ours = await given(desk, *DECIDES)
    assert (await ours.decide(UNSORTED, "qualify")).json()["code"] == "not-yours"
    sorted_ = await office.decide(UNSORTED, "qualify", subject="Un titre", service="dre")
    assert (sorted_.status_code, sorted_.json()["state"]) == (200, "open")
    again = await office.decide(UNSORTED, "sort-again")
    assert again.json()["state"] == "to_qualify"
    paper = {"category": "titre-de-sejour", "subject": "Une carte", "name": "Zoé Quidam"}
    at_the_counter = await office.post("/items", paper, **{"idempotency-key": "paper"})
    assert (at_the_counter.status_code, at_the_counter.json()["chrono"]) == (
        *(200, "36-2026-A-000005"),
    )
    assert (
        at_the_counter.text
        == (await office.post("/items", paper, **{"idempotency-key": "paper"})).text
    )
    assert (await ours.post("/items", paper, **{"idempotency-key": "p"})).status_code == 403
    assert (await office.get("/arrivals")).json() == {
        "arrivals": [],
        "total": 0,
        "next": None,
    }


async def test_what_two_persons_or_a_name_must_do_no_key_does(desk: PageServer) -> None:
    program = await given(desk, *KeyScope, services=None)
    named = [(row.name, dict[str, object]()) for row in by_session.DECISIONS]
    letters: list[tuple[str, dict[str, object]]] = [
        ("hold-on", {"until": "2026-06-05", "sent": False}),
        ("transfer", {"to": "ofii", "way": "mail", "sent": False}),
        ("ask-pieces", {"until": "2026-06-05", "pieces": ["passeport"], "sent": False}),
    ]
    for name, body in (*named, *letters):
        address, word = (
            f"/items/{FIRST}/decisions/{name}",
            {"if-match": "*", "idempotency-key": name},
        )
        answer = await program.post(address, body, **word)
        assert (answer.status_code, answer.json()["code"]) == (403, "by-session-only"), name


async def test_a_key_that_decides_waits_for_who_answers_for_it(desk: PageServer) -> None:
    alone: Program = await given(desk, *DECIDES, confirmed=False)
    answer = await alone.decide(FIRST, "to-transmit", tag="*")
    assert (answer.status_code, answer.json()["code"]) == (403, "unconfirmed")
