"""Lists that leave the register, read back as an office would."""

import asyncio
import csv
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from python_calamine import CalamineWorkbook

from services.__main__ import main
from services.desk.exports.evening import evening
from services.desk.settings import DeskSettings
from shared.content.blobs import LocalBlobs
from shared.errors import TemporaryFailure
from shared.platform.database import Pool, transaction
from tests.desk_browser import desk_settings
from tests.desk_builders import MONDAY, certain, rules
from tests.integration.desk.findings import a_mail, read, registered, wrote

pytestmark = pytest.mark.usefixtures("live_site", "environment")

TITLES = [
    "Numéro", "Reçu le", "Expéditeur", "Objet", "Service", "Suivi par", "Répondre avant la fin du",
    "Jours ouvrés restants", "État", "Catégorie", "Nature", "Arrivé par", "Priorité",
]  # fmt: skip
FORMULA = '=HYPERLINK("http://ailleurs.example","cliquez")'


@pytest.fixture
async def two(pool: Pool, tmp_path: Path) -> None:
    blobs = LocalBlobs(tmp_path / "blobs")
    await registered(
        pool,
        await a_mail(blobs, "a", wrote("Émilie\x0bDupont", FORMULA, "…"), routing=certain()),
        await a_mail(
            blobs, "b", wrote("-2+3", "Le loyer", "…"), at=MONDAY + timedelta(minutes=1),
            routing=certain("association", "dre"),
        ),
    )  # fmt: skip
    await read(pool, tmp_path / "blobs")
    await pool.execute("UPDATE desk.items SET due = '2026-05-06' WHERE chrono = '36-2026-A-000001'")


async def exported(path: Path, *words: str) -> str:
    said = await asyncio.to_thread(
        CliRunner().invoke, main, ("desk", "export", "--to", str(path), *words)
    )
    assert said.exit_code == 0, said.output + str(said.exception)
    return said.output


@pytest.mark.usefixtures("two")
@pytest.mark.parametrize("ending", [".xlsx", ".ods", ".csv"])
async def test_a_list_is_written_and_no_cell_is_obeyed(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"liste{ending}"
    assert await exported(path) == f"2 items written to {path}.\n"
    if ending == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file, delimiter=";"))
        assert rows[1][2] == "'-2+3"
        assert rows[2][2:4] == ["Émilie Dupont", f"'{FORMULA}"]
        assert rows[2][1] == "11/05/2026"
    else:
        rows = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()  # type: ignore[assignment]  # one name for both
        assert rows[2][1:4] == [date(2026, 5, 11), "Émilie Dupont", FORMULA]
        assert rows[1][2] == "-2+3"
    assert rows[0] == TITLES
    assert [row[0] for row in rows[1:]] == ["36-2026-A-000002", "36-2026-A-000001"]


@pytest.mark.usefixtures("two")
async def test_an_export_asks_what_the_search_asks(tmp_path: Path) -> None:
    path = tmp_path / "liste.csv"
    assert "1 items" in await exported(path, "--service", "dre")
    assert "1 items" in await exported(path, "loyer")
    assert "0 items" in await exported(path, "loyer", "--as", "b.head")
    said = await asyncio.to_thread(
        CliRunner().invoke, main, ("desk", "export", "--to", "liste.pdf")
    )
    assert said.exit_code == 1
    assert ".pdf is no kind of file" in said.output


def settings(tmp_path: Path) -> DeskSettings:
    return desk_settings(tmp_path, evening_folder=tmp_path / "soir", evening_days=7)


@pytest.mark.usefixtures("two")
async def test_each_evening_an_office_is_given_what_it_needs_to_go_on_by_hand(
    pool: Pool, tmp_path: Path
) -> None:
    folder = tmp_path / "soir"
    afternoon = datetime(2026, 5, 11, 15, 59, tzinfo=UTC)
    assert not await evening(pool, rules, afternoon, folder, settings(tmp_path))
    at_six = afternoon + timedelta(minutes=1)  # 18:00 in Paris
    assert await evening(pool, rules, at_six, folder, settings(tmp_path))
    assert not await evening(pool, rules, at_six, folder, settings(tmp_path))
    assert sorted(path.name for path in folder.iterdir()) == [
        "registre-2026-05-11.csv", "registre-2026-05-11.xlsx",
    ]  # fmt: skip
    book = CalamineWorkbook.from_path(folder / "registre-2026-05-11.xlsx")
    notice = "\n".join(str(row[0]) for row in book.get_sheet_by_index(0).to_python())
    assert "2 courriers attendent une réponse" in notice
    assert "Prochain numéro d’arrivée, à écrire à la main : 36-2026-A-000003." in notice
    assert "Prochain numéro de départ : 36-2026-D-000001." in notice
    first, second = book.get_sheet_by_name("Courriers").to_python()[1:]
    # Due on Wednesday the 6th, and the 8th is a holiday: 7 and 11 are the two days late.
    assert first[:9] == [
        "36-2026-A-000001", date(2026, 5, 11), "Émilie Dupont", FORMULA, "Bureau bmi",
        "responsable du service", date(2026, 5, 6), -2.0, "à traiter",
    ]  # fmt: skip
    assert second[0] == "36-2026-A-000002"

    later = at_six + timedelta(days=8)
    assert await evening(pool, rules, later, folder, settings(tmp_path))
    assert sorted(path.name for path in folder.iterdir()) == [
        "registre-2026-05-19.csv", "registre-2026-05-19.xlsx",
    ]  # fmt: skip


@pytest.mark.usefixtures("two")
async def test_what_is_reserved_leaves_without_its_sender(pool: Pool, tmp_path: Path) -> None:
    async with transaction(pool) as connection:
        await connection.execute("UPDATE desk.items SET confidentiality = 'reserve'")
    folder = tmp_path / "soir"
    assert await evening(
        pool, rules, datetime(2026, 5, 11, 20, tzinfo=UTC), folder, settings(tmp_path)
    )
    text = (folder / "registre-2026-05-11.csv").read_text("utf-8-sig")
    assert "36-2026-A-000001" in text
    assert "(réservé);(réservé)" in text
    assert "Dupont" not in text


async def test_a_folder_that_is_away_is_said_and_tried_again(pool: Pool, tmp_path: Path) -> None:
    folder = tmp_path / "soir"
    folder.write_text("a file stands where the folder should")
    with pytest.raises(TemporaryFailure, match="can't be written"):
        await evening(
            pool, rules, datetime(2026, 5, 11, 20, tzinfo=UTC), folder, settings(tmp_path)
        )
