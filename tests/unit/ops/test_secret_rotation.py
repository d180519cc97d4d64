"""The site's secret is replaced in every folder at once, and what it signed is not forgotten."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from shared.paper.code_keys import FormerSecret
from shared.paper.code_settings import CodeSettings
from shared.platform.settings import load

HOLDERS = ("ingest", "keep", "notify", "serve")
TODAY = date(2026, 6, 15)


class FixedClock:
    """A clock that stands still, so that no midnight falls between a command and what it wrote."""

    def now(self) -> datetime:
        return datetime(2026, 6, 15, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr("services.ops.secret_rotation.SystemClock", FixedClock)
    one = tmp_path / "secrets"
    for name in (*HOLDERS, "sla"):
        (one / name).mkdir(parents=True)
        (one / name / "DATABASE_URL").write_text("postgresql://a@b/c\n")
    for name in HOLDERS:
        (one / name / "SECRET").write_text("the first\n")
        (one / name / "SECRET").chmod(0o400)
    (tmp_path / "site-secret").write_text("the first\n")
    return one


def rotate(folder: Path, *more: str) -> tuple[int, str]:
    result = CliRunner().invoke(main, ["secret", "rotate", "--folder", str(folder), *more])
    return result.exit_code, result.output


def files(holder: Path) -> Mapping[str, str]:
    return {path.name: path.read_text().strip() for path in holder.iterdir()}


def settings(holder: Path, monkeypatch: pytest.MonkeyPatch) -> CodeSettings:
    """As a process reads them: systemd gives its credentials the names of variables."""
    credentials = holder.parent.parent / f"credentials-{holder.name}"
    credentials.mkdir(exist_ok=True)
    for name, text in files(holder).items():
        (credentials / f"VAGUEMESTRE_{name}").write_text(text)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))
    monkeypatch.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:1")
    return load(CodeSettings)


def test_every_process_has_the_new_secret_and_knows_the_former(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, said = rotate(folder, "--until", "2099-01-31", "--codes-until", "2099-12-31")
    assert code == 0, said
    assert said.endswith("whoever signs last: ingest, keep, serve, notify.\n")
    first, *others = [files(folder / name) for name in HOLDERS]
    assert others == [first] * 3
    assert len(first["SECRET"]) == 64
    assert first["PSEUDONYM_SECRET"] == "the first"
    assert json.loads(first["FORMER_SECRETS"]) == [{"secret": "the first", "until": "2099-01-31"}]
    assert (folder.parent / "site-secret").read_text().strip() == first["SECRET"]
    assert files(folder / "sla") == {"DATABASE_URL": "postgresql://a@b/c"}
    assert (folder / "notify" / "PSEUDONYM_SECRET").stat().st_mode & 0o777 == 0o400

    keys = settings(folder / "ingest", monkeypatch)
    assert keys.site_keys.former == ((b"the first", date(2099, 1, 31)),)
    assert keys.site_keys.first == b"the first"
    assert keys.former_code_secrets == (FormerSecret(secret="the first", until=date(2099, 12, 31)),)


def test_a_second_rotation_keeps_the_first_secret_for_pseudonyms_and_drops_what_is_over(
    folder: Path,
) -> None:
    yesterday = (TODAY - timedelta(days=1)).isoformat()
    assert rotate(folder, "--until", yesterday)[0] == 0
    second = files(folder / "keep")["SECRET"]
    assert rotate(folder)[0] == 0
    now = files(folder / "keep")
    assert now["PSEUDONYM_SECRET"] == "the first"
    assert json.loads(now["FORMER_SECRETS"]) == [
        {"secret": second, "until": (TODAY + timedelta(days=400)).isoformat()}
    ]
    codes = [entry["secret"] for entry in json.loads(now["FORMER_CODE_SECRETS"])]
    assert codes == [second, "the first"], "paper lives longer than mail"


def test_codes_that_have_a_secret_of_their_own_keep_it(folder: Path) -> None:
    (folder / "serve" / "CODE_SECRET").write_text("of paper\n")
    assert rotate(folder)[0] == 0
    assert "FORMER_CODE_SECRETS" not in files(folder / "serve")


def test_secrets_that_differ_or_are_not_there_are_refused_and_nothing_is_changed(
    folder: Path,
) -> None:
    (folder / "serve" / "SECRET").chmod(0o600)
    (folder / "serve" / "SECRET").write_text("another\n")
    before = {name: files(folder / name) for name in HOLDERS}
    code, said = rotate(folder)
    assert (code, "have different secrets (ingest " in said) == (1, True)
    assert {name: files(folder / name) for name in HOLDERS} == before
    assert "the first" not in said
    assert rotate(folder / "sla") == (
        1, f"Error: No folder below {folder / 'sla'} has a file SECRET.\n",
    )  # fmt: skip
