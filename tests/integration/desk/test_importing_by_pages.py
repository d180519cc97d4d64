"""A register taken over by its pages, whatever happens between two hundreds of its lines."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from pydantic import SecretStr

from services.desk.migration.store import imports
from services.desk.retention.purge import forget
from shared.content.blobs import Blob, LocalBlobs
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey
from shared.platform.clock import Clock
from shared.platform.database import UNREACHABLE, Connection, Pool, open_pool, transaction
from tests.desk_browser import TODAY, Browser, pages
from tests.migration_takes import takes
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site")

TAKEN = "SELECT items + past FROM desk.imports"


@pytest.fixture
async def browser(pool: Pool, story_clock: Clock, tmp_path: Path) -> Browser:
    return await Browser(pages(pool, story_clock, tmp_path)).sign_in("c.head")


@pytest.fixture
async def here(browser: Browser) -> str:
    """The page of a file whose 250 good lines were asked for; one more is refused."""
    lines = [f"{n};20/04/2026;Nom {n};BMI" for n in range(1, 252)]
    lines[249] = "250;demain;Nom;BMI"
    content = "\r\n".join(("Numéro;Reçu le;Expéditeur;Service", *lines)).encode()
    upload = {"fichier": ("registre.csv", content, "text/csv")}
    here = (await browser.send("/reprise", "/reprise", files=upload)).headers["location"]
    columns = {"colonne-0": "number", "colonne-1": "received", "colonne-2": "sender"}
    words = {"colonne-3": "service", "suite": "300", "que": "garder"}
    await browser.send(here, here, {**columns, **words})
    page = await browser.to(await browser.send(here, here, {"que": "reprendre"}))
    assert "<strong>0</strong> lignes reprises sur <strong>250</strong>" in page
    return here


class Dying(LocalBlobs):
    """Dies with the machine at the second hundred."""

    first = True

    async def put_many(self, blobs: Sequence[Blob]) -> Sequence[BlobKey]:  # type: ignore[override]  # stands in for what is not there
        if not self.first:
            raise KeyboardInterrupt
        self.first = False
        return await super().put_many(blobs)


async def test_a_process_that_dies_between_two_hundreds_leaves_the_rest_to_the_next_one(
    pool: Pool, browser: Browser, here: str, tmp_path: Path
) -> None:
    with pytest.raises(KeyboardInterrupt):
        await replace(takes(browser.pages), blobs=Dying(tmp_path)).next()  # type: ignore[arg-type]  # typed by hand
    assert "<strong>100</strong> lignes reprises sur <strong>250</strong>" in (
        await browser.page(here)
    )
    assert await takes(browser.pages).next()
    page = await browser.page(here)
    assert "<strong>250</strong> courriers en cours" in page
    assert "Lignes refusées : 1" in page
    assert "«\u00a0demain\u00a0» n’est pas une date." in page
    assert await pool.fetchval("SELECT count(DISTINCT chrono) FROM desk.items") == 250
    assert await pool.fetchval("SELECT count(*) FROM desk.facts") == 250
    assert not await takes(browser.pages).next()
    async with transaction(pool) as connection:
        await forget(connection, TODAY + timedelta(days=36))
    assert "Lignes refusées" not in await browser.page(here), "they may quote what was typed"


async def test_a_connection_cut_within_a_hundred_loses_it_whole_and_takes_it_again(
    pool: Pool, browser: Browser, here: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted, own = imports.took, await open_pool(SecretStr(under_role(postgres_url, "desk")), "own")

    async def cut(connection: Connection, import_id: UUID, opened: int, closed: int) -> None:
        await counted(connection, import_id, opened, closed)
        if await connection.fetchval(TAKEN) == 200:
            pid = await connection.fetchval("SELECT pg_backend_pid()")
            async with one_transaction(postgres_url) as owner:
                await owner.execute("SELECT pg_terminate_backend($1, 30000)", pid)

    with monkeypatch.context() as patched:
        patched.setattr(imports, "took", cut)
        with pytest.raises((TemporaryFailure, *UNREACHABLE)):
            await replace(takes(browser.pages), pool=own).next()
    await own.close()
    assert await pool.fetchval(TAKEN) == 100
    assert await takes(browser.pages).next()
    assert await pool.fetchval(TAKEN) == 250
    assert await pool.fetchval("SELECT count(*) FROM desk.items") == 250
    assert here in await browser.page("/reprise")


async def test_an_import_may_be_stopped_and_asked_for_again(
    pool: Pool, browser: Browser, here: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = LocalBlobs.put_many

    async def stops(self: LocalBlobs, blobs: Sequence[Blob]) -> Sequence[BlobKey]:
        if await pool.fetchval(TAKEN) == 100:
            await browser.send(here, here, {"que": "arreter"})
        return await kept(self, blobs)

    with monkeypatch.context() as patched:
        patched.setattr(LocalBlobs, "put_many", stops)
        assert await takes(browser.pages).next()
    assert not await takes(browser.pages).next(), "nobody asks for it any more"
    page = await browser.page(here)
    assert "100 lignes de ce fichier sont déjà dans le registre" in page
    assert "Reprendre 150 lignes" in page
    await browser.send(here, here, {"que": "reprendre"})
    assert await takes(browser.pages).next()
    assert await pool.fetchval(TAKEN) == 250


async def test_a_file_that_can_never_be_taken_stops_with_its_reason_and_hinders_nothing(
    pool: Pool, browser: Browser, here: str
) -> None:
    del here
    await pool.execute("UPDATE desk.imports SET content = 'no table'")
    assert await takes(browser.pages).next()
    assert not await takes(browser.pages).next()
    row = await pool.fetchrow("SELECT asked_at, trouble FROM desk.imports")
    assert tuple(row or ()) == (None, "import-no-titles")
