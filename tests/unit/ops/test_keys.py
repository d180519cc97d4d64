"""A key is first one that all read with, then one that writes, and destroyed only when asked."""

import json
import shutil
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import pytest
from click.testing import CliRunner

from services.__main__ import main
from services.ops.drill import deposits
from services.ops.keyring import READERS
from shared.content import spool, survey_spool
from shared.content.blobs import LocalBlobs
from shared.content.encryption import ReadingKey, WritingKey
from shared.content.keyring import KeyDestroyed, KeyMissing, Keyring
from shared.content.spool import FormDeposit
from shared.content.survey_spool import SurveySheet
from shared.facts.vocabulary import SurveyChannel
from shared.platform import disk_space

OWNER = UUID(int=7)
FORM = FormDeposit(id=UUID(int=8), at=datetime(2026, 5, 11, 8, tzinfo=UTC), text="Bonjour")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    one = tmp_path / "secrets"
    for name in (*READERS, "portal", "sla"):
        (one / name).mkdir(parents=True)
        (one / name / "DATABASE_URL").write_text("postgresql://a@b/c\n")
        (one / name / "DATABASE_URL").chmod(0o400)
    return one


def a_sheet() -> SurveySheet:
    return SurveySheet(
        sheet_id=UUID(int=9), campaign=1, channel=SurveyChannel.PAPER, place="accueil",
        week="2026-W20", answers=(3,),
    )  # fmt: skip


def keys(folder: Path, *words: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["keys", *words, "--folder", str(folder)])
    return result.exit_code, result.output


def ring(folder: Path, process: str = "ingest") -> Keyring:
    return Keyring.parse((folder / process / "KEYRING").read_text())


