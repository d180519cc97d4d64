"""Every page × every role, against the table written by hand."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.desk import features, rights
from services.desk.decider import Decider
from services.desk.domain.decisions import Reclassify
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.pages.signin import cookies
from services.desk.rights import Right, Sight
from services.desk.roles import roles_of
from services.desk.store import items
from shared.facts.envelope import PersonId
from shared.facts.vocabulary import Confidentiality
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.site.tables.people import Absence
from shared.web import forms
from tests.desk_browser import HOME, Browser, pages
from tests.desk_builders import a_site, an_applied_site, an_arrival, certain, digest, rules
from tests.integration.desk.authorisations import ANYBODY, FIRST, ROLES, SECRETS, TABLE, Row
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TODAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
PERSONS = {
    "office": "c.lerk",
    "agent": "a.gent",
    "stranger": "r.gent",
    "head": "b.head",
    "director": "d.rector",
    "secretary": "s.general",
    "quality": "q.officer",
    "administrator": None,
}
OF_AUDITORS = {
    f"{method} {page.path}"
    for page in features.all_pages()
    if page.right is Right.AUDIT
    for method in page.methods
}
"""Pages that are not there for anybody else, signed in or not."""


@pytest.fixture
async def register(pool: Pool, postgres_url: str) -> None:
    """Two items of bmi, the second réservé; nobody holds them."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    batch = [an_arrival(n, routing=certain(), correspondent=digest(n)) for n in ("a", "b")]
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, batch, TODAY)
        directory = await people_store.people_at(connection, TODAY)
        head = directory.people[PersonId("b.head")]
        second = await connection.fetchval(
            "SELECT item_id FROM desk.items WHERE chrono = '36-2026-A-000002'"
        )
        by = Decider(connection, head, uuid4(), TODAY, an_applied_site(), directory)
        await by.about(second, Reclassify(confidentiality=Confidentiality.RESERVE))


@pytest.fixture
async def browsers(
    pool: Pool, postgres_url: str, tmp_path: Path, register: None
) -> Mapping[str, Browser]:
    del register
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    desk = pages(pool, clock, tmp_path)
    found = {"nobody": Browser(desk)}
    for role, person in PERSONS.items():
        found[role] = await Browser(desk).sign_in(person, administrator=person is None)
    return found


async def _status(browser: Browser, method: str, row: Row) -> int:
    if method == "GET":
        return (await browser.get(row.url)).status_code
    secret = browser.client.cookies.get(cookies.SESSION)
    fields = {forms.CSRF: forms.token(secret) if secret else "", **row.fields}
    answer = await browser.client.post(row.url, data=fields, headers={"origin": HOME})
    return answer.status_code


def _expected(row: Row, role: str) -> str:
    if role in row.allowed.split():
        return "allowed"
    return "hidden" if role in row.hidden.split() else "forbidden"


def _met(status: int) -> str:
    return {403: "forbidden", 404: "hidden"}.get(status, "allowed" if status < 500 else "broken")


def test_every_page_has_its_row_and_every_row_its_page() -> None:
    there = {f"{method} {page.path}" for page in features.all_pages() for method in page.methods}
    assert there - set(TABLE) == set(), "give these a row in authorisations.py"
    assert set(TABLE) - there == set(), "no page has this row any more"


@pytest.mark.parametrize("role", ROLES)
async def test_each_role_meets_what_the_table_says(
    role: str, browsers: Mapping[str, Browser]
) -> None:
    wrong = []
    # Who signed out would meet the sign-in everywhere: that row comes last.
    rows = {**TABLE, "GET of a réservé item": SECRETS}
    rows["POST /deconnexion"] = rows.pop("POST /deconnexion")
    for name, row in rows.items():
        met = _met(await _status(browsers[role], name.partition(" ")[0], row))
        if met != _expected(row, role):
            wrong.append((name, met))
    assert not wrong, wrong


async def test_whoever_is_not_signed_in_is_led_to_the_sign_in(
    browsers: Mapping[str, Browser],
) -> None:
    wrong = []
    for name, row in TABLE.items():
        method = name.partition(" ")[0]
        if row.open:
            continue
        status = await _status(browsers["nobody"], method, row)
        expected = 404 if name in OF_AUDITORS else 303 if method == "GET" else 403
        if status != expected:
            wrong.append((name, status))
    assert not wrong, wrong
    answer = await browsers["nobody"].get("/courrier/12?onglet=2")
    assert answer.headers["location"] == "/connexion?suite=/courrier/12%3Fonglet%3D2"


