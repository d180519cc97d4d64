"""`/mois`: a month is closed in two steps, by who has the right, as it was shown."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from pydantic import SecretStr

from services.__main__ import main
from services.desk import statements
from services.desk.domain.stamp import Stamp
from services.desk.evidence import seals
from services.desk.store import items as item_rows
from services.notify.quality_handler import hears_quality
from shared.facts.arrivals import Quarantine
from shared.facts.clocks import Outcome
from shared.facts.envelope import PersonId
from shared.facts.items.routing import ItemReclassified
from shared.facts.quality import QUALITY, MonthCorrected
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.applied_rules import AppliedRules
from shared.site.staff import people_store
from shared.site.tables.identity import StandIn
from shared.site.tables.people import Absence
from tests.desk_browser import Browser, pages
from tests.desk_builders import DAYS, a_site_whose_deputies, proposed
from tests.integration.desk.clocked import items, starts, stops
from tests.integration.desk.closed import JULY, close
from tests.integration.desk.proven import named
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

WHO = ("b.head", "d.rector", "s.general", "q.officer")


@pytest.fixture
async def people(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    """In July, when May can be closed."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    site = pages(pool, clock, tmp_path)
    found = {who: await Browser(site).sign_in(who) for who in WHO}
    yield found
    for browser in found.values():
        await browser.client.aclose()


