"""Everybody of a small préfecture at their browser, and people put back after each step."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from services.desk.pages.serve import PageServer
from services.desk.pages.signin import cookies
from shared.facts.envelope import PersonId
from shared.platform.clock import Clock
from shared.platform.database import Connection, Pool, transaction
from shared.site.staff import people_store
from shared.site.tables.people import Absence, Person
from shared.web import forms
from tests.desk_browser import HOME, TODAY, Browser, pages
from tests.desk_builders import a_person
from tests.integration.desk.targets import ROLES

AWAY = {"s.general": "x.secretary", "b.head": "x.head"}


@dataclass
class Walk:
    """Everybody at their browser, and the register as it was before each step."""

    pool: Pool
    site: PageServer
    browsers: dict[str, Browser]

    async def sign_in(self, role: str) -> None:
        who = ROLES[role]
        administrator = role in {"administrator", "account"}
        self.browsers[role] = await Browser(self.site).sign_in(who, administrator=administrator)

    async def post(self, role: str, url: str, fields: Mapping[str, object]) -> int:
        browser = self.browsers[role]
        token = forms.token(browser.client.cookies.get(cookies.SESSION, ""))  # type: ignore[arg-type]  # typed by hand
        data = {forms.CSRF: token, forms.DECISION: str(uuid4()), **fields}
        answer = await browser.client.post(url, data=data, headers={"origin": HOME})
        assert answer.status_code < 500, (role, url, answer.text)
        return answer.status_code


async def everybody(pool: Pool, story_clock: Clock, tmp_path: Path) -> AsyncIterator[Walk]:
    """Each role signed in; head and secretary are away, their deputies there."""
    async with transaction(pool) as connection:
        known = (await people_store.people_at(connection, TODAY)).people
        for new in ("x.admin", "x.secretary", "x.head"):
            await people_store.set_person(connection, a_person(new, "ailleurs"), "tests", TODAY)
        for away, deputy in AWAY.items():
            person = known[PersonId(away)].model_copy(update={"deputy": deputy})
            await people_store.set_person(connection, person, "tests", TODAY)
            absence = Absence(person=away, first=TODAY.date(), last=TODAY.date())
            await people_store.add_absence(connection, absence, "tests", TODAY)
    found = Walk(pool, pages(pool, story_clock, tmp_path), {})
    for role in ROLES:
        await found.sign_in(role)
    yield found
    for browser in found.browsers.values():
        await browser.client.aclose()


@dataclass(frozen=True)
class Stand:
    """Somebody as they are, when they are away, and what waits of them."""

    person: Person | None
    absences: Sequence[int]
    asks: int


async def stand(connection: Connection, who: str) -> Stand:
    people = (await people_store.people_at(connection, TODAY)).people
    rows = await connection.fetch(
        "SELECT id FROM site.absences a WHERE person = $1 AND cancels IS NULL AND NOT EXISTS"
        " (SELECT FROM site.absences c WHERE c.cancels = a.id) ORDER BY id",
        who,
    )
    asks = await connection.fetchval(
        "SELECT count(*) FROM desk.person_asks WHERE person = $1 AND settled_at IS NULL", who
    )
    return Stand(people.get(PersonId(who)), [row["id"] for row in rows], asks)


async def restore(pool: Pool, who: str, before: Stand) -> None:
    async with transaction(pool) as connection:
        now = await stand(connection, who)
        if before.person is not None and now.person != before.person:
            await people_store.set_person(connection, before.person, "tests", TODAY)
        for number in set(now.absences) - set(before.absences):
            await people_store.cancel_absence(connection, number, "tests", TODAY)
        await connection.execute(
            "UPDATE desk.person_asks SET settled_by = 'tests', settled_at = now(), agreed = false"
            " WHERE settled_at IS NULL"
        )
