"""The label's perimeter by service: who changes it, what moves with it, and what never does."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator, Mapping
from datetime import date
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk.domain.decisions.classification import Assign, Qualify, Reclassify
from services.desk.domain.label_perimeter import SERVICE_OUTSIDE
from services.desk.evidence.store import audits
from services.desk.evidence.store.outside import outside
from services.desk.quality import perimeter_service
from services.desk.quality.domain.figures import OUTSIDE, REPLY
from services.desk.quality.domain.outside import OutsideWay
from services.desk.quality.store import reports
from services.desk.quality.store.figures import FigureQuestion, figures
from services.desk.store.quality import Author
from services.desk.store.visibility import Visibility
from shared.errors import Refused
from shared.facts.clocks import Outcome
from shared.facts.envelope import ServiceId
from shared.facts.origin import MACHINE
from shared.facts.quality import QUALITY
from shared.facts.quality.perimeter import PerimeterAsked, PerimeterChanged
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site import store
from shared.site.staff import people_store
from tests.desk_browser import Browser, pages
from tests.desk_builders import certain, proposed
from tests.integration.desk.audited import decide
from tests.integration.desk.clocked import items, starts, stops
from tests.integration.desk.closed import JULY, MAY
from tests.integration.desk.proven import (
    named,
)
from tests.roles import one_transaction, under_role

LABEL = "/qualite/label"
PATH = f"{LABEL}/perimetre"
WAITING = """
    WITH RECURSIVE behind AS (
        SELECT $1::int AS pid
        UNION SELECT a.pid FROM pg_stat_activity a, behind
        WHERE behind.pid = ANY (pg_blocking_pids(a.pid))
    ) SELECT count(*) - 1 FROM behind
"""
"""How many wait for a backend, or for one that does."""
WHY = "Le service rejoint une autre préfecture, son accueil n’est plus le nôtre."


EVERYTHING = Visibility(everything=True, secrets=True, persons=["q.officer"], services=[], led=[])
EVERYBODY = ("q.officer", "s.general", "d.rector", "a.gent")


def trial(since: str, *, service: str = "bmi", way: str = "hors") -> str:
    return f"{PATH}/essai?service={service}&sens={way}&jour={since}"


@pytest.fixture
async def people(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> AsyncIterator[Mapping[str, Browser]]:
    """On the second of July 2026."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    served = pages(pool, clock, tmp_path)
    signed = {name: await Browser(served).sign_in(name) for name in EVERYBODY}
    yield signed
    for browser in signed.values():
        await browser.client.aclose()


async def asks(officer: Browser, since: str, *, service: str = "bmi", way: str = "hors") -> int:
    url = trial(since, service=service, way=way)
    fields = {"pourquoi": WHY, "service": service, "sens": way, "jour": since}
    answer = await officer.send(url, f"{PATH}/demander", fields)
    return answer.status_code


async def kinds(pool: Pool) -> list[str]:
    rows = await pool.fetch("SELECT type FROM desk.quality_facts ORDER BY seq")
    return [row["type"] for row in rows]


async def hidden(browser: Browser, action: str) -> dict[str, str]:
    """The fields that the page's form carries by itself."""
    links = BeautifulSoup(await browser.page(PATH), "html.parser").select("a[href*='demande=']")
    assert len(links) == 1, "what would move is read by whoever asks for it"
    page = BeautifulSoup(await browser.page(str(links[0]["href"])), "html.parser")
    form = page.select_one(f'form[action="{PATH}/{action}"]')
    assert form is not None, page.get_text()
    return {
        str(field["name"]): str(field["value"])
        for field in form.select('input[type="hidden"]')
        if field["name"] in {"service", "demande", "vu"}
    }


async def rows(pool: Pool) -> dict[str, tuple[bool, str | None]]:
    found = await pool.fetch("SELECT chrono, perimeter, outside_service FROM desk.items")
    return {row["chrono"]: (row["perimeter"], row["outside_service"]) for row in found}


async def proven(pool: Pool) -> None:
    """Rows, counts and texts are what the facts say; clocks of these tests are told by no sla."""
    assert await named(pool, "counts", "quality", "writings") == []
    chains = await named(pool, "chains")
    assert [said for said in chains if "perimeter" in said or "outside" in said] == []


