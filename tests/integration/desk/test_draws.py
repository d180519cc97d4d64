"""An auditor's draw: from a list that was frozen, by a word that came after, chosen by nobody."""

import asyncio
import hashlib
import subprocess
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.desk.domain.decisions import Reclassify
from services.desk.evidence import quality_check
from shared.facts.envelope import ItemId
from shared.facts.quality import QUALITY, DrawMade
from shared.facts.vocabulary import Confidentiality
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser
from tests.integration.desk.audited import (
    MAY,
    WHY,
    contents,
    decide,
    rows,
    said,
    the_officer,
    three_of_may,
    unpacked,
)
from tests.integration.desk.clocked import items

pytestmark = pytest.mark.usefixtures("live_site", "environment")


@pytest.fixture
async def three(pool: Pool, postgres_url: str) -> Sequence[ItemId]:
    return await three_of_may(pool, postgres_url)


@pytest.fixture
async def officer(pool: Pool, postgres_url: str, tmp_path: Path) -> AsyncIterator[Browser]:
    async with the_officer(pool, postgres_url, tmp_path) as browser:
        yield browser


async def frozen(tmp_path: Path) -> int:
    """The list of May, frozen by command; its number."""
    told = await said("freeze", *MAY, *WHY, "--csv", str(tmp_path / "liste.csv"))
    digest = hashlib.sha256((tmp_path / "liste.csv").read_bytes()).hexdigest()
    number = int(told.split(":")[0].removeprefix("List "))
    assert told == f"List {number}: {told.split()[2]} items, sha256 {digest}\n"
    return number


async def drawn(number: int, out: Path, *words: str, who: str = "q.officer") -> str:
    as_, to = ("--as", who), ("--to", str(out))
    return await said("draw", str(number), *as_, *WHY, "--seed", "7 juin", *words, *to)


async def again(folder: Path) -> tuple[int, str]:
    done = await asyncio.to_thread(
        subprocess.run,  # type: ignore[arg-type]  # typed by hand
        [sys.executable, folder / "retirer.py"],
        capture_output=True,
        check=False,
        encoding="utf-8",
        env={"PYTHONIOENCODING": "utf-8"},
    )
    return done.returncode, done.stdout


async def test_a_draw_is_of_what_is_finished_and_can_be_done_again_without_us(
    three: Sequence[ItemId], pool: Pool, tmp_path: Path
) -> None:
    await items(pool, "d", "e")
    await decide(pool, (await items(pool, "f"))[0], Reclassify(perimeter=False, reason="invoice"))
    number = await frozen(tmp_path)
    told = await drawn(number, tmp_path / "tirage.zip", "--total", "2")
    given = (
        "SELECT (what, about, person) FROM desk.journal WHERE page = 'vaguemestre desk audit draw'"
    )
    assert await pool.fetchval(given) == ("download", str(number), "q.officer")
    assert "2 of 3 items drawn" in told
    folder = unpacked(tmp_path / "tirage.zip")
    assert [
        (row["numero"], row["strate"], row["resultat"]) for row in rows(folder, "liste.csv")
    ] == [
        ("36-2026-A-000001", "bmi/courriel", "tenu"),
        ("36-2026-A-000002", "bmi/courriel", "en-retard"),
        ("36-2026-A-000003", "non-termine", "limite-passee"),
        ("36-2026-A-000004", "sans-engagement", ""),
        ("36-2026-A-000005", "sans-engagement", ""),
        ("36-2026-A-000006", "hors-perimetre", "hors-perimetre"),
    ]
    # sha256sum of the seed and the number: 1 1730c44c… is before 2 c94870eb….
    assert [(row["numero"], row["jours_ouvres"]) for row in rows(folder, "tirage.csv")] == [
        ("36-2026-A-000001", "4"),
        ("36-2026-A-000006", ""),
    ]
    assert [tuple(row.values()) for row in rows(folder, "strates.csv")] == [
        ("bmi/courriel", "2", "1"), ("hors-perimetre", "1", "1"), ("non-termine", "1", "0"),
        ("sans-engagement", "2", "0"),
    ]  # fmt: skip
    proofs = sorted(path.name for path in (folder / "preuves").iterdir())
    assert proofs == ["36-2026-A-000001.zip", "36-2026-A-000006.zip"]
    assert await again(folder) == (0, "Tirés : 2. Tout tient.\n")
    text = (folder / "tirage.json").read_text(encoding="utf-8")
    (folder / "tirage.json").write_text(text.replace("7 juin", "8 juin"), encoding="utf-8")
    assert (await again(folder))[0] == 1
    (folder / "tirage.json").write_text(text, encoding="utf-8")
    (folder / "liste.csv").write_bytes((folder / "liste.csv").read_bytes() + b"\n")
    assert "ce n’est pas la liste" in (await again(folder))[1]
    assert three


