"""Invitations of a survey on their page: turned on by the quality officer, counted, stopped."""

import re
from pathlib import Path
from uuid import UUID

import pytest
from bs4 import BeautifulSoup

from services.desk.quality import survey_job
from shared.content import survey_spool
from shared.content.survey_spool import SurveySheet
from shared.facts.vocabulary import SurveyChannel
from shared.platform.database import Pool
from shared.site import store as rules
from tests.desk_browser import Browser, pages
from tests.desk_builders import DAYS, a_site
from tests.integration.desk.proven import named as found_by
from tests.integration.desk.quality.surveyed import (
    ONE,
    OPENED,
    closed,
    invites,
    officer_at,
    opened,
)
from tests.integration.desk.quality.test_survey import plain
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site")

MAILS = f"{ONE}/courriels"
PORTAL = "https://ecrire.prefecture.example"


async def reached(pool: Pool, postgres_url: str, folder: Path) -> Browser:
    """The quality officer, where the public's pages have an address; a campaign is open."""
    officer = await officer_at(pool, postgres_url, folder)
    await opened(officer)
    there = pages(pool, officer.pages.clock, folder, portal_url=PORTAL)
    return await Browser(there).sign_in("q.officer")


async def test_the_quality_officer_turns_them_on_and_stops_them(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await reached(pool, postgres_url, tmp_path)
    assert "Mettre en marche" in await officer.page(MAILS)
    for wrong, sentence in (
        ({"part": ""}, "Combien de personnes sur cent"),
        ({"part": "0"}, "De 1 à 100 personnes sur cent."),
        ({"part": "25", "debut": "2026-07-01"}, "Le premier jour est aujourd’hui ou à venir"),
    ):
        answer = await officer.send(MAILS, MAILS, {"debut": "", **wrong})
        assert answer.status_code == 422
        assert sentence in plain(answer.text)
    early = await officer.send(MAILS, f"{MAILS}/arret")
    assert "n’invite personne en ce moment" in early.text
    page = await officer.to(await officer.send(MAILS, MAILS, {"part": "25", "debut": ""}))
    assert "<dt>Part</dt><dd>25 sur 100" in plain(page)
    again = await officer.send(MAILS, MAILS, {"part": "50", "debut": ""})
    assert "ses règles ne changent plus" in plain(again.text)
    page = await officer.to(await officer.send(MAILS, f"{MAILS}/arret"))
    assert "arrêtées le 02/07/2026" in plain(page)
    assert "Arrêter les invitations" not in page


async def test_a_site_that_did_not_allow_them_has_a_sentence_for_it(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await officer_at(pool, postgres_url, tmp_path)
    await opened(officer)
    unreached = await officer.send(MAILS, MAILS, {"part": "25", "debut": ""})
    assert "un courriel ne mènerait nulle part" in plain(unreached.text)
    site = a_site()
    off = site.model_copy(update={"survey": site.survey.model_copy(update={"mail": None})})
    async with one_transaction(postgres_url) as owner:
        await rules.keep(owner, off, DAYS, "q.officer", "tests", OPENED)
    officer = await officer_at(pool, postgres_url, tmp_path)
    assert "Le site n’a pas autorisé ces courriels" in await officer.page(MAILS)
    refused = await officer.send(MAILS, MAILS, {"part": "25", "debut": ""})
    assert "le site ne les a pas autorisés" in plain(refused.text)


async def test_its_page_counts_invited_excluded_and_lost_and_tells_no_answer(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await reached(pool, postgres_url, tmp_path)
    await invites(pool)
    page = BeautifulSoup(plain(await officer.page(MAILS)), "html.parser")
    told = {
        term.text: term.find_next_sibling("dd").text  # type: ignore[union-attr]  # (each has one)
        for term in page.select("dt")
    }
    assert told["Réponses examinées"] == "51"
    assert told["Personnes tirées"] == "12, dont 1 à inviter"
    assert told["Invitations parties"] == "9"
    assert told["Réponses"].startswith("elles se lisent une fois la campagne close")
    tables = [
        [(row.th.text, row.td.text) for row in table.select("tbody tr")]  # type: ignore[union-attr]  # (both are there)
        for table in page.select("table")
    ]
    assert tables == [
        [
            ("élu, administration, justice, avocat, presse", "4"),
            ("réclamation", "3"),
            ("non tiré au sort", "31"),
            ("autre raison", "1"),
        ],
        [("désinscrit", "1"), ("revenus", "1")],
    ]
    assert await found_by(pool, "quality", "writings", "surveys") == []


async def test_a_sheet_that_came_by_a_mail_counts_where_mails_were_sent(
    pool: Pool, postgres_url: str, tmp_path: Path
) -> None:
    officer = await reached(pool, postgres_url, tmp_path)
    spool = tmp_path / "spool"
    sheet = SurveySheet(
        sheet_id=UUID(int=7), campaign=1, channel=SurveyChannel.MAIL, place="", week="2026-W27",
        answers=(4, None, 0),
    )  # fmt: skip
    survey_spool.put(spool, sheet)
    await survey_job.take(pool, spool, OPENED.date())
    assert await pool.fetchval("SELECT count(*) FROM desk.survey_sheets") == 0  # nobody was asked
    await invites(pool)
    survey_spool.put(spool, sheet.model_copy(update={"sheet_id": UUID(int=8)}))
    await survey_job.take(pool, spool, OPENED.date())
    rows = await pool.fetch("SELECT channel, place FROM desk.survey_sheets")
    assert [tuple(row) for row in rows] == [("mail", "")]
    async with one_transaction(postgres_url) as owner:
        doors = await owner.fetch("SELECT code, open FROM portal.surveys WHERE channel = 'mail'")
    [(code, is_open)] = doors
    assert re.fullmatch(r"[a-z2-9]{8}", code)
    assert is_open
    await closed(officer)
    async with one_transaction(postgres_url) as owner:
        assert not await owner.fetchval("SELECT bool_or(open) FROM portal.surveys")
