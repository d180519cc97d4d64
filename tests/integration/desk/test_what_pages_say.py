"""What an item's page says: who was warned, what was seen in Sent, which limit comes first."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup, Tag

from services.desk.accounts.store import sessions
from services.desk.french.reminders import AUDIENCES
from services.desk.french.timeline import BEGINS, ENDS
from services.desk.retention.purge import forget
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import Quarantine
from shared.facts.clocks import ClockStarted, RungReached, RungWithdrawn
from shared.facts.vocabulary import Audience, ClockName, Waiting
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import TODAY, Browser, pages
from tests.desk_builders import a_reply_seen, an_arrival, certain, proposed
from tests.integration.desk import clocked
from tests.integration.desk.findings import registered

pytestmark = pytest.mark.usefixtures("live_site")

FIRST = "l’agent ou le responsable du service"
THEN = "le responsable du service, la direction"
ITEM = "/courrier/36-2026-A-000001"


@pytest.fixture
async def browser(pool: Pool, story_clock: Clock, tmp_path: Path) -> Browser:
    return Browser(pages(pool, story_clock, tmp_path))


def _past(page: str) -> tuple[list[str], list[str]]:
    """What happened, newest first: the lines in sight, and those that are folded."""
    section = BeautifulSoup(page, "html.parser").find(
        "section", attrs={"aria-labelledby": "histoire"}
    )
    assert isinstance(section, Tag)
    folded = [tag.text for tag in section.select("details .what")]
    return [tag.text for tag in section.select(":scope > ol .what")], folded


async def test_who_was_warned_and_when_stands_in_the_past(pool: Pool, browser: Browser) -> None:
    (item,) = await clocked.items(pool, "a")
    await clocked.starts(pool, item)
    near: dict[str, Any] = {
        "rung": "-2",
        "telling": 1,
        "tell": (Audience.HOLDER,),
        "fell": date(2026, 5, 15),
    }
    at = datetime(2026, 5, 15, 4, tzinfo=UTC)
    await clocked.clock(pool, RungReached, item, 2, happened_at=at, days=-2, **near)
    late: dict[str, Any] = {"rung": "+1", "telling": 1, "fell": date(2026, 5, 20), "days": 1}
    readers = (Audience.HOLDER, Audience.HEAD, Audience.DIRECTOR)
    after = datetime(2026, 5, 20, 4, tzinfo=UTC)
    await clocked.clock(pool, RungReached, item, 3, happened_at=after, tell=readers, **late)
    await browser.sign_in("a.gent")
    shown, _ = _past(await browser.page(ITEM))
    assert shown[:2] == [
        f"Alerte (réponse) : en retard de 1 jour ouvré. Prévenus : {FIRST}, {THEN}",
        "Rappel (réponse) : reste 2 jours ouvrés. Prévenus : " + FIRST,
    ]
    gone: dict[str, Any] = {"rung": "+1", "telling": 1}
    await clocked.clock(pool, RungWithdrawn, item, 4, happened_at=after, **gone)
    shown, _ = _past(await browser.page(ITEM))
    assert shown[0].endswith("la direction (rappel levé depuis)")


def test_every_reader_of_a_reminder_has_a_name() -> None:
    assert set(AUDIENCES) == set(Audience)


def test_every_wait_is_said_in_words_when_it_begins_and_when_it_ends() -> None:
    assert set(BEGINS) == set(ENDS) == set(Waiting)


async def test_bookkeeping_is_folded_and_qualifying_is_said(pool: Pool, browser: Browser) -> None:
    await registered(pool, an_arrival(routing=proposed()))
    clerk = await browser.sign_in("c.lerk")
    queue = "/bureau/a-qualifier/36-2026-A-000001"
    await clerk.send(queue, f"{queue}/confirmer")
    shown, folded = _past(await clerk.page(ITEM))
    assert shown == ["Qualifié", "Enregistré sous le numéro 36-2026-A-000001"]
    assert folded == ["À qualifier"]


async def test_a_message_seen_in_sent_is_shown_with_its_addressee_before_it_is_judged(
    pool: Pool, browser: Browser, tmp_path: Path
) -> None:
    await registered(pool, an_arrival(routing=certain()))
    mail = (
        b"From: bmi@exemple.fr\r\nTo: =?utf-8?q?Ana_L=C3=A9vy?= <ana@exemple.fr>\r\n"
        b"Subject: =?utf-8?q?Votre_r=C3=A9c=C3=A9piss=C3=A9?=\r\n"
        b"Content-Type: text/html; charset=utf-8\r\n\r\n<p>Il est <b>pr\xc3\xaat</b>.</p>\r\n"
    )
    reply = a_reply_seen(at=TODAY)
    original = await LocalBlobs(tmp_path).put(2026, reply.arrival_id, mail)
    await registered(pool, reply.model_copy(update={"original": original}))  # type: ignore[arg-type]  # typed by hand
    await browser.sign_in("a.gent")
    seen = BeautifulSoup(await browser.page(ITEM), "html.parser").select_one(".seen")
    assert seen is not None
    said = " ".join(seen.get_text(" ").split())
    assert "À : Ana Lévy <ana@exemple.fr> Objet : Votre récépissé Il est prêt." in said
    assert len(seen.select("button")) == 3


async def test_what_was_kept_of_a_message_that_answered_nothing_goes_with_it(pool: Pool) -> None:
    seen = a_reply_seen()
    await registered(pool, seen)  # type: ignore[arg-type]  # typed by hand
    async with transaction(pool) as connection:
        await forget(connection, seen.sent_at + timedelta(days=36))
        condemned = await connection.fetchval("SELECT owner FROM desk.erasures")
    assert condemned == seen.arrival_id


async def test_what_can_not_be_shown_is_judged_by_no_key(pool: Pool, browser: Browser) -> None:
    await registered(pool, an_arrival(routing=certain()))
    await registered(pool, a_reply_seen(at=TODAY).model_copy(update={"original": None}))  # type: ignore[arg-type]  # typed by hand
    await browser.sign_in("a.gent")
    seen = BeautifulSoup(await browser.page(ITEM), "html.parser").select_one(".seen")
    assert seen is not None
    assert "lisez-le dans les messages envoyés du service" in seen.text
    assert seen.select("button, [data-key]") == []


async def test_the_reply_comes_first_in_a_reminder_and_among_the_limits(
    pool: Pool, browser: Browser
) -> None:
    (item,) = await clocked.items(pool, "a")
    receipt: dict[str, Any] = {"clock": ClockName.RECEIPT, "limit": date(2026, 5, 12)}
    rung: dict[str, Any] = {
        "rung": "-2",
        "telling": 1,
        "tell": (Audience.HOLDER,),
        "fell": date(2026, 5, 12),
    }
    started: dict[str, Any] = {"commitment": "x", "day_zero": date(2026, 5, 11), "rules": 1}
    await clocked.clock(pool, ClockStarted, item, 1, event_id=uuid4(), **started, **receipt)
    await clocked.clock(pool, RungReached, item, 2, event_id=uuid4(), days=0, **rung, **receipt)
    await clocked.starts(pool, item)
    await clocked.clock(pool, RungReached, item, 2, days=-2, **rung)
    agent = await browser.sign_in("a.gent")
    form = BeautifulSoup(await agent.page(f"{ITEM}/rappel"), "html.parser")
    assert [tag.text for tag in form.select("#clock option")] == [
        "Réponse",
        "Accusé d’enregistrement",
    ]
    page = BeautifulSoup(await agent.page(ITEM), "html.parser")
    limits = [next(tag.stripped_strings) for tag in page.select(".clock h3")]
    assert [limit.partition(" :")[0] for limit in limits] == ["Réponse", "Accusé d’enregistrement"]


async def test_a_decision_that_came_too_late_is_no_success(pool: Pool, browser: Browser) -> None:
    await registered(pool, an_arrival(routing=certain()))
    agent = await browser.sign_in("a.gent")
    answer = await agent.get(f"{ITEM}/rouvrir")
    assert answer.headers["location"] == ITEM
    page = BeautifulSoup(await agent.page(ITEM), "html.parser")
    assert page.select(".said") == []
    refusal = page.select_one(".refusal[role=alert]")
    assert refusal is not None
    assert "Ce n’est plus possible" in refusal.text
    again = BeautifulSoup(await agent.page(ITEM), "html.parser")
    assert again.select(".refusal") == [], "it is said once"


async def test_a_success_after_a_refusal_is_a_success(pool: Pool, browser: Browser) -> None:
    agent = await browser.sign_in("a.gent")
    token = agent.client.cookies["desk"]
    async with transaction(pool) as connection:
        await sessions.say(connection, token, "Non.", refused=True)
        await sessions.say(connection, token, "Fait.")
    page = BeautifulSoup(await agent.page("/courriers"), "html.parser")
    assert [tag.text for tag in page.select(".said")] == ["Fait."]


async def test_no_code_of_the_program_is_shown_for_what_waits_longest(
    pool: Pool, browser: Browser
) -> None:
    lost = Quarantine(reason="scan-truncated")
    at = TODAY - timedelta(days=1)
    await registered(pool, an_arrival(verdict=lost, pli=None, at=at, source="scans:courrier"))
    clerk = await browser.sign_in("c.lerk")
    page = await clerk.page("/?tout")
    assert "numérisation courrier" in page
    assert "scans:" not in page
    link = BeautifulSoup(page, "html.parser").find("a", string="sans numéro")
    assert isinstance(link, Tag)
    assert "numérisation courrier" in await clerk.page(str(link["href"]))
