"""Absences, deputies, services and hours, changed on the pages; every version stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.desk.pages.serve import Pages
from shared.clock import open_clock
from shared.database import Pool, transaction
from shared.site import people_store
from shared.site.directory import Directory
from tests.desk_browser import Browser, pages
from tests.desk_builders import a_person
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> Pages:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    return pages(pool, clock, tmp_path)


async def directory(pool: Pool) -> Directory:
    async with transaction(pool) as connection:
        return await people_store.people_at(connection, TODAY)


async def test_an_absence_and_its_deputy_change_who_receives_what(desk: Pages, pool: Pool) -> None:
    agent, url = await Browser(desk).sign_in("a.gent"), "/personne/a.gent"
    await agent.to(await agent.send(url, f"{url}/suppleant", {"deputy": "b.gent"}))
    fields = {"first": "12/05/2026", "last": "2026-05-15"}
    shown = await agent.to(await agent.send(url, f"{url}/absence", fields))
    assert "Absence notée du 12/05/2026 au 15/05/2026." in shown
    receives = await agent.page("/service/bmi/qui-recoit")
    assert "Camille A.gent : Camille B.gent (à la place de Camille A.gent, en absence)" in receives
    cancelled = await agent.send(url, f"{url}/absence/1/annuler")
    assert "Absence annulée." in await agent.to(cancelled)
    assert not (await directory(pool)).is_away("a.gent", TODAY.date())


NO_SENSE = (
    ({"first": ""}, "Donnez le premier jour d’absence."),
    ({"first": "12/05/2026", "last": "11/05/2026"}, "ne peut pas précéder le premier"),
    ({"first": "2026-05-04", "last": "2026-05-08"}, "déjà finie"),
    ({"first": "2026-05-12", "last": "2062-05-12"}, "vérifiez l’année"),
    ({"first": "demain"}, "« demain » n’est pas une date"),
)


async def test_an_absence_that_makes_no_sense_is_refused(desk: Pages) -> None:
    agent, url = await Browser(desk).sign_in("a.gent"), "/personne/a.gent"
    for fields, sentence in NO_SENSE:
        answer = await agent.send(url, f"{url}/absence", fields)
        assert (answer.status_code, sentence in answer.text) == (422, True), fields


async def test_a_head_places_people_in_their_own_service_and_opens_no_other_door(
    desk: Pages, pool: Pool
) -> None:
    head = await Browser(desk).sign_in("b.head")
    await head.send(
        "/personne/r.gent", "/personne/r.gent/services", {"services": ["bmi", "courrier"]}
    )
    assert set((await directory(pool)).people["r.gent"].services) == {"bmi", "dre"}  # type: ignore[index]


async def test_an_address_is_one_person_s_and_each_version_stays(desk: Pages, pool: Pool) -> None:
    boss = await Browser(desk).sign_in("c.head")
    taken = (await directory(pool)).people["s.general"].email  # type: ignore[index]
    fields = {
        "first_name": "Ève", "name": "Élan", "capacity": "adjointe", "email": taken, "phone": "02",
    }  # fmt: skip
    answer = await boss.send("/personnes/nouvelle", "/personnes/nouvelle", fields)
    assert (answer.status_code, "Cette adresse est celle de" in answer.text) == (422, True)
    fields["email"] = "eve.elan@prefecture.example"
    async with transaction(pool) as connection:
        # Whom the provider brought may be written down: from then on the address is theirs.
        brought = a_person("oidc-1", "bmi").model_copy(update={"email": fields["email"]})
        await people_store.set_person(connection, brought, "tests", TODAY)
    answer = await boss.send("/personnes/nouvelle", "/personnes/nouvelle", fields)
    assert answer.headers["location"] == "/personne/e.elan"
    left = await boss.send("/personne/e.elan", "/personne/e.elan/depart")
    assert "Départ de Ève Élan noté." in await boss.to(left)
    again = await boss.send("/personnes/nouvelle", "/personnes/nouvelle", fields)
    assert again.headers["location"] == "/personne/e.elan2", "an id is never given twice"
    rows = await pool.fetch(
        "SELECT gone, author FROM site.people WHERE person = 'e.elan' ORDER BY id"
    )
    assert [tuple(row) for row in rows] == [(False, "person:c.head"), (True, "person:c.head")]


async def test_opening_hours_are_changed_by_their_service(desk: Pages) -> None:
    head, url = await Browser(desk).sign_in("b.head"), "/service/bmi/ouverture"
    wrong = await head.send(url, url, {"opens": "17:00", "closes": "08:00"})
    assert wrong.status_code == 422
    await head.to(await head.send(url, url, {"opens": "08:15", "closes": "16:00"}))
    page = await head.page("/service/bmi/qui-recoit")
    assert "à l’ouverture du service (8 h 15)" in page
