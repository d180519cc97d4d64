"""The search of the register, on what people really type."""

import asyncio
from datetime import timedelta
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.desk.decider import Decider
from services.desk.domain.decisions import Reclassify
from services.desk.search import index_job
from services.desk.search.store import search as finds
from services.desk.store import item_numbers
from services.desk.store.search_types import Filter, SearchReader
from services.desk.store.visibility import ALL
from shared.content.blobs import LocalBlobs
from shared.facts.arrivals import SetAside
from shared.facts.envelope import Chrono
from shared.facts.vocabulary import Confidentiality
from shared.platform.database import Pool, transaction
from shared.site.staff import people_store
from tests.desk_builders import MONDAY, an_applied_site, certain, digest, proposed
from tests.integration.desk.findings import a_mail, read, registered, scanned, wrote

pytestmark = pytest.mark.usefixtures("live_site", "environment")

ANA, LOYER, SCAN = "36-2026-A-000001", "36-2026-A-000002", "36-2026-A-000003"


async def found(*words: str) -> list[str]:
    """The chronos that the command finds, in its order."""
    said = await asyncio.to_thread(CliRunner().invoke, main, ("desk", "search", *words, "--json"))
    assert said.exit_code == 0, said.output + str(said.exception)
    return [item["chrono"] for item in orjson.loads(said.output)["items"]]


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


@pytest.fixture
async def three(pool: Pool, blobs: LocalBlobs, tmp_path: Path) -> None:
    await registered(
        pool,
        await a_mail(
            blobs, "a",
            wrote("Émilie Dupont", "Renouvellement de ma carte", "Préfecture, ma demande\u00a0?"),
            routing=certain(),
        ),
        await a_mail(
            blobs, "b", wrote("Mairie de Déols", "Expulsion", "Le loyer est impayé depuis mars."),
            at=MONDAY + timedelta(minutes=1), routing=certain("association", "dre"),
        ),
        await a_mail(
            blobs, "c", scanned("Monsieur le préfet,", "les inondations de Châteauroux"),
            at=MONDAY + timedelta(minutes=2), routing=proposed("titre-de-sejour"),
        ),
    )  # fmt: skip
    await read(pool, tmp_path / "blobs")


@pytest.mark.usefixtures("three")
async def test_what_people_type_finds_their_item() -> None:
    for typed, meant in {
        "1": ANA,
        "a-2": LOYER,
        "36 2026 A 3": SCAN,
        "n° 2026/1": ANA,
        "dupont": ANA,
        "emilie DUPONT": ANA,
        "demandes prefecture": ANA,
        "inondation chateauroux": SCAN,
        "loyers impayés": LOYER,
        '"carte" renouvellement': ANA,
        "dupnot": ANA,
        "Emilie Dupond": ANA,
        "renouvelement": ANA,
        "deolss expulsion": LOYER,
    }.items():
        assert await found(typed) == [meant], typed
    for typed in ("martin", "dupont loyer", "dupont -carte", "9"):
        assert await found(typed) == [], typed


@pytest.mark.usefixtures("three")
async def test_filters_narrow_and_no_word_shows_all_that_pass() -> None:
    assert await found() == [SCAN, LOYER, ANA]
    assert await found("--service", "dre") == [LOYER]
    assert await found("--state", "to_qualify") == [SCAN]
    assert await found("loyer", "--service", "bmi") == []
    assert await found("--category", "titre-de-sejour", "--until", "2026-05-11") == [SCAN, ANA]
    assert await found("--from", "2026-05-12") == []
    said = await asyncio.to_thread(
        CliRunner().invoke, main, ("desk", "search", "--service", "bureau")
    )
    assert said.exit_code == 1
    assert "There is no service 'bureau'" in said.output


async def reclassified(pool: Pool, chrono: str, what: Reclassify) -> None:
    async with transaction(pool) as connection:
        directory = await people_store.people_at(connection, MONDAY)
        item_id = await item_numbers.by_chrono(connection, Chrono(chrono))
        person = directory.person("c.head")
        assert item_id is not None
        assert person is not None
        by = Decider(connection, person, item_id, MONDAY, an_applied_site(), directory)
        await by.about(item_id, what)


@pytest.mark.usefixtures("three")
async def test_a_reserved_item_is_found_by_those_who_may_read_it_alone(pool: Pool) -> None:
    await reclassified(pool, ANA, Reclassify(confidentiality=Confidentiality.RESERVE))
    for who, by_word, by_number in (
        ("b.head", [ANA], [ANA]),
        ("d.rector", [ANA], [ANA]),
        ("s.general", [ANA], [ANA]),
        ("c.lerk", [], [ANA]),
        ("q.officer", [], []),
        ("a.gent", [], []),
        ("r.head", [], []),
    ):
        assert await found("dupont", "--as", who) == by_word, who
        assert await found("dupnot", "--as", who) == by_word, who
        assert await found("1", "--as", who) == by_number, who
    assert await found("dupont") == []
    said = await asyncio.to_thread(
        CliRunner().invoke, main, ("desk", "search", "1", "--as", "c.lerk", "--json")
    )
    (item,) = orjson.loads(said.output)["items"]
    assert (item["sealed"], item["sender"], item["subject"]) == (True, "", "")


