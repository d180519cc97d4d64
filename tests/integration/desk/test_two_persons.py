"""What needs two persons needs two sessions, on pages."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.desk import features
from services.desk.domain.acts import ON_PAGES
from shared.facts.clocks import ClockStarted, Outcome
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.integration.desk.clocked import clock, items, starts, stops

pytestmark = pytest.mark.usefixtures("live_site", "environment")

FIRST, SECOND = "36-2026-A-000001", "36-2026-A-000002"
PROOF = f"/courrier/{FIRST}/preuve"
WHO = ("c.lerk", "b.head", "d.rector", "s.general", "q.officer", "a.gent")


async def typed(*words: str) -> str:
    said = await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words])
    return f"{said.exit_code} {said.output}"


@pytest.fixture
async def people(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    site = pages(pool, story_clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in WHO}
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def facts(pool: Pool) -> list[tuple[str, str, str]]:
    rows = await pool.fetch(
        "SELECT type, by, payload::jsonb ->> 'via' AS way FROM desk.facts"
        " WHERE by LIKE 'person:%' ORDER BY item_id, seq"
    )
    return [(row["type"], row["by"].removeprefix("person:"), row["way"]) for row in rows]


@pytest.mark.parametrize("command", sorted(ON_PAGES))
async def test_what_a_page_does_no_command_does(pool: Pool, command: str) -> None:
    """Whatever is typed after it."""
    await items(pool, "a")
    asked = ("--as", "q.officer", "--reason", "donnees-sensibles", "--code", "AAAAA-AAAAA")
    for words in (
        (),
        (FIRST,),
        (FIRST, "--whole", *asked),
        ("36-2026-E-0001", "--to", "x", *asked),
    ):
        said = await typed(*command.split(), *words)
        assert said.startswith("1 "), said
        assert f"do it on the page {ON_PAGES[command]};" in said
        assert "no command does it" in said
    assert await facts(pool) == []


def test_every_page_that_does_an_act_alone_exists() -> None:
    there = {page.path for page in features.all_pages()}
    names = {"CHRONO": "{chrono}", "SLIP": "{slip}", "LETTER": "{letter}", "MONTH": "{month}"}
    for page in ON_PAGES.values():
        head, _, last = page.rpartition("/")
        path = f"{head}/{names.get(last, last)}".replace("CHRONO", names["CHRONO"])
        assert path in there, page


async def test_a_legal_hold_is_lifted_by_two_and_undone_by_nobody(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    await items(pool, "a")
    head, officer = people["b.head"], people["q.officer"]
    await head.to(await head.send(PROOF, f"{PROOF}/conservation", {"motif": "contentieux"}))
    undone = await typed("undo", FIRST, "--as", "b.head")
    assert "lifted by two persons, never undone by one" in undone
    assert (await head.send(PROOF, f"/courrier/{FIRST}/annuler")).status_code == 422
    lift, reason = f"{PROOF}/conservation/lever", {"motif": "contentieux-termine"}
    asked = await head.to(await head.send(PROOF, lift, reason))
    assert "Une autre personne doit le confirmer" in asked
    again = await head.send(PROOF, lift, reason)
    assert (again.status_code, "Il faut deux personnes" in again.text) == (422, True)
    assert "Confirmer : lever la conservation" in await officer.page(PROOF)
    assert "Conservation levée." in await officer.to(await officer.send(PROOF, lift, reason))
    assert await facts(pool) == [
        ("LegalHoldPlaced", "b.head", "session"),
        ("SecondPersonAsked", "b.head", "session"),
        ("LegalHoldLifted", "q.officer", "session"),
    ]


async def past_its_limit(pool: Pool, *, answered: bool) -> None:
    (item,) = await items(pool, "a")
    if answered:
        await starts(pool, item)
        await stops(pool, item, 2, Outcome.LATE)
    else:
        await clock(
            pool, ClockStarted, item, 1, commitment="reponse", rules=1,
            day_zero=date(2026, 5, 4), limit=date(2026, 5, 11),
        )  # fmt: skip


@pytest.mark.parametrize("answered", [True, False], ids=["answered late", "open and late"])
async def test_after_its_limit_nothing_leaves_the_perimeter_by_one_person(
    people: Mapping[str, Browser],
    pool: Pool,
    answered: bool,  # noqa: FBT001  (a case)
) -> None:
    await past_its_limit(pool, answered=answered)
    here = f"/courrier/{FIRST}"
    for who, fields in (
        ("b.head", {"perimeter": "hors:invoice"}),
        ("b.head", {"category": "facture"}),
        ("c.lerk", {"category": "facture"}),
    ):
        answer = await people[who].send(here, f"{here}/reclasser", fields)
        assert (answer.status_code, "échéance" in answer.text) == (422, True), (who, fields)
    said = await typed(
        "reclassify", FIRST, "--out-of-perimeter", "--reason", "invoice", "--as", "q.officer"
    )
    assert "The limit of" in said, said
    out, reason = f"{PROOF}/perimetre", {"motif": "invoice"}
    await people["b.head"].to(await people["b.head"].send(PROOF, out, reason))
    refused = await people["d.rector"].send(PROOF, out, reason)
    assert (refused.status_code, "référent qualité" in refused.text) == (422, True)
    assert await pool.fetchval("SELECT perimeter FROM desk.items") is True
    await people["q.officer"].to(await people["q.officer"].send(PROOF, out, reason))
    assert await pool.fetchval("SELECT perimeter FROM desk.items") is False
    twice = await people["q.officer"].send(PROOF, out, reason)
    assert (twice.status_code, "déjà hors" in twice.text) == (422, True), twice.text


async def test_after_its_limit_nothing_is_merged_into_what_is_outside(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    await past_its_limit(pool, answered=False)
    await items(pool, "b")
    put = await typed(
        "reclassify", SECOND, "--out-of-perimeter", "--reason", "invoice", "--as", "b.head"
    )
    assert put.startswith("0 "), put
    here = f"/courrier/{FIRST}"
    merged = await people["b.head"].send(here, f"{here}/fusionner", {"into": SECOND})
    assert (merged.status_code, "avant de les joindre" in merged.text) == (422, True)
    said = await typed("merge", FIRST, "--into", SECOND, "--as", "q.officer")
    assert "The limit of" in said, said
    assert [type_ for type_, *_ in await facts(pool)] == ["ItemReclassified"]
    back = await people["b.head"].send(
        f"/courrier/{SECOND}", f"/courrier/{SECOND}/fusionner", {"into": FIRST}
    )
    assert back.status_code == 303, "the other way nothing leaves the perimeter"


async def test_before_its_limit_a_head_reclassifies_as_ever(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    (item,) = await items(pool, "a")
    await starts(pool, item)
    here = f"/courrier/{FIRST}"
    answer = await people["b.head"].send(here, f"{here}/reclasser", {"category": "facture"})
    assert answer.status_code == 303, answer.text
