"""What may be published of a survey: counts of which no cell of one to four can be computed. Pure.

Of each question the sheets are satisfied (levels 3 and 4), unsatisfied (1 and 2), not concerned or
silent. What is published are counts of one partition of them whose every part is large enough, and
sums of its parts: then no difference of two published counts is anything but a sum of such parts.
An opinion held by nobody tells what everybody else thinks: zero is too few for opinions, and is
none for those who said nothing. A question that everybody answered tells how many sheets came by
a channel, and beside it another one how many were silent there: so all questions are crossed with
the same groups of channels, and only where those who said nothing are none or enough in each
(docs/decisions/0088).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final, TypeAlias

from services.desk.domain.survey_lines import NOT_CONCERNED, SheetRow
from services.desk.domain.wilson import interval
from services.desk.quality.domain.verdicts import Change, ChangeVerdict, change
from shared.facts.vocabulary import SurveyChannel

LEAST: Final = 5
"""Sheets below which no cell is told."""
HANDED_OUT: Final = frozenset({SurveyChannel.COUNTER, SurveyChannel.PAPER})
"""Ways by which a sheet of paper was answered."""
CROSSED: Final = 30
"""Answers below which a question is told for no channel, and no strong point is named."""
STRONG: Final = 0.8
Groups: TypeAlias = tuple[tuple[str, ...], ...]
"""Channels put together, each in one group."""
SATISFIED: Final = 3
"""The lowest level that counts as satisfied."""


@dataclass(frozen=True, slots=True)
class QuestionTally:
    """Counts of one survey question's answers in some sheets: never shown as they are."""

    satisfied: int = 0
    unsatisfied: int = 0
    not_concerned: int = 0
    silent: int = 0

    def __add__(self, other: "QuestionTally") -> "QuestionTally":
        """The counts of both together."""
        return QuestionTally(
            self.satisfied + other.satisfied,
            self.unsatisfied + other.unsatisfied,
            self.not_concerned + other.not_concerned,
            self.silent + other.silent,
        )

    @property
    def answered(self) -> int:
        """The number of sheets with an answered level of satisfaction."""
        return self.satisfied + self.unsatisfied

    @property
    def sheets(self) -> int:
        """The number of sheets, answered or not."""
        return self.answered + self.without

    @property
    def without(self) -> int:
        """The number of sheets without a level: not concerned, or silent."""
        return self.not_concerned + self.silent

    @property
    def split(self) -> bool:
        """Whether satisfied and unsatisfied are both enough to be published."""
        return self.satisfied >= LEAST and self.unsatisfied >= LEAST


def tallies(rows: Iterable[SheetRow], questions: int) -> Mapping[str, Sequence[QuestionTally]]:
    """Counts the survey's answers of each channel, question by question."""
    found = dict[str, list[QuestionTally]]()
    for row in rows:
        counted = found.setdefault(row.channel, [QuestionTally()] * questions)
        for place, answer in enumerate(row.answers[:questions]):
            counted[place] += _tally(answer)
    return found


def _tally(answer: int | None) -> QuestionTally:
    if answer is None:
        return QuestionTally(silent=1)
    if answer == NOT_CONCERNED:
        return QuestionTally(not_concerned=1)
    if answer >= SATISFIED:
        return QuestionTally(satisfied=1)
    return QuestionTally(unsatisfied=1)


@dataclass(frozen=True, slots=True)
class Span:
    """A count that is published exactly (both ends the same), or only as a range."""

    least: int
    most: int

    @property
    def exact(self) -> int | None:
        """The exact count; `None`: only its range is published."""
        return self.least if self.least == self.most else None


class PointVerdict(StrEnum):
    """The verdict on a survey question: strong point, point to watch, or nothing established."""

    STRONG = "strong"
    WATCH = "watch"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class PublishedRow:
    """A survey question's published counts, over all sheets or those of some channels."""

    channels: tuple[str, ...]
    """Which; empty: all sheets."""
    answered: Span
    satisfied: Span
    ends: tuple[float, float]
    """Wilson's 95 % interval, over every pair of counts that the spans leave open."""

    @property
    def exact(self) -> tuple[int, int] | None:
        """The satisfied and answered counts; `None` unless both are published exactly."""
        k, n = self.satisfied.exact, self.answered.exact
        return None if k is None or n is None else (k, n)

    @property
    def rate(self) -> float | None:
        """The part that is satisfied, 0 to 1; `None`: it is not published."""
        return None if self.exact is None else self.exact[0] / self.exact[1]


@dataclass(frozen=True, slots=True)
class PublishedQuestion:
    """A survey question as published: by channel, over all sheets, with its change."""

    question: str
    """Its id."""
    text: str
    total: PublishedRow | None
    """`None`: too few answered for anything to be told."""
    crossed: Sequence[PublishedRow] = ()
    not_concerned: int | None = None
    without: int | None = None
    """Not concerned or silent; `None`: not told."""
    change: Change | None = None
    """Against the campaign before."""

    @property
    def verdict(self) -> PointVerdict:
        """The verdict on the survey question: strong point, to watch, or nothing established."""
        if self.total is None:
            return PointVerdict.OPEN
        low, high = self.total.ends
        fell = self.change is not None and self.change.verdict is ChangeVerdict.WORSE
        if high < STRONG or fell:
            return PointVerdict.WATCH
        if low >= STRONG and self.total.answered.least >= CROSSED:
            return PointVerdict.STRONG
        return PointVerdict.OPEN


@dataclass(frozen=True, slots=True)
class SurveyResults:
    """The published tables of a survey campaign."""

    sheets: int
    questions: Sequence[PublishedQuestion]
    other_ways: bool = False
    """Whether an answer came otherwise than on a sheet that was handed out."""