@pytest.mark.usefixtures("live_site", "environment")
async def test_two_persons_put_a_service_out_from_a_day_and_what_was_shown_is_what_moves(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    kept, late = await items(pool, "a", "b")
    (other,) = await items(pool, "c", routing=certain("association", "dre"))
    for item, outcome in ((kept, Outcome.KEPT), (late, Outcome.LATE), (other, Outcome.KEPT)):
        await starts(pool, item)
        await stops(pool, item, 2, outcome)
    officer, secretary = people["q.officer"], people["s.general"]
    page = BeautifulSoup(await officer.page(trial("2026-05-11")), "html.parser")
    said = page.get_text(" ", strip=True).replace("\N{NO-BREAK SPACE}", " ")
    assert "2 courriers ne compteraient plus dans les taux, dont 1 en retard" in said
    assert "Mai 2026" in said or "mai 2026" in said
    assert "2 sur 3" in said
    assert "1 sur 1" in said
    assert await kinds(pool) == [], "to look moves nothing"
    assert await asks(officer, "2026-05-11") == 303
    assert await kinds(pool) == ["PerimeterAsked"]
    assert set((await rows(pool)).values()) == {(True, None)}
    # Neither who asked confirms, nor a directeur, nor an agent.
    assert "Confirmer le changement" not in await officer.page(PATH)
    fields = await hidden(secretary, "confirmer")
    refusals = {"q.officer": (PATH, 422), "d.rector": (PATH, 422), "a.gent": ("/courriers", 403)}
    for nobody, (here, status) in refusals.items():
        answer = await people[nobody].send(here, f"{PATH}/confirmer", fields)
        assert answer.status_code == status, nobody
    assert WHY in await secretary.page(PATH)
    answer = await secretary.send(PATH, f"{PATH}/confirmer", fields)
    assert answer.status_code == 303, answer.text
    assert sorted((await rows(pool)).values(), key=str) == [
        (False, "bmi"), (False, "bmi"), (True, None),
    ]  # fmt: skip
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        table = await figures(connection, FigureQuestion(MAY, MAY))
        found = await reports.outside(connection, FigureQuestion(MAY, MAY))
        listed = await outside(
            connection, date(2026, 5, 1), date(2026, 5, 31), applied.site.zone,
            EVERYTHING,
        )  # fmt: skip
        frame = await audits.candidates(connection, date(2026, 5, 1), date(2026, 5, 31))
    assert (table.of(REPLY).k, table.of(REPLY).n) == (1, 1)
    assert (table.of(OUTSIDE).k, table.of(OUTSIDE).n) == (2, 3)
    assert [(count.reason, count.way, count.n, count.late) for count in found] == [
        (SERVICE_OUTSIDE, OutsideWay.LABEL, 2, 2)
    ], "the day of the change is after both limits, and no fact says that a reply left"
    assert [(row.by, row.reason, row.confirmed) for row in listed] == [
        ("person:s.general", SERVICE_OUTSIDE, True)
    ] * 2
    assert sorted(item.stratum for item in frame) == [
        "dre/courriel",
        "hors-perimetre",
        "hors-perimetre",
    ]
    page_of_outside = await officer.page("/chiffres/mois/2026-05/hors-perimetre")
    assert "Service hors du périmètre du label" in page_of_outside
    perimeter = await officer.page(PATH)
    assert "Hors depuis le 11/05/2026" in perimeter
    dossier = await officer.get(f"{LABEL}/dossier.zip")
    with zipfile.ZipFile(io.BytesIO(dossier.content)) as archive:
        told = archive.read("perimetre.csv").decode("utf-8-sig").splitlines()
    assert told[1:] == [f"Bureau bmi;hors;11/05/2026;{WHY};Camille S.general;02/07/2026"]
    await proven(pool)
    facts = [
        QUALITY.validate_json(row["payload"])
        for row in await pool.fetch("SELECT payload FROM desk.quality_facts ORDER BY seq")
    ]
    request, change = facts
    assert isinstance(request, PerimeterAsked)
    assert isinstance(change, PerimeterChanged)
    assert (change.service, change.inside, change.since) == ("bmi", False, date(2026, 5, 11))
    assert (change.asked, request.by, change.by) == (
        request.event_id, "person:q.officer", "person:s.general",
    )  # fmt: skip


@pytest.mark.usefixtures("live_site", "environment")
async def test_what_comes_later_counts_by_the_day_of_its_receipt_and_a_service_comes_back(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    await items(pool, "a", "b")
    await items(pool, "c", routing=certain("association", "dre"))
    officer, secretary = people["q.officer"], people["s.general"]
    assert await asks(officer, "2026-05-11") == 303
    fields = await hidden(secretary, "confirmer")
    assert (await secretary.send(PATH, f"{PATH}/confirmer", fields)).status_code == 303
    # Mail that comes from here on counts no more either, and is followed all the same.
    (new,) = await items(pool, "d")
    await starts(pool, new)
    assert await pool.fetchval(
        "SELECT outside_service FROM desk.items WHERE item_id = $1", new
    ) == "bmi"  # fmt: skip
    # Back from the twelfth: what came on the eleventh stays out.
    assert await asks(officer, "2026-05-12", way="dans") == 303
    fields = await hidden(secretary, "confirmer")
    assert (await secretary.send(PATH, f"{PATH}/confirmer", fields)).status_code == 303
    assert sorted(value[1] or "" for value in (await rows(pool)).values()) == [
        "",
        "bmi",
        "bmi",
        "bmi",
    ]
    await proven(pool)


@pytest.mark.usefixtures("live_site", "environment")
async def test_a_request_is_dropped_or_looked_at_again_when_its_items_moved(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    await items(pool, "a")
    officer, secretary = people["q.officer"], people["s.general"]
    assert await asks(officer, "2026-05-11") == 303
    waits = "une demande sur Bureau bmi attend une seconde personne"
    assert waits in await secretary.page("/qualite")
    fields = await hidden(secretary, "confirmer")
    await items(pool, "b")
    answer = await secretary.send(PATH, f"{PATH}/confirmer", fields)
    assert answer.status_code == 422
    assert "Des courriers ont bougé depuis" in answer.text
    dropped = await hidden(officer, "abandonner")
    assert (await officer.send(PATH, f"{PATH}/abandonner", dropped)).status_code == 303
    assert await kinds(pool) == ["PerimeterAsked", "PerimeterDropped"]
    answer = await secretary.send(PATH, f"{PATH}/confirmer", fields)
    assert answer.status_code == 422
    assert "n’attend plus" in answer.text
    assert set((await rows(pool)).values()) == {(True, None)}
    for url in (
        trial("2028-01-01"), trial("1990-01-01"), trial("2026-05-11", way="dans"),
        trial("demain"), trial("2026-05-11", service="personne"),
    ):  # fmt: skip
        answer = await officer.get(url)
        assert answer.headers["location"].endswith(PATH), url
    names = {"pourquoi": "Camille B.head part.", "service": "bmi", "sens": "hors",
             "jour": "2026-05-11"}  # fmt: skip
    answer = await officer.send(trial("2026-05-11"), f"{PATH}/demander", names)
    assert answer.status_code == 422
    assert "Ce motif nomme quelqu’un" in answer.text


@pytest.mark.usefixtures("live_site", "environment")
async def test_two_confirmations_at_once_of_one_request_are_one_change(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    """What moves nothing looks the same before and after: the request itself must still wait."""
    (item,) = await items(pool, "a", routing=certain("association", "dre"))
    await decide(pool, item, Assign(service="bmi"))  # long after its day 0: it moves nothing
    officer, secretary = people["q.officer"], people["s.general"]
    assert await asks(officer, "2026-05-11") == 303
    fields = await hidden(secretary, "confirmer")
    async with transaction(pool) as connection:
        await connection.execute("SELECT FROM desk.items WHERE item_id = $1 FOR UPDATE", item)
        mine = await connection.fetchval("SELECT pg_backend_pid()")
        sent = [
            asyncio.ensure_future(secretary.send(PATH, f"{PATH}/confirmer", fields))
            for _ in range(2)
        ]
        async with asyncio.timeout(300):
            while await pool.fetchval(WAITING, mine) < 2:  # noqa: ASYNC110  (a lock)
                await asyncio.sleep(0.01)
    answers = await asyncio.gather(*sent)
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert await kinds(pool) == ["PerimeterAsked", "PerimeterChanged"]


@pytest.mark.usefixtures("live_site", "environment")
async def test_nobody_takes_a_late_item_out_alone_by_giving_it_to_a_service_outside(
    people: Mapping[str, Browser], pool: Pool
) -> None:
    (late,) = await items(pool, "a")
    (unsorted,) = await items(pool, "b", routing=proposed())
    (into,) = await items(pool, "c", routing=certain("association", "dre"))
    for item in (late, unsorted, into):
        await starts(pool, item)  # until 19 May: it is the second of July
    officer, secretary = people["q.officer"], people["s.general"]
    assert await asks(officer, "2026-05-01", service="dre") == 303
    fields = await hidden(secretary, "confirmer")
    assert (await secretary.send(PATH, f"{PATH}/confirmer", fields)).status_code == 303
    chronos = {
        row["item_id"]: row["chrono"]
        for row in await pool.fetch("SELECT item_id, chrono FROM desk.items")
    }
    url = f"/courrier/{chronos[late]}"
    answer = await secretary.send(url, f"{url}/fusionner", {"into": chronos[into]})
    assert answer.status_code == 422
    assert "avant de les joindre" in answer.text
    # Sorted into it after its limit, it would count by who has it first.
    with pytest.raises(Refused) as refused:
        await decide(pool, unsorted, Qualify(Reclassify(), service="dre"))
    assert refused.value.why == "after-the-limit"
    # Given to it a month after its day 0, it counts for who had it then.
    await decide(pool, late, Assign(service="dre"))
    assert (await rows(pool))[chronos[late]] == (True, None)


@pytest.mark.usefixtures("live_site", "environment")
async def test_no_command_changes_the_perimeter(pool: Pool) -> None:
    async with transaction(pool) as connection:
        applied = await store.current(connection)
        author = Author("indre", "person:q.officer", JULY, MACHINE)
        acts = perimeter_service.PerimeterService(
            connection, author, applied, await people_store.people_at(connection, JULY)
        )
        with pytest.raises(Refused) as refused:
            await acts.ask(ServiceId("bmi"), date(2026, 7, 1), WHY, inside=False)
    assert refused.value.why == "by-session"
