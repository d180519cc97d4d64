"""The benches of rehearsals and drills, small: what must be found is, at any size."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.bench import drill, rehearse
from tests.bench.rehearse_items import KINDS, letters
from tests.bench.rehearse_plants import PLANTS


def missed(printed: str) -> Sequence[str]:
    """Goals that were missed, but those of speed: others work on this machine."""
    return [
        line
        for line in printed.splitlines()
        if line.endswith("missed") and "a second of one core" not in line
    ]


async def test_a_rehearsal_finds_each_planted_change_and_nothing_else(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = await rehearse.bench(postgres_url, tmp_path, rehearse.options(["--items", "1"]))
    printed = capsys.readouterr().out
    assert missed(printed) == []
    assert f"register filled with {len(list(letters()))} items" in printed
    assert said.goals == 2 * 3 + 3 * len(PLANTS) + 2


def test_every_plant_moves_some_letters_and_leaves_others_alone() -> None:
    every = list(letters())
    assert {letter.kind for letter in every} == KINDS.keys()
    moved = {name: sum(map(plant.moves, every)) for name, plant in PLANTS.items()}
    whole = {name for name, count in moved.items() if count == len(every)}
    assert whole == {"a program that counts a day more"}
    assert all(moved.values())


async def test_a_drill_loses_nothing_of_what_the_bench_fills(
    postgres_url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = await drill.bench(postgres_url, tmp_path, drill.options(["--items", "100"]))
    printed = capsys.readouterr().out
    assert missed(printed) == []
    assert said.goals == 4
    assert "10 originals: copied" in printed


@pytest.mark.parametrize(
    ("code", "error", "sentence"),
    [
        (-9, b"", "The rehearsal ended with signal SIGKILL: it said nothing."),
        (2, b"Error: no site\n", "The rehearsal ended with code 2: Error: no site"),
    ],
)
def test_a_rehearsal_that_was_killed_is_no_empty_message(
    code: int, error: bytes, sentence: str
) -> None:
    assert rehearse.unsaid(code, error) == sentence
