"""`site apply --rehearsal N`: the rules that were rehearsed, compared with those that run."""

import asyncio
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from tests.rehearsal_register import FOLDER, begun, confirmed
from tests.roles import one_transaction, under_role

LETTERS = "channels: [letter, registered_letter, hand_delivered]\n    days: "


@pytest.fixture
async def register(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.MonkeyPatch:
    async with one_transaction(postgres_url) as connection:
        await begun(connection)
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    return monkeypatch


def _with_days(tmp_path: Path, days: int) -> str:
    folder = Path(shutil.copytree(FOLDER, tmp_path / str(days)))
    file = folder / "commitments.yaml"
    text = file.read_text("utf-8")
    assert f"{LETTERS}15" in text
    file.write_text(text.replace(f"{LETTERS}15", f"{LETTERS}{days}"), "utf-8")
    return str(folder)


async def _says(env: pytest.MonkeyPatch, url: str, *words: str) -> tuple[int, str]:
    env.setenv("VAGUEMESTRE_DATABASE_URL", url)
    done = await asyncio.to_thread(CliRunner().invoke, main, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


async def test_only_what_was_rehearsed_is_applied_by_its_number(
    register: pytest.MonkeyPatch, postgres_url: str, tmp_path: Path
) -> None:
    eight, ten = _with_days(tmp_path, 8), _with_days(tmp_path, 10)
    keep = ("--keep", "avant le comité", "--by", "H. Marchand")
    reader = under_role(postgres_url, "rehearsal")
    assert (await _says(register, reader, "rehearse", "--site", eight, *keep))[0] == 0

    async def applies(folder: str, number: int) -> tuple[int, str]:
        told = ("--by", "H. Marchand", "--why", "essai")
        words = ("site", "apply", folder, *told, "--rehearsal", str(number))
        return await _says(register, postgres_url, *words)

    code, said = await applies(eight, 7)
    assert (code, "There is no rehearsal 7" in said) == (1, True)
    code, said = await applies(ten, 1)
    assert (code, "Rehearsal 1 was of other rules than this folder holds now" in said) == (1, True)
    code, said = await applies(eight, 1)
    assert (code, "Replacing a number of the label needs two persons" in said) == (1, True)
    async with one_transaction(postgres_url) as connection:
        await confirmed(connection, 1)
    code, said = await applies(eight, 1)
    assert (code, "Version 2 runs" in said) == (0, True)
    code, said = await applies(ten, 1)
    assert (code, "compared with other rules than those that run now" in said) == (1, True)
    async with one_transaction(postgres_url) as connection:
        rows = await connection.fetch("SELECT version, rehearsal FROM site.versions ORDER BY 1")
    assert [tuple(row) for row in rows] == [(1, None), (2, 1)]
    _, listed = await _says(register, postgres_url, "site", "versions")
    assert [line.endswith("essai (rehearsal 1)") for line in listed.splitlines()] == [False, True]
