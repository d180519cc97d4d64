"""An audit: the draw that nobody could choose, and what must be explained first."""

import asyncio
import csv
import io
import subprocess
import sys
import zipfile
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from click.testing import CliRunner
from pydantic import SecretStr

from services.desk.commands import desk
from services.desk.deciding import Decider
from services.desk.domain.decisions import (
    AskPieces,
    Close,
    Command,
    ConfirmRegime,
    CorrectReceipt,
    Declare,
    Reclassify,
    TakePieces,
)
from services.desk.domain.decisions.ending import Undo
from shared.clock import open_clock
from shared.database import Connection, Pool, transaction
from shared.facts.clocks import ClockStarted, Outcome
from shared.facts.envelope import ItemId
from shared.facts.words import ClockName, Confidentiality, RegimeStart
from shared.site import people_store
from tests.desk_browser import Browser, pages
from tests.desk_builders import an_applied_site
from tests.integration.desk.clocked import clock, items, starts, stops
from tests.roles import one_transaction, under_role

pytestmark = pytest.mark.usefixtures("live_site", "environment")

NOW = datetime(2026, 6, 9, 8, 0, tzinfo=UTC)
COUNTS = (
    "1 out_of_perimeter, 0 reclassified, 1 receipt_corrected, 1 back_dated, 1 closed,"
    " 0 before_receipt, 1 declared, 0 keyed, 1 holding_missed, 0 asked_again,"
    " 0 by_shell"
)
MAY = ("--from", "2026-05-01", "--until", "2026-05-31", "--as", "q.officer")


async def decide(pool: Pool, item: ItemId, *commands: Command) -> None:
    async with transaction(pool) as connection:
        for command in commands:
            await (await a_head(connection)).about(item, command)


async def a_head(connection: Connection) -> Decider:
    people = await people_store.people_at(connection, NOW)
    head = people.somebody("b.head")
    return Decider(connection, head, uuid4(), NOW, an_applied_site(), people)


@pytest.fixture
async def three(pool: Pool, postgres_url: str) -> Sequence[ItemId]:
    """Three mails of bmi of May: answered in time, answered late, still open and past its limit."""
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", NOW)
    found = await items(pool, "a", "b", "c")
    for one in found:
        await starts(pool, one)
    await stops(pool, found[0], 2, Outcome.KEPT)
    await stops(pool, found[1], 2, Outcome.LATE)
    return found


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    clock = await open_clock(pool, SecretStr(under_role(postgres_url, "desk")))
    browser = await Browser(pages(pool, clock, tmp_path)).sign_in("q.officer")
    yield browser
    await browser.client.aclose()


async def said(*words: str) -> str:
    outcome = await asyncio.to_thread(CliRunner().invoke, desk, ("audit", *words))
    assert outcome.exit_code == 0, outcome.output + str(outcome.exception)
    return outcome.output


@pytest.mark.usefixtures("three")
async def test_a_draw_can_be_done_again_without_us_and_holds_the_proof_of_each_item(
    tmp_path: Path,
) -> None:
    out = tmp_path / "tirage.zip"
    told = await said("draw", *MAY, "--seed", "7 juin", "--each", "2", "--to", str(out))
    assert "2 of 3 items drawn" in told
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(out) as archive:
        archive.extractall(folder)
    with (folder / "tirage.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [(row["numero"], row["resultat"], row["jours_ouvres"]) for row in rows] == [
        ("36-2026-A-000001", "kept", "4"),
        ("36-2026-A-000003", "overdue", ""),
    ]
    proofs = sorted(path.name for path in (folder / "preuves").iterdir())
    assert proofs == ["36-2026-A-000001.zip", "36-2026-A-000003.zip"]
    assert await again(folder) == (0, "Tirés : 2. Tout tient.\n")
    (folder / "graine.csv").write_text("graine,chacun\n8 juin,2\n", encoding="utf-8")
    assert (await again(folder))[0] == 1


