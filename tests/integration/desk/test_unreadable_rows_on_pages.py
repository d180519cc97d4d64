"""What a page lacks because a row can't be read is said there; one item alone is refused."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from shared.facts.envelope import PersonId
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_browser import Browser
from tests.desk_builders import GO_LIVE, MONDAY
from tests.integration.desk.offices import a_clerk, chrono
from tests.integration.desk.test_held_pages import held
from tests.integration.desk.test_unreadable_rows import (  # noqa: F401  (a fixture is found by its name)
    named,
    spoil_fact,
    three,
)
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")


@pytest.mark.usefixtures("three")
async def test_a_page_says_what_it_lacks_and_one_item_alone_is_refused(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    for n in (1, 2):
        await clerk.send("/bureau/departs", "/bureau/departs/partir", {"number": str(n)})
        await clerk.send("/bureau/retours", "/bureau/retours/revenu",
                         {"number": f"D-{n}", "reason": "unclaimed", "day": ""})  # fmt: skip
    await spoil_fact(postgres_url, 1)
    page = await clerk.page("/bureau/retours")
    assert chrono(2) in page
    assert chrono(1) not in page
    assert "1 ligne de desk.facts ne peut pas être lu et manque ici" in page

    await spoil_fact(postgres_url, 3)
    broken = await clerk.get(f"/courrier/{chrono(3)}")
    assert broken.status_code == 500
    assert "ne peut pas être lu en ce moment ; rien n’a été changé" in broken.text
    assert (await clerk.get(f"/courrier/{chrono(2)}")).status_code == 200


@pytest.mark.usefixtures("three")
async def test_of_several_decisions_at_once_the_one_that_can_not_be_read_is_refused(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    agent = await Browser(clerk.pages).sign_in("a.gent")
    await spoil_fact(postgres_url, 1)
    fields = {"chrono": [chrono(1), chrono(2)], "faire": "prendre"}
    answer = await agent.send("/courriers?tas=libre", "/courriers/lot", fields)
    assert "Pris en charge : 1 courrier." in answer.text
    assert f"{chrono(1)}</a> : Ce courrier ne peut pas être lu en ce moment" in answer.text

    notices = [await held(pool, n) for n in (1, 2)]
    fields = {"envoi": notices, "faire": "abandonner"}
    answer = await agent.send("/retenus", "/retenus/lot", fields)
    assert "1 envoi abandonné." in answer.text
    assert "Ce courrier ne peut pas être lu en ce moment" in answer.text


async def test_somebody_whose_row_can_not_be_read_has_no_right_and_the_others_theirs(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    clerk = await a_clerk(pool, postgres_url, tmp_path)
    agent = await Browser(clerk.pages).sign_in("a.gent")
    number = await a_row_of(postgres_url, "nulle part", 1)
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            """
            INSERT INTO site.delegations
                (person, reference, first_day, last_day, services, kinds, valid_from, author)
            VALUES ('b.head', 'n° 1', $1, $2, '{}', '{telegram}', $3, 'person:s.general'),
                   ('r.head', 'n° 2', $1, $2, '{}', '{}', $3, 'person:s.general')
            """,
            date(2026, 1, 1),
            date(2026, 12, 31),
            GO_LIVE,
        )
    async with transaction(pool) as connection:
        people = await people_store.people_at(connection, MONDAY)
    assert PersonId("a.gent") not in people.people
    assert PersonId("b.gent") in people.people
    assert [delegation.person for delegation in people.delegations] == ["r.head"]
    assert {unreadable_row.table for unreadable_row in people.unreadable} == {
        "site.people",
        "site.delegations",
    }
    assert f"{number} of site.people" in await named()

    assert (await agent.get("/courriers")).status_code in {303, 403}
    page = await clerk.page("/personnes")
    assert "Cette page est incomplète" in page
    assert "1 ligne de site.people" in page
    assert "B.gent" in page
    await a_row_of(postgres_url, "a.gent@indre.example", 2)
    assert "site.people" not in await clerk.page("/personnes")
    assert (await agent.get("/courriers")).status_code == 200


async def a_row_of(postgres_url: str, email: str, minute: int) -> int:
    """Another row of a.gent's, from so many minutes after the go-live on."""
    async with one_transaction(postgres_url) as owner:
        return int(
            await owner.fetchval(
                """
                INSERT INTO site.people (person, first_name, name, capacity, email, phone, services,
                                         deputy, gone, valid_from, author)
                SELECT person, first_name, name, capacity, $1, phone, services, deputy, gone,
                       $2, author
                FROM site.people WHERE person = 'a.gent' ORDER BY id LIMIT 1 RETURNING id
                """,
                email,
                GO_LIVE + timedelta(minutes=minute),
            )
        )