async def test_a_month_is_closed_in_two_steps_by_the_right_and_neither_empty_nor_before_the_go_live(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    late, kept = await items(pool, "a", "b")
    for item in (late, kept):
        await starts(pool, item)
    await stops(pool, kept, 2, Outcome.KEPT)
    officer, director, head = (people[who] for who in ("q.officer", "d.rector", "b.head"))
    listed = await officer.page("/mois")
    assert all(word in listed for word in ("mai 2026", "à clore", "1 sur 2"))
    assert (await head.get("/mois")).status_code == 403
    assert "Clore ce mois" not in await director.page("/mois/2026-05")
    assert (await director.get("/mois/2026-05/clore")).status_code == 403
    assert "avant la mise en service" in await officer.page("/mois/2026-04/clore")
    assert "un mois vide ne se clôt pas" in await officer.page("/mois/2026-06/clore")
    assert "pas fini" in await officer.page("/mois/2026-07/clore")
    assert (await officer.get("/mois/2026-13")).status_code == 404
    here = "/mois/2026-05/clore"
    shown = await officer.page(here)
    assert "figés <strong>pour toujours" in shown
    digest = shown.partition('name="empreinte" value="')[2].partition('"')[0]
    refused = await director.send("/mois/2026-05", here, {"empreinte": digest})
    assert (refused.status_code, "référent qualité" in refused.text) == (422, True)

    await stops(pool, late, 2, Outcome.LATE)
    moved = await officer.send(here, here, {"empreinte": digest})
    assert (moved.status_code, "ont changé depuis" in moved.text) == (422, True)
    assert await pool.fetchval("SELECT count(*) FROM desk.closed_months") == 0
    shown = await officer.page(here)
    digest = shown.partition('name="empreinte" value="')[2].partition('"')[0]
    closed = await officer.to(await officer.send(here, here, {"empreinte": digest}))
    assert "Mai 2026 est clos." in closed
    assert "Pas encore scellé" in closed
    told = await pool.fetchrow(
        "SELECT by, payload::jsonb ->> 'via' AS via, payload::jsonb ->> 'hash' AS hash"
        " FROM desk.quality_facts"
    )
    assert told is not None
    assert tuple(told) == ("person:q.officer", "session", digest)
    words = ("month", "close", "2026-05", "--as", "q.officer", "--code", "AAAAA-AAAAA")
    typed = await asyncio.to_thread(CliRunner().invoke, main, ["desk", *words])
    assert typed.exit_code == 1
    assert "do it on the page /mois/MONTH" in typed.output
    sheet = await officer.get("/mois/2026-05/fiche.pdf")
    assert (sheet.headers["content-type"], sheet.content[:5]) == ("application/pdf", b"%PDF-")
    figures = (await director.get("/mois/2026-05/chiffres.csv")).text
    assert figures.splitlines()[-1].startswith("tous;tous;reponse;1;2;0.5000;0.0945;0.9055;1;1;0")
    assert (await director.get("/mois/2026-05/engagements.csv")).status_code == 403
    lines = (await officer.get("/mois/2026-05/engagements.csv")).text.splitlines()
    assert [line.split(";")[5] for line in lines] == ["result", "late", "kept"]
    await pool.execute("UPDATE desk.items SET confidentiality = 'reserve'")
    assert (await officer.get("/mois/2026-05/engagements.csv")).status_code == 403
    assert (await people["s.general"].get("/mois/2026-05/engagements.csv")).status_code == 200


async def test_who_has_the_right_by_a_group_closes_a_month(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    (item,) = await items(pool, "a")
    await starts(pool, item)
    await stops(pool, item, 2, Outcome.KEPT)
    await pool.execute(
        "UPDATE desk.sessions SET granted = '{quality_officer}' WHERE person = 'b.head'"
    )
    here, head = "/mois/2026-05/clore", people["b.head"]
    digest = (await head.page(here)).partition('name="empreinte" value="')[2].partition('"')[0]
    assert "est clos" in await head.to(await head.send(here, here, {"empreinte": digest}))
    assert await pool.fetchval("SELECT by FROM desk.closed_months") == "b.head"


async def test_who_stands_in_with_the_proof_closes_a_month_while_the_officer_is_away(
    people: Mapping[str, Browser], pool: Pool, postgres_url: str
) -> None:
    (item,) = await items(pool, "a")
    await starts(pool, item)
    await stops(pool, item, 2, Outcome.KEPT)
    here, stands_in = "/mois/2026-05/clore", people["b.head"]
    assert (await stands_in.get(here)).status_code == 403
    async with transaction(pool) as connection:
        known = (await people_store.people_at(connection, JULY)).people
        officer = known[PersonId("q.officer")].model_copy(update={"deputy": "b.head"})
        await people_store.set_person(connection, officer, "tests", JULY)
    assert (await stands_in.get(here)).status_code == 403, "the officer is there"
    async with transaction(pool) as connection:
        absence = Absence(person="q.officer", first=JULY.date(), last=JULY.date())
        await people_store.add_absence(connection, absence, "tests", JULY)
    assert (await stands_in.get(here)).status_code == 403, "the site passes no proof on"
    passes = a_site_whose_deputies(quality_officer=(StandIn.PROOF,))
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, passes, DAYS, "q.officer", "tests", JULY)
    shown = await stands_in.page(here)
    digest = shown.partition('name="empreinte" value="')[2].partition('"')[0]
    assert "est clos" in await stands_in.to(await stands_in.send(here, here, {"empreinte": digest}))
    assert await pool.fetchval("SELECT by FROM desk.closed_months") == "b.head"


async def test_what_a_closed_month_is_not_any_more_is_said_with_author_day_and_reason(
    people: Mapping[str, Browser], pool: Pool, postgres_url: str
) -> None:
    """b.head puts a late letter out of the perimeter an hour after the closing."""
    (late,) = await items(pool, "a")
    await starts(pool, late)
    await stops(pool, late, 2, Outcome.LATE)
    closed = await close(pool)
    at = JULY + timedelta(hours=1)
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        kept = await item_rows.lock(connection, [late])
        before = kept[late].item.classification
        outside = before.model_copy(update={"perimeter": False, "reason": "demarche-en-ligne"})
        stamp = Stamp(late, kept[late].item.seq, uuid4(), "person:b.head", at)
        moved = ItemReclassified(**stamp(1), classification=outside)
        await statements.state(connection, kept, [moved], applied.site.zone)
    assert "cette nuit" in await people["q.officer"].page("/mois/2026-05")
    for days in (1, 2):
        await seals.once(pool, applied, JULY + timedelta(days=days))
    (said,) = await pool.fetch(
        "SELECT payload FROM desk.quality_facts WHERE type = 'MonthCorrected'"
    )
    told = QUALITY.validate_json(said["payload"])
    assert isinstance(told, MonthCorrected)
    assert (told.closed, told.item_id, told.clock) == (closed.hash, late, "reply")
    assert told.before is not None
    assert told.after is not None
    assert (told.before.result, told.after.result) == ("late", "excluded")
    assert (told.author, told.at, told.reason) == ("person:b.head", at, "demarche-en-ligne")
    assert (told.cause, told.cause_type) == (moved.event_id, "ItemReclassified")
    page = await people["q.officer"].page("/mois/2026-05")
    assert "Corrections depuis : 1" in page
    assert "1 était en retard au moment de la correction." in page
    assert "Camille B.head" in page
    assert "en retard, 7 jours, Bureau bmi, courriel" in page
    assert "hors périmètre, 7 jours, Bureau bmi" in page
    assert "hors-perimetre" not in page
    assert f"fait n° {told.seq}" in page
    async with one_transaction(under_role(postgres_url, "notify")) as notify:
        assert await hears_quality(AppliedRules())(notify, [told], JULY) == ()
    assert await named(pool, "copies") == []

    assert await named(pool, "quality") == []
    async with one_transaction(postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            "UPDATE desk.facts SET by = 'person:a.gent' WHERE event_id = $1", moved.event_id
        )
    wrong = f"2026-05: correction {told.seq} names a fact that is not its author's"
    assert wrong in await named(pool, "quality")


async def test_a_checklist_says_what_still_waits_before_a_month_is_closed(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    (kept,) = await items(pool, "a")
    await starts(pool, kept)
    await stops(pool, kept, 2, Outcome.KEPT)
    await items(pool, "b", routing=proposed())
    await items(pool, "c", "d", verdict=Quarantine(reason="unreadable"))
    page = await people["q.officer"].page("/mois/2026-05")
    said = {
        line.get_text(" ", strip=True).replace("\N{NO-BREAK SPACE}", " ")
        for line in BeautifulSoup(page, "html.parser").select("ul.checks li")
    }
    assert said == {
        "Courriers à qualifier : 1",
        "Dates d’arrivée à confirmer : 0 ✓",
        "Arrivées en quarantaine : 2",
        "Envois retenus, qui attendent un mot : 0 ✓",
        "Réponses sans copie gardée (départ saisi, ou déclaré) : 0 ✓",
        "Engagements qui courent encore : 0 ✓",
    }
    assert "Avant de clore" in await people["q.officer"].page("/mois/2026-05/clore")
