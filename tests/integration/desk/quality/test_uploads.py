"""A document is judged before it is on the disk, noted in the journal, swept where no fact came."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.desk.quality.uploads import sweep
from services.desk.retention.blob_deletion import tidy
from shared.content.blobs import LocalBlobs
from shared.facts import ids
from shared.facts.quality.label import ProofFiled
from shared.platform.clock import open_clock
from shared.platform.database import Pool
from shared.site.applied_rules import AppliedRules
from tests.desk_browser import Browser, pages
from tests.integration.desk.clocked import items
from tests.integration.desk.closed import JULY
from tests.integration.desk.quality.test_label_pages import LABEL, PHONE, TEXTS, told
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

DOCUMENT = {"preuve": "document textes", "jour": "2026-06-01", "tenu": "yes"}
PDF = {"fichier": ("textes.pdf", b"%PDF-1.7 textes", "application/pdf")}
LATER = JULY + timedelta(days=1, minutes=1)


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", JULY)
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and path.parent != folder]


@pytest.mark.parametrize(
    "wrong",
    [
        {"jour": "2026-07-03"},
        {"jusqu": "2026-05-31"},
        {"tenu": "no"},
        {"preuve": "draw forme"},
    ],
)
async def test_what_is_refused_never_reaches_the_disk(
    officer: Browser, tmp_path: Path, wrong: dict[str, str]
) -> None:
    page = f"{LABEL}/engagements/lettres-lisibles" if "preuve" in wrong else TEXTS
    answer = await officer.send(page, f"{page}/preuve", DOCUMENT | wrong, files=PDF)
    assert answer.status_code == 422
    assert files(tmp_path) == []


async def test_a_document_handed_in_and_taken_stands_in_the_journal(
    officer: Browser, pool: Pool
) -> None:
    answer = await officer.send(TEXTS, f"{TEXTS}/preuve", DOCUMENT, files=PDF)
    assert answer.status_code == 303
    [filed] = await told(pool)
    assert isinstance(filed, ProofFiled)
    assert filed.file is not None
    await officer.get(f"{LABEL}/preuves/{filed.seq}")
    noted = await pool.fetch("SELECT what, about FROM desk.journal ORDER BY id")
    assert [tuple(row) for row in noted] == [
        ("upload", filed.file.split("/")[1]), ("download", str(filed.seq)),
    ]  # fmt: skip


async def test_what_no_fact_came_to_name_is_erased_after_a_day_and_no_other(
    officer: Browser, pool: Pool, tmp_path: Path
) -> None:
    await officer.send(TEXTS, f"{TEXTS}/preuve", DOCUMENT, files=PDF)
    [filed] = await told(pool)
    assert isinstance(filed, ProofFiled)
    assert filed.file is not None
    decision = uuid4()
    lost = ids.quality_id("indre", "upload", f"q.officer 2026 {decision}")
    await pool.execute("INSERT INTO desk.quality_uploads VALUES ($1, 2026, $2)", lost, JULY)
    blobs = LocalBlobs(tmp_path)
    key = await blobs.put(2026, lost, b"%PDF-1.7 perdu")  # killed before its fact
    assert await sweep(pool, JULY + timedelta(hours=23)) == 0
    assert await sweep(pool, LATER) == 1
    await tidy(pool, AppliedRules(), blobs, LATER)
    assert not (tmp_path / key).exists()
    assert await blobs.get(filed.file) == b"%PDF-1.7 textes"
    assert await sweep(pool, LATER) == 0
    late = await officer.send(
        TEXTS, f"{TEXTS}/preuve", DOCUMENT, files=PDF, decision=str(decision)
    )  # a form that was open all the time
    assert late.status_code == 422
    assert "rechargez" in late.text


async def test_no_form_chooses_the_folder_of_a_letter(
    officer: Browser, pool: Pool, tmp_path: Path
) -> None:
    """The id of a form is the browser's: that of a letter stands in each of its addresses."""
    letter, blobs = uuid4(), LocalBlobs(tmp_path)
    key = await blobs.put(2026, letter, b"%PDF-1.7 lettre")
    await officer.send(TEXTS, f"{TEXTS}/preuve", DOCUMENT, files=PDF, decision=str(letter))
    [filed] = await told(pool)
    assert isinstance(filed, ProofFiled)
    assert filed.file is not None
    assert str(letter) not in filed.file
    stored = files(tmp_path)
    again = await officer.send(TEXTS, f"{TEXTS}/preuve", DOCUMENT, files=PDF, decision=str(letter))
    assert again.headers["location"].endswith(TEXTS)  # it was sent before
    assert files(tmp_path) == stored
    assert await sweep(pool, LATER) == 0
    await tidy(pool, AppliedRules(), blobs, LATER)
    assert await blobs.get(key) == b"%PDF-1.7 lettre"


async def test_the_folder_of_an_arrival_is_swept_by_nobody(pool: Pool) -> None:
    [item] = await items(pool, "a")
    arrival = await pool.fetchval("SELECT arrival_id FROM desk.arrivals WHERE item_id = $1", item)
    await pool.execute("INSERT INTO desk.quality_uploads VALUES ($1, 2026, $2)", arrival, JULY)
    assert await sweep(pool, LATER) == 0
    assert await pool.fetch("SELECT FROM desk.erasures") == []


async def test_a_proof_without_a_document_needs_none_on_the_disk(
    officer: Browser, tmp_path: Path
) -> None:
    seen = {"preuve": "observation appels", "jour": "2026-06-01", "tenu": "yes"}
    answer = await officer.send(PHONE, f"{PHONE}/preuve", seen | {"remarque": "Dix appels."})
    assert answer.status_code == 303
    assert files(tmp_path) == []