@pytest.mark.usefixtures("three")
async def test_a_draw_is_kept_and_stays_the_same_when_the_register_moves(
    pool: Pool, tmp_path: Path, officer: Browser
) -> None:
    number = await frozen(tmp_path)
    await drawn(number, tmp_path / "one.zip", "--total", "10")
    await pool.execute("UPDATE desk.items SET perimeter = false, service = 'dre'")
    await drawn(number, tmp_path / "two.zip", "--total", "10")
    names = {"liste.csv", "tirage.csv", "strates.csv"}
    first, second = ((tmp_path / name).read_bytes() for name in ("one.zip", "two.zip"))
    assert contents(first, names) == contents(second, names)
    rows = await pool.fetch("SELECT type, payload FROM desk.quality_facts ORDER BY seq")
    assert [row["type"] for row in rows] == ["ListFrozen", "DrawMade", "DrawMade"]
    told = QUALITY.validate_json(rows[1]["payload"])
    assert isinstance(told, DrawMade)
    assert (told.seed, told.mode, told.count, told.by) == (
        "7 juin",
        "total",
        10,
        "person:q.officer",
    )
    assert [(share.stratum, share.n, share.drawn) for share in told.shares] == [
        ("bmi/courriel", 2, 2)
    ]
    async with transaction(pool) as connection:
        assert await quality_check.differences(connection, "indre") == []
    listed = await said("list")
    assert [line.split()[:2] for line in listed.splitlines()] == [
        ["draw", "3"], ["draw", "2"], ["list", "1"],
    ]  # fmt: skip
    page = await officer.page("/audit/tirages/2")
    assert "La liste et la graine le redonnent" in page
    assert "tenu" in page


@pytest.mark.usefixtures("three")
async def test_the_page_freezes_then_draws_what_the_command_draws(
    officer: Browser, tmp_path: Path
) -> None:
    here, period = "/audit?du=2026-05-01&au=2026-05-31", {"du": "2026-05-01", "au": "2026-05-31"}
    answer = await officer.send(here, "/audit/arreter", {"quoi": "frame", **period})
    listed = await officer.to(answer)
    assert "Liste arrêtée" in listed
    assert "Liste à tirer n° 1" in listed
    answer = await officer.send(
        "/audit/listes/1",
        "/audit/listes/1/tirer",
        {"graine": "7 juin", "nombre": "1", "mode": "total"},
    )
    page = await officer.to(answer)
    assert "Tirage n° 2" in page
    assert "36-2026-A-000001" in page
    assert "36-2026-A-000002" not in page
    await drawn(1, tmp_path / "tirage.zip", "--total", "1")
    from_page = await officer.get("/audit/tirages/2.zip")
    names = {"liste.csv", "tirage.csv", "strates.csv"}
    assert contents(from_page.content, names) == contents(
        (tmp_path / "tirage.zip").read_bytes(), names
    )
    table = await officer.get("/audit/listes/1.csv")
    assert table.content == (contents(from_page.content, {"liste.csv"}))["liste.csv"]
    again_ = await officer.page(here)
    assert "Tirage n° 3" in again_
    for wrong in ("/audit/listes/2", "/audit/tirages/1", f"/audit/tirages/{10**30}"):
        assert (await officer.get(wrong)).status_code == 404, wrong
    refused = await officer.send(
        "/audit/listes/1", "/audit/listes/1/tirer", {"graine": "7", "nombre": "0", "mode": "total"}
    )
    assert "Demandez de 1 à 300 courriers" in refused.text


@pytest.mark.usefixtures("three")
async def test_what_must_be_explained_is_frozen_too(officer: Browser, pool: Pool) -> None:
    period = {"du": "2026-06-01", "au": "2026-06-30"}
    await pool.execute("UPDATE desk.items SET perimeter = false WHERE chrono LIKE '%000002'")
    answer = await officer.send("/audit", "/audit/arreter", {"quoi": "review", **period})
    page = await officer.to(answer)
    assert "Liste à expliquer n° 1" in page
    assert "Tirer" not in page
    table = (await officer.get("/audit/listes/1.csv")).content
    assert table.decode().startswith("motif,numero,service,jour,par,raison")
    digest = await pool.fetchval(
        "SELECT payload::jsonb ->> 'sha256' FROM desk.quality_facts WHERE type = 'ListFrozen'"
    )
    assert hashlib.sha256(table).hexdigest() == digest
    refused = await officer.send("/audit/listes/1", "/audit/listes/1/tirer", {})
    assert refused.status_code in {404, 422}


