"""The survey's public page: a phone, no script, the database there or away, nothing of anybody."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Final

import httpx
import pytest
from bs4 import BeautifulSoup
from playwright.async_api import Browser as Chrome

from deploy.embedded.downloads import web
from services.portal.app import know_doors
from services.portal.domain import limits
from services.portal.pages import survey, survey_stop
from services.portal.store.surveys import KnownDoors
from shared.content import survey_spool, survey_stops
from shared.platform.clock import Clock
from shared.platform.database import Pool
from shared.platform.http import bind, serving
from tests.e2e.browser import Person
from tests.integration.desk.windows import PATIENCE, THEMES
from tests.integration.portal.test_look import Dressed
from tests.layout_faults import ZOOMED, faults, look
from tests.portal_browser import HOME, Visitor, public_pages
from tests.roles import one_transaction
from tests.survey_builders import a_survey

CODE, CLOSED = "abcdefgh", "hgfedcba"
PAGE: Final = f"/enquete/{CODE}"
TOKEN: Final = f"{'0123456789abcdef' * 2}abcdefghij"
SHEET: Final = "3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a11"
SIZES: Final = ((390, 844), (1366, 768), (1440, 900), ZOOMED)


@pytest.fixture
async def visitor(
    pool: Pool,
    live_site: None,
    story_clock: Clock,
    tmp_path: Path,
    postgres_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Visitor:
    """Before pages that know an open campaign and a closed one; limits begin anew."""
    del live_site
    monkeypatch.setattr(survey, "DOORS", KnownDoors())
    monkeypatch.setattr(survey, "_LIMITS", limits.Limits())
    monkeypatch.setattr(survey_stop, "_LIMITS", limits.Limits())
    async with one_transaction(postgres_url) as owner:
        for code, campaign, open_ in ((CODE, 1, True), (CLOSED, 2, False)):
            await owner.execute(
                """
                INSERT INTO desk.survey_doors (code, campaign, channel, place, form, open)
                VALUES ($1, $2, 'poster', 'pan', $3, $4)
                """,
                code,
                campaign,
                a_survey().forms[0].model_dump_json(),
                open_,
            )
    return Visitor(public_pages(pool, story_clock, tmp_path))


async def sent(visitor: Visitor, code: str = CODE, **said: str) -> httpx.Response:
    data = {"feuille": SHEET, "q-attente": "4", "q-site": "0", "remarque": "Merci."} | said
    return await visitor.client.post(f"/enquete/{code}", data=data, headers={"origin": HOME})


async def test_a_sheet_is_in_the_spool_with_a_week_and_nothing_of_anybody(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = BeautifulSoup(await visitor.page(PAGE), "html.parser")
    assert [legend.text for legend in page.select("legend")] == [
        "1. Le temps d’attente vous a-t-il convenu\N{NO-BREAK SPACE}?",
        "2. Avez-vous été bien accueilli\N{NO-BREAK SPACE}?",
        "3. Le site internet vous a-t-il servi\N{NO-BREAK SPACE}?",
    ]
    assert page.select("script") == []
    assert "nul ne peut retrouver" in await visitor.page("/formulaire/donnees")
    assert "une fois en 12 mois à vous demander votre avis" in await visitor.page(
        "/formulaire/donnees"
    )
    answer = await sent(visitor)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"{PAGE}/merci"
    assert "set-cookie" not in answer.headers
    assert "Vos réponses sont gardées" in await visitor.page(f"{PAGE}/merci")
    await sent(visitor)  # the same page once more
    [path] = (tmp_path / "spool" / survey_spool.FOLDER).iterdir()
    assert json.loads(path.read_text()) == {
        "sheet_id": SHEET, "campaign": 1, "channel": "poster", "place": "pan", "week": "2026-W20",
        "answers": [4, None, 0], "free_text": "Merci.",
    }  # fmt: skip


async def test_a_refused_sheet_is_shown_again_with_its_answers(
    visitor: Visitor, tmp_path: Path
) -> None:
    empty = {"q-attente": "", "q-site": "", "remarque": " "}
    answer = await sent(visitor, **empty)
    assert answer.status_code == 422
    assert "Répondez au moins à une question" in answer.text
    answer = await sent(visitor, **{"q-site": "7"})
    page = BeautifulSoup(answer.text, "html.parser")
    assert answer.status_code == 422
    assert [box["id"] for box in page.select("input[checked]")] == ["q-attente-4"]
    assert page.select_one("[name=feuille]")["value"] == SHEET  # type: ignore[index]  # (it is there)
    for wrong in ({"remarque": "a" * 2_001}, {"site": "http://spam.example"}, {"feuille": "1"}):
        assert (await sent(visitor, **wrong)).status_code == 422
    assert not (tmp_path / "spool").exists()


async def test_a_foreign_page_sends_nothing(visitor: Visitor, tmp_path: Path) -> None:
    data = {"feuille": SHEET, "q-attente": "4"}
    answer = await visitor.client.post(
        PAGE, data=data, headers={"origin": "https://elsewhere.example"}
    )
    assert answer.status_code == 403
    assert not (tmp_path / "spool").exists()


async def test_a_closed_campaign_says_so_and_an_unknown_code_is_not_found(
    visitor: Visitor, tmp_path: Path
) -> None:
    answer = await visitor.get(f"/enquete/{CLOSED}")
    assert answer.status_code == 410
    assert "est terminée" in answer.text
    assert (await sent(visitor, CLOSED)).status_code == 410
    assert (await visitor.get("/enquete/zzzzzzzz")).status_code == 404
    assert (await sent(visitor, "zzzzzzzz")).status_code == 404
    assert not (tmp_path / "spool").exists()


async def test_postgresql_away_the_page_goes_on_with_what_was_known(
    visitor: Visitor, pool: Pool, tmp_path: Path
) -> None:
    await visitor.page(PAGE)
    pool.terminate()
    assert "Le temps d’attente" in await visitor.page(PAGE)
    assert (await sent(visitor)).status_code == 303
    [path] = (tmp_path / "spool" / survey_spool.FOLDER).iterdir()
    assert path.name == f"{SHEET}.json"
    survey.DOORS.__init__()  # type: ignore[misc]  # (a process that never knew any)
    assert (await visitor.get(PAGE)).status_code == 503


async def test_one_household_answers_ten_times_in_ten_minutes(
    visitor: Visitor, pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    del visitor
    near = Visitor(public_pages(pool, story_clock, tmp_path), "192.0.2.7")
    found = [(await sent(near, feuille=f"{SHEET[:-2]}{n:02}")).status_code for n in range(11)]
    assert found == [303] * 10 + [429]


async def test_one_click_of_a_mail_program_leaves_a_token_and_a_look_none(
    visitor: Visitor, tmp_path: Path
) -> None:
    page, spool = f"{PAGE}/arret/{TOKEN}", tmp_path / "spool"
    assert "Ne plus m’inviter" in await visitor.page(page)
    assert survey_stops.read(spool) == []  # what only looks at links stops nothing
    for wrong in (TOKEN[:-1], "0" * 42, f"{TOKEN}x"):
        assert (await visitor.get(f"{PAGE}/arret/{wrong}")).status_code == 404
        assert (await visitor.client.post(f"{PAGE}/arret/{wrong}")).status_code == 404
    # No origin, no cookie, no page of ours before it (RFC 8058).
    answer = await visitor.client.post(page, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 303
    assert "set-cookie" not in answer.headers
    assert "Nous ne vous demanderons plus" in await visitor.page(answer.headers["location"])
    await visitor.client.post(page, data={"arret": "oui"}, headers={"origin": HOME})
    assert survey_stops.read(spool) == [TOKEN]
    survey_stops.remove(spool, [TOKEN])
    assert survey_stops.read(spool) == []


async def test_visits_are_added_up_and_written_without_a_row_for_each(
    visitor: Visitor, pool: Pool, postgres_url: str
) -> None:
    for _ in range(3):
        await visitor.page(PAGE)
    await know_doors(pool, survey.DOORS)
    await know_doors(pool, survey.DOORS)
    async with one_transaction(postgres_url) as owner:
        rows = await owner.fetch("SELECT code, n FROM portal.survey_visits")
    assert [tuple(row) for row in rows] == [(CODE, 3)]


@pytest.mark.parametrize("theme", THEMES)
async def test_the_page_is_whole_and_accessible_on_a_phone_without_a_script(
    visitor: Visitor, chrome: Chrome, tmp_path: Path, theme: str
) -> None:
    pages = public_pages(visitor.pages.pool, visitor.pages.clock, tmp_path, vendor=web())
    door = bind("127.0.0.1", 0)
    home, wrong = f"http://127.0.0.1:{door.getsockname()[1]}", []
    async with serving(door, replace(pages, rules=Dressed(theme)).app):
        context = await chrome.new_context(locale="fr-FR", base_url=home)
        context.set_default_timeout(PATIENCE)
        person = Person(await context.new_page(), home)
        stop = f"{PAGE}/arret"
        for url in (PAGE, f"{PAGE}/merci", f"/enquete/{CLOSED}", f"{stop}/{TOKEN}", stop):
            await person.go(url)
            for size in SIZES:
                wrong += [f"{url} {size[0]}: {said}" for said in await faults(person.page, size)]
                await look(person.page, f"{theme}-{size[0]}-public{url.replace('/', '-')}")
            wrong += [f"{url}: {said}" for said in await person.violations()]
        await context.close()
        plain = await chrome.new_context(locale="fr-FR", java_script_enabled=False)
        plain.set_default_timeout(PATIENCE)
        page = await plain.new_page()
        await page.goto(f"{home}{PAGE}")
        await page.get_by_label("Plutôt satisfait").first.check()
        await page.get_by_role("button", name="Envoyer mes réponses").click()
        assert page.url == f"{home}{PAGE}/merci"
        await plain.close()
    assert wrong == []
