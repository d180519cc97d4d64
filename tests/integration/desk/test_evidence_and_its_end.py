"""The past can be proven, a content can be withdrawn or destroyed, and both can be checked."""

import asyncio
import os
import subprocess
import sys
import zipfile
from collections.abc import Awaitable
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid5

import pytest
from click.testing import CliRunner, Result
from pydantic import SecretStr

from services.__main__ import main
from services.desk.domain.evidence import GENESIS, link
from services.desk.handlers.arrivals import hears_arrivals
from services.desk.retention.blob_deletion import tidy
from services.desk.search.index_job import index
from shared.content import plis
from shared.content.blobs import LocalBlobs
from shared.content.plis import Correspondent, Pli
from shared.facts.arrivals import Arrived, SetAside
from shared.facts.envelope import ArrivalId, At
from shared.platform.clock import open_clock
from shared.platform.database import Pool, transaction
from tests.desk_browser import Browser, pages
from tests.desk_builders import SPACE, an_arrival, certain, digest, rules
from tests.roles import one_transaction

pytestmark = pytest.mark.usefixtures("live_site", "environment")

TUESDAY = datetime(2026, 5, 12, 8, 0, tzinfo=UTC)
FIRST = "36-2026-A-000001"


async def on(postgres_url: str, moment: datetime) -> None:
    async with one_transaction(postgres_url) as owner:
        await owner.execute(
            "INSERT INTO site.story (moment) VALUES ($1)"
            " ON CONFLICT (single) DO UPDATE SET moment = excluded.moment",
            moment,
        )


async def desk_says(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, main, ("desk", *words))


async def done(*words: str, who: str | None = None) -> str:
    said = await desk_says(*words, *(("--as", who) if who else ()))
    assert said.exit_code == 0, f"{said.output} {said.exception!r}"
    return said.output


async def refused(*words: str, who: str | None = None) -> str:
    said = await desk_says(*words, *(("--as", who) if who else ()))
    assert said.exit_code == 1, said.output
    return said.output


async def signed(pool: Pool, tmp_path: Path, who: str, page: str, step: str, **fields: str) -> str:
    """The page after somebody's decision, signed in; or the page that refuses it."""
    clock = await open_clock(pool, SecretStr(os.environ["VAGUEMESTRE_DATABASE_URL"]))
    browser = await Browser(pages(pool, clock, tmp_path / "blobs")).sign_in(who)
    answer = await browser.send(page, f"{page}/{step}", fields)
    said = answer.text if answer.status_code != 303 else await browser.to(answer)
    await browser.client.aclose()
    return said


PROOF = f"/courrier/{FIRST}/preuve"
SLIP = "36-2029-E-0001"


@pytest.fixture
def blobs(tmp_path: Path) -> LocalBlobs:
    return LocalBlobs(tmp_path / "blobs")


async def arrives(pool: Pool, blobs: LocalBlobs, name: str, **kw: object) -> Arrived:
    """An email whose octets and pli lie in the blob store, as ingest puts them there."""
    arrival_id = uuid5(SPACE, name)
    nobody = Correspondent(name="Ana", address="ana@example.org")
    original = await blobs.put(2026, arrival_id, f"original {name}".encode())
    pli = await plis.write(
        blobs,
        2026,
        arrival_id,
        Pli(kind="mail", sender=nobody, answer_to=nobody, subject="Santé", text=f"texte {name}"),
    )
    arrival = an_arrival(name, original=original, pli=pli, **kw)
    async with transaction(pool) as connection:
        await hears_arrivals(rules)(connection, [arrival], arrival.recorded_at)
    return arrival


def folders(tmp_path: Path) -> set[str]:
    return {path.name for path in (tmp_path / "blobs" / "2026").iterdir()}


async def found_by_search(pool: Pool) -> list[str]:
    return [
        row["body"].strip()
        for row in await pool.fetch("SELECT body FROM desk.search ORDER BY body")
    ]