@pytest.mark.usefixtures("three")
async def test_an_agent_finds_what_is_their_service_s(pool: Pool) -> None:
    del pool
    assert await found("--as", "a.gent") == [SCAN, ANA]
    assert await found("loyer", "--as", "a.gent") == []
    assert await found("2", "--as", "a.gent") == []


async def test_what_waits_without_item_is_found_too(
    pool: Pool, blobs: LocalBlobs, tmp_path: Path
) -> None:
    spam = await a_mail(
        blobs, "spam", wrote("Boutique", "Promotion", "trotinettes"),
        verdict=SetAside(reason="spam"),
    )  # fmt: skip
    await registered(pool, spam)
    await read(pool, tmp_path / "blobs")
    said = await asyncio.to_thread(
        CliRunner().invoke, main, ("desk", "search", "trotinettes", "--json")
    )
    (one,) = orjson.loads(said.output)["elsewhere"]
    assert (one["kind"], one["subject"], one["id"]) == (
        "set_aside", "Promotion", str(spam.arrival_id),
    )  # fmt: skip


@pytest.mark.usefixtures("three")
async def test_content_that_is_destroyed_leaves_the_search_at_once(pool: Pool) -> None:
    async with transaction(pool) as connection:
        await connection.execute("UPDATE desk.items SET state = 'destroyed' WHERE chrono = $1", ANA)
    assert await pool.fetchval("SELECT count(*) FROM desk.search") == 2
    assert await pool.fetchval("SELECT count(*) FROM desk.vocabulary WHERE word = 'dupont'") == 0
    assert await found("dupont") == []


async def test_nothing_is_lost_when_blobs_are_missing_and_reindexing_finds_it_again(
    pool: Pool, blobs: LocalBlobs, tmp_path: Path
) -> None:
    there = await a_mail(blobs, "a", wrote("Ana", "Carte", "grise"))
    later = await a_mail(LocalBlobs(tmp_path / "other"), "b", wrote("Bob", "Permis", "perdu"))
    await registered(pool, there, later)
    async with transaction(pool) as connection:
        assert (await finds.by_filter(connection, SearchReader(ALL), Filter(), MONDAY.date())).hits
    await read(pool, tmp_path / "blobs")
    assert len(await found("grise")) == 1
    assert await found("permis") == []
    assert await pool.fetchval("SELECT count(*) FROM desk.search WHERE lacking IS NOT NULL") == 1
    (tmp_path / "other" / "2026" / str(later.arrival_id)).rename(
        tmp_path / "blobs" / "2026" / str(later.arrival_id)
    )
    said = await asyncio.to_thread(
        CliRunner().invoke, main, ("desk", "search", "reindex", "--lacking")
    )
    assert said.output == "1 to read.\nDone; 0 of them have content that can't be read.\n"
    assert len(await found("permis")) == 1


async def test_hostile_content_is_indexed_and_hinders_no_other(
    pool: Pool, blobs: LocalBlobs, tmp_path: Path
) -> None:
    words = " ".join(f"{n:x}" for n in range(70_000))
    cyrillic = " ".join(f"ж{n:x}" for n in range(60_000))
    await registered(
        pool,
        await a_mail(blobs, "long", wrote("Ana", "Carte", f"début {words}")),
        await a_mail(blobs, "wide", wrote("Bob", "Carte", f"début {cyrillic} \x00\ue000")),
        await a_mail(blobs, "plain", wrote("Chloé", "Carte", "début")),
    )
    await read(pool, tmp_path / "blobs")
    assert len(await found("début carte")) == 3
    assert await pool.fetchval("SELECT count(*) FROM desk.to_index") == 0


@pytest.mark.usefixtures("three")
async def test_what_can_not_be_indexed_is_named_apart(
    pool: Pool, blobs: LocalBlobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index_job, "LONGEST", 4_000_000)
    far = " ".join(f"mot{n:07d}" for n in range(120_000))
    await registered(
        pool,
        await a_mail(blobs, "too long", wrote("Ana", "Passeport", far)),
        await a_mail(blobs, "plain", wrote("Chloé", "Passeport", "court")),
    )
    await read(pool, tmp_path / "blobs")
    assert len(await found("passeport")) == 1
    assert await pool.fetchval("SELECT lacking FROM desk.search WHERE lacking IS NOT NULL") == (
        "unindexable"
    )


@pytest.mark.usefixtures("three")
async def test_a_later_message_is_found_by_its_words(
    pool: Pool, blobs: LocalBlobs, tmp_path: Path
) -> None:
    chaser = await a_mail(
        blobs, "d", wrote("Émilie Dupont", "Re", "toujours sans nouvelles du passeport"),
        fingerprint=digest("d"), correspondent=digest("a"),
        threads=[{"kind": "references", "messages": [digest("message a")]}],
        at=MONDAY + timedelta(hours=1),
    )  # fmt: skip
    await registered(pool, chaser)
    await read(pool, tmp_path / "blobs")
    assert await found("passeport") == [ANA]
