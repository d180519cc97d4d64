"""`desk keep` counts the originals that lie in clear, and /health and the metric say how many."""

import math
from pathlib import Path
from uuid import UUID

from prometheus_client import CollectorRegistry

from services.desk.at_rest import EncryptionWatch
from services.ops.blobs import turnover
from services.ops.status.questions import at_rest
from shared.content.blobs import LocalBlobs
from shared.content.encryption import ReadingKey
from shared.content.keyring import Keyring
from shared.platform.observability.health import Health
from tests.desk_browser import desk_settings

KEY = ReadingKey.new("2026")
RING = Keyring({"2026": KEY}, KEY.writing)


async def said(watch: EncryptionWatch) -> str:
    health = Health("desk keep")
    health.add({"encryption": watch.check})
    return at_rest((await health.answer())[1])


async def test_how_many_lie_in_clear_is_said_until_none_does(tmp_path: Path) -> None:
    await LocalBlobs(tmp_path).put(2026, UUID(int=1), b"Monsieur,")
    await LocalBlobs(tmp_path, RING).put(2026, UUID(int=2), b"Madame,")
    registry = CollectorRegistry()
    watch = EncryptionWatch(desk_settings(tmp_path, keyring=RING.text), registry)
    assert await said(watch) == ""
    counted = registry.get_sample_value("vaguemestre_desk_originals_in_clear")
    assert counted is not None
    assert math.isnan(counted)
    await watch.look()
    expected = f"encrypted at rest: key {KEY.writing.id}, 1 files still in clear"
    assert await said(watch) == expected
    assert registry.get_sample_value("vaguemestre_desk_originals_in_clear") == 1
    turnover.encrypt(tmp_path, RING, lambda _: None)
    await watch.look()
    assert await said(watch) == expected.replace("1 files", "0 files")
    assert registry.get_sample_value("vaguemestre_desk_originals_in_clear") == 0


async def test_what_a_killed_write_left_in_clear_counts(tmp_path: Path) -> None:
    folder = tmp_path / "2026" / str(UUID(int=1))
    folder.mkdir(parents=True)
    (folder / f".{'a' * 32}.part").write_bytes(b"Monsieur,")
    registry = CollectorRegistry()
    await EncryptionWatch(desk_settings(tmp_path, keyring=RING.text), registry).look()
    assert registry.get_sample_value("vaguemestre_desk_originals_in_clear") == 1


async def test_without_a_keyring_nothing_is_counted_or_said(tmp_path: Path) -> None:
    await LocalBlobs(tmp_path).put(2026, UUID(int=1), b"Monsieur,")
    registry = CollectorRegistry()
    watch = EncryptionWatch(desk_settings(tmp_path), registry)
    await watch.look()
    assert await said(watch) == ""
    counted = registry.get_sample_value("vaguemestre_desk_originals_in_clear")
    assert counted is not None
    assert math.isnan(counted)
