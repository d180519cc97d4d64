"""Numbers made of letters that people sorted: a softmax of hashed words, calibrated, measured.

The newest letters judge: seven tenths teach a first fit, the next part sets its temperature and
decides whether it may speak, the newest part measures it, and a last fit learns from all. A bucket
counts only where letters of several writers fall into it, so that nobody's name has a weight.

`answer` makes it the program of a child (shared/platform/child.py), which sees no word of any
letter. It is given letters in JSON: the buckets of each, its writer, what people decided,
what the rules proposed. It says the published numbers, or null below the least of corrections, and
the buckets that have weights; its octets are a row of weights for each, 32-bit floats as this
machine has them. A letter is a line, so that one alone is decoded at a time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any, Final, TypeAlias

import numpy as np
import orjson
from numpy.typing import NDArray

from services.desk.domain.learner_numbers import (
    BUCKETS,
    LEARNER_NUMBERS,
    LEAST_CORRECTIONS,
    SHAPE,
    LearnerFigures,
    LearnerNumbers,
    LearnerTarget,
    TargetNumbers,
)

LEAST_WRITERS: Final = 5
"""Of different letters' writers, how many must have used what falls into a bucket."""
LEAST_LETTERS: Final = 5
"""Of an answer, so that it is learned at all."""
THRESHOLDS: Final[Mapping[LearnerTarget, float]] = {
    LearnerTarget.SERVICE: 0.8,
    LearnerTarget.CATEGORY: 0.8,
    LearnerTarget.NATURE: 0.9,
    LearnerTarget.SENDER_KIND: 0.9,
}
"""The probability below which nothing is said; of nature and sender kind it depends to whom a
machine may speak at all."""
LEAST_SHOWN: Final = 20
LEAST_PRECISION: Final = 0.85
TEACH, JUDGE = 0.7, 0.85
"""Shares of the letters, the oldest first: what teaches, and up to where calibration goes."""
_ROUNDS: Final = 8
_BATCH: Final = 256
_STEP: Final = 0.5
_DECAY: Final = 1e-5
_TEMPERATURES: Final = tuple(float(value) for value in np.geomspace(0.1, 5.0, 40))

Floats: TypeAlias = NDArray[np.float32]
Buckets: TypeAlias = NDArray[np.int16]
"""`BUCKETS` of them: 16 bits are enough, and a night has millions."""


@dataclass(frozen=True, slots=True)
class SortedLetter:
    """A letter that a person sorted, for training: word buckets, decision, rules' proposal."""

    buckets: Buckets
    """Sorted, each once."""
    writer: str | None
    """Whoever wrote it, by any name that tells writers apart; `None` where nobody knows."""
    decided: Mapping[LearnerTarget, str]
    proposed: Mapping[LearnerTarget, str]
    """What the rules said; where they said nothing, nothing."""

    @property
    def corrected(self) -> bool:
        """Whether people decided service or category otherwise than the rules proposed."""
        return any(
            self.decided.get(target) != self.proposed.get(target)
            for target in (LearnerTarget.SERVICE, LearnerTarget.CATEGORY)
        )


@dataclass(frozen=True, slots=True)
class _Fit:
    """The weights and biases of one question, with its labels."""

    labels: tuple[str, ...]
    weights: Floats
    bias: Floats

    def scores(self, letters: Sequence[Buckets]) -> Floats:
        found = np.tile(self.bias, (len(letters), 1))
        for row, buckets in enumerate(letters):
            if len(buckets):
                found[row] += self.weights[buckets].sum(axis=0) / np.sqrt(len(buckets))
        return found


def answer(_: Mapping[str, Any], octets: bytes) -> tuple[Mapping[str, Any], bytes]:
    """Trains the learner on the letters in `octets`, oldest first; runs in a child process.

    `octets`: a JSON line a letter. Returns the model and its hash buckets as JSON values, then the
    weights as float32 octets.
    """
    learned = learn([_letter(orjson.loads(line)) for line in BytesIO(octets)])
    if learned is None:
        return {"numbers": None, "buckets": []}, b""
    numbers, weights = learned
    used = np.flatnonzero(weights.any(axis=1))
    said = {"numbers": LEARNER_NUMBERS.dump_python(numbers, mode="json"), "buckets": used.tolist()}
    return said, weights[used].astype(np.float32).tobytes()


