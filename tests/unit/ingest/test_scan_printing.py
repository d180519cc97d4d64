"""The commands that print write a PDF or one sentence that says what to do."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from tests.code_keys import SECRET

INDRE = str(Path(__file__).parents[3] / "deploy/site/indre")


@pytest.fixture(autouse=True)
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAGUEMESTRE_SECRET", SECRET)


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("separators", ()),
        ("separators", ("--service", "bmi")),
        ("separators", ("--day", "2026-05-11", "--day", "2026-05-12")),
        ("labels", ("--from", "1", "--count", "3")),
    ],
)
def test_a_pdf_is_written(command: str, words: tuple[str, ...], tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    done = CliRunner().invoke(main, ["ingest", command, "--site", INDRE, "--out", str(out), *words])
    assert done.exit_code == 0, done.output
    assert out.read_bytes().startswith(b"%PDF-")
    assert [path.name for path in tmp_path.iterdir()] == ["out.pdf"]


def test_an_unknown_service_is_named_with_those_there_are(tmp_path: Path) -> None:
    out = tmp_path / "out.pdf"
    words = ["--site", INDRE, "--out", str(out), "--service", "bmii"]
    done = CliRunner().invoke(main, ["ingest", "separators", *words])
    assert done.exit_code == 1
    assert "no service bmii" in done.output
    assert "bmi" in done.output
    assert not out.exists()


def test_labels_are_refused_in_one_sentence(tmp_path: Path) -> None:
    words = ["--site", INDRE, "--out", str(tmp_path / "out.pdf"), "--from", "0", "--count", "5"]
    done = CliRunner().invoke(main, ["ingest", "labels", *words])
    assert done.exit_code == 1
    assert "numbered from 1" in done.output


def test_nothing_is_printed_without_the_secret_that_signs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("VAGUEMESTRE_SECRET")
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    done = CliRunner().invoke(
        main, ["ingest", "separators", "--site", INDRE, "--out", str(tmp_path / "out.pdf")]
    )
    assert done.exit_code == 1
    assert "VAGUEMESTRE_SECRET is not set" in done.output
    assert not (tmp_path / "out.pdf").exists()
