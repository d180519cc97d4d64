"""Decisions as a clerk types them: the fact, the row and the outbox together, or one sentence."""

import asyncio
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import uuid5

import orjson
import pytest
from click.testing import CliRunner, Result

from services.__main__ import main
from services.desk.handlers.arrivals import hears_arrivals
from shared.content import spool
from shared.facts.arrival_base import MessageThread
from shared.facts.arrivals import Arrivals, Quarantine, ScanMarks, SetAside
from shared.facts.envelope import Chrono, On
from shared.facts.vocabulary import NoticeKind
from shared.paper.codes import DepartureCode, LabelCode
from shared.platform.database import Pool, transaction
from tests.code_keys import KEYS
from tests.desk_builders import (
    SPACE,
    a_reply_seen,
    a_scan,
    an_arrival,
    certain,
    digest,
    proposed,
    rules,
)
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
FIRST, SECOND = "36-2026-A-000001", "36-2026-A-000002"


@pytest.fixture(autouse=True)
async def _a_tuesday(postgres_url: str, live_site: None) -> None:
    del live_site
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)


async def desk_says(*words: str, stdin: str | None = None) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words], stdin)


async def done(*words: str) -> str:
    said = await desk_says(*words, "--as", "c.lerk")
    assert said.exit_code == 0, f"{said.output} {said.exception!r}"
    return said.output


async def refused(*words: str, who: str = "c.lerk") -> str:
    said = await desk_says(*words, "--as", who)
    assert said.exit_code == 1, said.output
    assert said.output.startswith("Error: ")
    return said.output


async def hear(pool: Pool, *batch: Arrivals) -> None:
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, batch, TODAY)


async def shown(chrono: str = FIRST) -> dict[str, Any]:
    said = await desk_says("show", chrono, "--json")
    assert said.exit_code == 0, said.output
    found: dict[str, Any] = orjson.loads(said.output)
    return found


async def test_a_decision_is_fact_row_and_outbox_together(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=proposed()))
    assert await done("qualify", "1") == f"{FIRST}: open, with bmi (its head).\n"
    await done("assign", "1", "--service", "bmi", "--agent", "a.gent")
    item = await shown()
    assert (item["state"], item["agent"]) == ("open", "a.gent")
    assert item["facts"][-1]["by"] == "person:c.lerk"
    told = await pool.fetchval("SELECT count(*) FROM desk.outbox")
    assert told == len(item["facts"]) == 4
    assert (await desk_says("verify")).exit_code == 0


async def test_a_number_of_a_sticker_is_printed_once_whoever_prints_it(tmp_path: Path) -> None:
    assert "1 to 96 are taken" in await done("labels", "--printed", "1-96")
    assert "printed already" in await refused("labels", "--printed", "90-100")
    out = str(tmp_path / "labels.pdf")
    assert "labels 97 to 98" in await done("labels", "--out", out, "--count", "2")
    assert (tmp_path / "labels.pdf").read_bytes().startswith(b"%PDF")