async def test_no_page_takes_a_form_that_another_site_sent(
    browsers: Mapping[str, Browser],
) -> None:
    """Wherever the form comes from, and whether its sender read the token or not."""
    taken = []
    for name, row in TABLE.items():
        if not name.startswith("POST"):
            continue
        role = next(iter(row.allowed.split()), "nobody" if row.open else "office")
        browser = browsers[role]
        secret = browser.client.cookies.get(cookies.SESSION, "")
        for origin, token in (("https://attaquant.example", forms.token(secret)), (HOME, "")):  # type: ignore[arg-type]  # typed by hand
            if origin == HOME and role == "nobody":
                continue
            fields = {**row.fields, forms.CSRF: token, forms.DECISION: str(uuid4())}
            answer = await browser.client.post(row.url, data=fields, headers={"origin": origin})
            if answer.status_code not in {403, 404}:
                taken.append((name, role, origin, answer.status_code))
    assert not taken, taken


def test_pages_that_are_open_are_those_that_must_be() -> None:
    opened = {page.path for page in features.all_pages() if page.right is Right.OPEN}
    assert opened == {
        page.path
        for page in features.all_pages()
        if any(TABLE[f"{method} {page.path}"].open for method in page.methods)
    }


async def test_the_lists_and_the_pages_agree_on_who_knows_of_an_item(
    pool: Pool, register: None
) -> None:
    """`desk.known_to` and `rights.sight`, on every person × every holder × réservé or not."""
    del register
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, TODAY)
        ids = [row["item_id"] for row in await connection.fetch("SELECT item_id FROM desk.items")]
        locked = await items.lock(connection, ids)
        for kept in locked.values():
            for agent, copies, informed in (
                (None, (), ()),
                ("r.gent", (), ()),
                (None, ("dre",), ()),
                (None, (), ("q.officer",)),
            ):
                item = replace(kept.item, agent=agent, copies=copies, informed=informed)  # type: ignore[arg-type]  # typed by hand
                await items.save(connection, [item], an_applied_site().site.zone)
                for person in directory.people:
                    roles = roles_of(person, a_site(), directory, TODAY.date())
                    known = await connection.fetchval(
                        "SELECT desk.known_to(i, $2, $3, $4, $5, $6)"
                        " FROM desk.items i WHERE item_id = $1",
                        item.item_id,
                        *roles.seen,
                    )
                    confidentiality = item.classification.confidentiality
                    seen = rights.sight(roles, item, confidentiality) is not Sight.NOTHING
                    assert known == seen, (person, agent, copies, informed, confidentiality)


async def test_the_reading_of_a_reserved_item_is_noted_and_its_outline_is_none(
    browsers: Mapping[str, Browser], pool: Pool
) -> None:
    for role in ("office", "head", "head"):
        await browsers[role].page(SECRETS.url)
    await browsers["agent"].get(SECRETS.url)
    await browsers["head"].page(FIRST)
    rows = await pool.fetch("SELECT person, read_at FROM desk.readings")
    assert [tuple(row) for row in rows] == [("b.head", TODAY)]


async def test_a_deputy_has_the_rights_of_whom_they_stand_in_for(pool: Pool) -> None:
    async with transaction(pool) as connection:
        people = (await people_store.people_at(connection, TODAY)).people
        head = people[PersonId("b.head")].model_copy(update={"deputy": "r.gent"})
        await people_store.set_person(connection, head, "tests", TODAY)
        absence = Absence(person="b.head", first=TODAY.date(), last=TODAY.date())
        await people_store.add_absence(connection, absence, "tests", TODAY)
        directory = await people_store.people_at(connection, TODAY)
    today = roles_of(PersonId("r.gent"), a_site(), directory, TODAY.date())
    assert "bmi" in today.heads
    tomorrow = roles_of(PersonId("r.gent"), a_site(), directory, TODAY.date().replace(day=13))
    assert "bmi" not in tomorrow.heads


def test_the_table_names_known_roles() -> None:
    named = {role for row in TABLE.values() for role in f"{row.allowed} {row.hidden}".split()}
    assert named <= set(ANYBODY.split())
