"""A rehearsal that can't be made ends with 2 and a sentence: 1 says that something differs."""

from pathlib import Path

import asyncpg
import pytest
from click.testing import CliRunner

from services.ops.rehearsal import command
from services.ops.rehearsal.release import NoRelease

NEEDS = "run `vaguemestre migrate` as its owner first.\n"


@pytest.mark.parametrize(
    ("failure", "sentence"),
    [
        (NoRelease("x.whl is no wheel."), "Error: x.whl is no wheel.\n"),
        (asyncpg.UndefinedTableError("relation"), NEEDS),
        (asyncpg.UndefinedColumnError("column"), NEEDS),
        (asyncpg.InsufficientPrivilegeError("denied"), "the role that ends in _rehearsal.\n"),
        (ZeroDivisionError("x"), "\nError: It failed (ZeroDivisionError): nothing is known.\n"),
    ],
)
def test_what_went_wrong_is_said_and_is_no_difference(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, failure: Exception, sentence: str
) -> None:
    async def fails(*_: object) -> None:
        raise failure

    monkeypatch.setattr(command, "_rehearse", fails)
    environment = {"VAGUEMESTRE_DATABASE_URL": "postgresql://x", "VAGUEMESTRE_DATA": str(tmp_path)}
    done = CliRunner().invoke(command.rehearse, ["--month", "2026-05"], env=environment)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr.endswith(sentence)
    unforeseen = isinstance(failure, ZeroDivisionError)
    assert done.stderr.startswith("Traceback") is unforeseen
