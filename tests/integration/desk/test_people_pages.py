"""Absences, deputies, services and hours, changed on the pages; every version stays."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from pydantic import SecretStr

from services.desk.pages.serve import PageServer
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.site.staff.directory import Directory
from tests.desk_browser import Browser, loose, pages
from tests.desk_builders import a_person
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> PageServer:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    return pages(pool, clock, tmp_path)


async def directory(pool: Pool) -> Directory:
    async with transaction(pool) as connection:
        return await people_store.people_at(connection, TODAY)


async def test_an_absence_and_its_deputy_change_who_receives_what(
    desk: PageServer, pool: Pool
) -> None:
    agent, url = await Browser(desk).sign_in("a.gent"), "/personne/a.gent"
    await agent.to(await agent.send(url, f"{url}/suppleant", {"deputy": "b.gent"}))
    fields = {"first": "12/05/2026", "last": "2026-05-15"}
    shown = await agent.to(await agent.send(url, f"{url}/absence", fields))
    assert "Absence notée du 12/05/2026 au 15/05/2026." in shown
    receives = await agent.page("/service/bmi/qui-recoit")
    assert "Camille A.gent : Camille B.gent (à la place de Camille A.gent, en absence)" in receives
    cancelled = await agent.send(url, f"{url}/absence/1/annuler")
    assert "Absence annulée." in await agent.to(cancelled)
    assert not (await directory(pool)).is_away("a.gent", TODAY.date())


NO_SENSE = (
    ({"first": ""}, "Donnez le premier jour d’absence."),
    ({"first": "12/05/2026", "last": "11/05/2026"}, "ne peut pas précéder le premier"),
    ({"first": "2026-05-04", "last": "2026-05-08"}, "déjà finie"),
    ({"first": "2026-05-12", "last": "2062-05-12"}, "vérifiez l’année"),
    ({"first": "demain"}, "« demain » n’est pas une date"),
)


async def test_an_absence_that_makes_no_sense_is_refused(desk: PageServer) -> None:
    agent, url = await Browser(desk).sign_in("a.gent"), "/personne/a.gent"
    for fields, sentence in NO_SENSE:
        answer = await agent.send(url, f"{url}/absence", fields)
        assert (answer.status_code, sentence in answer.text) == (422, True), fields


async def test_a_head_places_people_in_their_own_service_and_opens_no_other_door(
    desk: PageServer, pool: Pool
) -> None:
    head = await Browser(desk).sign_in("b.head")
    await head.send(
        "/personne/r.gent", "/personne/r.gent/services", {"services": ["bmi", "courrier"]}
    )
    assert set((await directory(pool)).people["r.gent"].services) == {"bmi", "dre"}  # type: ignore[index]  # it was just written


async def test_an_address_is_one_person_s_and_each_version_stays(
    desk: PageServer, pool: Pool
) -> None:
    boss = await Browser(desk).sign_in("c.head")
    taken = (await directory(pool)).people["s.general"].email  # type: ignore[index]  # it was just written
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


async def test_opening_hours_are_changed_by_their_service(desk: PageServer) -> None:
    head, url = await Browser(desk).sign_in("b.head"), "/service/bmi/ouverture"
    wrong = await head.send(url, url, {"opens": "17:00", "closes": "08:00"})
    assert wrong.status_code == 422
    await head.to(await head.send(url, url, {"opens": "08:15", "closes": "16:00"}))
    page = await head.page("/service/bmi/qui-recoit")
    assert "à l’ouverture du service (8 h 15)" in loose(page)


async def test_no_head_becomes_the_secretary_general_by_three_ordinary_forms(
    desk: PageServer, pool: Pool
) -> None:
    """Placing, deputising, noting absence: each of the three doors is shut."""
    head, url = await Browser(desk).sign_in("b.head"), "/personne/s.general"
    secretary = (await directory(pool)).people["s.general"]  # type: ignore[index]  # it was just written
    for step, fields in (
        ("services", {"services": "bmi"}),
        ("suppleant", {"deputy": "b.head"}),
        ("absence", {"first": "2026-05-12"}),
    ):
        answer = await head.send(url, f"{url}/{step}", fields)
        assert answer.status_code in {403, 422}, step
    async with transaction(pool) as connection:
        # As if the first door had been open already, or the SG worked in the service.
        placed = secretary.model_copy(update={"services": ("bmi", "sg")})
        await people_store.set_person(connection, placed, "tests", TODAY)
    refused = await head.send(url, f"{url}/suppleant", {"deputy": "b.head"})
    assert (refused.status_code, "se désigne soi-même" in refused.text) == (422, True)
    asked = await head.send(url, f"{url}/suppleant", {"deputy": "a.gent"})
    assert "Une autre personne doit le confirmer" in await head.to(asked)
    assert (await directory(pool)).people["s.general"].deputy is None  # type: ignore[index]  # it was just written
    for page in ("/preuve", "/audit", "/elimination"):
        assert (await head.get(page)).status_code == 403, page


async def test_nobody_notes_an_absence_that_makes_them_act_for_somebody(
    desk: PageServer, pool: Pool
) -> None:
    async with transaction(pool) as connection:
        people = (await people_store.people_at(connection, TODAY)).people
        for who, deputy in (("s.general", "b.head"), ("a.gent", "c.lerk")):
            person = people[who].model_copy(update={"deputy": deputy, "services": ("bmi",)})  # type: ignore[index]  # it was just written
            await people_store.set_person(connection, person, "tests", TODAY)
    for who, of in (("b.head", "s.general"), ("c.lerk", "a.gent")):
        browser, url = await Browser(desk).sign_in(who), f"/personne/{of}"
        answer = await browser.send(url, f"{url}/absence", {"first": "2026-05-12"})
        assert (answer.status_code, "vous donnerait des droits" in answer.text) == (422, True), who
    other, url = await Browser(desk).sign_in("d.rector"), "/personne/s.general"
    await other.to(await other.send(url, f"{url}/absence", {"first": "2026-05-12"}))
    assert (await directory(pool)).is_away("s.general", TODAY.date())


async def test_a_deputy_of_whom_the_site_names_is_named_by_themselves_or_by_two(
    desk: PageServer, pool: Pool
) -> None:
    url = "/personne/b.head"
    director = await Browser(desk).sign_in("d.rector")
    clerk = await Browser(desk).sign_in("c.lerk")
    chosen = await Browser(desk).sign_in("a.gent")
    await director.to(await director.send(url, f"{url}/suppleant", {"deputy": "a.gent"}))
    ask = await pool.fetchval("SELECT ask FROM desk.person_asks WHERE settled_at IS NULL")
    door = f"{url}/demande/{ask}"
    for browser in (director, chosen):
        assert (await browser.send(url, door, {"reponse": "oui"})).status_code == 403
    assert (await directory(pool)).people["b.head"].deputy is None  # type: ignore[index]  # it was just written
    again = await clerk.send(url, f"{url}/suppleant", {"deputy": "b.gent"})
    assert (again.status_code, "attend déjà une seconde personne" in again.text) == (422, True)
    assert "Confirmer" not in await director.page(url)
    assert "Confirmer" in await clerk.page(url)
    await clerk.to(await clerk.send(url, door, {"reponse": "oui"}))
    assert (await directory(pool)).people["b.head"].deputy == "a.gent"  # type: ignore[index]  # it was just written
    assert (await clerk.send(url, door, {"reponse": "oui"})).status_code == 404
    mine = await Browser(desk).sign_in("b.head")
    await mine.to(await mine.send(url, f"{url}/suppleant", {"deputy": "b.gent"}))
    assert (await directory(pool)).people["b.head"].deputy == "b.gent"  # type: ignore[index]  # it was just written
    rows = await pool.fetch(
        "SELECT by, payload::jsonb ->> 'stage' AS stage, payload::jsonb ->> 'via' AS way"
        " FROM desk.facts WHERE type = 'PersonChanged' ORDER BY seq"
    )
    assert [tuple(row) for row in rows] == [
        ("person:d.rector", "asked", "session"),
        ("person:c.lerk", "done", "session"),
        ("person:b.head", "done", "session"),
    ]


RECORD = {"first_name": "Camille", "name": "S.general", "capacity": "SG", "phone": "02"}


async def test_nobody_takes_an_address_alone_and_the_person_may_be_the_second(
    desk: PageServer, pool: Pool
) -> None:
    url, mine = "/personne/s.general", "ailleurs@prefecture.example"
    before = (await directory(pool)).people["s.general"].email  # type: ignore[index]  # it was just written
    administrator = await Browser(desk).sign_in(None, administrator=True)
    boss = await Browser(desk).sign_in("c.head")
    for browser in (administrator, boss):
        await browser.send(url, f"{url}/fiche", {**RECORD, "email": mine})
        assert (await directory(pool)).people["s.general"].email == before  # type: ignore[index]  # it was just written
    ask = await pool.fetchval("SELECT ask FROM desk.person_asks WHERE settled_at IS NULL")
    door = f"{url}/demande/{ask}"
    assert (await administrator.send(url, door, {"reponse": "oui"})).status_code == 403
    secretary = await Browser(desk).sign_in("s.general")
    await secretary.to(await secretary.send(url, door, {"reponse": "oui"}))
    assert (await directory(pool)).people["s.general"].email == mine  # type: ignore[index]  # it was just written


async def test_an_administrator_opens_no_door_to_the_mail_office_nor_to_any_service(
    desk: PageServer, pool: Pool
) -> None:
    administrator = await Browser(desk).sign_in("o.call", administrator=True)
    url = "/personne/o.call"
    placed = await administrator.send(url, f"{url}/services", {"services": "courrier"})
    assert placed.status_code == 403
    fields = {**RECORD, "name": "Nouvelle", "email": "nouvelle@prefecture.example"}
    for service in ("courrier", "bmi"):
        answer = await administrator.send(
            "/personnes/nouvelle", "/personnes/nouvelle", {**fields, "services": service}
        )
        assert answer.status_code == 422, service
    alone = await administrator.send("/personnes/nouvelle", "/personnes/nouvelle", fields)
    assert alone.status_code == 303
    assert (await directory(pool)).people["c.nouvelle"].services == ()  # type: ignore[index]  # it was just written


async def test_a_clerk_of_the_mail_office_places_neither_themselves_nor_whom_the_site_names(
    desk: PageServer,
) -> None:
    clerk = await Browser(desk).sign_in("c.lerk")
    for who, sentence in (
        ("c.lerk", "vous donnerait des droits"),
        ("b.head", "Les règles du site nomment cette personne"),
    ):
        url = f"/personne/{who}"
        answer = await clerk.send(url, f"{url}/services", {"services": ["bmi", "dre"]})
        assert (answer.status_code, sentence in answer.text) == (422, True), who


async def test_whoever_leaves_is_signed_out_at_once(desk: PageServer, pool: Pool) -> None:
    leaver = await Browser(desk).sign_in("r.gent", administrator=True)
    assert (await leaver.get("/sessions")).status_code == 200
    boss = await Browser(desk).sign_in("c.head")
    await boss.to(await boss.send("/personne/r.gent", "/personne/r.gent/depart"))
    for page in ("/", "/sessions", "/personnes"):
        answer = await leaver.get(page)
        assert answer.headers["location"].startswith("/connexion"), page
    assert await pool.fetchval("SELECT count(*) FROM desk.sessions WHERE person = 'r.gent'") == 0


async def test_each_change_of_somebody_is_a_fact_of_their_own_chain_without_anything_personal(
    desk: PageServer, pool: Pool
) -> None:
    boss, url = await Browser(desk).sign_in("c.head"), "/personne/r.gent"
    fields = {**RECORD, "name": "Inventée", "phone": "06 99", "email": "r.gent@prefecture.example"}
    await boss.to(await boss.send(url, f"{url}/fiche", fields))
    await boss.to(await boss.send(url, f"{url}/absence", {"first": "2026-05-12"}))
    rows = await pool.fetch("SELECT payload FROM desk.facts WHERE type = 'PersonChanged'")
    said = " ".join(row["payload"] for row in rows)
    assert '"person":"r.gent"' in said
    assert not {"Inventée", "06 99", "@"} & {
        word for word in ("Inventée", "06 99", "@") if word in said
    }
    assert len(rows) >= 2