async def test_a_root_seals_the_chains_and_shows_a_past_that_was_rewritten_whole(
    pool: Pool, blobs: LocalBlobs, postgres_url: str, tmp_path: Path
) -> None:
    await arrives(pool, blobs, "a", routing=certain())
    await on(postgres_url, TUESDAY)
    sealed = await done("evidence", "seal")
    assert sealed.startswith("2026-05-11  ")
    assert sealed.endswith("  1 chains\n"), "the item's: the books are opened after it"
    root = sealed.split()[1]
    assert "Sealed already" in await done("evidence", "seal")

    await arrives(pool, blobs, "b", correspondent=digest("bob"))
    await on(postgres_url, datetime(2026, 5, 13, 8, 0, tzinfo=UTC))
    assert (await done("evidence", "seal")).endswith("  2 chains\n"), "only what grew"
    await done("evidence", "verify", "--root", "2026-05-11", "--expect", root)
    assert "3 chains, 2 roots: all holds." in await done("evidence", "verify", "--all")
    told = await pool.fetchval(
        "SELECT payload FROM desk.outbox WHERE payload LIKE '%EvidenceSealed%' ORDER BY id LIMIT 1"
    )
    assert root in told

    await done("evidence", "export", FIRST, "--to", str(tmp_path / "proof.zip"))
    with zipfile.ZipFile(tmp_path / "proof.zip") as archive:
        archive.extractall(tmp_path / "proof")
        assert "36-2026-A-000001" in archive.read("LISEZMOI.txt").decode()
        assert b"ana@example.org" not in b"".join(archive.read(name) for name in archive.namelist())
    verifier = [sys.executable, str(tmp_path / "proof" / "verifier.py")]
    honest = await asyncio.to_thread(subprocess.run, verifier, capture_output=True, text=True)
    assert (honest.returncode, honest.stdout) == (0, "Rien ne diffère.\n")
    facts = tmp_path / "proof" / "faits.jsonl"
    facts.write_text(facts.read_text().replace("email", "letter"))
    forged = await asyncio.to_thread(subprocess.run, verifier, capture_output=True, text=True)
    assert forged.returncode == 1
    async with one_transaction(postgres_url) as owner:
        await owner.execute("ALTER TABLE desk.facts DISABLE TRIGGER keep_facts")
        previous = GENESIS
        for row in await owner.fetch(
            "SELECT f.* FROM desk.facts f JOIN desk.items USING (item_id) WHERE chrono = $1"
            " ORDER BY f.seq",
            FIRST,
        ):
            payload = row["payload"].replace('"email"', '"letter"')
            previous = link(previous, payload, row["by"], row["recorded_at"])
            await owner.execute(
                "UPDATE desk.facts SET payload = $2, link = $3 WHERE event_id = $1",
                row["event_id"],
                payload,
                previous,
            )
    assert (await desk_says("verify")).exit_code == 0
    said = await refused("evidence", "verify", FIRST)
    assert "root 1: fact 1 is not the one that was sealed" in said
    assert f"{FIRST}: root 1" in await refused("evidence", "verify", "--all")
    said = await refused("evidence", "verify", "--root", "2026-05-11", "--expect", "0" * 64)
    assert "not the one that you have" in said


async def test_two_persons_withdraw_a_document_and_only_its_proof_remains(
    pool: Pool, blobs: LocalBlobs, postgres_url: str, tmp_path: Path
) -> None:
    first = await arrives(pool, blobs, "a", routing=certain())
    copy = await arrives(pool, blobs, "copy", fingerprint=first.fingerprint)
    other = await arrives(pool, blobs, "b", correspondent=digest("bob"))
    await on(postgres_url, TUESDAY)
    wanted = {"document": str(first.arrival_id), "motif": "erreur-de-destinataire"}
    said = await signed(pool, tmp_path, "q.officer", PROOF, "retrait", **wanted)
    assert "rien ne part avant qu’une autre personne confirme" in said
    confirm = {"action": "confirmer"}
    said = await signed(pool, tmp_path, "q.officer", PROOF, "retrait", **confirm)
    assert "Il faut deux personnes" in said
    assert folders(tmp_path) == {str(arrived.arrival_id) for arrived in (first, copy, other)}
    await index(pool, blobs)
    assert await found_by_search(pool) == ["texte a", "texte b"]

    said = await signed(pool, tmp_path, "b.head", PROOF, "retrait", **confirm)
    assert "contenu retiré ou détruit le" in said
    assert await tidy(pool, rules, blobs, TUESDAY) == 2, "the copy of the same octets goes with it"
    assert folders(tmp_path) == {str(other.arrival_id)}
    row = await pool.fetchrow(
        "SELECT pli, correspondent, told FROM desk.arrivals WHERE arrival_id = $1",
        first.arrival_id,
    )
    assert row is not None
    assert (row["pli"], row["correspondent"]) == (None, None)
    assert first.pli not in row["told"]
    assert await found_by_search(pool) == ["texte b"], "at once, whatever is read again"
    await index(pool, blobs)
    assert await found_by_search(pool) == ["", "texte b"]
    assert await pool.fetchval("SELECT count(*) FROM desk.search WHERE lacking IS NOT NULL") == 0
    assert "DocumentWithdrawn" in await done("show", "1")
    await done("evidence", "export", FIRST, "--to", str(tmp_path / "proof.zip"))
    with zipfile.ZipFile(tmp_path / "proof.zip") as archive:
        assert b"par q.officer et b.head" in archive.read("documents.csv")
    await blobs.put(2026, first.arrival_id, b"brought back by a backup")
    await done("erase", who="q.officer")
    assert folders(tmp_path) == {str(other.arrival_id)}
    assert "all holds" in await done("evidence", "verify", "1")
    assert "open" in await done("list"), "the item itself still waits for its answer"


