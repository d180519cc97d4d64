"""The public form while PostgreSQL is away: it goes on with what is known, and nothing is lost."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from deploy.embedded.ports import free_port
from deploy.embedded.postgres import PostgresServer
from services.desk.noting import take_notes
from services.desk.pages import serve
from services.desk.pages.public import writing
from services.desk.pages.public.following import shown
from services.desk.store import noted
from services.desk.store.deposits import Deposit
from shared import spool
from shared.clock import Clock
from shared.database import Pool
from shared.errors import TemporaryFailure
from tests.code_keys import SECRET
from tests.desk_browser import HOME, TODAY, Browser, pages
from tests.integration.desk.public_deposits import deposited, heard

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
async def browser(pool: Pool, live_site: None, story_clock: Clock, tmp_path: Path) -> Browser:
    """In front of pages that know the rules."""
    del live_site
    there = Browser(pages(pool, story_clock, tmp_path))
    await take_notes(pool, there.pages.rules, tmp_path / "spool")
    return there


@pytest.fixture
async def cut_off(browser: Browser) -> Browser:
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


async def sent(browser: Browser, origin: str = HOME, **said: str) -> httpx.Response:
    return await browser.client.post(
        "/formulaire",
        data=SAID | said,
        files=[("fichiers", ("photo.png", b"\x89PNG\r\n\x1a\n et du bruit", ""))]
        if "broken" in said
        else None,
        headers={"origin": origin},
    )


async def test_what_is_sent_meanwhile_is_kept_followed_and_has_its_chrono_when_it_is_back(
    browser: Browser, pool: Pool, tmp_path: Path, postgres_server: PostgresServer
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
        assert shown(deposit.id) in page
        assert "vous n’avez pas à" in page
        assert "Renée" not in page

        # Of an older deposit nothing is known now, and nobody is told that it never was.
        older = await browser.get(f"/formulaire/depot/{UUID(int=7)}")
        assert older.status_code == 503
        assert "gardé en lieu sûr" in older.text
        assert (await browser.get("/formulaire/donnees")).status_code == 200
        assert (await browser.get("/formulaire/papier.pdf")).status_code == 200
        assert (await browser.get("/bureau")).status_code == 503

    spool_folder = tmp_path / "spool"
    assert shown(deposit.id) in await browser.page(address), "before its note is taken, too"
    assert await take_notes(pool, browser.pages.rules, spool_folder) == 1
    assert await take_notes(pool, browser.pages.rules, spool_folder) == 0
    assert await pool.fetch("SELECT deposit, at FROM desk.deposits") == [(deposit.id, TODAY)]
    assert (await sent(browser)).headers["location"] == address
    assert len(deposited(tmp_path)) == 1, "sent once more, it is the same"
    await heard(pool, deposit, TODAY)
    assert "36-2026-A-000001" in await browser.page(address)


async def test_a_postgresql_that_is_frozen_holds_nobody(
    browser: Browser,
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
    assert shown(deposit.id) in page


async def test_meanwhile_the_form_judges_as_ever(
    cut_off: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
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
    monkeypatch.setattr(writing, "FROM_ALL", 2)
    answers = [await sent(cut_off, message=f"Message {n}.") for n in range(3)]
    assert [one.status_code for one in answers] == [303, 303, 429]
    assert len(deposited(tmp_path)) == 2


async def test_a_disk_that_takes_nothing_is_said_and_nothing_is_half_kept(
    cut_off: Browser, tmp_path: Path
) -> None:
    (tmp_path / "spool").write_text("no folder")
    answer = await sent(cut_off)
    assert answer.status_code == 503
    assert "Votre message n’est pas envoyé" in answer.text
    assert await asyncio.to_thread(os.listdir, tmp_path) == ["spool"]


@pytest.mark.usefixtures("cut_off")
async def test_a_desk_that_never_knew_the_rules_says_that_it_takes_nothing(
    pool: Pool, story_clock: Clock, tmp_path: Path
) -> None:
    stranger = Browser(pages(pool, story_clock, tmp_path))
    assert (await stranger.get("/formulaire")).status_code == 503
    answer = await sent(stranger)
    assert answer.status_code == 503
    assert "envoyez de nouveau dans quelques minutes" in answer.text
    assert deposited(tmp_path) == []


def test_a_note_is_read_back_and_removed_and_what_is_none_is_left_alone(tmp_path: Path) -> None:
    one, other = Deposit(UUID(int=1), TODAY), Deposit(UUID(int=2), TODAY + timedelta(seconds=1))
    assert noted.read(tmp_path) == []
    for note in (other, one, one):
        noted.write(tmp_path, note)
    (tmp_path / noted.FOLDER / "lisez-moi").touch()
    assert noted.read(tmp_path) == [one, other]
    noted.remove(tmp_path, [one, one])
    assert noted.read(tmp_path) == [other]
    assert spool.waiting(tmp_path) == [], "ingest does not see them"
    (tmp_path / "file").touch()
    with pytest.raises(TemporaryFailure, match="Notes"):
        noted.write(tmp_path / "file", one)


async def test_while_it_starts_without_its_servers_it_says_so_in_french(tmp_path: Path) -> None:
    port = free_port()
    side = free_port()
    home = f"http://127.0.0.1:{port}"
    given = {
        "VAGUEMESTRE_DATABASE_URL": "postgresql://nobody:hidden@127.0.0.1:1/letters",
        "VAGUEMESTRE_KAFKA": "127.0.0.1:1",
        "VAGUEMESTRE_BLOBS": str(tmp_path / "blobs"),
        "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        "VAGUEMESTRE_SECRET": SECRET,
        "VAGUEMESTRE_HTTP_PORT": str(port),
        "VAGUEMESTRE_HEALTH_PORT": str(side),
        "VAGUEMESTRE_START_WAIT": "PT2M",
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "desk", "serve"),
        cwd=PROJECT,
        env=os.environ | given,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        async with httpx.AsyncClient(base_url=home, timeout=60) as client:
            read = await answered(client)
            assert (read.status_code, read.headers["retry-after"]) == (503, "30")
            assert "Ce service redémarre" in read.text
            lost = await client.post("/formulaire", data=SAID)
            assert lost.status_code == 503
            assert "Votre envoi n’est pas arrivé" in lost.text
            assert "waits for PostgreSQL" not in (await client.get("/health")).text
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{side}", timeout=60) as looking:
            health = await looking.get("/health")
            assert health.status_code == 503
            assert "waits for PostgreSQL" in health.text
            assert (await looking.get("/live")).status_code == 200
            assert (await looking.get("/ready")).status_code == 503
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def answered(client: httpx.AsyncClient) -> httpx.Response:
    """What the form answers as soon as somebody listens."""
    async with asyncio.timeout(60):
        while True:
            try:
                return await client.get("/formulaire")
            except httpx.ConnectError:
                await asyncio.sleep(0.05)