async def again(folder: Path) -> tuple[int, str]:
    done = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, folder / "retirer.py"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
    )
    return done.returncode, done.stdout


@pytest.mark.usefixtures("three")
async def test_the_page_draws_what_the_command_draws(officer: Browser, tmp_path: Path) -> None:
    asked = "du=2026-05-01&au=2026-05-31&graine=7+juin&chacun=2"
    page = await officer.page(f"/audit?{asked}")
    assert "2 courriers tirés parmi 3" in page
    assert "non répondu, limite passée" in page
    out = tmp_path / "tirage.zip"
    await said("draw", *MAY, "--seed", "7 juin", "--each", "2", "--to", str(out))
    from_page = await officer.get(f"/audit/tirage.zip?{asked}")
    names = {"population.csv", "tirage.csv", "graine.csv"}
    assert contents(from_page.content, names) == contents(out.read_bytes(), names)


def contents(archive: bytes, names: set[str]) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        return {name: opened.read(name) for name in names}


async def test_a_reserved_item_of_others_is_counted_and_not_named(
    three: Sequence[ItemId], officer: Browser, pool: Pool
) -> None:
    await decide(pool, three[0], Reclassify(confidentiality=Confidentiality.RESERVE))
    page = await officer.page("/audit?du=2026-05-01&au=2026-05-31&graine=7&chacun=50")
    assert "3 courriers tirés parmi 3" in page
    assert "1 courrier hors de ce que vous pouvez voir y est par son seul numéro, 1 tiré" in page
    assert "réservé : à ouvrir par qui peut le lire" in page
    assert "La même graine tire toujours" not in page


async def test_what_the_person_may_not_see_is_drawn_by_its_number_and_masked(
    three: Sequence[ItemId], pool: Pool, tmp_path: Path
) -> None:
    await decide(pool, three[0], Reclassify(confidentiality=Confidentiality.RESERVE))
    out, folder = tmp_path / "tirage.zip", tmp_path / "unpacked"
    told = await said("draw", *MAY, "--seed", "7 juin", "--each", "2", "--to", str(out))
    assert "3 of 3 items drawn" in told
    assert "1 by their number alone" in told
    with zipfile.ZipFile(out) as archive:
        archive.extractall(folder)
    with (folder / "population.csv").open(encoding="utf-8", newline="") as file:
        [masked] = [row for row in csv.DictReader(file) if row["numero"] == "36-2026-A-000001"]
    del masked["rang"]
    assert masked == {
        "numero": "36-2026-A-000001", "service": "reserve", "canal": "reserve", "recu_le": "",
        "resultat": "reserve", "limite": "", "jours_ouvres": "",
    }  # fmt: skip
    proofs = sorted(path.name for path in (folder / "preuves").iterdir())
    assert proofs == ["36-2026-A-000002.zip", "36-2026-A-000003.zip"]
    page = (folder / "LISEZMOI.txt").read_text(encoding="utf-8")
    assert "hors de ce que la personne qui a tiré peut voir (réservés) : 1, dont 1 tirés" in page
    assert await again(folder) == (0, "Tirés : 3. Tout tient.\n")


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("who", ["b.head", "a.gent"])
async def test_a_draw_is_for_who_answers_for_the_proof_also_by_command(
    tmp_path: Path, who: str
) -> None:
    words = ("audit", "draw", *MAY[:-1], who, "--seed", "7", "--to", str(tmp_path / "t.zip"))
    outcome = await asyncio.to_thread(CliRunner().invoke, desk, words)
    assert outcome.exit_code == 1
    assert "A draw is made by who answers for the proof" in outcome.output
    assert not (tmp_path / "t.zip").exists()


