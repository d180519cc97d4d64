"""The register that was kept before, taken over line by line."""

import asyncio
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from click.testing import CliRunner

from services.__main__ import main
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.migration import importer
from services.desk.migration.spreadsheet import column_map, grid
from services.desk.search.index_job import index
from shared.content.blobs import LocalBlobs
from shared.content.site_keys import SiteKeys
from shared.content.tokens import pseudonym
from shared.facts.envelope import PersonId
from shared.facts.items import ITEMS
from shared.facts.items.registration import ItemRegistered
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_builders import MONDAY, a_reply_seen, an_applied_site, rules
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("environment")

TITLES = (
    "N°", "Reçu le", "Expéditeur", "Objet", "Service", "Suivi par", "Date de réponse",
    "Observations", "Mode",
)  # fmt: skip
LINES: Sequence[Sequence[object]] = (
    ("120", date(2026, 4, 20), "Ana Lopez", "Titre de séjour", "BMI", "a.gent", None, "urgent", ""),
    ("A-121", "21/04/2026", "Mairie de Déols", "Subvention", "Bureau dre", "", None, "", "LRAR"),
    ("BC/7", 46100.0, "Bob", "Permis", "Bureau des étrangers", "", None, "", "mél"),
    ("119", date(2026, 4, 2), "Chloé", "Carte grise", "DRE", "", date(2026, 4, 9), "", ""),
    (None, None, "Personne", "sans date", "BMI", "", None, "", ""),
    ("122", date(2026, 4, 22), "Denis", "?", "Bureau inconnu", "", None, "", ""),
    ("120", date(2026, 4, 23), "Ève", "même numéro", "BMI", "", None, "", ""),
    ("123", date(2026, 5, 4), "Fanny", "depuis la mise en service", "BMI", "", None, "", ""),
    ("900", date(2026, 4, 24), "Guy", "numéro à venir", "BMI", "", None, "", ""),
)


