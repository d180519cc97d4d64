"""Who sees the outline of a réservé item never opens it, by pages nor by commands (ADR 0036)."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.integration.desk.clocked import items
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

FIRST, SECOND = "36-2026-A-000001", "36-2026-A-000002"
HERE = f"/courrier/{FIRST}"
WHO = ("c.lerk", "c.head", "a.gent", "r.gent", "b.head", "s.general", "d.rector", "q.officer")


@pytest.fixture
async def people(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    """Two items of bmi; the head made the first réservé."""
    await items(pool, "a", "b")
    site = pages(pool, story_clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in WHO}
    made = await found["b.head"].send(HERE, f"{HERE}/reclasser", {"confidentiality": "reserve"})
    assert made.status_code == 303, made.text
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def typed(*words: str) -> str:
    said = await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words])
    return f"{said.exit_code} {said.output}"


async def confidentiality(pool: Pool) -> str:
    found = await pool.fetchval("SELECT confidentiality FROM desk.items WHERE chrono = $1", FIRST)
    return str(found)


REFUSED = "cette décision revient à qui le lit en entier"


async def test_the_mail_office_neither_lowers_takes_nor_hands_itself_what_is_reserve(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    clerk = people["c.lerk"]
    for action, fields in (
        ("reclasser", {"confidentiality": "normal"}),
        ("autre-service", {"service": "courrier"}),
        ("fusionner", {"into": "2"}),
    ):
        answer = await clerk.send(HERE, f"{HERE}/{action}", fields)
        assert (answer.status_code, REFUSED in answer.text) == (422, True), (action, answer.text)
    into = await clerk.send(f"/courrier/{SECOND}", f"/courrier/{SECOND}/fusionner", {"into": "1"})
    assert (into.status_code, REFUSED in into.text) == (422, True)
    row = await pool.fetchrow("SELECT * FROM desk.items WHERE chrono = $1", FIRST)
    assert row is not None
    assert (row["confidentiality"], row["service"], row["merged_into"]) == ("reserve", "bmi", None)
    moved = await clerk.send(HERE, f"{HERE}/autre-service", {"service": "dre"})
    assert moved.status_code == 303, "they move it on as every paper"


async def test_a_command_opens_no_more_than_a_page(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    del people
    for words in (
        ("reclassify", FIRST, "--confidentiality", "normal", "--as", "c.lerk"),
        ("assign", FIRST, "--service", "courrier", "--as", "c.lerk"),
        ("assign", FIRST, "--service", "courrier", "--agent", "c.lerk", "--as", "c.lerk"),
        ("merge", FIRST, "--into", SECOND, "--as", "c.lerk"),
        ("merge", SECOND, "--into", FIRST, "--as", "c.lerk"),
        ("undo", FIRST, "--as", "c.lerk"),
    ):
        said = await typed(*words)
        assert said.startswith("1 "), (words, said)
        assert "who reads it whole decides this" in said, (words, said)
    for who, why in (
        ("q.officer", "another service has it"),
        ("o.call", f"No item of the register bears {SECOND}"),
        ("j.head", f"No item of the register bears {SECOND}"),
    ):
        said = await typed("close", SECOND, "--reason", "sans-suite", "--as", who)
        assert (said[:2], why in said) == ("1 ", True), (who, said)
    assert await confidentiality(pool) == "reserve"


async def test_who_sees_the_outline_does_not_say_where_its_answers_go(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    """An answer by mail to an address of one's own would be read there."""
    del people
    said = await typed("sender", FIRST, "--email", "moi@ailleurs.example", "--as", "c.lerk")
    assert (said[:2], "who reads it whole decides this" in said) == ("1 ", True), said
    assert await pool.fetchval("SELECT count(*) FROM desk.facts WHERE type = 'SenderNoted'") == 0


@pytest.mark.parametrize("who", ["b.head", "d.rector", "s.general"])
async def test_who_reads_it_whole_lowers_it(
    people: Mapping[str, Browser], pool: Pool, who: str
) -> None:
    fields = {"confidentiality": "normal"}
    answer = await people[who].send(HERE, f"{HERE}/reclasser", fields)
    assert answer.status_code == 303, answer.text
    assert await confidentiality(pool) == "normal"


