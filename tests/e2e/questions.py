"""Questions that somebody asks of the register, each answered at a keyboard and judged.

A question is a mapping as in tests/bench/questions.yaml: its `way` from the home page (the acts of
tests/e2e/keyboard.py), then what must be there. `says`: sentences of the page; `rows`: how rows of
its tables and lists begin, cells between bars; `drawn`: so many items in a table; `verified`: the
ZIP that was taken verifies by itself; `sums`: kept and judged replies of the file that was taken,
added up. `then` goes on from there.
"""

import asyncio
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from python_calamine import CalamineWorkbook

from tests.e2e.browser import Person
from tests.e2e.keyboard import Cost, Keyboard, begins


@dataclass(frozen=True)
class Answered:
    """A question that was asked at the keyboard: what it took, and what the page lacked."""

    question: str
    cost: Cost
    lacking: Sequence[str]


async def answered(person: Person, question: Mapping[str, Any], files: Path) -> Answered:
    """Walks the way of a question from the home page, and reads whether the answer is there."""
    await person.go("/")
    keyboard = Keyboard(person, files)
    lacking: list[str] = []
    step: Mapping[str, Any] | None = question
    while step is not None:
        for act in step["way"]:
            await keyboard.go(act)
        lacking += await _lacking(keyboard, step)
        step = step.get("then")
    return Answered(str(question["id"]), keyboard.cost, lacking)


async def _lacking(keyboard: Keyboard, step: Mapping[str, Any]) -> Sequence[str]:
    words, rows = (await keyboard.words()).casefold(), await keyboard.rows()
    # A theme may show in capitals what the page says in small letters.
    lacking = [f"« {said} »" for said in step.get("says", ()) if said.casefold() not in words]
    lacking += [
        f"row {wanted}"
        for wanted in step.get("rows", ())
        if not any(begins(row, wanted) for row in rows)
    ]
    if "drawn" in step:
        drawn = [row for row in rows if row.startswith("36-")]
        lacking += [f"{step['drawn']} drawn: {drawn}"] * (len(drawn) != step["drawn"])
    if step.get("verified"):
        lacking += await asyncio.to_thread(_not_verified, keyboard.taken[-1])
    if "sums" in step:
        found = await asyncio.to_thread(_added_up, keyboard.taken[-1])
        lacking += [f"sums {step['sums']}: {found}"] * (found != step["sums"])
    return lacking


def _not_verified(archive: Path) -> Sequence[str]:
    """What the proof's own verifier says with a bare Python, when it is not content."""
    folder = archive.with_suffix("")
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder)
    program = next(folder.rglob("verifier.py"))
    said = subprocess.run(  # noqa: S603  (the program of a file that we made)
        [sys.executable, "-I", program.name], cwd=program.parent, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return [] if said.returncode == 0 else [f"a proof that verifies: {said.stdout}{said.stderr}"]


def _added_up(book: Path) -> Mapping[str, int]:
    """Kept and judged replies of a file of figures: its lines of services and channels, summed."""
    rows = CalamineWorkbook.from_path(str(book)).get_sheet_by_index(0).to_python()
    cells = [
        row
        for row in rows
        if row[1] == "Réponse" and row[3] != "tous" and not str(row[2]).startswith("Tous ")
    ]
    return {
        "kept": sum(int(str(row[4]).partition(".")[0]) for row in cells),
        "judged": sum(int(str(row[5]).partition(".")[0]) for row in cells),
    }


async def overflow(person: Person) -> int:
    """Pixels by which the page is wider than its window."""
    wide: int = await person.page.evaluate(
        "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    )
    return max(0, wide)
