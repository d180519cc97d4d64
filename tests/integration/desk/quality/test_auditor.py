"""An auditor on site: let in by two persons, sees what they drew, no other item, then nothing."""

import asyncio
import io
import zipfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from re import findall
from uuid import uuid4

import pytest
from bs4 import BeautifulSoup
from pydantic import SecretStr

from services.desk import features
from services.desk.domain.decisions import Reclassify
from services.desk.pages.page import Page
from services.desk.pages.quality import auditor_door
from services.desk.pages.serve import PageServer
from services.desk.pages.signin.tries import Tries
from services.desk.rights import Right
from shared.facts.quality import DrawMade
from shared.facts.quality.auditors import (
    AuditorArrived,
    AuditorConfirmed,
    AuditorEnded,
    AuditorInvited,
)
from shared.facts.quality.label import FindingStated
from shared.facts.vocabulary import Confidentiality
from shared.platform.clock import StoryClock
from shared.platform.database import Pool
from tests.desk_browser import Browser, pages
from tests.integration.desk.audited import NOW, decide, three_of_may
from tests.integration.desk.authorisations import TABLE
from tests.integration.desk.quality.test_label_pages import LABEL, told
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

DOOR = "/auditeur"
MINUTES = timedelta(minutes=5)
"""A busy machine is slow to hear that the story moved on."""
SESSIONS = "/qualite/auditeurs"
FIRST, SECOND, THIRD = (f"36-2026-A-00000{n}" for n in (1, 2, 3))
INVITED = {
    "nom": "Odile Verdier",
    "organisme": "Certif Invention",
    "audit": "audit-interne",
    "du": "2026-06-09",
    "au": "2026-06-11",
}


@dataclass(frozen=True, slots=True)
class Visiting:
    """The référent qualité, the SG and an auditor, each with their browser, on 9 June 2026."""

    desk: PageServer
    officer: Browser
    secretary: Browser
    auditor: Browser
    pool: Pool
    postgres_url: str
    clock: StoryClock

    async def invite(self, **fields: str) -> str:
        """The first code."""
        return code(await self.officer.send(SESSIONS, SESSIONS, INVITED | fields))

    async def confirm(self, number: int = 1) -> str:
        """The second code."""
        return code(await self.secretary.send(SESSIONS, f"{SESSIONS}/{number}/confirmer"))

    async def knock(self, invitation: str, confirmation: str, who: Browser | None = None) -> int:
        typed = {"invitation": invitation, "confirmation": confirmation}
        return (await (who or self.auditor).send(DOOR, DOOR, typed)).status_code

    async def open(self) -> None:
        """Lets the auditor in."""
        assert await self.knock(await self.invite(), await self.confirm()) == 303

    async def draw(self, count: int = 1) -> int:
        """A draw of May, made by the référent qualité; its number."""
        period = {"du": "2026-05-01", "au": "2026-05-31"}
        page = f"/audit?du={period['du']}&au={period['au']}"
        frozen = await self.officer.send(page, "/audit/arreter", {"quoi": "frame", **period})
        listed = frozen.headers["location"]
        seed = {"graine": "7 juin", "nombre": str(count), "mode": "total"}
        made = await self.officer.send(listed, f"{listed}/tirer", seed)
        return int(made.headers["location"].rpartition("/")[2])

    async def at(self, moment: str) -> None:
        """Moves the story on to a moment."""
        async with one_transaction(self.postgres_url) as owner:
            await owner.execute("UPDATE site.story SET moment = $1::text::timestamptz", moment)
        assert await self.clock.wait_for(datetime.fromisoformat(moment), within=MINUTES)


