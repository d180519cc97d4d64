"""Settings come from the environment, else from the running stack; a missing one is a sentence."""

import json
from pathlib import Path
from typing import ClassVar

import pytest

from shared.platform.settings import BadSetting, Settings, load

URL = "postgresql://vaguemestre_desk:hidden@127.0.0.1:5432/vaguemestre"


class DeskLike(Settings):
    """A service that also needs the blob folder."""

    role: ClassVar[str] = "desk"
    blobs: Path


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No variable of ours, and an empty data folder."""
    for name in ("DATABASE_URL", "KAFKA", "PREFIX", "BLOBS", "HTTP_PORT"):
        monkeypatch.delenv(f"VAGUEMESTRE_{name}", raising=False)
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    return tmp_path


def write_run(folder: Path) -> None:
    run = {"database_urls": {"desk": URL}, "kafka": "127.0.0.1:9092", "blobs": str(folder)}
    (folder / "run.json").write_text(json.dumps(run))


def test_a_missing_variable_is_named_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:9092")
    monkeypatch.setenv("VAGUEMESTRE_BLOBS", "/srv/blobs")
    with pytest.raises(BadSetting) as refused:
        load(DeskLike)
    assert str(refused.value) == (
        "VAGUEMESTRE_DATABASE_URL is not set: set it, or start the embedded stack with "
        "`vaguemestre up` and run this command from the same folder."
    )


def test_several_that_are_missing_are_one_sentence() -> None:
    with pytest.raises(BadSetting) as refused:
        load(DeskLike)
    assert str(refused.value) == (
        "VAGUEMESTRE_DATABASE_URL, VAGUEMESTRE_KAFKA, VAGUEMESTRE_BLOBS are not set: set them, or "
        "start the embedded stack with `vaguemestre up` and run this command from the same folder."
    )


def test_a_command_beside_the_running_stack_needs_no_variable(bare: Path) -> None:
    write_run(bare)
    settings = load(DeskLike)
    assert settings.database_url.get_secret_value() == URL
    assert (settings.kafka, settings.blobs) == ("127.0.0.1:9092", bare)
    assert "hidden" not in repr(settings)


def test_the_environment_wins_over_the_running_stack(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(bare)
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "kafka.interieur:9092")
    assert load(DeskLike).kafka == "kafka.interieur:9092"


def test_an_unreadable_variable_is_named_and_its_value_not_shown(
    bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_run(bare)
    monkeypatch.setenv("VAGUEMESTRE_HTTP_PORT", "secret-by-mistake")
    with pytest.raises(BadSetting, match=r"VAGUEMESTRE_HTTP_PORT can't be read") as refused:
        load(DeskLike)
    assert "secret-by-mistake" not in str(refused.value)


def test_a_damaged_run_file_is_a_sentence(bare: Path) -> None:
    (bare / "run.json").write_text("{half")
    with pytest.raises(BadSetting, match=r"run.json can't be read"):
        load(DeskLike)