async def test_a_reading_is_noted_by_the_most_confidential_that_the_item_ever_was(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    head = people["b.head"]
    await head.send(HERE, f"{HERE}/reclasser", {"confidentiality": "normal"})
    await people["c.lerk"].page(HERE)
    await people["c.lerk"].page(f"/courrier/{SECOND}")
    rows = await pool.fetch("SELECT DISTINCT person FROM desk.readings ORDER BY person")
    assert [row["person"] for row in rows] == ["b.head", "c.lerk"]
    before = await pool.fetchval("SELECT count(*) FROM desk.readings")
    await people["q.officer"].get("/recherche?q=1")
    after = await pool.fetchval("SELECT count(*) FROM desk.readings")
    assert after == before + 1, "by the search too"


async def test_undoing_the_word_that_made_it_reserve_is_a_lowering(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    fact = await pool.fetchval(
        "SELECT max(f.seq) FROM desk.facts f JOIN desk.items USING (item_id) WHERE chrono = $1",
        FIRST,
    )
    answer = await people["c.lerk"].send(HERE, f"{HERE}/annuler", {"seq": str(fact)})
    assert (answer.status_code, REFUSED in answer.text) == (422, True), answer.text
    assert await confidentiality(pool) == "reserve"


async def test_a_number_a_label_or_a_code_tells_nothing_about_what_one_may_not_see(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    """What is there and what is not answer alike, by every way of asking."""
    item = await pool.fetchval("SELECT item_id FROM desk.items WHERE chrono = $1", FIRST)
    await pool.execute("INSERT INTO desk.labels (label, item_id) VALUES ('000123', $1)", item)
    await pool.execute(
        "INSERT INTO desk.departures (chrono, item_id, recorded_at)"
        " VALUES ('36-2026-D-000001', $1, now())",
        item,
    )
    for who in ("r.gent", "a.gent", "q.officer"):
        for there, nowhere in (
            ("étiquette 123", "étiquette 124"),
            ("VGM1:LBL:INDRE:000123", "VGM1:LBL:INDRE:000124"),
            (FIRST, "36-2026-A-000999"),
            ("1", "999"),
            ("36-2026-D-000001", "36-2026-D-000002"),
        ):
            browser = people[who]
            answers = [
                await browser.client.get("/recherche", params={"q": asked})
                for asked in (there, nowhere)
            ]
            assert answers[0].status_code == answers[1].status_code, (who, there)
            found = answers[0].text.replace(there, "…")
            assert FIRST not in found, (who, there)
        pages_ = [
            await people[who].get(f"/courrier/{chrono}") for chrono in (FIRST, "36-2026-A-000999")
        ]
        assert {page.status_code for page in pages_} == {404}, who
    assert (await people["b.head"].get("/recherche?q=étiquette 123")).status_code == 303


async def test_a_page_names_no_merged_item_that_its_reader_may_not_know_of(
    people: Mapping[str, Browser],
) -> None:
    there = f"/courrier/{SECOND}"
    merged = await people["b.head"].send(there, f"{there}/fusionner", {"into": "1"})
    assert merged.status_code == 303, merged.text
    for who, knows in (("a.gent", False), ("q.officer", False), ("b.head", True)):
        page = await people[who].page(there)
        assert (FIRST in page) is knows, who
        assert ("Fusionné avec un autre courrier" in page) is not knows, who
    agent = people["a.gent"]
    assert "que vous ne pouvez pas ouvrir" in await agent.page(there)
    refused = await agent.send(there, f"{there}/classer", {"reason": "sans-suite"})
    assert (refused.status_code, "est fusionné" in refused.text) == (422, True), refused.text
    assert FIRST not in refused.text


async def test_a_page_names_no_absorbed_item_that_its_reader_may_not_know_of(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    merged = await people["b.head"].send(HERE, f"{HERE}/fusionner", {"into": "2"})
    assert merged.status_code == 303, merged.text
    there, agent = f"/courrier/{SECOND}", people["a.gent"]
    assert FIRST in await people["b.head"].page(there)
    page = await agent.page(there)
    assert ("Fusionné ici : un autre courrier" in page, FIRST in page) == (True, False)
    fact = await pool.fetchval("SELECT max(seq) FROM desk.facts WHERE type = 'ItemAbsorbed'")
    refused = await agent.send(there, f"{there}/annuler", {"seq": str(fact)})
    assert (refused.status_code, "La fusion s’annule" in refused.text) == (422, True)
    assert FIRST not in refused.text


async def test_a_page_names_no_linked_item_that_its_reader_may_not_know_of(
    people: Mapping[str, Browser], postgres_url: str
) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "UPDATE desk.items SET linked_why = 'likeness', linked_to ="
            " (SELECT item_id FROM desk.items WHERE chrono = $1) WHERE chrono = $2",
            FIRST,
            SECOND,
        )
    for who, knows in (("a.gent", False), ("q.officer", False), ("b.head", True)):
        assert (FIRST in await people[who].page(f"/courrier/{SECOND}")) is knows, who
        merging = await people[who].get(f"/courrier/{SECOND}/fusionner")
        assert (FIRST in merging.text) is (knows and merging.status_code == 200), who