def code(answer: object) -> str:
    """The one code that a page shows."""
    text = getattr(answer, "text", "")
    [found] = findall(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", text)
    return str(found)


@pytest.fixture
async def visiting(
    pool: Pool, postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Visiting]:
    # Wrong codes of another test came from the same address, at the same moment of the story.
    monkeypatch.setattr(auditor_door, "_TRIES", Tries())
    await three_of_may(pool, postgres_url)
    clock = StoryClock(pool, SecretStr(under_role(postgres_url, "desk")), NOW)
    desk = pages(pool, clock, tmp_path)
    async with AsyncExitStack() as open_:
        open_.callback(asyncio.create_task(clock.follow()).cancel)
        officer = await Browser(desk).sign_in("q.officer")
        secretary = await Browser(desk).sign_in("s.general")
        auditor = Browser(desk)
        for browser in (officer, secretary, auditor):
            open_.push_async_callback(browser.client.aclose)
        yield Visiting(desk, officer, secretary, auditor, pool, postgres_url, clock)


async def test_two_persons_let_an_auditor_in_who_is_no_account_of_ours(visiting: Visiting) -> None:
    invitation = await visiting.invite()
    assert await visiting.knock(invitation, "AAAA-AAAA-AAAA") == 401  # nobody has confirmed
    alone = await visiting.officer.send(SESSIONS, f"{SESSIONS}/1/confirmer")
    assert alone.status_code == 422
    confirmation = await visiting.confirm()
    assert await visiting.knock(invitation.lower().replace("-", " "), confirmation) == 303
    page = await visiting.auditor.page(DOOR)
    assert "Odile Verdier, Certif Invention" in page
    assert "jeudi 11 juin 2026 au soir" in page
    assert "ouverte" in await visiting.officer.page(SESSIONS)
    facts = await told(visiting.pool)
    assert [(type(fact), fact.by) for fact in facts] == [
        (AuditorInvited, "person:q.officer"),
        (AuditorConfirmed, "person:s.general"),
        (AuditorArrived, "auditor:1"),
    ]
    payloads = await visiting.pool.fetch("SELECT payload FROM desk.quality_facts")
    assert not any("Verdier" in row["payload"] for row in payloads)
    secrets = await visiting.pool.fetchrow("SELECT * FROM desk.auditor_doors")
    assert invitation not in str(secrets)
    assert confirmation not in str(secrets)


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"au": "2026-06-14"}, "5 jours au plus"),
        ({"du": "2026-06-08"}, "est passé"),
        ({"du": "2026-09-01", "au": "2026-09-02"}, "60 jours"),
        ({"du": "2026-06-11", "au": "2026-06-10"}, ""),
    ],
)
async def test_a_session_is_of_five_days_and_prepared_beforehand(
    visiting: Visiting, days: dict[str, str], said: str
) -> None:
    answer = await visiting.officer.send(SESSIONS, SESSIONS, INVITED | days)
    assert answer.status_code == 422
    assert said in answer.text
    assert await told(visiting.pool) == []


async def test_the_session_is_bound_to_one_browser_which_types_one_code_again(
    visiting: Visiting,
) -> None:
    invitation, confirmation = await visiting.invite(), await visiting.confirm()
    assert await visiting.knock(invitation, confirmation) == 303
    other = Browser(visiting.desk)
    assert await visiting.knock(invitation, confirmation, other) == 401
    assert (await other.get(f"{DOOR}/engagements")).status_code == 404
    await visiting.auditor.send(DOOR, "/deconnexion")
    assert (await visiting.auditor.get(f"{DOOR}/engagements")).status_code == 404
    assert await visiting.knock("", confirmation) == 303
    assert (await visiting.auditor.get(f"{DOOR}/engagements")).status_code == 200
    arrived = [fact for fact in await told(visiting.pool) if isinstance(fact, AuditorArrived)]
    assert len(arrived) == 1
    await other.client.aclose()


async def test_five_wrong_codes_close_a_session_for_good(visiting: Visiting) -> None:
    invitation, confirmation = await visiting.invite(), await visiting.confirm()
    for _ in range(5):
        assert await visiting.knock(invitation, "AAAA-AAAA-AAAA") == 401
    await visiting.at("2026-06-09 11:00+02:00")  # the address may try again
    assert await visiting.knock(invitation, confirmation) == 401
    assert "codes faux" in await visiting.officer.page(SESSIONS)
    assert isinstance((await told(visiting.pool))[-1], AuditorEnded)


async def test_only_what_was_drawn_in_their_presence_is_there(visiting: Visiting) -> None:
    before = await visiting.draw(1)
    await visiting.open()
    auditor = visiting.auditor
    assert (await auditor.get(f"{DOOR}/tirages/{before}")).status_code == 404
    assert (await auditor.get(f"{DOOR}/courriers/{FIRST}")).status_code == 404
    mine = await visiting.draw(1)
    page = await auditor.page(f"{DOOR}/tirages/{mine}")
    rows = BeautifulSoup(page, "html.parser").select("tbody th a")
    [drawn] = [link.text for link in rows]
    others = {FIRST, SECOND, THIRD} - {drawn}
    for chrono in others:
        for url in (f"{DOOR}/courriers/{chrono}", f"{DOOR}/courriers/{chrono}/contenu"):
            assert (await auditor.get(url)).status_code == 404
    outline = await auditor.page(f"{DOOR}/courriers/{drawn}")
    assert "Lire le contenu" in outline
    assert "Ce qui s’est passé" not in outline
    noted = "SELECT what, about, person FROM desk.journal WHERE what = 'audit'"
    assert await visiting.pool.fetch(noted) == []
    assert "Ce qui s’est passé" in await auditor.page(f"{DOOR}/courriers/{drawn}/contenu")
    [line] = await visiting.pool.fetch(noted)
    assert tuple(line) == ("audit", drawn, "auditeur:1")
    assert "lu en audit" in await visiting.officer.page("/journal")
    packed = await auditor.get(f"{DOOR}/tirages/{mine}.zip")
    assert packed.content[:2] == b"PK"
    assert (await auditor.get(f"{DOOR}/tirages/{before}.zip")).status_code == 404
    draws = [fact.seq for fact in await told(visiting.pool) if isinstance(fact, DrawMade)]
    assert draws == [before, mine]
    listed = await auditor.page(f"{DOOR}/tirages")
    assert f"{DOOR}/tirages/{mine}" in listed
    assert f"{DOOR}/tirages/{before}" not in listed