@pytest.mark.usefixtures("three")
async def test_the_digest_of_the_list_says_whether_two_draws_had_the_same(
    officer: Browser, pool: Pool
) -> None:
    """The same seed draws the same of the same list, and the register moves on."""
    asked = "/audit?du=2026-05-01&au=2026-05-31&graine=7&chacun=2"

    async def digest() -> str:
        return (await officer.page(asked)).split("<code>")[1].split("</code>")[0]

    before = await digest()
    assert await digest() == before
    await pool.execute("UPDATE desk.items SET perimeter = false WHERE chrono LIKE '%000002'")
    assert await digest() != before


async def test_what_must_be_explained_has_its_author_and_reason_and_what_was_undone_is_gone(
    three: Sequence[ItemId], officer: Browser, pool: Pool
) -> None:
    await decide(pool, three[0], Reclassify(perimeter=False, reason="invoice"))
    await decide(pool, three[1], CorrectReceipt(date(2026, 5, 7), "timbre-a-date"))
    await decide(pool, three[1], Declare(date(2026, 6, 8)))
    await decide(pool, three[2], Close("sans-suite"))
    await clock(
        pool, ClockStarted, three[2], 3, clock=ClockName.HOLDING, commitment="attente",
        day_zero=date(2026, 5, 12), limit=date(2026, 6, 5), rules=1,
    )  # fmt: skip
    june = ("--from", "2026-06-01", "--until", "2026-06-30", "--as", "q.officer")
    assert (await said("review", *june)).splitlines() == [
        "out_of_perimeter   36-2026-A-000001  2026-06-09  b.head  invoice  person  late",
        "back_dated         36-2026-A-000002  2026-06-09  b.head  -",
        "closed             36-2026-A-000003  2026-06-09  b.head  sans-suite",
        "declared           36-2026-A-000002  2026-06-09  b.head  -",
        "holding_missed     36-2026-A-000003  2026-06-05  -  -",
        "receipt_corrected  36-2026-A-000002  2026-06-09  b.head  timbre-a-date",
        COUNTS,
        "out of the perimeter: 1 invoice",
    ]
    page = await officer.page("/audit?du=2026-06-01&au=2026-06-30")
    assert "Hors périmètre : 1" in page
    assert "Date annoncée non tenue : 1" in page
    async with transaction(pool) as connection:
        await (await a_head(connection)).undo(three[2], Undo("erreur"))
    assert "Classés sans réponse" not in await officer.page("/audit?du=2026-06-01&au=2026-06-30")
    sheet = await officer.get("/audit/a-expliquer.xlsx?du=2026-06-01&au=2026-06-30")
    assert sheet.headers["content-type"].startswith("application/vnd.openxmlformats")


async def test_asking_again_of_a_file_that_was_complete_must_be_explained(
    three: Sequence[ItemId], officer: Browser, pool: Pool
) -> None:
    ask = AskPieces(date(2026, 6, 30), ("passeport",), sent=True)
    permit = ConfirmRegime("titre-de-sejour", RegimeStart.COMPLETE_FILE)
    await decide(pool, three[0], permit, ask, TakePieces(), ask)
    await decide(pool, three[1], permit, ask, ask, TakePieces())
    office = ConfirmRegime("titre-de-sejour", RegimeStart.FIRST_OFFICE)
    await decide(pool, three[2], office, ask, TakePieces(), ask)
    june = ("--from", "2026-06-01", "--until", "2026-06-30", "--as", "q.officer")
    lines = (await said("review", *june)).splitlines()
    assert [line for line in lines if line.startswith("asked_again ")] == [
        "asked_again        36-2026-A-000001  2026-06-09  b.head  -"
    ]
    page = await officer.page("/audit?du=2026-06-01&au=2026-06-30")
    assert "Pièces redemandées, dossier complet : 1" in page


async def test_a_period_that_ends_before_it_begins_is_told_so(officer: Browser) -> None:
    answer = await officer.get("/audit?du=2026-06-30&au=2026-06-01")
    assert "La période finit avant de commencer" in answer.text
