"""A keyring opens what its keys wrote, says which key is missing, and never shows one."""

import hashlib
import json
from pathlib import Path

import pytest

from services.portal.settings import PortalSettings
from shared.content.blobs import Blobs, DamagedBlob, LocalBlobs
from shared.content.encryption import MAGIC, ReadingKey
from shared.content.keyring import IN_CLEAR, KeyMissing, Keyring
from shared.content.originals_settings import OriginalsSettings
from shared.facts.envelope import BlobKey
from shared.platform.settings import BadSetting, load
from tests.unit.shared.test_blobs import ARRIVAL, CONTENT, SHA256

OLD, NEW = ReadingKey.new("2026"), ReadingKey.new("2027")
RING = Keyring({"2026": OLD, "2027": NEW}, NEW.writing)


def key_of(blobs: Path) -> Path:
    return blobs / "2026" / str(ARRIVAL) / SHA256


def test_a_keyring_is_read_as_it_is_written() -> None:
    read = Keyring.parse(RING.text)
    assert read.current is not None
    assert (read.text, read.current.id) == (RING.text, NEW.writing.id)
    assert Keyring.parse('{"current": null, "keys": {}}').current is None


@pytest.mark.parametrize(
    "text",
    [
        "", "[]", "{}", '{"current": "2026", "keys": {}}', '{"current": null, "keys": {"2026": 1}}',
        '{"current": null, "keys": {"2026": "c2hvcnQ="}}', '{"current": [], "keys": {}}',
    ],
)  # fmt: skip
def test_what_is_no_keyring_stops_the_process_by_name_and_shows_nothing(
    text: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "keyring").write_text(text or "\n \n")
    monkeypatch.setenv("VAGUEMESTRE_KEYRING_FILE", str(tmp_path / "keyring"))
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", "postgresql://a@b/c")
    monkeypatch.setenv("VAGUEMESTRE_BLOBS", str(tmp_path))
    with pytest.raises(BadSetting, match="VAGUEMESTRE_KEYRING can't be read") as error:
        load(OriginalsSettings)
    assert "c2hvcnQ=" not in str(error.value)


def test_a_portal_with_a_key_that_is_none_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It would acknowledge what nobody can read."""
    monkeypatch.setenv("VAGUEMESTRE_ENCRYPTION_KEY_FILE", str(tmp_path / "key"))
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", "postgresql://a@b/c")
    monkeypatch.setenv("VAGUEMESTRE_SPOOL", str(tmp_path))
    (tmp_path / "key").write_text(f"{NEW.writing.text}\n")
    key = load(PortalSettings).writing_key
    assert key is not None
    assert key.id == NEW.writing.id
    for text in (NEW.writing.text[:-4], "2027", RING.text):
        (tmp_path / "key").write_text(text)
        with pytest.raises(BadSetting, match="VAGUEMESTRE_ENCRYPTION_KEY can't be read"):
            load(PortalSettings)


async def test_what_is_kept_is_encrypted_under_the_name_of_its_octets(tmp_path: Path) -> None:
    blobs: Blobs = LocalBlobs(tmp_path, RING)
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    assert key == f"2026/{ARRIVAL}/{SHA256}"
    assert await blobs.get(key) == CONTENT
    stored = key_of(tmp_path).read_bytes()
    assert stored.startswith(MAGIC)
    assert b"Monsieur" not in stored
    assert await blobs.put(2026, ARRIVAL, CONTENT) == key
    assert key_of(tmp_path).read_bytes() == stored, "it was there"


async def test_what_lies_in_clear_is_read_as_it_is(tmp_path: Path) -> None:
    key = await LocalBlobs(tmp_path).put(2026, ARRIVAL, CONTENT)
    assert await LocalBlobs(tmp_path, RING).get(key) == CONTENT
    assert await LocalBlobs(tmp_path, RING).put(2026, ARRIVAL, CONTENT) == key
    assert key_of(tmp_path).read_bytes() == CONTENT, "only `blobs encrypt` turns it"


@pytest.mark.parametrize("ring", [IN_CLEAR, Keyring({"2027": NEW}, NEW.writing),
                                  Keyring({"2026": ReadingKey.new("2026")})])  # fmt: skip
async def test_a_missing_or_wrong_key_is_named_and_the_file_stays(
    tmp_path: Path, ring: Keyring
) -> None:
    key = await LocalBlobs(tmp_path, Keyring({"2026": OLD}, OLD.writing)).put(
        2026, ARRIVAL, CONTENT
    )
    stored = key_of(tmp_path).read_bytes()
    with pytest.raises(KeyMissing, match=f"key {OLD.writing.id}, which is not in VAGUEMESTRE_KEY"):
        await LocalBlobs(tmp_path, ring).get(key)
    with pytest.raises(KeyMissing):
        await LocalBlobs(tmp_path, ring).put(2026, ARRIVAL, CONTENT)
    assert key_of(tmp_path).read_bytes() == stored


@pytest.mark.parametrize(
    ("at", "failure"),
    [(0, DamagedBlob), (8, DamagedBlob), (9, DamagedBlob), (12, KeyMissing), (14, DamagedBlob),
     (30, DamagedBlob), (110, DamagedBlob), (-1, DamagedBlob)],
)  # fmt: skip
async def test_an_altered_file_is_damaged_or_asks_for_a_key_that_nobody_has(
    tmp_path: Path, at: int, failure: type[Exception]
) -> None:
    blobs = LocalBlobs(tmp_path, RING)
    key = await blobs.put(2026, ARRIVAL, CONTENT)
    stored = bytearray(key_of(tmp_path).read_bytes())
    stored[at] ^= 1
    key_of(tmp_path).write_bytes(stored)
    with pytest.raises(failure):
        await blobs.get(key)


async def test_what_begins_as_an_encrypted_file_and_lies_in_clear_is_read(tmp_path: Path) -> None:
    """A stranger may send such octets, even ones that a key of ours opens."""
    for content in (MAGIC, MAGIC + b"\x01\x0d2026-aaaaaaaa" + bytes(99), OLD.writing.encrypt(b"x")):
        key = await LocalBlobs(tmp_path).put(2026, ARRIVAL, content)
        assert key == BlobKey(f"2026/{ARRIVAL}/{hashlib.sha256(content).hexdigest()}")
        assert await LocalBlobs(tmp_path).get(key) == content
        assert await LocalBlobs(tmp_path, RING).get(key) == content
        encrypted = LocalBlobs(tmp_path / "encrypted", RING)
        assert await encrypted.get(await encrypted.put(2026, ARRIVAL, content)) == content


def test_no_key_is_shown() -> None:
    assert OLD.text not in repr(RING)
    assert OLD.text in json.loads(RING.text)["keys"].values()
