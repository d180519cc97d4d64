"""Closed items go to the archive and are destroyed after its reply; what is left is the trace."""

import io
import os
import threading
import zipfile
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from pydantic import SecretStr

from services.desk.archive.domain import transfer_reply
from services.desk.archive.domain.manifest import parse
from services.desk.archive.domain.rules import wrong_in_manifest
from services.desk.archive.package_check import wrong_in_package
from services.desk.retention.blob_deletion import tidy
from services.desk.store import fact_history
from shared.content.blobs import LocalBlobs
from shared.facts.envelope import ItemId
from shared.platform.clock import open_clock
from shared.platform.database import Connection, Pool
from shared.site import store
from shared.site.tables.bundle import Site
from tests.archive_builders import ARCHIVE, TRANSFER, a_reply
from tests.desk_browser import Browser, pages
from tests.desk_builders import DAYS, GO_LIVE, a_site, certain, digest, rules
from tests.integration.desk.test_evidence_and_its_end import (
    FIRST,
    TUESDAY,
    arrives,
    done,
    folders,
    on,
)
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

DUE = datetime(2029, 5, 13, 8, 0, tzinfo=UTC)
"""36 months and a day after what was closed on 12 May 2026."""
PAGE = f"/versement/{TRANSFER}"
SLIP = "/elimination/36-2029-E-0001"
XML = "application/xml"


def a_site_with_an_archive() -> Site:
    site = a_site()
    identity = site.identity.model_copy(update={"archive": ARCHIVE})
    rows = tuple(
        row.model_copy(update={"final": "archive"}) if row.id == "titre-de-sejour" else row
        for row in site.routing.categories
    )
    routing = site.routing.model_copy(update={"categories": rows})
    return site.model_copy(update={"identity": identity, "routing": routing})


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@dataclass
class House:
    """A préfecture three years after three items ended, and its people."""

    pool: Pool
    folder: Path
    opened: list[Browser] = field(default_factory=list)

    async def person(self, name: str) -> Browser:
        """Somebody who signs in at the moment at which the story stands."""
        clock = await open_clock(self.pool, SecretStr(os.environ["VAGUEMESTRE_DATABASE_URL"]))
        browser = await Browser(pages(self.pool, clock, self.folder)).sign_in(name)
        self.opened.append(browser)
        return browser

    async def transfer(self, officer: Browser) -> None:
        """A transfer that has its visa."""
        await says(officer, "/versement", "proposer")
        said = {"visa": "AD36-V-3", "archiviste": "Mme Roux", "jour": "2029-05-13"}
        assert "Visa noté" in await says(officer, PAGE, "visa", **said)


@pytest.fixture
async def house(
    request: pytest.FixtureRequest,
    pool: Pool,
    postgres_url: str,
    blobs: LocalBlobs,
    tmp_path: Path,
) -> AsyncIterator[House]:
    """With `reserved` as its parameter the first item is réservé; `merged`: and merged into 2."""
    async with one_transaction(postgres_url) as owner:
        await store.keep(owner, a_site_with_an_archive(), DAYS, "q.officer", "tests", GO_LIVE)
    await arrives(pool, blobs, "a", routing=certain())
    await arrives(pool, blobs, "b", correspondent=digest("bob"), routing=certain())
    dre = certain("association", "dre")
    await arrives(pool, blobs, "c", correspondent=digest("c"), routing=dre)
    await on(postgres_url, TUESDAY)
    variant = getattr(request, "param", "")
    why = ("--why", "essai")
    if variant:
        await done("reclassify", "1", "--confidentiality", "reserve", *why, who="b.head")
    if variant == "merged":
        await done("merge", "1", "--into", "2", *why, who="b.head")
    for number, who in [("1", "b.head"), ("2", "b.head"), ("3", "r.head")][variant == "merged" :]:
        await done("close", number, "--reason", "sans-suite", who=who)
    await on(postgres_url, DUE)
    made = House(pool, tmp_path / "blobs")
    yield made
    for browser in made.opened:
        await browser.client.aclose()


async def says(browser: Browser, page: str, step: str, **fields: str) -> str:
    answer = await browser.send(page, f"{page}/{step}", fields)
    return answer.text if answer.status_code != 303 else await browser.to(answer)


async def brings(browser: Browser, reply: bytes) -> str:
    files = {"fichier": ("reponse.xml", reply, XML)}
    answer = await browser.send(PAGE, f"{PAGE}/accuse", {}, files)
    return answer.text if answer.status_code != 303 else await browser.to(answer)


async def packed(browser: Browser, tmp_path: Path) -> Path:
    answer = await browser.get(f"{PAGE}/paquet.zip")
    assert answer.status_code == 200, answer.text
    path = tmp_path / "paquet.zip"
    path.write_bytes(answer.content)
    return path