@pytest.fixture(autouse=True)
async def monday(postgres_url: str, live_site: None) -> None:
    del live_site
    async with one_transaction(postgres_url) as owner:
        await owner.execute("INSERT INTO site.story (moment) VALUES ($1)", MONDAY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "registre.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write(0, 0, "Registre 2026")
        for row, cells in enumerate((TITLES, *LINES), 2):
            for column, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(row, column, cell, day)
                elif cell is not None:
                    sheet.write(row, column, cell)
    path.with_name("registre.xlsx.mapping.yaml").write_text(
        column_map.write_map(column_map.guess(TITLES)).replace(
            "values: {}", "values: {service: {Bureau des étrangers: bmi}}"
        )
    )
    return path


async def imported(file: Path, *words: str) -> str:
    said = await asyncio.to_thread(
        CliRunner().invoke, main, ("desk", "import", str(file), "--as", "c.head", *words)
    )
    assert said.exit_code == 0, said.output + str(said.exception)
    return said.output


async def test_a_dry_run_says_line_by_line_what_would_happen_and_takes_nothing(
    pool: Pool, file: Path
) -> None:
    said = await imported(file, "--next-chrono", "500")
    for sentence in (
        "N°                               number",
        "Line 8 refused: It has no day of receipt.",
        "Line 9 refused: Service 'Bureau inconnu' is none of ours: say in the mapping which.",
        "Line 10 refused: It has the number of line 4, or says the same.",
        "Line 11 refused: It was received since go-live: register it, its clocks run.",
        "Line 12 refused: Number 900 is still to be given: say the next one of the register.",
        "3 open items, 1 past lines, 0 taken before, 5 refused. Next number of this year: 500.",
        "Nothing was taken: add --apply.",
    ):
        assert sentence in said, said
    assert await pool.fetchval("SELECT count(*) FROM desk.items") == 0
    assert await pool.fetchval("SELECT count(*) FROM desk.counters") == 0


async def test_what_is_taken_is_timed_from_its_day_found_and_never_taken_twice(
    pool: Pool, file: Path, tmp_path: Path
) -> None:
    assert "Taken: 3 open items, 1 past lines." in await imported(
        file, "--next-chrono", "500", "--apply"
    )
    rows = await pool.fetch("SELECT chrono, service, agent, channel, received_on FROM desk.items")
    assert {row["chrono"]: tuple(row)[1:] for row in rows} == {
        "36-2026-A-000120": ("bmi", "a.gent", "letter", date(2026, 4, 20)),
        "36-2026-A-000121": ("dre", None, "registered_letter", date(2026, 4, 21)),
        "36-2026-A-000500": ("bmi", None, "email", date(2026, 3, 19)),
    }
    payloads = await pool.fetch("SELECT payload FROM desk.facts")
    facts = [ITEMS.validate_json(row["payload"]) for row in payloads]
    assert all(isinstance(fact, ItemRegistered) and fact.imported for fact in facts)
    assert all("Lopez" not in row["payload"] for row in payloads)

    again = await imported(file, "--next-chrono", "501", "--apply")
    assert "0 open items, 0 past lines, 4 taken before, 5 refused." in again
    assert await pool.fetchval("SELECT count(*) FROM desk.facts") == 3

    while await index(pool, LocalBlobs(tmp_path / "blobs")):
        pass
    for typed, meant in (("lopez", "36-2026-A-000120"), ("BC/7", "36-2026-A-000500")):
        said = await asyncio.to_thread(CliRunner().invoke, main, ("desk", "search", typed))
        assert meant in said.output, said.output
    said = await asyncio.to_thread(CliRunner().invoke, main, ("desk", "search", "carte", "grise"))
    assert "past: 119, Chloé — Carte grise" in said.output


async def test_an_import_that_was_killed_is_started_again_and_leaves_no_double(
    pool: Pool, tmp_path: Path
) -> None:
    lines = "\r\n".join(f"{n};20/04/2026;Nom {n};Objet {n};BMI" for n in range(1, 251))
    content = f"N°;Reçu le;Expéditeur;Objet;Service\r\n{lines}\r\n".encode("cp1252")
    table = grid.read("registre.csv", content)
    applied = an_applied_site()
    blobs = LocalBlobs(tmp_path / "blobs")
    by = importer.ImportAuthor(PersonId("c.head"), MONDAY, applied, None)

    async def planned() -> importer.ImportPlan:
        async with transaction(pool) as connection:
            directory = await people_store.people_at(connection, MONDAY)
            mapped = column_map.guess(table.titles)
            return await importer.plan(
                connection, table, mapped, (applied, directory), MONDAY, 1000
            )

    class Killed(LocalBlobs):
        """Dies with the machine at the second hundred."""

        async def put_many(self, blobs):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202  (typed by what it stands in for)
            if await pool.fetchval("SELECT count(*) FROM desk.items"):
                raise KeyboardInterrupt
            return await super().put_many(blobs)

    first = await planned()
    assert len(first.open) == 250
    with pytest.raises(KeyboardInterrupt):
        await importer.take(pool, Killed(tmp_path / "blobs"), first, by)
    second = await planned()
    assert (len(second.open), second.known) == (150, 100)
    # Whoever starts it twice at once has planned before the other took.
    for plan in (second, first):
        await importer.take(pool, blobs, plan, by)
    assert await pool.fetchval("SELECT count(DISTINCT chrono) FROM desk.items") == 250
    assert await pool.fetchval("SELECT count(*) FROM desk.facts") == 250


async def test_whoever_wrote_what_is_taken_over_is_known_again(
    pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As by an arrival: a reply to them that is seen in Sent finds the item taken over."""
    monkeypatch.setenv("VAGUEMESTRE_SECRET", "hush")
    path = tmp_path / "registre.csv"
    path.write_text(
        "N°;Reçu le;Expéditeur;Courriel;Service\n"
        "1;20/04/2026;Ana Lopez;Ana.Lopez@example.org;BMI\n"
        "2;20/04/2026;Deux;b@example.org, c@example.org;BMI\n"
        "3;20/04/2026;Aucune;;BMI\n"
    )
    assert "Taken: 3 open items" in await imported(path, "--next-chrono", "500", "--apply")
    ana = pseudonym(SiteKeys(b"hush"), "address", "ana.lopez@example.org")
    rows = await pool.fetch("SELECT correspondent FROM desk.items ORDER BY chrono")
    assert [row["correspondent"] for row in rows] == [ana, None, None]
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [a_reply_seen(to=(ana,))], MONDAY)
    answered = "SELECT i.chrono FROM desk.replies r JOIN desk.items i USING (item_id)"
    assert await pool.fetchval(answered) == "36-2026-A-000001"
