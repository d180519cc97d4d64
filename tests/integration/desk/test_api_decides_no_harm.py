"""What a program decides does no harm: to others' items, to what is kept, to who is named."""

import asyncio
from pathlib import Path
from uuid import uuid4

import pytest

from services.desk.api.domain.keys import KeyScope
from services.desk.decider import Decider
from services.desk.domain.decisions.withdrawal import AskWithdrawal
from services.desk.pages.serve import PageServer
from shared.facts import ids
from shared.facts.envelope import PersonId
from shared.facts.origin import SESSION
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import TODAY
from tests.desk_builders import an_applied_site, an_arrival
from tests.integration.desk.programs import (
    ELSEWHERE,
    FIRST,
    a_register,
    given,
)

pytestmark = pytest.mark.usefixtures("live_site", "environment")

DECIDES = (KeyScope.ITEMS, KeyScope.DECIDE)


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


def files(folder: Path) -> list[Path]:
    """What is kept beside the register."""
    return sorted(path for path in folder.rglob("*") if path.is_file())


async def test_a_word_that_was_forgotten_decides_again(desk: PageServer, pool: Pool) -> None:
    program = await given(desk, *DECIDES)
    for name in ("to-transmit", "not-to-transmit", "to-transmit"):
        assert (await program.decide(FIRST, name, once="a")).status_code == 200
        await pool.execute("DELETE FROM desk.api_decisions")
    assert [kind for kind, _ in await facts(pool, FIRST)] == [
        *("WaitStarted", "WaitEnded", "WaitStarted")
    ]


async def test_a_merger_is_undone_by_who_may_decide_about_both(
    desk: PageServer, pool: Pool
) -> None:
    whole, ours = await given(desk, *DECIDES, services=None), await given(desk, *DECIDES)
    assert (await whole.decide(FIRST, "merge", into=ELSEWHERE)).status_code == 200
    seq = await pool.fetchval("SELECT max(seq) FROM desk.facts WHERE type = 'ItemMergedInto'")
    refused = await ours.decide(FIRST, "undo", seq=seq)
    assert (refused.status_code, refused.json()["code"]) == (403, "not-yours")
    assert (await whole.decide(FIRST, "undo", seq=seq)).json()["state"] == "open"


async def test_two_keys_that_merge_crosswise_wait_for_each_other_in_one_order(
    desk: PageServer,
) -> None:
    program = await given(desk, *DECIDES, services=None)
    for _ in range(3):
        both = await asyncio.gather(
            program.decide(FIRST, "merge", tag="*", into=ELSEWHERE),
            program.decide(ELSEWHERE, "merge", tag="*", into=FIRST),
        )
        assert {answer.status_code for answer in both} <= {200, 409}
        merged = next(
            n for n, answer in zip((FIRST, ELSEWHERE), both, strict=True) if answer.is_success
        )
        item = (await program.get(f"/items/{merged}")).json()
        assert (await program.decide(merged, "undo", seq=item["version"])).status_code == 200


async def test_what_two_persons_ask_no_key_takes_back(desk: PageServer, pool: Pool) -> None:
    program = await given(desk, *DECIDES)
    await _asks_withdrawal(pool)
    seq = await pool.fetchval("SELECT max(seq) FROM desk.facts WHERE type = 'WithdrawalAsked'")
    refused = await program.decide(FIRST, "undo", seq=seq)
    assert (refused.status_code, refused.json()["code"]) == (403, "by-session-only")


async def test_a_sender_who_can_not_be_read_is_not_wiped(
    desk: PageServer, pool: Pool, tmp_path: Path
) -> None:
    program = await given(desk, *DECIDES)
    for path in files(tmp_path):
        path.unlink()
    address = f"/items/{FIRST}/decisions/correct-sender"
    word = {"if-match": "*", "idempotency-key": "a"}
    answer = await program.post(address, {"name": "Durand"}, **word)
    assert (answer.status_code, answer.json()["code"]) == (503, "away")
    assert await facts(pool, FIRST) == []


async def test_english_refusals_name_no_colleague(desk: PageServer) -> None:
    program = await given(desk, *DECIDES)
    address = f"/items/{FIRST}/decisions/assign"
    answer = await program.post(
        address, {"agent": "r.gent"},
        **{"if-match": "*", "idempotency-key": "a", "accept-language": "en"},
    )  # fmt: skip
    assert (answer.status_code, answer.json()["why"]) == (409, "not-a-member")
    assert "a colleague" in answer.json()["title"]
    assert [who for who in ("a.gent", "b.gent", "r.gent") if who in answer.json()["title"]] == []


async def test_what_is_typed_is_kept_as_forms_keep_it(desk: PageServer, tmp_path: Path) -> None:
    office = await given(desk, *DECIDES, services=("courrier",))
    paper = {
        "category": "titre-de-sejour",
        "name": "Zo\u202eé\ufffe  Essai",
        "subject": "Une\x7f carte",
    }
    assert (await office.post("/items", paper, **{"idempotency-key": "a"})).status_code == 200
    assert any('"Zo é Essai"' in path.read_bytes().decode() for path in files(tmp_path))
    for day in (86400, "0001-01-01", "2999-01-01"):
        wrong = await office.post(
            "/items", {**paper, "received_on": day}, **{"idempotency-key": "b"}
        )
        assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "received_on")
    before = files(tmp_path)
    for more in (
        {"category": "nothing"},
        {"received_on": "2026-05-13"},
        {"service": "nowhere"},
        {"nature": "complaint", "theme": "nothing"},
        {"channel": "email"},
    ):
        refused = await office.post("/items", {**paper, **more}, **{"idempotency-key": "c"})
        assert refused.status_code == 409
    assert files(tmp_path) == before, "no file of what was refused"


async def _asks_withdrawal(pool: Pool) -> None:
    """The first of two persons asks that the content goes."""
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        head = directory.people[PersonId("b.head")]
        by = Decider(connection, head, uuid4(), TODAY, an_applied_site(), directory, origin=SESSION)
        item = ids.item_id("indre", an_arrival("a").arrival_id)
        await by.about(item, AskWithdrawal(None, "sans-suite"))
