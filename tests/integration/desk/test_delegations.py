"""Delegations of signature: who enters them, what they change of a letter, how they end."""

from datetime import UTC, date, datetime
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from services.desk.pages.serve import PageServer
from shared.facts.vocabulary import NoticeKind
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from shared.site.staff.directory import Directory
from shared.site.tables.people import Absence
from tests.desk_browser import TODAY, Browser, pages
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

URL = "/delegations"
ARRETE = "arrêté n° 36-2026-05-04-00001"
TUESDAY = date(2026, 5, 12)
GIVEN = {
    "person": "b.head",
    "reference": ARRETE,
    "first": "2026-05-12",
    "last": "2026-12-31",
    "services": ["bmi"],
}


@pytest.fixture
async def desk(pool: Pool, postgres_url: str, tmp_path: Path) -> PageServer:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", TODAY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    return pages(pool, clock, tmp_path)


async def directory(pool: Pool, at: datetime = TODAY) -> Directory:
    async with transaction(pool) as connection:
        return await people_store.people_at(connection, at)


def signs(found: Directory, person: str, service: str = "bmi", day: date = TUESDAY) -> bool:
    return found.delegation(person, service, NoticeKind.REPLY, day) is not None


async def test_the_sg_enters_what_an_arrete_says_and_it_stands_for_its_services_and_days(
    desk: PageServer, pool: Pool
) -> None:
    secretary = await Browser(desk).sign_in("s.general")
    shown = await secretary.to(await secretary.send(URL, URL, GIVEN))
    assert "Camille B.head signe par délégation jusqu’au 31/12/2026." in shown
    found = await directory(pool)
    assert signs(found, "b.head")
    assert not signs(found, "b.head", "dre")
    assert not signs(found, "b.head", day=date(2026, 5, 11))
    assert signs(found, "b.head", day=date(2026, 12, 31))
    assert not signs(found, "b.head", day=date(2027, 1, 1))
    assert [signatory.id for signatory in found.signatories("bmi", NoticeKind.REPLY, TUESDAY)] == [
        "b.head"
    ]
    only = {**GIVEN, "person": "d.rector", "services": [], "kinds": ["holding_reply"]}
    await secretary.to(await secretary.send(URL, URL, only))
    found = await directory(pool)
    assert found.delegation("d.rector", "dre", NoticeKind.HOLDING_REPLY, TUESDAY) is not None
    assert not signs(found, "d.rector", "dre")
    agent = await Browser(desk).sign_in("a.gent")
    listed = await agent.page(URL)
    assert ARRETE in listed
    assert "Saisir une délégation" not in listed


async def test_a_deputy_inherits_no_delegation_and_enters_none(
    desk: PageServer, pool: Pool
) -> None:
    secretary = await Browser(desk).sign_in("s.general")
    await secretary.to(await secretary.send(URL, URL, GIVEN))
    async with transaction(pool) as connection:
        for away, deputy in (("b.head", "a.gent"), ("s.general", "r.gent")):
            person = (await people_store.people_at(connection, TODAY)).somebody(away)
            stands = person.model_copy(update={"deputy": deputy})
            await people_store.set_person(connection, stands, "test", TODAY)
            absence = Absence(person=away, first=TUESDAY, last=TUESDAY)
            await people_store.add_absence(connection, absence, "test", TODAY)
    found = await directory(pool)
    assert found.reader("b.head", TUESDAY) is not None
    assert signs(found, "b.head")
    assert not signs(found, "a.gent")
    deputy = await Browser(desk).sign_in("r.gent")  # type: ignore[assignment]  # one name for both
    refused = await deputy.send("/personne/r.gent", URL, GIVEN)  # type: ignore[attr-defined]  # of this kind here
    assert refused.status_code == 403


async def test_nobody_enters_their_own_and_what_makes_no_sense_is_refused(desk: PageServer) -> None:
    quality = await Browser(desk).sign_in("q.officer")
    for change, sentence in (
        ({"person": "q.officer"}, "Demandez à quelqu’un d’autre de saisir votre délégation."),
        ({"reference": " "}, "Donnez la référence de l’arrêté."),
        ({"last": ""}, "Donnez le dernier jour de la délégation."),
        ({"last": "2026-05-11"}, "Le dernier jour ne peut pas précéder le premier."),
        ({"first": "2026-01-01", "last": "2026-05-11"}, "Cette délégation est déjà finie"),
        ({"services": ["nulle-part"]}, "Ce service n’existe pas"),
    ):
        answer = await quality.send(URL, URL, GIVEN | change, offre="")
        assert (answer.status_code, sentence in answer.text) == (422, True), change


async def test_a_delegation_ends_at_once_and_its_row_stands_for_ever(
    desk: PageServer, pool: Pool, postgres_url: str
) -> None:
    secretary = await Browser(desk).sign_in("s.general")
    await secretary.to(await secretary.send(URL, URL, GIVEN))
    ended = await secretary.to(await secretary.send(URL, f"{URL}/1/fin"))
    assert "Cette délégation a pris fin." in ended
    stands, _, past = ended.partition("Délégations finies")
    assert ARRETE not in stands
    assert ARRETE in past
    assert "12/05/2026 (fin saisie par Camille S.general)" in past
    head = await Browser(desk).sign_in("b.head")
    assert ARRETE not in await head.page(URL), "what was is for who answers for it"
    assert not signs(await directory(pool), "b.head")
    again = await secretary.send(URL, f"{URL}/1/fin")
    assert "elle a déjà pris fin" in again.text
    async with one_transaction(postgres_url) as owner:
        rows = await owner.fetch("SELECT author, cancels FROM site.delegations ORDER BY id")
        assert [tuple(row) for row in rows] == [
            ("person:s.general", None),
            ("person:s.general", 1),
        ]
        with pytest.raises(asyncpg.RaiseError, match="stand for ever"):
            await owner.execute("DELETE FROM site.delegations")


async def test_the_people_of_a_transaction_see_a_new_delegation(
    desk: PageServer, pool: Pool
) -> None:
    """The directory is kept between transactions: a row that came since is read."""
    quality = await Browser(desk).sign_in("q.officer")
    assert "Personne n’a de délégation" in await quality.page(URL)
    shown = await quality.to(await quality.send(URL, URL, GIVEN))
    assert "Camille B.head" in shown
    before = datetime(2026, 5, 12, 7, 59, tzinfo=UTC)
    assert not signs(await directory(pool, before), "b.head")
