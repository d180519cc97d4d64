"""The register learns from its clerks by night: from what it has, in a child, where it is asked."""

import asyncio
import threading
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup

from services.desk.decider import Decider
from services.desk.domain.decisions.classification import Qualify, Reclassify
from services.desk.domain.learner_numbers import LEAST_CORRECTIONS, grams
from services.desk.learner.night import learn_if_due
from services.desk.store import figures
from shared.content.blobs import LocalBlobs
from shared.errors import TemporaryFailure
from shared.facts.arrivals import Routing
from shared.facts.envelope import PersonId, ServiceId
from shared.facts.vocabulary import Category
from shared.platform.children import ChildDied, Children
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.site.tables.bundle import AppliedSite
from tests.desk_browser import TODAY, drawn
from tests.desk_builders import MONDAY, an_applied_site
from tests.held_connections import watched
from tests.integration.desk.findings import a_mail, registered, wrote
from tests.integration.desk.offices import QUEUE, a_clerk
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

UNKNOWN = Routing(rule="fallback", category=Category("autre"), service=ServiceId("courrier"))
NIGHT = TODAY.replace(hour=0)
"""Two o'clock in Paris."""
NEXT_DAY = timedelta(days=1)
SAYS = {
    "titre-de-sejour": "Mes papiers de résident au bureau des étrangers",
    "association": "Les statuts de notre club et sa trésorière",
}
RARE = "ornithorynque"
"""A word of the first letters alone, which twelve writers use."""
TAUGHT = 320
FIGURES = "/bureau/apprentissage"


def learning(*, asked: bool = True) -> AppliedSite:
    applied = an_applied_site()
    routing = applied.site.routing.model_copy(update={"learns": asked})
    site = applied.site.model_copy(update={"routing": routing})
    return applied.model_copy(update={"site": site})


async def taught(pool: Pool, folder: Path, count: int = TAUGHT) -> None:
    """Mails that no rule knows, each sorted by a clerk."""
    blobs, names = LocalBlobs(folder), list(SAYS)
    for begin in range(0, count, 80):
        await registered(
            pool,
            *[
                await a_mail(
                    blobs,
                    f"m{n}",
                    wrote(
                        "Ana", "Bonjour", f"{SAYS[names[n % 2]]}. {RARE if n < 12 else 'Merci'}."
                    ),
                    at=MONDAY + timedelta(seconds=n),
                    routing=UNKNOWN,
                )
                for n in range(begin, min(count, begin + 80))
            ],
        )
    rows = await pool.fetch("SELECT item_id FROM desk.items ORDER BY received_at, chrono")
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        clerk = directory.people[PersonId("c.lerk")]
        for n, row in enumerate(rows):
            by = Decider(connection, clerk, uuid4(), TODAY, an_applied_site(), directory)
            await by.about(row["item_id"], Qualify(Reclassify(category=Category(names[n % 2]))))


async def has_weight(pool: Pool, word: str) -> bool:
    buckets = list(grams("", word))
    found: bool = await pool.fetchval(
        "SELECT EXISTS (SELECT FROM desk.learned_weights WHERE bucket = ANY ($1::int[]))", buckets
    )
    return found