def _letter(row: Mapping[str, Any]) -> SortedLetter:
    return SortedLetter(
        np.array(row["buckets"], np.int16),
        row["writer"],
        {LearnerTarget(target): value for target, value in row["decided"].items()},
        {LearnerTarget(target): value for target, value in row["proposed"].items()},
    )


def learn(letters: Sequence[SortedLetter]) -> tuple[LearnerNumbers, Floats] | None:
    """Trains the learner on letters, oldest first; returns the model and a row of weights a bucket.

    `None` below `LEAST_CORRECTIONS`. The same letters give the same numbers.
    """
    corrections = sum(letter.corrected for letter in letters)
    if corrections < LEAST_CORRECTIONS:
        return None
    teach, judge = int(len(letters) * TEACH), int(len(letters) * JUDGE)
    first = _known(letters[:teach])
    last = _known(letters)
    early = [letter.buckets[first[letter.buckets]] for letter in letters]
    late = [letter.buckets[last[letter.buckets]] for letter in letters]
    targets, columns = dict[LearnerTarget, TargetNumbers](), list[Floats]()
    for target in LearnerTarget:
        decided = [letter.decided.get(target) for letter in letters]
        rules = [letter.proposed.get(target) for letter in letters]
        trial = _fitted(early[:teach], decided[:teach])
        whole = _fitted(late, decided)
        if trial is None or whole is None:
            continue
        scores = trial.scores(early[teach:])
        middle = judge - teach
        temperature = _temperature(scores[:middle], trial.labels, decided[teach:judge])
        least = THRESHOLDS[target]
        parts = (slice(0, middle), teach, judge), (slice(middle, None), judge, len(letters))
        before, after = (
            _judged(
                _softmax(scores[part] / np.float32(temperature)),
                trial.labels,
                decided[begin:end],
                rules[begin:end],
                least,
            )
            for part, begin, end in parts
        )
        speaks = _may_speak(before) and _may_speak(after)
        targets[target] = TargetNumbers(
            labels=whole.labels,
            bias=tuple(float(value) for value in whole.bias),
            temperature=temperature,
            threshold=least if speaks else None,
            contradicts=_may_contradict(before) and _may_contradict(after),
            figures=after,
        )
        columns.append(whole.weights)
    if not targets:
        return None
    weights = np.concatenate(columns, axis=1)
    return LearnerNumbers(SHAPE, len(letters), corrections, targets), weights


def _may_speak(seen: LearnerFigures) -> bool:
    """Whether it was right often enough, and no less often than the rules on the same letters."""
    return (
        seen.shown >= LEAST_SHOWN
        and seen.right >= LEAST_PRECISION * seen.shown
        and seen.right >= seen.rules_right
    )


def _may_contradict(seen: LearnerFigures) -> bool:
    """Whether it was right more often than the rules where the two said something else."""
    return seen.right_against > seen.rules_right_against


def _known(letters: Sequence[SortedLetter]) -> NDArray[np.bool_]:
    """Of each bucket, whether enough different writers used what falls into it.

    A letter of which nobody knows who wrote it counts for none: five of them may be one person's.
    """
    written = dict[str, list[Buckets]]()
    for letter in letters:
        if letter.writer is not None:
            written.setdefault(letter.writer, []).append(letter.buckets)
    counted = np.zeros(BUCKETS, np.int32)
    for theirs in written.values():
        counted[np.unique(np.concatenate(theirs))] += 1
    return np.asarray(counted >= LEAST_WRITERS)


