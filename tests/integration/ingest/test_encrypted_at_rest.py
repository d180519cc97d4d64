"""With a keyring nothing that comes in lies in clear; without its key all waits."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import SecretStr

from services.ingest import mailbox_backoff
from services.ingest.arrival_writer import CandidateArrival
from services.ingest.capture_metadata import of_scan
from services.ingest.domain.document import Illegible, ScannedDocument
from services.ingest.domain.judge_scan import identity_of_scan
from services.ingest.safe_judges import judged_scan
from shared.content import plis, spool
from shared.content.blobs import LocalBlobs
from shared.content.encryption import MAGIC, ReadingKey
from shared.content.keyring import IN_CLEAR, KeyMissing, Keyring
from shared.content.spool import FormDeposit, UploadDeposit
from shared.errors import TemporaryFailure
from shared.facts.envelope import BlobKey, Digest, PersonId
from shared.facts.ids import arrival_id
from shared.facts.vocabulary import Channel
from shared.platform.database import Pool, open_pool
from shared.site.tables.mailboxes import ScanFolder
from tests.ingest_builders import a_mail, indre_rules
from tests.integration.ingest.bench import Bench, numbered
from tests.integration.ingest.door import NOW, Door

KEY = ReadingKey.new("2026")
RING = Keyring({"2026": KEY}, KEY.writing)
PAPER = b"%PDF-1.4 lettre de Monsieur Aubry"
SCAN = b"%PDF-1.4 page de Madame Vallet"
FORM = FormDeposit(
    id=uuid4(), at=NOW, name="Camille Rousselet", email="camille@example.org",
    text="Mon titre de séjour expire.",
    files=(spool.spool_file("passeport.pdf", "application/pdf", PAPER),),
)  # fmt: skip


@pytest.fixture
async def pool(postgres_url: str) -> AsyncIterator[Pool]:
    one = await open_pool(SecretStr(postgres_url), "tests", size=2)
    yield one
    await one.close()


def stored(folder: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def in_clear(folder: Path) -> list[Path]:
    """Files in which something of what came in can be read, or which are no encrypted ones."""
    words = ("Aubry", "Vallet", "Rousselet", "camille@", "séjour", "Subject:", "%PDF", '"text"')
    return [
        path
        for path, octets in stored(folder).items()
        if not octets.startswith(MAGIC) or any(word.encode() in octets for word in words)
    ]


async def scanned(door: Door) -> None:
    document = ScannedDocument(
        source="scans:courrier", file=Digest("a" * 64), first_page=1, last_page=1, octets=SCAN,
        media_type="application/pdf", name="lot.pdf", first_seen=NOW, reading=Illegible("timeout"),
    )  # fmt: skip
    folder = ScanFolder(id="courrier", folder="courrier", service="courrier")
    judged = judged_scan(document, folder, indre_rules())
    name = arrival_id("indre", document.source, identity_of_scan(document))
    shown = CandidateArrival(
        name, document.source, SCAN, NOW, (judged,), shown_as=of_scan(document)
    )
    await door.keeper.keep([shown], NOW)


async def test_a_mail_a_scan_a_paper_and_a_form_leave_nothing_in_clear(
    pool: Pool, tmp_path: Path
) -> None:
    door = Door(pool, tmp_path, keyring=RING)
    await door.receive(a_mail())
    await scanned(door)
    paper = UploadDeposit(
        id=uuid4(), at=NOW, by=PersonId("m.durand"), channel=Channel.HAND_DELIVERED,
        files=(spool.spool_file("lettre.pdf", "application/pdf", PAPER),),
    )  # fmt: skip
    for what in (FORM, paper):
        spool.deposit(tmp_path / "spool", what, [PAPER], RING.current)
    assert len(stored(tmp_path / "spool")) == 4
    assert in_clear(tmp_path) == []
    await door.intake.take_all()
    assert spool.waiting_folders(tmp_path / "spool") == []
    facts = await door.told()
    assert len(facts) == 4
    assert len(stored(tmp_path / "blobs")) >= 8
    assert in_clear(tmp_path) == []
    for fact in facts:
        key = BlobKey(str(fact["original"]))
        assert await door.blobs.get(key)
        with pytest.raises(KeyMissing):
            await LocalBlobs(tmp_path / "blobs").get(key)
    named = [BlobKey(str(fact["pli"])) for fact in facts if fact["pli"]]
    texts = [(await plis.read(door.blobs, key)).text for key in named]
    assert any("Mon titre de séjour expire." in text for text in texts)


async def test_a_deposit_whose_key_is_missing_waits_and_hinders_no_other(
    pool: Pool, tmp_path: Path
) -> None:
    spool.deposit(tmp_path / "spool", FORM, [PAPER], KEY.writing)
    clear = FormDeposit(id=uuid4(), at=NOW, text="Bonjour")
    spool.deposit(tmp_path / "spool", clear)
    without = Door(pool, tmp_path, keyring=IN_CLEAR)
    with pytest.raises(TemporaryFailure, match=f"is encrypted with key {KEY.writing.id}"):
        await without.intake.take_all()
    assert len(await without.told()) == 1
    assert len(spool.waiting_folders(tmp_path / "spool")) == 1
    whole = Door(pool, tmp_path, keyring=RING)
    await whole.intake.take_all()
    assert len(await whole.told()) == 2
    assert spool.waiting_folders(tmp_path / "spool") == []


async def test_a_mail_whose_file_is_under_a_missing_key_stays_in_its_mailbox(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file was written, its row was not: killed between, and started without the keyring."""
    bench.keyring = RING
    bench.folder.deliver(numbered(1))
    await bench.until(lambda: bench.arrived(1))
    await bench.pool.execute("TRUNCATE ingest.arrivals, ingest.outbox, ingest.checkpoints CASCADE")
    bench.folder.marked.clear()
    bench.folder.deliver(numbered(2))
    before, bench.keyring, said = stored(bench.blobs), IN_CLEAR, list[type[Exception]]()

    def pause(error: Exception, _: int) -> float:
        said.append(type(error))
        return 0.0

    async def twice() -> bool:
        return len(said) > 1

    monkeypatch.setattr(mailbox_backoff, "pause", pause)
    await bench.until(twice)
    assert set(said) == {KeyMissing}
    assert bench.folder.marked == set()
    assert await bench.arrived(0)
    left = stored(bench.blobs)
    assert {path: left[path] for path in before} == before, "nothing is written over it"
    bench.keyring = RING
    await bench.until(lambda: bench.arrived(2))
