"""Changes of rules and code that are planted, each with the letters that it must move, by hand."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Final

from tests.bench.rehearse_items import LONG, PAPER, PlayedLetter, counted
from tests.rehearsal_register import FOLDER, a_wheel

CLOSED: Final = frozenset({date(2026, 6, 1)})
"""A Monday five days after the story's, on which the préfecture would be closed."""
_LETTERS: Final = "channels: [letter, registered_letter, hand_delivered]\n    days: "
_COUNTS: Final = "services/sla/domain/commitments.py"
_ENDINGS: Final = "services/sla/domain/endings.py"
Words = tuple[str, str]


@dataclass(frozen=True)
class Plant:
    """A change of one place, what it changes of a letter, and of which letters."""

    thing: str
    """limit, result or rung: always of the reply."""
    moves: Callable[[PlayedLetter], bool]
    rules: Mapping[str, Words] = field(default_factory=dict)
    """By a table of the site: its words, and those that replace them."""
    code: Mapping[str, Words] = field(default_factory=dict)
    """By a file of the program."""

    def words(self, folder: Path) -> Sequence[str]:
        """Makes the site folder or the wheel; returns the options of the command that try it."""
        if self.code:
            folder.mkdir()
            return "--release", a_wheel(folder, "9.9.9", self.code)
        site = Path(shutil.copytree(FOLDER, folder))
        for table, (old, new) in self.rules.items():
            file = site / f"{table}.yaml"
            text = file.read_text("utf-8")
            if text.count(old) != 1:
                raise SystemExit(f"{table}.yaml has other words than {old!r}: mend this bench.")
            file.write_text(text.replace(old, new), "utf-8")
        return "--site", str(site)


def _in_eight_days(letter: PlayedLetter) -> bool:
    return letter.channel in PAPER and not letter.complaint


def _over_the_closure(letter: PlayedLetter) -> bool:
    return counted(letter.received, letter.days, CLOSED) != letter.limit


def _reminded_earlier(letter: PlayedLetter) -> bool:
    """Three jours ouvrés before the limit of five, in the morning, unless it was answered."""
    day = counted(letter.received, 2)
    return letter.days != LONG and (letter.answered is None or letter.answered >= day)


PLANTS: Final = {
    "letters in 8 days": Plant(
        "limit", _in_eight_days, {"commitments": (f"{_LETTERS}15", f"{_LETTERS}8")}
    ),
    "a day closed": Plant(
        "limit", _over_the_closure,
        {"calendar": (
            "closures: []",
            "closures: [{day: 2026-06-01, decided: {by: E. Juriste, on: 2026-05-04, why: pont}}]",
        )},
    ),
    "a reminder more": Plant(
        "rung", _reminded_earlier,
        {"commitments": (
            "- id: cinq-jours\n    steps:\n",
            "- id: cinq-jours\n    steps:\n      - {at: -3, tell: [holder]}\n",
        )},
    ),
    "a program that counts a day more": Plant(
        "limit", lambda letter: True,  # noqa: ARG005  (every letter has a reply)
        code={_COUNTS: (
            "return rules.calendar.add(day_zero, days)",
            "return rules.calendar.add(day_zero, days + 1)",
        )},
    ),
    "a program for which the last day is late": Plant(
        "result", lambda letter: letter.answered == letter.limit,
        code={_ENDINGS: ("if ended <= made.limit", "if ended < made.limit")},
    ),
}  # fmt: skip