async def outcomes(pool: Pool) -> list[tuple[str, str | None]]:
    rows = await pool.fetch(
        "SELECT chrono, outcome FROM desk.archive_transfer_items ORDER BY chrono"
    )
    return [(row["chrono"][-1], row["outcome"]) for row in rows]


def reads(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many items' stories are read at once, from now on."""
    read, readable = list[int](), fact_history.readable

    async def noted(connection: Connection, item_ids: Sequence[ItemId]) -> Any:
        read.append(len(item_ids))
        return await readable(connection, item_ids)

    monkeypatch.setattr(fact_history, "readable", noted)
    return read


ANOTHER = """
INSERT INTO desk.archive_transfers (transfer, proposed_by, proposed_at, digest, content)
VALUES ('36-2029-V-0002', 'q.officer', now(), '', '')
"""


async def test_a_round_trip_to_the_archive_leaves_the_trace_alone(
    pool: Pool, house: House, blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    read = reads(monkeypatch)
    due = await done("destroy", "--due")
    assert read == [1], "what the archive has still to take is not read at all"
    assert ("36-2026-A-000003" in due, FIRST in due) == (True, False), "not before the archive"
    made = await says(officer, "/versement", "proposer")
    assert (TRANSFER in made, "36-2026-A-000003" in made) == (True, False)
    early = await officer.get(f"{PAGE}/paquet.zip")
    assert "une fois le visa des archives noté" in await officer.to(early)
    assert "Aucun courrier n’est à verser" in await says(officer, "/versement", "proposer")
    assert "Visa noté" in await says(
        officer, PAGE, "visa", visa="AD36-V-3", archiviste="Mme Roux", jour="2029-05-13"
    )
    assert f'href="{PAGE}/paquet.zip">' in await secretary.page(PAGE), "a refusal is read"
    path = await packed(secretary, tmp_path)
    assert wrong_in_package(path) == []
    with zipfile.ZipFile(path) as package:
        told = package.read("manifest.xml").decode()
        assert list(wrong_in_manifest(parse(told.encode()))) == []
        assert "ana@example.org" not in told
        assert package.read(f"content/{FIRST}/2.eml") == b"original a"
        assert "Enregistré" in package.read(f"content/{FIRST}/1.txt").decode()
    assert await packed(secretary, tmp_path) == path
    again = zipfile.ZipFile(io.BytesIO(path.read_bytes())).read("manifest.xml").decode()
    assert again == told, "as long as its items are the same"
    given = "SELECT count(*) FROM desk.journal WHERE what = 'download' AND about = $1"
    assert await pool.fetchval(given, TRANSFER) == 2
    assert "transferred" not in await done("archive", "list")
    assert "its package was taken, waits for the reply" in await done("archive", "list")

    assert "nomme un autre versement" in await brings(secretary, a_reply(transfer="36-2029-V-0009"))
    assert "pas une réponse" in await brings(secretary, b"<a/>")
    refused = await brings(secretary, a_reply("KO"))
    assert ("refuse ce versement (KO)" in refused, "14/05/2029" in refused) == (True, False)
    assert FIRST not in await done("destroy", "--due")
    taken = await brings(secretary, a_reply("OK"))
    assert ("a pris en charge" in taken, "14/05/2029 à 9" in taken) == (True, True)
    assert "a reçu sa réponse" in await brings(secretary, a_reply("KO")), "never back"
    kept = await pool.fetchval("SELECT content FROM desk.archive_replies WHERE accepted")
    assert kept == a_reply("OK")

    assert FIRST in await done("destroy", "--due")
    await says(officer, "/elimination", "proposer")
    table = (await officer.get(f"{SLIP}/bordereau.csv")).text
    assert f"{FIRST};titre de sejour;2026-05-12;36;2029-05-12;{TRANSFER};" in table
    assert "36-2026-A-000003;association;2026-05-12;36;2029-05-12;;" in table
    await says(officer, SLIP, "visa", visa="AD36-E-4", archiviste="Mme Roux", jour="2029-05-14")
    assert "Il faut deux personnes" in await says(officer, SLIP, "executer")
    assert "détruit" in await says(secretary, SLIP, "executer")
    assert await tidy(pool, rules, blobs, DUE) == 3
    assert folders(tmp_path) == set(), "the content is gone"
    assert "détruit" in await officer.page(f"/courrier/{FIRST}/preuve")
    assert "Pris en charge par le service d’archives" in await officer.page(PAGE), (
        "the trace is not"
    )
    assert "all holds" in await done("evidence", "verify", FIRST)


async def test_what_was_opened_again_or_can_not_be_read_is_not_in_the_package_nor_destroyed(
    pool: Pool, house: House, tmp_path: Path
) -> None:
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    await house.transfer(officer)
    await done("reopen", FIRST, "--reason", "erreur", who="b.head")
    path = await packed(secretary, tmp_path)
    assert wrong_in_package(path) == []
    assert await outcomes(pool) == [("1", "reopened"), ("2", "packed")]
    original = await pool.fetchval(
        "SELECT original FROM desk.arrivals JOIN desk.items USING (item_id) WHERE chrono LIKE '%2'"
    )
    (tmp_path / "blobs" / original).unlink()
    await packed(secretary, tmp_path)
    assert await outcomes(pool) == [("1", "reopened"), ("2", "unreadable")]
    await brings(secretary, a_reply("OK"))
    due = await done("destroy", "--due")
    assert FIRST not in due
    assert "36-2026-A-000002" not in due, "the archive has it not"


async def test_a_reply_is_read_beside_the_pages(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_loop = list[bool]()

    def noted(octets: bytes) -> ET.Element:
        in_the_loop.append(threading.current_thread() is threading.main_thread())
        return parse(octets)

    monkeypatch.setattr(transfer_reply, "parse", noted)
    await house.transfer(officer := await house.person("q.officer"))
    assert "Prenez d’abord le paquet" in await brings(officer, a_reply("OK"))
    assert in_the_loop == [False]


async def test_a_reply_that_names_two_transfers_of_ours_is_taken_for_neither(
    pool: Pool, house: House
) -> None:
    await house.transfer(officer := await house.person("q.officer"))
    await pool.execute(ANOTHER)
    both = a_reply("OK").replace(b"aeeaaaaaaca", b"36-2029-V-0002")
    assert "nomme un autre versement" in await brings(officer, both)


async def test_what_lacked_in_a_package_that_was_taken_is_never_said_to_be_there(
    pool: Pool, house: House, tmp_path: Path
) -> None:
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    await house.transfer(officer)
    asked = (
        "SELECT original FROM desk.arrivals JOIN desk.items USING (item_id) WHERE chrono LIKE $1"
    )
    blob = tmp_path / "blobs" / await pool.fetchval(asked, "%2")
    aside = blob.rename(tmp_path / "aside")
    first = (await packed(secretary, tmp_path)).read_bytes()
    aside.rename(blob)
    assert (await packed(secretary, tmp_path)).read_bytes() == first, "whichever was deposited"
    assert await outcomes(pool) == [("1", "packed"), ("2", "unreadable")]
    await brings(secretary, a_reply("OK"))
    assert "36-2026-A-000002" not in await done("destroy", "--due")


async def test_an_item_that_ends_later_than_its_transfer_has_to_go_again(
    pool: Pool, postgres_url: str, house: House, tmp_path: Path
) -> None:
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    await house.transfer(officer)
    await packed(secretary, tmp_path)
    await brings(secretary, a_reply("OK"))
    await says(officer, "/elimination", "proposer")
    await says(officer, SLIP, "visa", visa="E", archiviste="Mme Roux", jour="2029-05-14")
    await done("reopen", FIRST, "--reason", "erreur", who="b.head")
    await done("close", FIRST, "--reason", "sans-suite", who="b.head")
    await on(postgres_url, datetime(2032, 6, 1, 8, 0, tzinfo=UTC))
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    assert "à verser d’abord" in await says(secretary, SLIP, "executer")
    gone = await pool.fetch("SELECT chrono, state FROM desk.items ORDER BY chrono")
    assert [row["state"] for row in gone] == ["closed", "destroyed", "destroyed"]
    await says(officer, "/versement", "proposer")
    second = "SELECT chrono, ended_on FROM desk.archive_transfer_items WHERE transfer <> $1"
    (line,) = await pool.fetch(second, TRANSFER)
    assert (line["chrono"], line["ended_on"]) == (FIRST, date(2029, 5, 13))


@pytest.mark.parametrize("house", ["merged"], indirect=True)
async def test_a_reserved_item_merged_into_another_is_packed_by_who_may_read_it(
    house: House, tmp_path: Path
) -> None:
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    await house.transfer(officer)
    assert (await officer.get(f"{PAGE}/paquet.zip")).status_code == 403
    with zipfile.ZipFile(await packed(secretary, tmp_path)) as package:
        assert b"original a" in [package.read(name) for name in package.namelist()]


@pytest.mark.parametrize("house", ["reserved"], indirect=True)
async def test_a_reserved_item_is_packed_by_who_may_read_it(
    pool: Pool, house: House, tmp_path: Path
) -> None:
    officer, secretary = await house.person("q.officer"), await house.person("s.general")
    await house.transfer(officer)
    answer = await officer.get(f"{PAGE}/paquet.zip")
    assert (answer.status_code, "courrier réservé" in answer.text) == (403, True)
    assert await pool.fetchval("SELECT count(*) FROM desk.archive_transfers WHERE octets > 0") == 0
    assert wrong_in_package(await packed(secretary, tmp_path)) == []