async def test_what_became_reserved_is_named_and_never_shown(visiting: Visiting) -> None:
    await visiting.open()
    mine = await visiting.draw(2)
    [made] = [fact for fact in await told(visiting.pool) if isinstance(fact, DrawMade)]
    for item_id in made.chosen:
        reserve = Reclassify(confidentiality=Confidentiality.RESERVE)
        await decide(visiting.pool, item_id, reserve)
    page = await visiting.auditor.page(f"{DOOR}/tirages/{mine}")
    links = BeautifulSoup(page, "html.parser").select("tbody th a")
    assert len(links) == 2
    for link in links:
        page = await visiting.auditor.page(str(link["href"]))
        assert "l’ouvre devant vous" in page
        assert "titre-de-sejour" not in page
        assert (await visiting.auditor.get(f"{link['href']}/contenu")).status_code == 404
    packed = await visiting.auditor.get(f"{DOOR}/tirages/{mine}.zip")
    with zipfile.ZipFile(io.BytesIO(packed.content)) as file:
        assert [name for name in file.namelist() if name.startswith("preuves/")] == []
        assert "l’ont été : 2." in file.read("LISEZMOI.txt").decode()


@pytest.mark.parametrize("moment", ["2026-06-12 00:00+02:00", "2026-06-20 08:00+02:00"])
async def test_after_its_last_day_nothing_is_there_any_more(
    visiting: Visiting, moment: str
) -> None:
    await visiting.open()
    mine = await visiting.draw(1)
    urls = [f"{DOOR}/{what}" for what in ("engagements", "chiffres", "mesures", "constats")]
    urls += [f"{DOOR}/tirages/{mine}", f"{DOOR}/tirages/{mine}.zip"]
    await visiting.at("2026-06-11 23:59:59+02:00")
    assert [(await visiting.auditor.get(url)).status_code for url in urls] == [200] * len(urls)
    await visiting.at(moment)
    assert [(await visiting.auditor.get(url)).status_code for url in urls] == [404] * len(urls)
    assert "Code du secrétaire général" in await visiting.auditor.page(DOOR)
    assert "terminée d’elle-même" in await visiting.officer.page(SESSIONS)


async def test_a_draw_after_the_last_day_was_made_before_nobody(visiting: Visiting) -> None:
    await visiting.open()
    await visiting.at("2026-06-12 00:00+02:00")
    late = await visiting.draw(1)
    assert f"/audit/tirages/{late}" not in await visiting.officer.page(SESSIONS)


async def test_a_new_session_opens_in_the_browser_of_the_one_before(visiting: Visiting) -> None:
    await visiting.open()
    again = await visiting.invite(nom="Ignace Moreau"), await visiting.confirm(2)
    assert await visiting.knock(*again) == 303
    assert "Ignace Moreau" in await visiting.auditor.page(DOOR)
    await visiting.officer.send(SESSIONS, f"{SESSIONS}/2/terminer")
    third = await visiting.invite(nom="Lucien Astier"), await visiting.confirm(3)
    assert await visiting.knock(*third) == 303
    assert "Lucien Astier" in await visiting.auditor.page(DOOR)


async def test_a_line_of_a_session_that_cant_be_read_is_said(visiting: Visiting) -> None:
    await visiting.open()
    assert "ne se lit pas" not in await visiting.officer.page(SESSIONS)
    await visiting.officer.send(SESSIONS, f"{SESSIONS}/1/terminer")
    async with one_transaction(visiting.postgres_url) as owner:
        await owner.execute("SET LOCAL session_replication_role = replica")
        await owner.execute(
            "UPDATE desk.quality_facts SET payload = '{}' WHERE type = 'AuditorEnded'"
        )
    assert "1 ligne de ces sessions ne se lit pas" in " ".join(
        (await visiting.officer.page(SESSIONS)).split()
    )


