"""`desk list`, `desk show` and `desk verify`, as a clerk types them."""

import asyncio
from datetime import timedelta

import orjson
import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.desk.handlers.arrivals import hears_arrivals
from shared.platform.database import Pool, transaction
from tests.desk_builders import MONDAY, an_arrival, certain, digest, rules
from tests.roles import one_transaction

NOW = MONDAY + timedelta(minutes=5)

pytestmark = pytest.mark.usefixtures("live_site", "environment")


async def ask(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words])


@pytest.fixture
async def two_items(pool: Pool) -> None:
    async with transaction(pool) as connection:
        batch = [
            an_arrival("a", routing=certain()),
            an_arrival("b", correspondent=digest("bob")),
            an_arrival("c", routing=certain(), fingerprint=digest("content a")),
        ]
        await hears_arrivals(rules)(connection, batch, NOW)


@pytest.mark.usefixtures("two_items")
async def test_the_list_has_what_waits_for_an_answer() -> None:
    said = await ask("list")
    assert said.exit_code == 0, said.output
    assert "36-2026-A-000001" in said.output
    assert "36-2026-A-000002" in said.output
    found = orjson.loads((await ask("list", "--json", "--state", "to_qualify")).output)
    assert [item["chrono"] for item in found] == ["36-2026-A-000002"]
    fields = (
        "chrono state channel category nature perimeter priority service agent signatory"
        " received_on due due_clock days_left late at_risk"
    )
    assert " ".join(found[0]) == fields


@pytest.mark.usefixtures("two_items")
async def test_an_item_is_shown_with_its_messages_and_its_past() -> None:
    said = await ask("show", "36-2026-A-000001")
    assert said.exit_code == 0, said.output
    for words in ("titre de sejour", "2026-05-11", "copy", "ItemRegistered", "BMI"):
        assert words in said.output
    said = await ask("show", "36-2026-A-000001", "--json")
    assert said.exit_code == 0, said.exception
    shown = orjson.loads(said.output)
    assert shown["state"] == "open"
    assert [arrival["word"] for arrival in shown["arrivals"]] == ["item", "copy"]


async def test_what_makes_no_sense_is_one_sentence() -> None:
    for words, sentence in (
        (("show", "36-2026-A-000009"), "No item of the register bears 36-2026-A-000009"),
        (("show", "tomorrow"), "is no chrono"),
        (("list", "--service", "bureau"), "There is no service 'bureau'"),
    ):
        said = await ask(*words)
        assert said.exit_code == 1
        assert sentence in said.output
        assert "Traceback" not in said.output


@pytest.mark.usefixtures("two_items")
async def test_the_evidence_holds_and_shows_what_was_changed(postgres_url: str) -> None:
    said = await ask("verify")
    assert (said.exit_code, said.output) == (0, "2 chains checked, 0 do not hold.\n")
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.facts DISABLE TRIGGER keep_facts")
        await owner.execute(
            "UPDATE desk.facts SET payload = replace(payload, 'email', 'letter')"
            " WHERE type = 'ItemRegistered' AND payload LIKE '%000001%'"
        )
        await owner.execute("DELETE FROM desk.facts WHERE type = 'WaitStarted'")
    said = await ask("verify")
    assert said.exit_code == 1
    assert "36-2026-A-000001: fact 1 is not what was kept" in said.output
    assert "36-2026-A-000002: the item has 2 facts, 1 are kept" in said.output