def publish(
    asked: Sequence[tuple[str, str]], counted: Mapping[str, Sequence[QuestionTally]], sheets: int
) -> SurveyResults:
    """Computes a survey's published tables from its counted answers.

    `asked`: the id and text of each question.
    """
    groups = _groups(counted, len(asked))
    questions = []
    for place, (question, text) in enumerate(asked):
        by_channel = {channel: tallies_[place] for channel, tallies_ in counted.items()}
        questions.append(_question(question, text, by_channel, groups, sheets))
    return SurveyResults(sheets, questions, other_ways=not counted.keys() <= HANDED_OUT)


def _question(
    question: str,
    text: str,
    by_channel: Mapping[str, QuestionTally],
    groups: Groups,
    sheets: int,
) -> PublishedQuestion:
    whole = sum(by_channel.values(), QuestionTally())
    total = _total(whole, sheets)
    if total is None or total.answered.exact is None:
        return PublishedQuestion(question, text, total)
    apart = all(_tellable(part) for part in (whole.not_concerned, whole.silent))
    return PublishedQuestion(
        question,
        text,
        total,
        _crossed(by_channel, groups),
        whole.not_concerned if apart else None,
        whole.without,
    )


def _tellable(count: int) -> bool:
    """Whether a count of sheets that say nothing may be told: none, or enough."""
    return count == 0 or count >= LEAST


def _total(whole: QuestionTally, sheets: int) -> PublishedRow | None:
    """A question over all sheets, as exactly as may be told."""
    few, k = LEAST - 1, whole.satisfied
    if whole.answered < 2 * LEAST:
        return None
    told = _tellable(whole.without)
    answered = Span(whole.answered, whole.answered) if told else Span(sheets - few, sheets - 1)
    least = answered.least
    if whole.split:
        ends = interval(k, answered.most)[0], interval(k, least)[1]
        return PublishedRow((), answered, Span(k, k), ends)
    if least < 2 * LEAST:
        return None
    if whole.unsatisfied < LEAST:
        ends = interval(least - few, least)[0], 1.0
        return PublishedRow((), answered, Span(least - few, answered.most), ends)
    return PublishedRow((), answered, Span(0, few), (0.0, interval(few, least)[1]))


def _groups(counted: Mapping[str, Sequence[QuestionTally]], questions: int) -> Groups:
    """The groups of channels with which all questions are crossed: those that tell most.

    Of groups that tell as many rows, those whose smallest has most sheets; then the first by name.
    """

    def told(groups: Groups) -> tuple[int, int]:
        rows = sum(
            len(_crossed({name: row[place] for name, row in counted.items()}, groups))
            for place in range(questions)
        )
        least = min(
            sum(counted[name][0].sheets for name in group if counted[name]) for group in groups
        )
        return rows, least

    several = [groups for groups in _partitions(sorted(counted)) if len(groups) > 1]
    return max(several, key=told, default=()) if questions else ()


def _partitions(names: Sequence[str]) -> Sequence[Groups]:
    """Every way to put names into groups: fifteen of four names."""
    if not names:
        return [()]
    first, found = names[0], list[Groups]()
    for groups in _partitions(names[1:]):
        found.append(((first,), *groups))
        found += [
            (*groups[:place], (first, *group), *groups[place + 1 :])
            for place, group in enumerate(groups)
        ]
    return [tuple(sorted(groups)) for groups in found]


def _crossed(by_channel: Mapping[str, QuestionTally], groups: Groups) -> Sequence[PublishedRow]:
    """The rows of a question by groups of channels; none unless each of them may be told."""
    tallied = [(group, _sum(by_channel, group)) for group in groups]
    if not all(_enough(tally) for _, tally in tallied):
        return ()
    return [_row(group, tally) for group, tally in tallied]


def _enough(tally: QuestionTally) -> bool:
    return tally.split and tally.answered >= CROSSED and _tellable(tally.without)


def _sum(by_channel: Mapping[str, QuestionTally], names: Iterable[str]) -> QuestionTally:
    return sum((by_channel[name] for name in names), QuestionTally())


def _row(channels: tuple[str, ...], tally: QuestionTally) -> PublishedRow:
    k, n = tally.satisfied, tally.answered
    return PublishedRow(channels, Span(n, n), Span(k, k), interval(k, n))


def compare_results(results: SurveyResults, earlier: SurveyResults) -> SurveyResults:
    """Returns survey results with each question's change since earlier results.

    Only of questions with the same id and the same words, and from counts that are published.
    """
    known = {_words(question): question for question in earlier.questions}
    return replace(
        results,
        questions=[
            replace(question, change=_change(known.get(_words(question)), question))
            for question in results.questions
        ],
    )


def _words(question: PublishedQuestion) -> tuple[str, str]:
    return question.question, question.text


def _change(earlier: PublishedQuestion | None, later: PublishedQuestion) -> Change | None:
    before = None if earlier is None or earlier.total is None else earlier.total.exact
    after = None if later.total is None else later.total.exact
    return None if before is None or after is None else change(*before, *after)


def write_results(results: SurveyResults) -> str:
    """Serialises a survey's published tables as text, from which their digest is computed."""
    lines = [f"sheets;{results.sheets}"]
    for question in results.questions:
        lines.append(f"question;{question.question};{question.text}")
        lines.append(f"without;{question.not_concerned};{question.without}")
        total = () if question.total is None else (question.total,)
        for row in (*question.crossed, *total):
            n, k = row.answered, row.satisfied
            names = ",".join(row.channels)
            lines.append(f"row;{names};{k.least};{k.most};{n.least};{n.most}")
    return "".join(f"{line}\n" for line in lines)