async def test_nothing_is_destroyed_before_its_time_without_a_visa_or_under_a_hold(
    pool: Pool, blobs: LocalBlobs, postgres_url: str, tmp_path: Path
) -> None:
    kept = await arrives(pool, blobs, "a", routing=certain())
    gone = await arrives(pool, blobs, "b", correspondent=digest("bob"), routing=certain())
    await on(postgres_url, TUESDAY)
    for chrono in ("1", "2"):
        await done("close", chrono, "--reason", "sans-suite", who="b.head")
    await done("legal-hold", "place", "1", "--reason", "contentieux", who="q.officer")

    # 36 months after 12 May 2026: the last day of keeping is 12 May 2029.
    await on(postgres_url, datetime(2029, 5, 12, 8, 0, tzinfo=UTC))
    assert "0 items due" in await done("destroy", "--due")
    await on(postgres_url, datetime(2029, 5, 13, 8, 0, tzinfo=UTC))
    due = await done("destroy", "--due")
    assert "36-2026-A-000002" in due
    assert FIRST not in due

    def step(who: str, what: str, **fields: str) -> Awaitable[str]:
        page = f"/elimination/{SLIP}"
        return signed(pool, tmp_path, who, page, what, **fields)

    assert SLIP in await signed(pool, tmp_path, "s.general", "/elimination", "proposer")
    table = await pool.fetchval("SELECT content FROM desk.slips WHERE slip = $1", SLIP)
    assert "36-2026-A-000002;titre de sejour;2026-05-12;36;2029-05-12" in table.decode()
    assert "Rien n’est détruit avant le visa" in await step("q.officer", "executer")
    await step("s.general", "visa", visa="AD36-17", archiviste="Mme Roux", jour="2029-05-13")
    assert "Il faut deux personnes" in await step("s.general", "executer")
    assert "détruit" in await step("q.officer", "executer")
    assert await tidy(pool, rules, blobs, datetime(2029, 5, 13, 8, 0, tzinfo=UTC)) == 1
    assert folders(tmp_path) == {str(kept.arrival_id)}
    assert gone.original.rpartition("/")[2] in (
        await pool.fetchval("SELECT payload FROM desk.facts WHERE payload LIKE '%000002%' LIMIT 1")
    ), "the hash of what is gone stays"
    await done("destroy", "print", SLIP, "--to", str(tmp_path / "slip.pdf"))
    assert (tmp_path / "slip.pdf").read_bytes().startswith(b"%PDF-")
    given = "SELECT (what, about) FROM desk.journal WHERE page = 'vaguemestre desk destroy print'"
    assert await pool.fetchval(given) == ("download", SLIP)
    assert "déjà" in await step("q.officer", "executer")


async def test_what_was_set_aside_is_deleted_after_six_months_and_not_before(
    pool: Pool, blobs: LocalBlobs, tmp_path: Path
) -> None:
    when = datetime(2026, 5, 11, 8, 0, tzinfo=UTC)
    arrival = await arrives(
        pool, blobs, "a", verdict=SetAside(reason="newsletter"), at=when, receipt=At(instant=when)
    )
    assert await tidy(pool, rules, blobs, datetime(2026, 11, 11, 8, 0, tzinfo=UTC)) == 0
    assert folders(tmp_path) == {str(arrival.arrival_id)}
    await index(pool, blobs)
    assert await found_by_search(pool) == ["texte a"]
    assert await tidy(pool, rules, blobs, datetime(2026, 11, 12, 8, 0, tzinfo=UTC)) == 1
    assert folders(tmp_path) == set()
    await index(pool, blobs)
    assert await found_by_search(pool) == []
    assert "Nothing waits" in await done("waiting", "list", "--list", "set_aside")
    prefix = str(ArrivalId(arrival.arrival_id))[:13]
    assert "nothing is left" in await refused("waiting", "take", prefix, who="c.lerk")
    counted = await pool.fetchval("SELECT count(*) FROM desk.arrivals WHERE word = 'set_aside'")
    assert counted == 1, "it stays counted"


async def test_a_whole_content_goes_with_what_was_merged_into_it_and_is_closed(
    pool: Pool, blobs: LocalBlobs, postgres_url: str, tmp_path: Path
) -> None:
    first = await arrives(pool, blobs, "a", routing=certain())
    await arrives(pool, blobs, "b", correspondent=digest("bob"), routing=certain())
    await on(postgres_url, TUESDAY)
    await done("merge", "2", "--into", "1", who="c.lerk")
    whole = {"document": "tout", "motif": "donnees-sensibles"}
    await signed(pool, tmp_path, "b.head", PROOF, "retrait", **whole)
    await signed(pool, tmp_path, "s.general", PROOF, "retrait", action="confirmer")
    assert await tidy(pool, rules, blobs, TUESDAY) == 2
    assert folders(tmp_path) == set()
    await index(pool, blobs)
    assert await found_by_search(pool) in ([], [""]), "nothing that was written is found"
    said = await done("show", "1")
    assert "contenu-retire" in said, "its clocks stop: nothing is left to answer"
    assert "all holds" in await done("evidence", "verify", "2")
    again = await arrives(pool, blobs, "again", fingerprint=first.fingerprint)
    word = await pool.fetchval(
        "SELECT word FROM desk.arrivals WHERE arrival_id = $1", again.arrival_id
    )
    assert word in {"item", "message"}, "the same text sent again is seen by somebody"
