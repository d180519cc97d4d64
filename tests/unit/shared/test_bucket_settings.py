"""What is said of a bucket is whole and safe, or the process does not begin."""

import subprocess
import sys
from pathlib import Path

import pytest

from shared.content.blobs import LocalBlobs
from shared.content.originals_settings import OriginalsSettings
from shared.errors import PermanentFailure
from shared.platform.observability.health import Health
from shared.platform.settings import BadSetting, load

SECRET = "un secret de la préfecture"


@pytest.fixture(autouse=True)
def _variables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("VAGUEMESTRE_DATABASE_URL", "postgresql://nobody@127.0.0.1/none")
    monkeypatch.setenv("VAGUEMESTRE_BLOBS", str(tmp_path))
    monkeypatch.setenv("VAGUEMESTRE_FREE_FLOOR", "0")


def given(monkeypatch: pytest.MonkeyPatch, **variables: str) -> OriginalsSettings:
    for name, value in variables.items():
        monkeypatch.setenv(f"VAGUEMESTRE_{name}", value)
    return load(OriginalsSettings)


IMPORTED = """
import sys
import services.ingest.app, services.desk.app, services.notify.app, services.ops.blobs.command
print([name for name in sys.modules if "obstore" in name or "content.bucket" in name])
"""
WHOLE = {
    "BUCKET": "originaux", "BUCKET_ENDPOINT": "https://s3.prefecture.example", "BUCKET_KEY": "cle",
    "BUCKET_SECRET": SECRET,
}  # fmt: skip


def test_without_a_bucket_originals_lie_in_the_folder_and_nothing_of_one_is_imported() -> None:
    assert isinstance(load(OriginalsSettings).originals, LocalBlobs)
    told = subprocess.run(  # noqa: S603  (this Python)
        [sys.executable, "-c", IMPORTED], capture_output=True, check=True, text=True
    )
    assert told.stdout == "[]\n"


@pytest.mark.parametrize("lacking", ["BUCKET_ENDPOINT", "BUCKET_KEY", "BUCKET_SECRET"])
def test_what_a_bucket_lacks_is_named(monkeypatch: pytest.MonkeyPatch, lacking: str) -> None:
    settings = given(monkeypatch, **{name: word for name, word in WHOLE.items() if name != lacking})
    with pytest.raises(PermanentFailure, match=f"set VAGUEMESTRE_{lacking} too"):
        _ = settings.originals


def test_originals_cross_no_network_in_clear_unless_it_is_said_aloud(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clear = {**WHOLE, "BUCKET_ENDPOINT": "http://s3.prefecture.example"}
    with pytest.raises(PermanentFailure, match="is not https"):
        _ = given(monkeypatch, **clear).originals
    assert given(monkeypatch, **clear, BUCKET_OPEN="yes").bucket_blobs is not None


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BUCKET", "Originaux_36"),
        ("BUCKET_ENDPOINT", "https://cle:secret@s3.prefecture.example"),
        ("BUCKET_ENDPOINT", "s3.prefecture.example"),
        ("BUCKET_PREFIX", "indre"),
    ],
)
def test_what_can_be_no_bucket_is_refused_by_name(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    with pytest.raises(BadSetting, match=f"VAGUEMESTRE_{name} can't be read") as refused:
        given(monkeypatch, **{**WHOLE, name: value})
    assert value not in str(refused.value)


def test_the_authorities_of_its_certificate_must_be_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = given(monkeypatch, **WHOLE, BUCKET_CA=str(tmp_path / "absent.pem"))
    with pytest.raises(PermanentFailure, match="BUCKET_CA"):
        _ = settings.originals


async def test_a_bucket_that_is_away_is_said_by_health_without_its_secret(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = given(
        monkeypatch, **{**WHOLE, "BUCKET_ENDPOINT": "http://127.0.0.1:1"}, BUCKET_OPEN="yes"
    )
    assert settings.written_folders == {}
    assert settings.lacks_room() is None
    health = Health("ingest")
    health.add(settings.room_checks())
    status, body = await health.answer()
    assert status == 503
    assert b"The bucket originaux at http://127.0.0.1:1: it can't be reached" in body
    assert SECRET not in repr(settings)
    assert SECRET not in repr(settings.bucket_blobs)
