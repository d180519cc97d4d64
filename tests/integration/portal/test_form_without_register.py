"""The public form while PostgreSQL is away: it goes on with what is known, and nothing is lost."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest

from deploy.embedded.ports import free_port
from deploy.embedded.postgres import PostgresServer
from services.portal.app import take_notes
from services.portal.domain import limits
from services.portal.pages import form, serve
from services.portal.pages.follow_up import shown
from services.portal.store import notes
from services.portal.store.notes import DepositNote
from shared.content import spool
from shared.errors import TemporaryFailure
from shared.platform.clock import Clock
from shared.platform.database import Pool
from tests.desk_browser import TODAY
from tests.integration.portal.public_deposits import deposited, heard
from tests.portal_browser import HOME, Visitor, public_pages
from tests.roles import one_transaction, under_role

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
        assert shown(deposit.id) in page
        assert "vous n’avez pas à" in page
        assert "Renée" not in page

        # Of an older deposit nothing is known now, and nobody is told that it never was.
        older = await browser.get(f"/formulaire/depot/{UUID(int=7)}")
        assert older.status_code == 503
        assert "gardé en lieu sûr" in older.text
        assert (await browser.get("/formulaire/donnees")).status_code == 200
        assert (await browser.get("/formulaire/papier.pdf")).status_code == 200

    spool_folder = tmp_path / "spool"
    assert shown(deposit.id) in await browser.page(address), "before its note is taken, too"
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
    assert shown(deposit.id) in page


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
    assert shown(kept.id) in await one.page(answer.headers["location"])
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
    assert spool.waiting(tmp_path) == [], "ingest does not see them"
    (tmp_path / "file").touch()
    with pytest.raises(TemporaryFailure, match="Notes"):
        notes.write(tmp_path / "file", one)


@asynccontextmanager
async def portal(**given: str) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """`portal serve` as an operator runs it, without Kafka: its pages, and its health."""
    doors = {"HTTP_PORT": free_port(), "HEALTH_PORT": free_port()}
    variables = {f"VAGUEMESTRE_{name}": str(word) for name, word in {**doors, **given}.items()}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "portal", "serve"),
        cwd=PROJECT,
        env=os.environ | variables,
        stderr=asyncio.subprocess.DEVNULL,
    )
    pages, looks = (
        httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60)
        for port in doors.values()
    )
    try:
        async with pages, looks:
            yield pages, looks
        process.send_signal(signal.SIGTERM)
        assert await asyncio.wait_for(process.wait(), 30) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_while_it_starts_without_its_servers_it_says_so_in_french(tmp_path: Path) -> None:
    async with portal(
        DATABASE_URL="postgresql://nobody:hidden@127.0.0.1:1/letters",
        SPOOL=str(tmp_path / "spool"),
        START_WAIT="PT2M",
    ) as (pages, looks):
        read = await answered(pages)
        assert (read.status_code, read.headers["retry-after"]) == (503, "30")
        assert "Ce service redémarre" in read.text
        lost = await pages.post("/formulaire", data=SAID)
        assert lost.status_code == 503
        assert "Votre envoi n’est pas arrivé" in lost.text
        assert "waits for PostgreSQL" not in (await pages.get("/health")).text
        health = await looks.get("/health")
        assert health.status_code == 503
        assert "waits for PostgreSQL" in health.text
        assert (await looks.get("/live")).status_code == 200
        assert (await looks.get("/ready")).status_code == 503


@pytest.mark.usefixtures("live_site")
async def test_it_runs_by_its_own_role_and_without_any_kafka(
    postgres_url: str, tmp_path: Path
) -> None:
    spool_folder = tmp_path / "spool"
    url = under_role(postgres_url, "portal")
    async with portal(DATABASE_URL=url, SPOOL=str(spool_folder)) as (pages, looks):
        page = await answered(pages, but=503)
        assert "Une réclamation, une suggestion, une demande" in page.text
        assert (await pages.get("/")).headers["location"] == "/formulaire"
        home = {"origin": str(pages.base_url).rstrip("/")}
        sent = await pages.post("/formulaire", data=SAID, headers=home)
        assert (sent.status_code, len(deposited(tmp_path))) == (303, 1)
        assert (await pages.get("/connexion")).status_code == 404, "nothing of the register"
        health = await looks.get("/health")
        assert health.status_code == 200, health.text
        assert health.json()["checks"].keys() == {"database", "clock", "jobs", "rows", "room"}
        assert "vaguemestre_portal_notes" in (await looks.get("/metrics")).text


async def test_before_the_database_is_migrated_it_says_what_to_run(
    postgres_url: str, tmp_path: Path
) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("REVOKE USAGE ON SCHEMA site FROM vaguemestre_indre_portal")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "services", "portal", "serve"),
        cwd=PROJECT,
        env=os.environ
        | {
            "VAGUEMESTRE_DATABASE_URL": under_role(postgres_url, "portal"),
            "VAGUEMESTRE_SPOOL": str(tmp_path / "spool"),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 60)
    assert process.returncode == 1
    assert b"run `vaguemestre migrate`" in said
    assert b"An unexpected error" not in said


async def answered(client: httpx.AsyncClient, but: int = 0) -> httpx.Response:
    """What the form answers as soon as somebody listens; `but`: a status that is waited out."""
    async with asyncio.timeout(60):
        while True:
            with suppress(httpx.ConnectError):
                answer = await client.get("/formulaire")
                if answer.status_code != but:
                    return answer
            await asyncio.sleep(0.05)