def test_a_new_key_reads_everywhere_before_it_writes(folder: Path) -> None:
    code, said = keys(folder, "add", "2026")
    assert code == 0, said
    assert "ingest, keep, serve, notify, owner, drill, rehearse" in said
    assert {ring(folder, name).text for name in READERS} == {ring(folder).text}
    assert ring(folder).current is None
    assert (folder.parent / "keyring").read_text().strip() == ring(folder).text
    for path in (folder / "keep" / "KEYRING", folder.parent / "keyring"):
        assert path.stat().st_mode & 0o777 == 0o400
    assert not (folder / "portal" / "ENCRYPTION_KEY").exists()

    assert keys(folder, "use", "2026")[0] == 0
    public = WritingKey.parse((folder / "portal" / "ENCRYPTION_KEY").read_text())
    current = ring(folder, "serve").current
    assert current is not None
    assert current.id == public.id
    secret = json.loads(ring(folder).text)["keys"]["2026"]
    for path in [*(folder / "portal").iterdir(), *(folder / "sla").iterdir()]:
        assert secret not in path.read_text(), "who opens no file has no secret half"

    assert keys(folder, "add", "2027")[0] == 0
    assert keys(folder, "list")[1].splitlines() == [
        f"{public.id}  writes", ring(folder).keys["2027"].writing.id,
    ]  # fmt: skip
    assert keys(folder, "use", "--none")[0] == 0
    assert ring(folder).current is None
    assert not (folder / "portal" / "ENCRYPTION_KEY").exists()


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("add", "2026"), "There is a key 2026 already"),
        (("add", "Année"), "a key's name is 1 to 32 small letters and digits"),
        (("use", "2031"), "There is no key 2031: it has 2026"),
        (("use",), "Say the name of a key, or --none"),
        (("destroy", "2031", "--blobs", ".", "--spool", "."), "There is no key 2031"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(
    folder: Path, words: tuple[str, ...], why: str
) -> None:
    keys(folder, "add", "2026")
    before = ring(folder).text
    code, said = keys(folder, *words)
    assert (code, why in said) == (1, True), said
    assert ring(folder).text == before


def test_processes_with_different_keyrings_are_named(folder: Path) -> None:
    keys(folder, "add", "2026")
    (folder / "keep" / "KEYRING").chmod(0o600)
    (folder / "keep" / "KEYRING").write_text('{"current": null, "keys": {}}')
    code, said = keys(folder, "add", "2027")
    assert (code, "have different keyrings" in said) == (1, True), said


async def test_a_destroyed_key_takes_its_files_along_and_says_how_many(
    folder: Path, tmp_path: Path
) -> None:
    blobs = tmp_path / "blobs"
    blobs.mkdir()
    keys(folder, "add", "2026")
    keys(folder, "use", "2026")
    old = ring(folder).current
    key = await LocalBlobs(blobs, ring(folder)).put(2026, OWNER, b"Monsieur,")
    (tmp_path / "spool").mkdir()
    words = ("destroy", "2026", "--blobs", str(blobs), "--spool", str(tmp_path / "spool"), "--yes")
    assert "Key 2026 writes" in keys(folder, *words)[1]
    keys(folder, "add", "2027")
    keys(folder, "use", "2027")
    other = await LocalBlobs(blobs, ring(folder)).put(2026, OWNER, b"Madame,")
    declined = keys(folder, *words[:-1])
    assert declined[0] == 1
    assert "1 originals need key 2026-" in declined[1]
    assert await LocalBlobs(blobs, ring(folder)).get(key) == b"Monsieur,"
    code, said = keys(folder, *words)
    assert (code, "and 1 originals with it" in said) == (0, True), said
    assert await LocalBlobs(blobs, ring(folder)).get(other) == b"Madame,"
    with pytest.raises(KeyDestroyed):  # a permanent failure: nothing waits for it
        await LocalBlobs(blobs, ring(folder)).get(key)
    spool.deposit(tmp_path / "spool", FORM, (), old)
    (deposit,) = spool.waiting_folders(tmp_path / "spool")
    with pytest.raises(KeyDestroyed, match=r"was encrypted with key 2026-.*, now destroyed"):
        spool.read(deposit, ring(folder))
    sheet = a_sheet()
    survey_spool.put(tmp_path / "spool", sheet, old)
    assert survey_spool.read(tmp_path / "spool", 9, ring(folder)) == []
    assert (tmp_path / "spool" / ".survey" / f"{sheet.sheet_id}.bad").exists(), "nothing waits"
    found = deposits.waiting_deposits(tmp_path / "spool", "indre", ring(folder))
    assert list(found.unreadable) == [deposit.name]
    assert "now destroyed" in found.unreadable[deposit.name]
    assert len(found) == 1
    assert await LocalBlobs(blobs, ring(folder)).put(2026, OWNER, b"Monsieur,") == key
    assert await LocalBlobs(blobs, ring(folder)).get(key) == b"Monsieur,", "it came in again"


@pytest.mark.parametrize("place", ["", ".refused", ".survey"])
def test_a_key_that_a_deposit_needs_is_not_destroyed(
    folder: Path, tmp_path: Path, place: str
) -> None:
    """Its sender has a number for it."""
    waits = tmp_path / "spool"
    keys(folder, "add", "2026")
    keys(folder, "use", "2026")
    if place == ".survey":
        survey_spool.put(waits, a_sheet(), ring(folder).current)
    else:
        spool.deposit(waits / place, FORM, (), ring(folder).current)
    keys(folder, "add", "2027")
    keys(folder, "use", "2027")
    words = ("destroy", "2026", "--blobs", str(tmp_path), "--spool", str(waits), "--yes")
    code, said = keys(folder, *words)
    assert (code, "1 files of deposits need key 2026-" in said) == (1, True), said
    assert "2026" in ring(folder).keys
    shutil.rmtree(waits / (place or spool.waiting_folders(waits)[0].name))
    assert keys(folder, *words)[0] == 0


def test_a_key_is_not_destroyed_while_the_portal_may_write_with_it(
    folder: Path, tmp_path: Path
) -> None:
    keys(folder, "add", "2026")
    keys(folder, "use", "2026")
    public = folder / "portal" / "ENCRYPTION_KEY"
    former = public.read_text()
    keys(folder, "add", "2027")
    keys(folder, "use", "2027")
    public.chmod(0o600)
    public.write_text(former)
    words = ("destroy", "2026", "--blobs", str(tmp_path), "--spool", str(tmp_path), "--yes")
    code, said = keys(folder, *words)
    assert (code, "is not the key that writes now" in said) == (1, True), said
    assert "2026" in ring(folder).keys
    keys(folder, "use", "2027")
    assert keys(folder, *words)[0] == 0


def test_a_copy_whose_keys_no_process_has_is_not_written_over(folder: Path) -> None:
    """The folder of secrets was made anew: the copy is all that is left."""
    keys(folder, "add", "2026")
    for path in folder.glob("*/KEYRING"):
        path.unlink()
    copy = folder.parent / "keyring"
    before = copy.read_text()
    code, said = keys(folder, "add", "2027")
    assert (code, f"{copy} has keys that no process has (2026-" in said) == (1, True), said
    assert copy.read_text() == before
    assert list(folder.glob("*/KEYRING")) == []
    for name in READERS:
        (folder / name / "KEYRING").write_text(before)
    assert keys(folder, "add", "2027")[0] == 0
    assert list(ring(folder).keys) == ["2026", "2027"]


def test_a_keyring_is_not_put_where_others_may_read_it(folder: Path) -> None:
    (folder / "ingest" / "DATABASE_URL").chmod(0o644)
    code, said = keys(folder, "add", "2026")
    assert (code, "Others than its owner may read" in said) == (1, True), said
    assert [*folder.rglob("*KEYRING*"), *folder.parent.glob("*keyring*")] == []


def test_a_renamed_keyring_is_on_the_disk_before_the_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[Path] = []
    monkeypatch.setattr(disk_space, "sync", synced.append)
    keys(folder, "add", "2026")
    assert synced == [folder.parent, *(folder / name for name in READERS)]


def test_a_portal_elsewhere_is_not_said_to_encrypt(folder: Path) -> None:
    shutil.rmtree(folder / "portal")
    keys(folder, "add", "2026")
    code, said = keys(folder, "use", "2026")
    current = ring(folder).current
    assert current is not None
    assert code == 0
    first, *carry = said.splitlines()
    assert first.endswith("from the next start of " + ", ".join(READERS) + ".")
    assert carry == [
        "No portal is here. Where it stands, give it VAGUEMESTRE_ENCRYPTION_KEY:", current.text,
    ]  # fmt: skip


def test_a_sheet_whose_key_is_missing_keeps_no_other_waiting(tmp_path: Path) -> None:
    survey_spool.put(tmp_path, a_sheet(), ReadingKey.new("2026").writing)
    with pytest.raises(KeyMissing):
        survey_spool.read(tmp_path, 1)
    clear = a_sheet().model_copy(update={"sheet_id": UUID(int=10)})
    survey_spool.put(tmp_path, clear)
    assert survey_spool.read(tmp_path, 1) == [clear]


def test_files_are_named_as_a_container_mounts_them(folder: Path) -> None:
    for path in folder.glob("*/DATABASE_URL"):
        path.rename(path.with_name("VAGUEMESTRE_DATABASE_URL"))
    for words in (("add", "2026"), ("use", "2026"), ("add", "2027")):
        assert keys(folder, *words)[0] == 0
    found = Keyring.parse((folder / "ingest" / "VAGUEMESTRE_KEYRING").read_text())
    assert list(found.keys) == ["2026", "2027"]
    public = (folder / "portal" / "VAGUEMESTRE_ENCRYPTION_KEY").read_text()
    assert WritingKey.parse(public).id == found.keys["2026"].writing.id
    assert list(folder.glob("*/KEYRING")) == []
