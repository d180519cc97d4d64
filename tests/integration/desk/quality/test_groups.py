"""The COPIL and working groups: members, meetings, decisions that are measures, names that go."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from services.desk.quality.store import committee as store
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.integration.desk.quality.measured import at, headings

pytestmark = pytest.mark.usefixtures("live_site", "environment")

GROUPS = "/qualite/groupes"
COPIL = f"{GROUPS}/1"
BEFORE = datetime(2026, 6, 12, 8, 0, tzinfo=UTC)
AFTER = datetime(2026, 6, 18, 8, 0, tzinfo=UTC)


async def officer(pool: Pool, url: str, folder: Path, moment: datetime = BEFORE) -> Browser:
    return await Browser(await at(pool, url, folder, moment)).sign_in("q.officer")


async def forms(browser: Browser) -> None:
    """The COPIL with two members and a meeting on the seventeenth."""
    page = await browser.to(
        await browser.send(GROUPS, GROUPS, {"nom": "COPIL qualité", "nature": "steering"})
    )
    assert "COPIL qualité" in page
    for name, function in (("Odette Vannier", "directrice"), ("Guy Marlot", "chef de bureau")):
        await browser.to(
            await browser.send(COPIL, f"{COPIL}/membres", {"nom": name, "fonction": function})
        )
    page = await browser.to(
        await browser.send(
            COPIL,
            f"{COPIL}/reunions",
            {"jour": "2026-06-17", "heure": "14:30", "lieu": "Salle Sand"},
        )
    )
    assert "mercredi 17 juin 2026" in page


async def test_a_decision_is_a_measure_with_owner_and_day_and_several_come_of_one_meeting(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    await forms(await officer(pool, postgres_url, tmp_path))
    browser = await officer(pool, postgres_url, tmp_path, AFTER)
    there = f"{COPIL}/reunions/1"
    page = await browser.page(there)
    assert "Noter une décision" not in page, "a meeting that was not held decides nothing"
    async with transaction(pool) as connection:
        subject = (await store.committee(connection, 1)).meetings[1].subject
    fields = {"source": "decision", "sujet": str(subject), "numero": "1", "constat": "Tôt.",
              "responsable": "a.gent", "echeance": "2026-07-10"}  # fmt: skip
    new = "/qualite/mesures/nouvelle"
    early = await browser.send(f"{new}?source=decision&sujet={subject}&numero=1", new, fields)
    assert early.status_code in {400, 422}
    # The same box sent twice is one person.
    await browser.to(
        await browser.send(there, f"{there}/tenue", {"presents": ["1", "1"], "excuses": ["2", "2"]})
    )
    async with transaction(pool) as connection:
        met = (await store.committee(connection, 1)).meetings[1]
    assert ([*met.present], [*met.excused]) == ([1], [2])
    page = await browser.page(there)
    link = page.partition("/qualite/mesures/nouvelle?")[2].partition('"')[0].replace("&amp;", "&")
    fields = dict(part.split("=") for part in link.split("&"))
    for number, said in enumerate(("Relire la boîte chaque matin.", "Former le guichet."), start=1):
        answer = await browser.send(
            f"/qualite/mesures/nouvelle?{link}",
            "/qualite/mesures/nouvelle",
            {**fields, "constat": said, "responsable": "a.gent", "echeance": "2026-07-10"},
        )
        assert f"n° {number}" in await browser.to(answer)
    page = await browser.page(there)
    assert "Relire la boîte chaque matin." in page
    assert "Former le guichet." in page
    assert "10/07/2026" in page
    answer = await browser.get(f"{there}/releve.odt")
    assert headings(answer.content) == [
        "Relevé de décisions : COPIL qualité", "Présents", "Excusés", "Décisions",
    ]  # fmt: skip
    assert answer.content == (await browser.get(f"{there}/releve.odt")).content
    groups = await browser.page(COPIL)
    assert "Salle Sand" in groups
    report = (await browser.get("/chiffres/annee/2026/rapport.odt")).content
    assert "Comité de pilotage et groupes de travail" in headings(report)


async def test_a_decision_is_noted_from_the_meeting_of_a_group_alone(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await officer(pool, postgres_url, tmp_path)
    await forms(browser)
    answer = await browser.send(
        "/qualite/mesures/nouvelle?source=decision&sujet=00000000-0000-5000-8000-000000000001&numero=1",
        "/qualite/mesures/nouvelle",
        {"source": "decision", "sujet": "00000000-0000-5000-8000-000000000001", "numero": "1",
         "constat": "Rien.", "responsable": "a.gent", "echeance": "2026-07-10"},
    )  # fmt: skip
    assert answer.status_code in {400, 422}
    assert (
        await pool.fetchval("SELECT count(*) FROM desk.quality_facts WHERE type = 'MeasureOpened'")
        == 0
    )


async def test_the_users_committee_and_the_groups_are_not_mixed(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await officer(pool, postgres_url, tmp_path)
    await forms(browser)
    await browser.to(
        await browser.send(
            "/qualite/comite",
            "/qualite/comite/membres",
            {"nom": "Lise Dorval", "organisme": "Familles", "college": "associations"},
        )
    )
    page = await browser.page("/qualite/comite")
    assert "Lise Dorval" in page
    assert "Odette Vannier" not in page
    assert "Aucune réunion." in page
    assert "Lise Dorval" not in await browser.page(COPIL)
    async with transaction(pool) as connection:
        users, copil = await store.committee(connection), await store.committee(connection, 1)
    assert [*users.members] == [3]
    assert [*copil.members] == [1, 2]
    assert not users.meetings


async def test_names_of_a_group_go_three_years_after_the_mandate(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await officer(pool, postgres_url, tmp_path)
    await forms(browser)
    await browser.to(await browser.send(COPIL, f"{COPIL}/membres/1/fin"))
    back = {"acte": "reprendre"}  # ended by mistake
    page = await browser.to(await browser.send(COPIL, f"{COPIL}/membres/1/fin", back))
    assert "Retirer cette fin" not in page
    async with transaction(pool) as connection:
        later = BEFORE.date().replace(year=BEFORE.year + 4)
        assert await store.erase_names(connection, later, BEFORE) == 0
    again = await browser.send(COPIL, f"{COPIL}/membres/1/fin", back)
    assert (again.status_code, "mandat terminé" in again.text) == (422, True)
    page = await browser.to(await browser.send(COPIL, f"{COPIL}/reunions", {"acte": "annuler"}))
    assert "annulée" in page
    await browser.to(await browser.send(COPIL, f"{COPIL}/membres/1/fin"))
    last = BEFORE.date()
    for day, gone in ((date(last.year + 3, last.month, last.day - 1), 0),
                      (date(last.year + 3, last.month, last.day), 1)):  # fmt: skip
        async with transaction(pool) as connection:
            assert await store.erase_names(connection, day, BEFORE + timedelta(days=1)) == gone
    page = await browser.page(COPIL)
    assert "Odette Vannier" not in page
    assert "Guy Marlot" in page


async def test_a_group_that_ended_meets_no_more(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await officer(pool, postgres_url, tmp_path)
    await forms(browser)
    page = await browser.to(await browser.send(COPIL, f"{COPIL}/dissoudre"))
    assert "dissous" in page
    assert "Convoquer" not in await browser.page(COPIL)
    answer = await browser.get(f"{GROUPS}/9")
    assert answer.status_code == 404


async def test_the_names_of_a_group_that_ended_go_three_years_later_too(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    browser = await officer(pool, postgres_url, tmp_path)
    await forms(browser)
    await browser.to(await browser.send(COPIL, f"{COPIL}/dissoudre"))
    day = BEFORE.date()
    later = date(day.year + 3, day.month, day.day)
    async with transaction(pool) as connection:
        assert await store.erase_names(connection, later, BEFORE + timedelta(days=1)) == 2
    page = await browser.page(COPIL)
    assert "Odette Vannier" not in page
    assert "Guy Marlot" not in page
