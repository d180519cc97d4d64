"""What the learner says of a made year whose words drift: `make bench WHAT=learner`.

20,000 letters, the oldest first. Every five weeks of them it learns from all before (the register
does each night) and is judged on the next, which it has not seen: right, wrong and silent per
hundred, of the rules alone and with the learner, which fills in only where the rules are silent;
where the two differ the page shows both, and neither counts. Then its precision and its coverage
wherever it speaks, what the rules say of the same letters, and its calibration: by how much the
probability that it gives differs from how often it is right, over tenths. The judge is what a
letter deserves, not what a clerk decided, who errs once in thirty. Service and category are held to
no more wrong ones than the rules' own, at twice the right ones; of nature and sender kind the rules
say next to nothing. The last letters are written from another seed.
"""

import os
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from services.desk.domain.learner_numbers import (
    LearnerAnswer,
    LearnerNumbers,
    LearnerTarget,
    answers,
    grams,
)
from services.desk.learner.fit import Floats, SortedLetter, learn
from tests.bench.learner_year import MadeLetter, year
from tests.bench.said import Said

LETTERS: Final = 20_000
ONE_THREAD: Final = "OPENBLAS_NUM_THREADS"
"""Which the child of the register has as well; numpy reads it when it is imported."""
STEP: Final = 2_000
"""Letters of five weeks."""
PRECISION: Final = 0.9
CALIBRATION: Final = 0.05
SECONDS: Final = 120.0
MEMORY: Final = 1000.0


@dataclass
class Counts:
    """Answers of one question: by the rules alone, with the learner, and by the learner."""

    letters: int = 0
    rules: list[int] = field(default_factory=lambda: [0, 0])
    """Wrong, right."""
    both: list[int] = field(default_factory=lambda: [0, 0])
    beside: list[int] = field(default_factory=lambda: [0, 0])
    """Of letters of which both speak: right by the rules, right by the learner."""
    said: list[tuple[float, bool]] = field(default_factory=list)
    """Probability of each answer of the learner, and whether it was right."""

    def add(self, truth: str, proposed: str | None, answer: LearnerAnswer | None) -> None:
        """Count a letter."""
        self.letters += 1
        if proposed is not None:
            self.rules[proposed == truth] += 1
        if answer is not None:
            self.said.append((answer.probability, answer.value == truth))
        if proposed is not None and answer is not None:
            self.beside[0] += proposed == truth
            self.beside[1] += answer.value == truth
        values = {value for value in (proposed, answer and answer.value) if value is not None}
        if len(values) == 1:
            self.both[truth in values] += 1

    @property
    def precision(self) -> float:
        """Of what the learner said, how much was right."""
        return sum(right for _, right in self.said) / max(1, len(self.said))

    @property
    def calibration(self) -> float:
        """The mean difference of promise and outcome, each tenth by its weight."""
        tenths: dict[int, list[tuple[float, bool]]] = {}
        for probability, right in self.said:
            tenths.setdefault(min(9, int(probability * 10)), []).append((probability, right))
        return sum(
            abs(sum(p for p, _ in rows) - sum(right for _, right in rows))
            for rows in tenths.values()
        ) / max(1, len(self.said))


def main() -> None:
    """Plays the year and judges it."""
    said, counts = Said(), {target: Counts() for target in LearnerTarget}
    letters = list(year(LETTERS, seed=13))
    known = [sorted_letter(letter) for letter in letters]
    longest, begun = 0.0, None
    numbers: LearnerNumbers | None = None
    weights: Floats | None = None
    for begin in range(STEP, LETTERS, STEP):
        started = time.process_time()
        learned = learn(known[:begin])
        longest = max(longest, time.process_time() - started)
        numbers, weights = learned or (None, None)
        begun = begun or (begin if learned else None)
        judge(counts, letters[begin : begin + STEP], numbers, weights)
    said.note(f"{LETTERS - STEP} letters judged, silent until letter {begun}")
    _tell(said, counts)
    apart = {target: Counts() for target in LearnerTarget}
    judge(apart, list(year(LETTERS, seed=14))[-STEP:], numbers, weights)
    said.note(f"the last {STEP} letters of another year, not looked at before")
    _tell(said, apart)
    said.goal("a night's learning from the whole year, processor", longest, SECONDS, "s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    said.goal("memory of all of it", peak, MEMORY, "MB")
    sys.stdout.write(f"bench: {said.met} of {said.goals} goals met\n")
    raise SystemExit(said.met < said.goals)


def sorted_letter(letter: MadeLetter) -> SortedLetter:
    """A letter as the register has it, once a clerk sorted it."""
    buckets = np.array(sorted(grams(letter.subject, letter.text)), np.int16)
    return SortedLetter(buckets, letter.writer, letter.decided, letter.proposed)


def judge(
    counts: Mapping[LearnerTarget, Counts],
    letters: Sequence[MadeLetter],
    numbers: LearnerNumbers | None,
    weights: Floats | None,
) -> None:
    """Asks of each letter what the rules and the numbers say."""
    rows = {} if weights is None else dict(enumerate(weights.tolist()))
    rows = {bucket: row for bucket, row in rows.items() if any(row)}
    for letter in letters:
        found: Mapping[LearnerTarget, LearnerAnswer] = {}
        if numbers is not None:
            found = answers(numbers, rows, grams(letter.subject, letter.text), letter.proposed)
        for target, count in counts.items():
            count.add(letter.truth[target], letter.proposed.get(target), found.get(target))


def _tell(said: Said, counts: Mapping[LearnerTarget, Counts]) -> None:
    for target, count in counts.items():
        for who, (wrong, right) in (("rules alone", count.rules), ("with the learner", count.both)):
            shares = [
                100 * n / count.letters for n in (right, wrong, count.letters - right - wrong)
            ]
            told = " / ".join(f"{share:5.1f}" for share in shares)
            said.note(f"{target:<12} {who:<18} right / wrong / silent per 100: {told}")
        said.fact(f"{target}: letters it speaks of", 100 * len(count.said) / count.letters, "%")
        if not count.said:
            continue
        said.goal(f"{target}: precision", count.precision, PRECISION, "", least=True)
        said.goal(f"{target}: calibration error", count.calibration, CALIBRATION, "")
        by_rules, by_it = count.beside
        said.goal(
            f"{target}: right where both speak, beside the rules",
            by_it / max(1, by_rules),
            1.0,
            "times",
            least=True,
        )
        said.goal(
            f"{target}: right with it, beside the rules alone",
            count.both[1] / max(1, count.rules[1]),
            2.0,
            "times",
            least=True,
        )
        more = count.both[0] / max(1, count.rules[0])
        if target in (LearnerTarget.SERVICE, LearnerTarget.CATEGORY):
            said.goal(f"{target}: wrong with it, beside the rules alone", more, 1.0, "times")


if __name__ == "__main__":
    if os.environ.get(ONE_THREAD) != "1":
        os.execve(  # noqa: S606  (this Python, anew)
            sys.executable,
            [sys.executable, "-m", "tests.bench.learner"],
            os.environ | {ONE_THREAD: "1"},
        )
    main()