async def asks_for_it(postgres_url: str) -> None:
    """The site that the pages read asks to learn."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE site.versions DISABLE TRIGGER USER")
        await owner.execute(
            "UPDATE site.versions SET bundle = jsonb_set(bundle, '{routing,learns}', 'true')"
        )
        await owner.execute("ALTER TABLE site.versions ENABLE TRIGGER USER")


async def test_what_clerks_sorted_is_proposed_of_the_next_letter_and_decides_nothing(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await taught(pool, tmp_path)
    with watched() as watch:
        assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), NIGHT)
    assert watch.within("services.desk.learner.night", but=()) == []
    assert not await learn_if_due(pool, LocalBlobs(tmp_path), learning(), NIGHT), "once a night"
    async with pool.acquire() as connection:
        at, counts = await figures.learner(connection)
    assert at == NIGHT.timestamp()
    shown = counts["category", "shown"]
    assert counts["category", "measured"] >= shown >= counts["category", "right"] > 0
    text = "Mes papiers de résident, s’il vous plaît. Merci."
    await registered(
        pool,
        await a_mail(
            LocalBlobs(tmp_path),
            "next",
            wrote("Ben", "Bonjour", text),
            at=TODAY - timedelta(hours=1),
            routing=UNKNOWN,
        ),
    )
    await asks_for_it(postgres_url)
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    page = BeautifulSoup(await clerk.to(await clerk.get(QUEUE)), "html.parser")
    said = [" ".join(line.text.split()) for line in page.select(".learned li")]
    assert any("d’après vos corrections" in line and "titre de sejour" in line for line in said)
    assert any("« papiers »" in line or "papiers" in line for line in said)
    assert chosen(page, "service") == "bmi"
    assert chosen(page, "category") == "titre-de-sejour"
    waiting = await pool.fetchrow(
        "SELECT service, category FROM desk.items WHERE state = 'to_qualify'"
    )
    assert tuple(waiting or ()) == ("courrier", "autre"), "nobody decided it"
    facts = await pool.fetch("SELECT payload FROM desk.facts")
    assert not any("papiers" in row["payload"] for row in facts)

    # The form that is filled in is taken as it stands, as key `c` sends it.
    waits = await pool.fetchval("SELECT chrono FROM desk.items WHERE state = 'to_qualify'")
    answer = await clerk.send(f"{QUEUE}/{waits}", action(page), untouched(page))
    assert answer.status_code == 303, answer.text
    sorted_now = await pool.fetchrow(
        "SELECT service, category, state FROM desk.items ORDER BY received_at DESC, chrono LIMIT 1"
    )
    assert tuple(sorted_now or ()) == ("bmi", "titre-de-sejour", "open")
    said_of_it = " ".join((await clerk.page(FIGURES)).split())
    assert f"de {TAUGHT} courriers triés, dont {TAUGHT} corrigés" in said_of_it
    assert "propose à partir de 80" in said_of_it


async def test_what_is_gone_or_reserved_leaves_at_the_next_night_and_all_with_the_option(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await taught(pool, tmp_path)
    assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), NIGHT)
    assert await has_weight(pool, RARE)
    assert await has_weight(pool, "résident")
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """
            UPDATE desk.items SET state = CASE WHEN n % 2 = 0 THEN 'destroyed' ELSE state END,
                                  was_reserved = n % 2 = 1
            FROM (SELECT item_id, row_number() OVER (ORDER BY received_at) AS n
                  FROM desk.items) AS first
            WHERE first.item_id = items.item_id AND n <= 12
            """
        )
    assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), NIGHT + NEXT_DAY)
    assert not await has_weight(pool, RARE)
    assert await has_weight(pool, "résident")
    off = learning(asked=False)
    assert not await learn_if_due(pool, LocalBlobs(tmp_path), off, NIGHT + NEXT_DAY)
    assert await pool.fetchval("SELECT count(*) FROM desk.learned_weights") == 0
    assert await pool.fetchval("SELECT count(*) FROM desk.learned") == 0


async def test_below_the_least_of_corrections_it_says_so_and_keeps_no_weight(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await asks_for_it(postgres_url)
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    assert "une fois par nuit" in await clerk.page(FIGURES)
    await taught(pool, tmp_path, 4)
    assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), NIGHT)
    assert await pool.fetchval("SELECT count(*) FROM desk.learned_weights") == 0
    assert f"il faut {LEAST_CORRECTIONS} courriers" in await clerk.page(FIGURES)


async def test_it_learns_by_night_alone(pool: Pool, tmp_path: Path) -> None:
    assert not await learn_if_due(pool, LocalBlobs(tmp_path), learning(), TODAY)
    before = "SELECT max(day) FROM desk.learned"
    assert await pool.fetchval(before) == (TODAY - NEXT_DAY).date(), "no night of today"
    assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), TODAY + timedelta(hours=16))


def dies(*_: object) -> None:
    raise ChildDied("crash")


async def test_a_night_that_fails_is_kept_tried_once_and_leaves_no_weight(
    pool: Pool, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await taught(pool, tmp_path)
    assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), NIGHT)
    assert await has_weight(pool, RARE)

    monkeypatch.setattr(Children, "ask", dies)
    following = NIGHT + NEXT_DAY
    assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), following)
    assert await pool.fetchval("SELECT count(*) FROM desk.learned_weights") == 0
    assert not await learn_if_due(pool, LocalBlobs(tmp_path), learning(), following)
    await asks_for_it(postgres_url)
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    assert "il n’a pas pu apprendre" in await clerk.page(FIGURES)


async def test_whoever_stops_the_process_ends_the_child_that_learns(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopping, closed = asyncio.Event(), threading.Event()
    loop = asyncio.get_running_loop()

    def asks(*_: object) -> None:
        loop.call_soon_threadsafe(stopping.set)
        closed.wait()
        raise TemporaryFailure("Ended while a file was being opened.")

    monkeypatch.setattr(Children, "ask", asks)
    monkeypatch.setattr(Children, "close", lambda _: closed.set())
    with pytest.raises(TemporaryFailure):
        await learn_if_due(pool, LocalBlobs(tmp_path), learning(), NIGHT, stopping)
    assert await pool.fetchval("SELECT count(*) FROM desk.learned") == 0


async def learned_at(pool: Pool) -> float:
    async with transaction(pool) as connection:
        return (await figures.learner(connection))[0]


async def test_since_when_nothing_is_learned_is_known_though_no_night_ever_ended_well(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, night, another = NIGHT - timedelta(hours=12), NIGHT, NIGHT + NEXT_DAY
    assert not await learn_if_due(pool, LocalBlobs(tmp_path), learning(), asked)
    assert await learned_at(pool) == asked.timestamp()

    with monkeypatch.context() as patched:
        patched.setattr(Children, "ask", dies)
        assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), night)
    assert await learned_at(pool) == asked.timestamp(), "a night that failed taught nothing"
    await pool.execute("DELETE FROM desk.learned WHERE letters = 0 AND numbers IS NULL")
    assert await learned_at(pool) == night.timestamp(), "it fails at least since then"
    assert await learn_if_due(pool, LocalBlobs(tmp_path), learning(), another)
    assert await learned_at(pool) == another.timestamp(), "too few corrections are no failure"


async def test_numbers_of_another_version_are_no_error_of_the_page(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await asks_for_it(postgres_url)
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """
            INSERT INTO desk.learned (day, learned_at, letters, numbers)
            VALUES ('2026-05-11', '2026-05-11 01:00+00', 3, '{"shape": 2}')
            """
        )
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    assert "une fois par nuit" in await clerk.page(FIGURES)


async def test_a_site_that_does_not_ask_for_it_is_told_how(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    assert "learns: true" in await clerk.page(FIGURES)


def chosen(page: BeautifulSoup, name: str) -> str:
    option = page.select_one(f"#confirmer select[name={name}] option[selected]")
    assert option is not None
    return str(option["value"])


def action(page: BeautifulSoup) -> str:
    form = page.select_one("#confirmer")
    assert form is not None
    return str(form["action"])


def untouched(page: BeautifulSoup) -> dict[str, str]:
    """What the form sends when nobody touches it: of the chips, the one that is ticked alone."""
    held = drawn(str(page), action(page))
    for chip in page.select("#confirmer input[type=radio]"):
        held.pop(str(chip["name"]), None)
    ticked = page.select("#confirmer input[type=radio][checked]")
    return held | {str(chip["name"]): str(chip["value"]) for chip in ticked}
