"""Calendar feeds: what a diary reads at somebody's secret address, and when it reads nothing."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

from services.desk.pages.calendars import diary as page
from services.desk.pages.serve import PageServer
from services.desk.retention.purge import forget
from shared.facts import ids
from shared.facts.envelope import ItemId
from shared.platform.clock import Clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.web.allowance import Allowances
from shared.web.application_tokens import digest_of
from tests.desk_browser import HOME, Browser, from_address
from tests.desk_builders import a_person, an_arrival
from tests.integration.desk.clocked import starts
from tests.integration.desk.programs import ELSEWHERE, FIRST, RESERVED, a_register

pytestmark = pytest.mark.usefixtures("live_site", "environment")

URL = "/moi/agenda"


def item(name: str) -> ItemId:
    return ids.item_id("indre", an_arrival(name).arrival_id)


@pytest.fixture
async def desk(
    pool: Pool, story_clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> PageServer:
    """A register with an item of bmi, a réservé one of bmi and one of dre, all due on 19 May."""
    monkeypatch.setattr(page, "_PACES", Allowances())
    made = await a_register(pool, story_clock, tmp_path)
    for name in ("b", "c"):
        await starts(pool, item(name))
    return made


async def address(browser: Browser, *services: str, **more: str) -> str:
    """Where the diary of somebody reads, as the page shows it once."""
    answer = await browser.send(URL, URL, {"services": services, **more})
    assert answer.status_code == 200, answer.text
    shown = BeautifulSoup(answer.text, "html.parser").select_one("main code")
    assert shown is not None
    return shown.text.removeprefix(HOME)


async def read(desk: PageServer, url: str) -> str:
    """What a diary reads there, which nobody has signed in."""
    answer = await Browser(desk).get(url)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return answer.text.replace("\r\n ", "")


async def recorded(pool: Pool, at: datetime, *, gone: bool = False) -> None:
    """Writes a version of a.gent's record, who leaves or is there again from then on."""
    async with transaction(pool) as connection:
        person = a_person("a.gent", "bmi")
        await people_store.set_person(connection, person, "person:c.head", at, gone=gone)


async def purged(pool: Pool, at: datetime) -> Sequence[str]:
    """Who still has an address after the purge of that time."""
    async with transaction(pool) as connection:
        await forget(connection, at)
        rows = await connection.fetch("SELECT person FROM desk.calendar_feeds ORDER BY person")
    return [row["person"] for row in rows]


async def ended(pool: Pool) -> Sequence[tuple[str | None, str, str]]:
    """The journal's lines of addresses that ended: who, where, whose."""
    rows = await pool.fetch(
        "SELECT person, page, about FROM desk.journal WHERE what = 'calendar-ended' ORDER BY id"
    )
    return [tuple(row) for row in rows]


async def test_a_diary_reads_the_limits_of_the_services_and_nothing_of_a_person(
    desk: PageServer,
) -> None:
    url = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    assert (await read(desk, url)).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Vaguemestre//Agenda//FR",
        "BEGIN:VEVENT",
        f"UID:{FIRST}@indre.vaguemestre",
        "DTSTAMP:20260512T000000Z",
        "DTSTART;VALUE=DATE:20260519",
        "DTEND;VALUE=DATE:20260520",
        f"SUMMARY:{FIRST}\\, dernier jour pour répondre",
        f"DESCRIPTION:Courrier {FIRST}\\, Bureau bmi.",
        "TRANSP:TRANSPARENT",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


async def test_nobody_reads_what_is_reserve_not_even_whoever_may(desk: PageServer) -> None:
    for person in ("b.head", "s.general", "c.lerk"):
        url = await address(await Browser(desk).sign_in(person), "bmi")
        said = await read(desk, url)
        assert FIRST in said
        assert RESERVED not in said