async def test_a_session_that_is_ended_is_over_at_once(visiting: Visiting) -> None:
    await visiting.open()
    mine = await visiting.draw(1)
    ended = await visiting.secretary.send(SESSIONS, f"{SESSIONS}/1/terminer")
    assert ended.status_code == 303
    assert (await visiting.auditor.get(f"{DOOR}/tirages/{mine}")).status_code == 404
    assert isinstance((await told(visiting.pool))[-1], AuditorEnded)
    assert (await visiting.secretary.send(SESSIONS, f"{SESSIONS}/1/terminer")).status_code == 422


def _hidden(page: Page) -> bool:
    return page.right not in {Right.OPEN, Right.AUDIT}


async def test_an_auditor_opens_no_page_but_their_own(visiting: Visiting) -> None:
    await visiting.open()
    rows = {
        name: TABLE[name]
        for page in features.all_pages()
        if _hidden(page) and "GET" in page.methods
        for name in (f"GET {page.path}",)
    }
    assert len(rows) > 100
    met = {name: (await visiting.auditor.get(row.url)).status_code for name, row in rows.items()}
    assert met.pop("GET /") == 303
    assert {name: status for name, status in met.items() if status not in {403, 404}} == {}
    back = await visiting.auditor.get("/")  # pages of errors lead there
    assert back.headers["location"] == DOOR
    menu = BeautifulSoup(await visiting.auditor.page(DOOR), "html.parser").select("nav.menu a")
    assert {str(link["href"]) for link in menu} == {
        f"{DOOR}/{what}" for what in ("chiffres", "engagements", "mesures", "tirages", "constats")
    }


async def test_nobody_of_ours_opens_an_auditors_page(visiting: Visiting) -> None:
    await visiting.open()
    mine = await visiting.draw(1)
    for browser in (visiting.officer, visiting.secretary, Browser(visiting.desk)):
        for what in (f"tirages/{mine}", "engagements", f"courriers/{FIRST}"):
            assert (await browser.get(f"{DOOR}/{what}")).status_code == 404


async def test_what_the_auditor_notes_is_a_finding_that_we_lift_and_never_take_back(
    visiting: Visiting,
) -> None:
    await visiting.open()
    mine = await visiting.draw(1)
    page = await visiting.auditor.page(f"{DOOR}/tirages/{mine}")
    [drawn] = [link.text for link in BeautifulSoup(page, "html.parser").select("tbody th a")]
    found = {
        "engagement": "courriers",
        "classe": "minor",
        "constat": "La réponse n’est pas datée.",
        "courrier": drawn,
    }
    action = f"{DOOR}/constats"
    decision = str(uuid4())
    for _ in range(2):  # a double click is one finding
        stated = await visiting.auditor.send(action, action, found, decision=decision)
        assert stated.status_code == 303
    [fact] = [known for known in await told(visiting.pool) if isinstance(known, FindingStated)]
    assert (fact.by, fact.step, fact.on) == ("auditor:1", "audit-interne", NOW.date())
    assert fact.item_id is not None
    assert "La réponse n’est pas datée." in await visiting.auditor.page(action)
    listed = await visiting.officer.page(f"{LABEL}/constats/1")
    assert "La réponse n’est pas datée." in listed
    assert f'href="/courrier/{drawn}"' in listed, "who answers knows which letter it is about"
    async with one_transaction(visiting.postgres_url) as owner:
        await owner.execute(
            "UPDATE desk.items SET confidentiality = 'reserve', service = 'x' WHERE chrono = $1",
            drawn,
        )
    director = await Browser(visiting.desk).sign_in("d.rector")
    hidden = await director.page(f"{LABEL}/constats/1")
    assert (drawn in hidden, "non visible" in hidden) == (False, True)
    await director.client.aclose()
    back = {"fait": str(fact.seq), "motif": "Non."}
    for browser in (visiting.officer, visiting.secretary):
        answer = await browser.send(f"{LABEL}/constats/1", f"{LABEL}/retirer", back)
        assert answer.status_code == 422
    strange = await visiting.auditor.send(action, action, found | {"courrier": THIRD})
    assert (strange.status_code == 422) is (drawn != THIRD)


async def test_the_same_page_the_day_after_asks_for_the_code_alone(visiting: Visiting) -> None:
    await visiting.open()
    assert 'name="invitation" required' not in await visiting.auditor.page(DOOR)
    await visiting.pool.execute(
        "UPDATE desk.sessions SET seen_at = now() - $1::interval", timedelta(hours=3)
    )
    page = await visiting.auditor.page(DOOR)
    assert "Inutile dans le navigateur" in page
    assert (await visiting.auditor.get(f"{DOOR}/engagements")).status_code == 404
