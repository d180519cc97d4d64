"""`rehearse --release WHEEL`: a wheel on the same facts, and the upgrade that it may refuse.

The wheels are this tree with a line of it changed: what a release is, without its libraries.
"""

import asyncio
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import pytest
from click.testing import CliRunner

from services.__main__ import main
from tests.rehearsal_builders import some_items
from tests.rehearsal_register import a_wheel, begun, registered
from tests.roles import one_transaction, under_role

COUNTS = "services/sla/domain/commitments.py"
A_DAY_MORE = (
    "            return rules.calendar.add(day_zero, days)",
    "            return rules.calendar.add(day_zero, days + 1)",
)
CHILD = "services/ops/rehearsal/child.py"
NOTHING_DECLARED = "DECLARED: Final[Sequence[DeclaredMove]] = ()"
DECLARED = (
    NOTHING_DECLARED,
    NOTHING_DECLARED.replace("()", '(DeclaredMove("9.9.9", "*", "*", "un jour de plus"),)'),
)
_EACH_PAGE = "    for line in lines:\n"
DIES = {CHILD: (_EACH_PAGE, f"{_EACH_PAGE}        import os; os.kill(os.getpid(), 9)\n")}
ENDS = {CHILD: (_EACH_PAGE, f"{_EACH_PAGE}        raise SystemExit(3)\n")}
RAVES = {CHILD: (_EACH_PAGE, f"{_EACH_PAGE}        yield 'ouf'\n")}
"""What becomes of its program in the middle of a rehearsal, without a word of its own."""


@pytest.fixture
async def register(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> pytest.MonkeyPatch:
    async with one_transaction(postgres_url) as connection:
        await begun(connection)
        await registered(connection)
    monkeypatch.setenv("VAGUEMESTRE_DATA", str(tmp_path))
    return monkeypatch


async def _says(env: pytest.MonkeyPatch, url: str, *words: str) -> tuple[int, str]:
    env.setenv("VAGUEMESTRE_DATABASE_URL", url)
    env.setenv("VAGUEMESTRE_KAFKA", "127.0.0.1:1")
    done = await asyncio.to_thread(CliRunner().invoke, main, list(words))
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


async def test_an_unchanged_release_differs_in_nothing(
    register: pytest.MonkeyPatch, postgres_url: str, tmp_path: Path
) -> None:
    wheel = a_wheel(tmp_path, "9.9.9", {})
    reader = under_role(postgres_url, "rehearsal")
    code, said = await _says(register, reader, "rehearse", "--release", wheel)
    assert said.splitlines()[0] == f"{len(some_items())} items read, 0 differ in 0 points."
    assert "Release 9.9.9 counts nothing otherwise that it does not declare." in said
    assert code == 0


async def test_a_release_that_moves_dates_is_found_and_its_upgrade_refused_until_it_declares(
    register: pytest.MonkeyPatch, postgres_url: str, tmp_path: Path
) -> None:
    """The release that migrates is the one of this tree, so the wheels bear its number."""
    number = version("vaguemestre")
    reader, keep = under_role(postgres_url, "rehearsal"), ("--keep", "essai", "--by", "H. Marchand")
    silent = a_wheel(tmp_path, number, {COUNTS: A_DAY_MORE})
    code, said = await _says(register, reader, "rehearse", "--release", silent, *keep)
    assert code == 1
    assert f"    limit reply: 2026-06-03, would be 2026-06-04  [program {number}]" in said
    assert "that it does not declare" in said
    for words in ((), ("--rehearsal", "1")):
        code, refused = await _says(register, postgres_url, "migrate", *words)
        assert code == 1
        assert "does not declare (rehearsal 1, page /regles/repetition/1)" in refused
    code, other = await _says(register, postgres_url, "migrate", "--rehearsal", "5")
    assert (code, f"Rehearsal 5 is none of release {number}" in other) == (1, True)
    open_ = a_wheel(tmp_path, number, {COUNTS: A_DAY_MORE, CHILD: DECLARED})
    code, said = await _says(register, reader, "rehearse", "--release", open_, *keep)
    assert (code, "counts nothing otherwise that it does not declare" in said) == (1, True)
    code, said = await _says(register, postgres_url, "migrate", "--rehearsal", "2")
    assert (code, "The database is up to date" in said) == (0, True)


async def test_a_release_that_can_not_replay_an_item_moves_it(
    register: pytest.MonkeyPatch, postgres_url: str, tmp_path: Path
) -> None:
    broken = (A_DAY_MORE[0], '            raise __import__("shared.errors").errors.Refused("x")')
    wheel = a_wheel(tmp_path, "9.9.9", {COUNTS: broken})
    reader = under_role(postgres_url, "rehearsal")
    code, said = await _says(register, reader, "rehearse", "--release", wheel)
    assert code == 1
    assert "that it does not declare (item unreadable)" in said


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({CHILD: ("PROTOCOL = 1", "PROTOCOL = 2")}, "speaks another protocol of rehearsals"),
        ({CHILD: ("PROTOCOL = 1", "raise SystemExit('no such thing')")}, "can't be asked: no such"),
        (DIES, "9.9.9-py3-none-any.whl can't be asked: it ended with signal SIGKILL."),
        (ENDS, "can't be asked: it ended with code 3."),
        (RAVES, "can't be asked: it answers what is no JSON."),
    ],
)
async def test_a_release_that_can_not_be_asked_ends_with_two(
    register: pytest.MonkeyPatch,
    postgres_url: str,
    tmp_path: Path,
    changed: Mapping[str, tuple[str, str]],
    sentence: str,
) -> None:
    reader = under_role(postgres_url, "rehearsal")
    wheel = a_wheel(tmp_path, "9.9.9", changed)
    code, said = await _says(register, reader, "rehearse", "--release", wheel)
    assert (code, sentence in said) == (2, True)


async def test_a_wheel_that_can_not_be_read_or_installed_ends_with_two(
    register: pytest.MonkeyPatch, postgres_url: str, tmp_path: Path
) -> None:
    reader = under_role(postgres_url, "rehearsal")
    wheel = a_wheel(tmp_path, "9.9.9", {})
    code, said = await _says(register, reader, "rehearse", "--release", __file__)
    assert (code, "is no wheel that can be read" in said) == (2, True)
    nothing = tmp_path / "empty"
    nothing.mkdir()
    words = ("--release", wheel, "--wheelhouse", str(nothing))
    code, said = await _says(register, reader, "rehearse", *words)
    assert (code, "can't be installed from" in said) == (2, True)