async def test_a_service_that_is_not_ones_own_is_not_shown(desk: PageServer) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    url = await address(agent, "bmi", "dre")
    assert ELSEWHERE not in await read(desk, url)
    refused = await agent.send(URL, URL, {"services": "dre"})
    assert refused.status_code == 422
    assert "Choisissez au moins une chose" in refused.text
    assert ELSEWHERE in await read(
        desk, await address(await Browser(desk).sign_in("c.lerk"), "bmi", "dre")
    )


async def test_what_somebody_may_see_no_more_leaves_their_diary(
    desk: PageServer, pool: Pool
) -> None:
    url = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    boss = await Browser(desk).sign_in("c.head")
    await pool.execute("UPDATE desk.items SET confidentiality = 'reserve' WHERE chrono = $1", FIRST)
    assert FIRST not in await read(desk, url)
    await boss.to(await boss.send("/personne/a.gent", "/personne/a.gent/depart"))
    assert (await Browser(desk).get(url)).status_code == 404


async def test_the_address_of_who_left_opens_nothing_when_they_come_back(
    desk: PageServer, pool: Pool, story_clock: Clock
) -> None:
    url = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    boss = await Browser(desk).sign_in("c.head")
    await boss.to(await boss.send("/personne/a.gent", "/personne/a.gent/depart"))
    assert await ended(pool) == [("c.head", "/personne/a.gent/depart", "a.gent")]
    await recorded(pool, story_clock.now())
    assert (await Browser(desk).get(url)).status_code == 404
    again = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    assert FIRST in await read(desk, again)


async def test_an_address_of_before_a_departure_is_purged_and_one_of_after_it_stays(
    desk: PageServer, pool: Pool, story_clock: Clock
) -> None:
    await address(await Browser(desk).sign_in("a.gent"), "bmi")
    other = await address(await Browser(desk).sign_in("b.gent"), "bmi")
    now = story_clock.now()
    await recorded(pool, now + timedelta(minutes=1), gone=True)
    await recorded(pool, now + timedelta(minutes=2))
    assert await purged(pool, now) == ["a.gent", "b.gent"]
    assert await purged(pool, now + timedelta(hours=1)) == ["b.gent"]
    assert await ended(pool) == [(None, "desk keep", "a.gent")]
    assert FIRST in await read(desk, other)
    await address(await Browser(desk).sign_in("a.gent"), "bmi")
    await pool.execute(
        "UPDATE desk.calendar_feeds SET given_at = $1 WHERE person = 'a.gent'",
        now + timedelta(minutes=3),
    )
    assert await purged(pool, now + timedelta(hours=2)) == ["a.gent", "b.gent"]


async def test_an_administrator_who_ends_a_session_ends_the_address_of_that_person(
    desk: PageServer, pool: Pool
) -> None:
    url = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    other = await address(await Browser(desk).sign_in("b.gent"), "bmi")
    administrator = await Browser(desk).sign_in(None, administrator=True)
    page = await administrator.page("/sessions")
    row = page[page.index("Camille A.gent") :]
    action = row[row.index("/sessions/") : row.index("/terminer")] + "/terminer"
    said = await administrator.to(await administrator.send("/sessions", action))
    assert "Session terminée ; l’adresse de l’agenda de cette personne aussi." in said.replace(
        "\xa0", " "
    )
    assert (await Browser(desk).get(url)).status_code == 404
    assert FIRST in await read(desk, other)
    assert await ended(pool) == [(None, action, "a.gent")]


async def test_an_answered_item_leaves_the_diary(desk: PageServer) -> None:
    url = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    agent = await Browser(desk).sign_in("a.gent")
    page = f"/courrier/{FIRST}"
    sent = await agent.send(f"{page}/declarer", f"{page}/declarer", {"day": "2026-05-12"})
    assert sent.status_code == 303
    assert FIRST not in await read(desk, url)