async def test_what_was_sorted_is_sorted_again(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    assert await done("sort-again", "1") == f"{FIRST}: to qualify, with bmi (its head).\n"
    assert "to be qualified already" in await refused("sort-again", "1")
    assert "open, with bmi" in await done("qualify", "1")


async def test_what_is_to_be_transmitted_waits_until_it_was_or_was_answered(pool: Pool) -> None:
    waits = "SELECT count(*) FROM desk.waits WHERE waiting = 'to_transmit' AND service = 'bmi'"
    await hear(pool, an_arrival("a", routing=certain()), a_scan("b", routing=certain()))
    for number in ("1", "2"):
        await done("to-transmit", number)
    assert await pool.fetchval(waits) == 2
    assert "to be transmitted already" in await refused("to-transmit", "1")
    await done("to-transmit", "1", "--not")
    assert await pool.fetchval(waits) == 1
    await done("to-transmit", "1")
    await done("transfer", "1", "--to", "mairie")
    assert [fact["type"] for fact in (await shown())["facts"][-3:]] == [
        "ItemTransferred", "NoticeOrdered", "WaitEnded"
    ]  # fmt: skip
    await done("depart", "2")
    assert await pool.fetchval(waits) == 0
    assert (await desk_says("verify")).exit_code == 0


async def test_what_makes_no_sense_changes_nothing(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    assert "nobody of this site" in await refused("close", "1", "--reason", "x", who="x.y")
    assert "does not work in bmi" in await refused(
        "assign", "1", "--service", "bmi", "--agent", "r.gent"
    )
    await done("close", "1", "--reason", "sans-suite")
    before = await pool.fetchval("SELECT count(*) FROM desk.facts")
    for words in (
        ("close", "1", "--reason", "sans-suite"),
        ("assign", "1", "--service", "dre"),
        ("depart", "1"),
    ):
        assert "is closed" in await refused(*words)
    assert await pool.fetchval("SELECT count(*) FROM desk.facts") == before
    assert await pool.fetchval("SELECT count(*) FROM desk.counters WHERE direction = 'D'") == 0


async def test_forty_departures_are_keyed_in_a_row(pool: Pool) -> None:
    await hear(pool, an_arrival("a", routing=certain()), a_scan("b", routing=certain()))
    said = await desk_says("depart", "--as", "c.lerk", stdin="1\n\n9\n2\n")
    assert said.exit_code == 1
    assert "36-2026-D-000001  36-2026-A-000001: answered" in said.output
    assert "9: No item of the register bears 36-2026-A-000009" in said.output
    assert "36-2026-D-000002  36-2026-A-000002: answered" in said.output
    assert (await shown("D-2"))["chrono"] == SECOND


async def test_a_hand_scanner_reads_what_our_paper_says(pool: Pool) -> None:
    marks = ScanMarks(label="000123")
    await hear(pool, an_arrival(routing=certain()), a_scan("b", routing=certain(), scan=marks))
    said = await done("depart", KEYS.write(DepartureCode(Chrono(FIRST), NoticeKind.TRANSFER)))
    assert "36-2026-D-000001" in said
    assert (await shown())["facts"][-1]["type"] == "PersonTold"
    assert f"{SECOND}: answered" in await done("depart", KEYS.write(LabelCode("indre", 123)))


async def test_a_code_that_nothing_proves_is_refused_by_the_commands(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    assert "not printed by this site" in await refused(
        "depart", f"VGM1:DEP:{FIRST}:REPLY/ABCDEFGHIJKLM"
    )
    assert "too old to be believed" in await refused("depart", f"VGM1:DEP:{FIRST}:REPLY")
    assert "too old to be believed" in await refused(
        "returned", "VGM1:LBL:INDRE:000123", "--reason", "unclaimed"
    )


async def test_undo_takes_a_departure_back(pool: Pool) -> None:
    await hear(pool, an_arrival(routing=certain()))
    await done("depart", "1")
    assert "(ReplySent) is taken back" in await done("undo", "1")
    assert (await shown())["state"] == "open"


async def test_a_letter_that_comes_back_waits_until_somebody_says_what_is_done(pool: Pool) -> None:
    await hear(pool, a_scan(routing=certain()))
    assert "No such letter" in await refused("returned", "1", "--reason", "other")
    await done("depart", "1")
    said = await done("returned", "D-1", "--reason", "unknown_at_address")
    assert said == f"{FIRST}: returned, with bmi (its head).\n"
    assert "came back already" in await refused("returned", "1", "--reason", "other")
    assert "why nothing more" in await refused("settle-return", "1", "--outcome", "nothing_more")
    await done("settle-return", "1", "--outcome", "nothing_more", "--why", "sans-suite")
    item = await shown()
    assert (item["state"], item["facts"][-1]["type"]) == ("answered", "ReturnSettled")


async def test_a_message_seen_in_sent_is_confirmed_by_one_key(pool: Pool) -> None:
    seen = a_reply_seen(at=datetime(2026, 5, 12, 7, 0, tzinfo=UTC))
    await hear(pool, an_arrival(routing=certain()), seen)
    await done("confirm-reply", "1", "reply")
    assert (await shown())["state"] == "answered"


async def test_two_items_are_merged_and_parted(pool: Pool) -> None:
    await hear(pool, an_arrival("a", routing=certain()), an_arrival("b", routing=proposed()))
    await done("merge", "2", "--into", "1")
    assert (await shown(SECOND))["merged_into"] == FIRST
    assert (await shown())["absorbed"] == [SECOND]
    later = (MessageThread(messages=(digest("message b"),)),)
    await hear(pool, an_arrival("c", threads=later))
    assert len((await shown())["messages"]) == 1, "a reference to the absorbed joins the survivor"
    await done("undo", "2")
    assert (await shown())["absorbed"] == []
    assert (await shown(SECOND))["state"] == "to_qualify"


async def test_a_message_is_split_off(pool: Pool) -> None:
    await hear(pool, an_arrival("a", routing=certain()))
    thread = (MessageThread(messages=(digest("message a"),)),)
    await hear(pool, an_arrival("b", threads=thread))
    assert SECOND in await done("split", "1", "2")
    new = await shown(SECOND)
    assert (new["state"], [arrival["word"] for arrival in new["arrivals"]]) == (
        "to_qualify",
        ["item"],
    )
    assert (await shown())["messages"] == []


async def test_an_item_keyed_at_the_counter_meets_its_scan_by_the_sticker(pool: Pool) -> None:
    await done("register", "--category", "association", "--day", "2026-05-11", "--label", "123")
    item = await shown("label:123")
    assert (item["chrono"], item["service"], item["state"]) == (FIRST, "dre", "open")
    assert item["received_on"] == "2026-05-11"
    assert "on another item already" in await refused("register", "--label", "123")
    await hear(
        pool, a_scan("paper", scan=ScanMarks(label="000123"), receipt=On(day=date(2026, 5, 12)))
    )
    assert [arrival["word"] for arrival in (await shown())["arrivals"]] == ["message"]


async def test_what_waits_is_taken_set_aside_or_read_again(pool: Pool, tmp_path: Path) -> None:
    await hear(
        pool,
        an_arrival("unread", verdict=Quarantine(reason="no_header"), pli=None),
        an_arrival("letter", verdict=SetAside(reason="newsletter"), correspondent=digest("x")),
        an_arrival("old", at=datetime(2026, 4, 20, tzinfo=UTC), correspondent=digest("y")),
    )
    unread, letter, old = (str(uuid5(SPACE, name)) for name in ("unread", "letter", "old"))
    said = await desk_says("waiting", "list")
    assert unread[:13] in said.output
    assert "no_header mailbox:bmi" in said.output
    await done("waiting", "retry", unread[:8])
    assert len(spool.waiting_folders(tmp_path / "spool")) == 1
    assert "it is history" in await refused("waiting", "retry", old)
    await done("waiting", "set-aside", unread[:8], "--reason", "bruit")
    assert "not in quarantine" in await refused("waiting", "set-aside", unread[:8], "--reason", "x")
    assert FIRST in await done("waiting", "take", letter[:8])
    assert SECOND in await done("waiting", "take", old)
    assert "waits no more" in await refused("waiting", "take", old)
    assert "begin with ffff" in await refused("waiting", "take", "ffff")
    assert "is no id" in await refused("waiting", "take", "demain")
    item = await shown(SECOND)
    assert item["facts"][0]["imported"]
    assert item["received_on"] == "2026-04-20"
    words = await pool.fetch("SELECT word FROM desk.arrivals ORDER BY word")
    assert [row["word"] for row in words] == ["item", "item", "set_aside"]
    assert (await desk_says("verify")).exit_code == 0


async def test_everything_is_told_again_with_the_same_ids(pool: Pool) -> None:
    await hear(pool, an_arrival("a", routing=certain()), an_arrival("b", routing=proposed()))
    before = await pool.fetch("SELECT event_id, payload FROM desk.outbox ORDER BY event_id")
    await pool.execute("DELETE FROM desk.outbox")
    said = await desk_says("republish")
    assert said.exit_code == 0, said.output
    after = await pool.fetch("SELECT event_id, payload FROM desk.outbox ORDER BY event_id")
    assert after == before


async def test_a_reply_is_written_beside_and_ordered(pool: Pool, tmp_path: Path) -> None:
    await hear(pool, an_arrival(routing=certain()))
    said = await desk_says("reply", "1", "--as", "a.gent", "--text", "-", stdin="Madame,\nOui.\n")
    assert said.exit_code == 0, said.output
    order = (await shown())["facts"][-1]
    assert (order["type"], order["kind"]) == ("NoticeOrdered", "reply")
    assert "Madame" in (tmp_path / "blobs" / order["pli"]).read_text()
