"""The public form while PostgreSQL is away: it goes on with what is known, and nothing is lost."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.embedded.postgres import PostgresServer
from services.portal.app import take_notes
from services.portal.domain import limits
from services.portal.pages import form, serve
from services.portal.pages.follow_up import deposit_number
from services.portal.store import notes
from services.portal.store.notes import DepositNote
from shared.content import spool
from shared.errors import TemporaryFailure
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import TODAY
from tests.integration.portal.public_deposits import deposited, heard
from tests.portal_browser import HOME, Visitor, public_pages

PROJECT = Path(__file__).resolve().parents[3]
SAID = {
    "depot": "3f1e1a52-7a51-4f0e-9e51-0c5b6f0a3a11",
    "page": "/formulaire",
    "nature": "reclamation",
    "service": "bmi",
    "message": "Aucun rendez-vous depuis trois mois.",
    "nom": "Renée Dupont",
}


@pytest.fixture
async def browser(pool: Pool, live_site: None, story_clock: Clock, tmp_path: Path) -> Visitor:
    """In front of pages that know the rules."""
    del live_site
    there = Visitor(public_pages(pool, story_clock, tmp_path))
    await take_notes(pool, there.pages.rules, tmp_path / "spool")
    return there


@pytest.fixture
async def cut_off(browser: Visitor) -> Visitor:
    """The same, and no connection can be had any more."""
    browser.pages.pool.terminate()
    return browser


@asynccontextmanager
async def away(server: PostgresServer) -> AsyncIterator[None]:
    """PostgreSQL, stopped until the end of the block."""
    await asyncio.to_thread(server.stop)
    try:
        yield
    finally:
        await asyncio.to_thread(server.start)


async def sent(browser: Visitor, origin: str = HOME, **said: str) -> httpx.Response:
    return await browser.client.post(
        "/formulaire",
        data=SAID | said,
        files=[("fichiers", ("photo.png", b"\x89PNG\r\n\x1a\n et du bruit", ""))]
        if "broken" in said
        else None,
        headers={"origin": origin},
    )


async def test_what_is_sent_meanwhile_is_kept_followed_and_has_its_chrono_when_it_is_back(
    browser: Visitor,
    pool: Pool,
    register: Pool,
    tmp_path: Path,
    postgres_server: PostgresServer,
) -> None:
    async with away(postgres_server):
        assert "Bureau" in await browser.page("/formulaire"), "the services of the last known rules"
        first, second = await asyncio.gather(sent(browser), sent(browser))
        assert first.status_code == second.status_code == 303
        assert first.headers["location"] == second.headers["location"]
        (deposit,) = deposited(tmp_path)
        assert (deposit.service, deposit.complaint, deposit.name) == ("bmi", True, "Renée Dupont")
        address = first.headers["location"]
        page = await browser.page(address)
        assert deposit_number(deposit.id) in page
        assert "vous n’avez pas à" in page
        assert "Renée" not in page

        # Of an older deposit nothing is known now, and nobody is told that it never was.
        older = await browser.get(f"/formulaire/depot/{UUID(int=7)}")
        assert older.status_code == 503
        assert "gardé en lieu sûr" in older.text
        assert (await browser.get("/formulaire/donnees")).status_code == 200
        assert (await browser.get("/formulaire/papier.pdf")).status_code == 200

    spool_folder = tmp_path / "spool"
    assert deposit_number(deposit.id) in await browser.page(address), (
        "before its note is taken, too"
    )
    assert await take_notes(pool, browser.pages.rules, spool_folder) == 1
    assert await take_notes(pool, browser.pages.rules, spool_folder) == 0
    assert await pool.fetch("SELECT deposit, at FROM portal.deposits") == [(deposit.id, TODAY)]
    assert (await sent(browser)).headers["location"] == address
    assert len(deposited(tmp_path)) == 1, "sent once more, it is the same"
    await heard(register, deposit, TODAY)
    assert "36-2026-A-000001" in await browser.page(address)


async def test_a_postgresql_that_is_frozen_holds_nobody(
    browser: Visitor,
    tmp_path: Path,
    postgres_server: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serve, "PATIENCE", timedelta(seconds=0.2))
    postgres_server.pause()
    try:
        answer = await sent(browser)
        page = await browser.page(answer.headers["location"])
    finally:
        postgres_server.resume()
    (deposit,) = deposited(tmp_path)
    assert deposit_number(deposit.id) in page


async def test_a_message_that_is_on_the_disk_is_never_said_to_be_lost(
    browser: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = Visitor(browser.pages, "203.0.113.7")
    loop, deposit = asyncio.get_running_loop(), spool.deposit

    def put_and_cut_off(*args: Any) -> None:
        deposit(*args)
        loop.call_soon_threadsafe(browser.pages.pool.terminate)

    monkeypatch.setattr(spool, "deposit", put_and_cut_off)
    monkeypatch.setattr(limits, "FROM_ONE", 1)  # what is sent once counts once
    answer = await sent(one)
    (kept,) = deposited(tmp_path)
    assert answer.status_code == 303, answer.text
    assert deposit_number(kept.id) in await one.page(answer.headers["location"])
    assert (await sent(one, message="Encore.")).status_code == 429


async def test_meanwhile_the_form_judges_as_ever(
    cut_off: Visitor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for change, sentence in (
        ({"message": " "}, "Écrivez votre message."),
        ({"service": "nowhere"}, "Choisissez un service"),
        ({"site": "http://spam.example"}, "Laissez ce champ vide"),
        ({"broken": "yes"}, "ne s’ouvre pas"),
    ):
        refused = await sent(cut_off, **change)
        assert refused.status_code == 422
        assert sentence in refused.text
        assert "Renée Dupont" in refused.text
    assert (await sent(cut_off, "http://ailleurs.example")).status_code == 403
    assert deposited(tmp_path) == []
    monkeypatch.setattr(form, "FROM_ALL", 2)
    answers = [await sent(cut_off, message=f"Message {n}.") for n in range(3)]
    assert [answer.status_code for answer in answers] == [303, 303, 429]
    assert len(deposited(tmp_path)) == 2


async def test_a_disk_that_takes_nothing_is_said_and_nothing_is_half_kept(
    cut_off: Visitor, tmp_path: Path
) -> None:
    (tmp_path / "spool").write_text("no folder")
    answer = await sent(cut_off)
    assert answer.status_code == 503
    assert "Votre message n’est pas envoyé" in answer.text
    assert await asyncio.to_thread(os.listdir, tmp_path) == ["spool"]


@pytest.mark.usefixtures("cut_off")
async def test_a_portal_that_never_knew_the_rules_says_that_it_takes_nothing(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    stranger = Visitor(public_pages(pool, story_clock, tmp_path))
    assert (await stranger.get("/formulaire")).status_code == 503
    answer = await sent(stranger)
    assert answer.status_code == 503
    assert "envoyez de nouveau dans quelques minutes" in answer.text
    assert deposited(tmp_path) == []


def test_a_note_is_read_back_and_removed_and_what_is_none_is_left_alone(tmp_path: Path) -> None:
    one, other = (
        DepositNote(UUID(int=1), TODAY),
        DepositNote(UUID(int=2), TODAY + timedelta(seconds=1)),
    )
    assert notes.read(tmp_path) == []
    for note in (other, one, one):
        notes.write(tmp_path, note)
    (tmp_path / notes.FOLDER / "lisez-moi").touch()
    assert notes.read(tmp_path) == [one, other]
    notes.remove(tmp_path, [one, one])
    assert notes.read(tmp_path) == [other]
    assert spool.waiting_folders(tmp_path) == [], "ingest does not see them"
    (tmp_path / "file").touch()
    with pytest.raises(TemporaryFailure, match="Notes"):
        notes.write(tmp_path / "file", one)