def _fitted(letters: Sequence[Buckets], decided: Sequence[str | None]) -> _Fit | None:
    """Fits one question by Adagrad in small batches; `None` where there is no choice to learn."""
    counts = dict[str, int]()
    for value in decided:
        if value is not None:
            counts[value] = counts.get(value, 0) + 1
    labels = tuple(sorted(value for value, n in counts.items() if n >= LEAST_LETTERS))
    if len(labels) < 2:  # noqa: PLR2004  (one answer is no choice)
        return None
    number = {label: at for at, label in enumerate(labels)}
    taught = [
        (buckets, number[value])
        for buckets, value in zip(letters, decided, strict=True)
        if value in number and len(buckets)
    ]
    weights = np.zeros((BUCKETS, len(labels)), np.float32)
    bias = np.log(np.array([counts[label] for label in labels], np.float32) / len(decided))
    seen, seen_bias = np.full_like(weights, 1e-8), np.full_like(bias, 1e-8)
    shuffle = np.random.default_rng(0)
    for _ in range(_ROUNDS):
        order = shuffle.permutation(len(taught))
        for begin in range(0, len(order), _BATCH):
            batch = [taught[at] for at in order[begin : begin + _BATCH]]
            used, matrix = _matrix([buckets for buckets, _ in batch])
            wanted = np.array([answer for _, answer in batch])
            error = _softmax(matrix @ weights[used] + bias)
            error[np.arange(len(batch)), wanted] -= 1
            slope = matrix.T @ error / len(batch) + _DECAY * weights[used]
            seen[used] += slope**2
            weights[used] -= _STEP * slope / np.sqrt(seen[used])
            slope_bias = error.mean(axis=0)
            seen_bias += slope_bias**2
            bias -= 0.1 * _STEP * slope_bias / np.sqrt(seen_bias)
    return _Fit(labels, weights, bias)


def _matrix(letters: Sequence[Buckets]) -> tuple[Buckets, Floats]:
    """The buckets that a batch uses, and its letters over them, each of length 1."""
    used, place = np.unique(np.concatenate(letters), return_inverse=True)
    matrix = np.zeros((len(letters), len(used)), np.float32)
    rows = np.repeat(np.arange(len(letters)), [len(buckets) for buckets in letters])
    lengths = np.array([len(buckets) for buckets in letters], np.float32)
    matrix[rows, place] = 1 / np.sqrt(lengths[rows])
    return used, matrix


def _softmax(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float32)


def _temperature(scores: Floats, labels: tuple[str, ...], decided: Sequence[str | None]) -> float:
    """The temperature by which what was decided is the least surprising."""
    number = {label: at for at, label in enumerate(labels)}
    rows = [at for at, value in enumerate(decided) if value in number]
    if not rows:
        return 1.0
    wanted = np.array([number[value] for at in rows if (value := decided[at]) is not None])
    kept = scores[rows]

    def surprise(temperature: float) -> float:
        found = _softmax(kept / np.float32(temperature))[np.arange(len(rows)), wanted]
        return float(-np.log(np.maximum(found, 1e-9)).mean())

    return min(_TEMPERATURES, key=surprise)


def _judged(
    probabilities: Floats,
    labels: tuple[str, ...],
    decided: Sequence[str | None],
    rules: Sequence[str | None],
    least: float,
) -> LearnerFigures:
    """How the probabilities did beside what people decided and what the rules proposed."""
    best, sure = probabilities.argmax(axis=1), probabilities.max(axis=1)
    shown = [at for at in range(len(decided)) if sure[at] >= least]
    against = [at for at in shown if rules[at] not in (None, labels[best[at]])]
    return LearnerFigures(
        letters=len(decided),
        shown=len(shown),
        right=sum(labels[best[at]] == decided[at] for at in shown),
        rules_right=sum(rules[at] == decided[at] for at in shown),
        against=len(against),
        right_against=sum(labels[best[at]] == decided[at] for at in against),
        rules_right_against=sum(rules[at] == decided[at] for at in against),
        promised=round(float(sum(sure[at] for at in shown)), 3),
    )