async def test_a_reserved_item_is_drawn_by_its_number_and_masked_whoever_draws(
    three: Sequence[ItemId], officer: Browser, pool: Pool, tmp_path: Path
) -> None:
    await decide(pool, three[0], Reclassify(confidentiality=Confidentiality.RESERVE))
    number = await frozen(tmp_path)
    for who in ("q.officer", "s.general"):
        out = tmp_path / f"{who}.zip"
        told = await drawn(number, out, "--each", "2", who=who)
        assert "2 of 2 items drawn" in told
        assert "1 by their number alone" in told
        folder = unpacked(out)
        [masked] = [row for row in rows(folder, "liste.csv") if row["strate"] == "reserve"]
        assert masked == {
            "numero": "36-2026-A-000001", "strate": "reserve", "service": "", "canal": "",
            "recu_le": "", "resultat": "", "limite": "", "jours_ouvres": "",
            "courrier": str(three[0]),
        }  # fmt: skip
        proofs = sorted(path.name for path in (folder / "preuves").iterdir())
        assert proofs == ["36-2026-A-000002.zip"]
        text = (folder / "LISEZMOI.txt").read_text(encoding="utf-8")
        assert "Réservés que l’on pouvait tirer : 1, dont 1 tirés" in text
        assert await again(folder) == (0, "Tirés : 2. Tout tient.\n")
    page = await officer.page("/audit/tirages/2")
    assert "1 réservé tiré par son seul numéro" in page


@pytest.mark.usefixtures("three")
@pytest.mark.parametrize("who", ["b.head", "a.gent"])
async def test_lists_and_draws_are_for_who_answers_for_the_proof_also_by_command(
    tmp_path: Path, who: str
) -> None:
    number, out = await frozen(tmp_path), tmp_path / "t.zip"
    for words in (
        ("freeze", *MAY[:-1], who),
        ("draw", str(number), "--as", who, "--seed", "7", "--total", "1", "--to", str(out)),
    ):
        outcome = await asyncio.to_thread(CliRunner().invoke, main, ("desk", "audit", *words, *WHY))
        assert outcome.exit_code == 1
        assert "A draw is made by who answers for the proof" in outcome.output
    assert not out.exists()


@pytest.mark.usefixtures("three")
async def test_tamper_a_list_or_a_draw_that_was_changed_is_named(
    postgres_url: str, tmp_path: Path
) -> None:
    number = await frozen(tmp_path)
    await drawn(number, tmp_path / "tirage.zip", "--total", "1")

    async def named(*statements: str) -> Sequence[str]:
        """What verification says after these, which are then taken back."""
        connection = await asyncpg.connect(postgres_url)
        try:
            transaction_ = connection.transaction()
            await transaction_.start()
            for table in ("quality_facts", "frozen_lists"):
                await connection.execute(f"ALTER TABLE desk.{table} DISABLE TRIGGER USER")
            for statement in statements:
                await connection.execute(statement)
            return await quality_check.differences(connection, "indre")
        finally:
            await transaction_.rollback()
            await connection.close()

    assert await named() == []
    assert await named(
        "UPDATE desk.frozen_lists SET content = replace(content, '000002', '000009')"
    ) == [f"list {number}: not the list that was frozen"]
    found = await named("UPDATE desk.frozen_lists SET content = replace(content, '000001', '0001')")
    assert found[0] == f"list {number}: not the list that was frozen"
    assert await named("DELETE FROM desk.frozen_lists") == [
        f"list {number}: frozen by the chain, and in no table"
    ]
    assert await named("INSERT INTO desk.frozen_lists VALUES (gen_random_uuid(), 'x')") == [
        "quality: 1 lists stand in the tables, and no fact says so"
    ]
    found = await named(
        "UPDATE desk.quality_facts SET payload = replace(payload,"
        " (SELECT item_id::text FROM desk.items WHERE chrono LIKE '%000001'),"
        " (SELECT item_id::text FROM desk.items WHERE chrono LIKE '%000002'))"
        " WHERE type = 'DrawMade'"
    )
    assert found == [
        "quality: fact 2 is not what was kept",
        "draw 2: its list and its seed draw others",
    ]
    assert "quality: fact 1 is missing" in await named(
        "DELETE FROM desk.quality_facts WHERE seq = 1"
    )