async def test_the_dates_of_the_label_are_for_whoever_watches_quality(desk: PageServer) -> None:
    officer = await Browser(desk).sign_in("q.officer")
    label = "/qualite/label"
    await officer.send(f"{label}/calendrier", f"{label}/date", {"jour": "2025-06-15"})
    url = await address(officer, label="oui")
    said = await read(desk, url)
    assert "Audit interne" in said
    assert FIRST not in said
    agent = await Browser(desk).sign_in("a.gent")
    assert 'name="label"' not in await agent.page(URL)
    assert "Audit interne" not in await read(desk, await address(agent, "bmi", label="oui"))


async def test_ones_own_page_leads_there_and_no_other(desk: PageServer) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    assert f'href="{URL}"' in await agent.page("/personne/a.gent")
    assert f'href="{URL}"' not in await agent.page("/personne/b.gent")


async def test_an_address_is_kept_nowhere_replaced_and_ended_each_with_its_line(
    desk: PageServer, pool: Pool
) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    first = await address(agent, "bmi")
    secret = first.removeprefix("/agenda/").removesuffix(".ics")
    assert len(secret) == 43
    assert first not in await agent.page(URL)
    assert await pool.fetchval("SELECT digest FROM desk.calendar_feeds") == digest_of(secret)
    second = await address(agent, "bmi")
    assert (await Browser(desk).get(first)).status_code == 404
    assert FIRST in await read(desk, second)
    ended = await agent.to(await agent.send(URL, f"{URL}/terminer"))
    assert "n’est plus en service" in ended
    assert (await Browser(desk).get(second)).status_code == 404
    lines = await pool.fetch(
        "SELECT what, person, page, about FROM desk.journal WHERE what LIKE 'calendar%' ORDER BY id"
    )
    assert [tuple(line) for line in lines] == [
        ("calendar-given", "a.gent", URL, ""),
        ("calendar-given", "a.gent", URL, ""),
        ("calendar-ended", "a.gent", f"{URL}/terminer", ""),
    ]
    assert secret not in str(await pool.fetch("SELECT * FROM desk.journal"))


async def test_a_form_that_is_sent_twice_makes_one_address(desk: PageServer, pool: Pool) -> None:
    agent = await Browser(desk).sign_in("a.gent")
    once = {"decision": "6f1c2d3e-0000-4000-8000-000000000000", "services": "bmi"}
    assert (await agent.send(URL, URL, once)).status_code == 200
    again = await agent.send(URL, URL, once)
    assert (again.status_code, again.headers["location"]) == (303, URL)
    made = await pool.fetchval("SELECT count(*) FROM desk.journal WHERE what = 'calendar-given'")
    assert made == 1


async def test_a_diary_that_has_it_is_told_so_and_one_that_asks_too_often_waits(
    desk: PageServer, pool: Pool
) -> None:
    url = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    diary = Browser(desk)
    tag = (await diary.get(url)).headers["etag"]
    same = await diary.get(url, **{"if-none-match": tag})
    assert (same.status_code, same.content) == (304, b"")
    await pool.execute("UPDATE desk.items SET due = '2026-05-20' WHERE chrono = $1", FIRST)
    moved = await diary.get(url, **{"if-none-match": tag})
    assert moved.status_code == 200
    assert "DTSTART;VALUE=DATE:20260520" in moved.text
    answers = [await diary.get(url) for _ in range(page.PER_MINUTE - 2)]
    assert [answer.status_code for answer in answers[-2:]] == [200, 429]
    assert answers[-1].headers["retry-after"] == "6"
    other = await address(await Browser(desk).sign_in("b.gent"), "bmi")
    assert FIRST in await read(desk, other), "it keeps no other waiting"


async def test_whoever_tries_addresses_that_are_nobodys_has_to_wait(desk: PageServer) -> None:
    known = await address(await Browser(desk).sign_in("a.gent"), "bmi")
    stranger = from_address(desk, "203.0.113.61")
    for n in range(60):
        assert (await stranger.get(f"/agenda/{n}.ics")).status_code == 404
    answer = await stranger.get("/agenda/61.ics")
    assert (answer.status_code, "retry-after" in answer.headers) == (429, True)
    assert FIRST in await read(desk, known), "of another household"
