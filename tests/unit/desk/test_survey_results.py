"""Results of the survey: a table by hand, and no cell of one to four that can be computed."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import combinations, product
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.desk.domain.survey_lines import SheetRow
from services.desk.quality.domain.survey_results import (
    CROSSED,
    LEAST,
    PointVerdict,
    PublishedQuestion,
    QuestionTally,
    Span,
    SurveyResults,
    compared,
    publish,
    tallies,
    written,
)
from services.desk.quality.domain.verdicts import ChangeVerdict

ASKED = [
    ("attente", "Le temps d’attente ?"),
    ("accueil", "Bien accueilli ?"),
    ("site", "Le site ?"),
]
SHEETS = (
    # channel, answers to the three questions, how many such sheets
    ("paper", (4, 4, 0), 60),
    ("paper", (1, 4, 3), 30),
    ("paper", (2, 3, None), 10),
    ("counter", (3, 4, 2), 40),
    ("counter", (2, 4, 3), 20),
    ("telephone", (4, 4, 1), 20),
    ("telephone", (1, 4, 3), 10),
    ("poster", (4, 1, 4), 6),
    ("poster", (2, 1, None), 4),
)
"""Two hundred sheets."""


def rows(sheets: Sequence[tuple[str, Sequence[int | None], int]]) -> Iterator[SheetRow]:
    number = 0
    for channel, answers, times in sheets:
        for _ in range(times):
            number += 1
            yield SheetRow(UUID(int=number), channel, "", "2026-W40", answers)


def results(
    sheets: Sequence[tuple[str, Sequence[int | None], int]] = SHEETS,
    asked: Sequence[tuple[str, str]] = ASKED,
) -> SurveyResults:
    kept = list(rows(sheets))
    return publish(asked, tallies(kept, len(asked)), len(kept))


def told(question: PublishedQuestion) -> list[tuple[tuple[str, ...], int | None, int | None]]:
    assert question.total is not None
    return [
        (row.channels, row.satisfied.exact, row.answered.exact)
        for row in (*question.crossed, question.total)
    ]


def test_two_hundred_sheets_by_hand() -> None:
    found = results()
    assert found.sheets == 200
    waiting, welcome, site = found.questions
    # Poster: 6 of 10, under thirty, and 4 unsatisfied: with the smallest that is enough, telephone.
    assert told(waiting) == [
        (("counter",), 40, 60),
        (("paper",), 60, 100),
        (("poster", "telephone"), 26, 40),
        ((), 126, 200),
    ]
    assert (waiting.not_concerned, waiting.without) == (0, 0)
    assert waiting.total is not None
    assert waiting.total.ends == pytest.approx((0.561, 0.694), abs=5e-4)
    assert waiting.verdict is PointVerdict.WATCH
    # Nobody but the ten of the poster is unsatisfied: no channel can stand alone.
    assert told(welcome) == [((), 190, 200)]
    assert welcome.verdict is PointVerdict.STRONG
    # 60 not concerned, 14 silent; 126 answered: 66 satisfied, 60 not.
    assert (site.not_concerned, site.without) == (60, 74)
    # Nobody on paper or by the poster is unsatisfied: with telephone, which is enough alone.
    assert told(site) == [
        (("counter",), 20, 60),
        (("paper", "poster", "telephone"), 46, 66),
        ((), 66, 126),
    ]
    assert site.verdict is PointVerdict.WATCH


def test_what_all_think_is_told_by_its_bounds_alone() -> None:
    [question] = results([("paper", (4,), 97), ("paper", (1,), 3)], ASKED[:1]).questions
    assert question.total is not None
    assert question.total.answered == Span(100, 100)
    assert question.total.satisfied == Span(96, 100)
    assert question.total.rate is None
    assert question.total.ends == pytest.approx((0.902, 1.0), abs=5e-4)
    assert question.verdict is PointVerdict.STRONG


def test_few_who_said_nothing_hide_how_many_answered() -> None:
    sheets = [("paper", (4,), 50), ("paper", (1,), 20), ("paper", (None,), 2)]
    [question] = results(sheets, ASKED[:1]).questions
    assert question.total is not None
    assert question.total.answered == Span(68, 71)
    assert question.total.satisfied == Span(50, 50)
    assert (question.not_concerned, question.without) == (None, None)
    assert question.crossed == ()


def test_of_fewer_than_ten_answers_nothing_is_told() -> None:
    [question] = results([("paper", (4,), 5), ("paper", (1,), 4)], ASKED[:1]).questions
    assert question.total is None
    assert question.verdict is PointVerdict.OPEN


def test_a_change_is_of_the_same_words_and_of_what_is_told() -> None:
    before = results([("paper", (4,), 90), ("paper", (1,), 10)], ASKED[:1])
    later = results([("paper", (4,), 60), ("paper", (1,), 40)], ASKED[:1])
    [question] = compared(later, before).questions
    assert question.change is not None
    assert question.change.verdict is ChangeVerdict.WORSE
    assert (question.change.low, question.change.high) == pytest.approx((-0.408, -0.183), abs=5e-4)
    assert question.verdict is PointVerdict.WATCH
    other = results([("paper", (4,), 60), ("paper", (1,), 40)], [("attente", "Trop attendu ?")])
    assert compared(other, before).questions[0].change is None
    few = results([("paper", (4,), 97), ("paper", (1,), 3)], ASKED[:1])
    assert compared(few, before).questions[0].change is None


def test_an_established_fall_is_to_watch_even_above_the_threshold() -> None:
    before = results([("paper", (4,), 990), ("paper", (1,), 10)], ASKED[:1])
    later = results([("paper", (4,), 900), ("paper", (1,), 100)], ASKED[:1])
    assert later.questions[0].verdict is PointVerdict.STRONG
    assert compared(later, before).questions[0].verdict is PointVerdict.WATCH


CHANNELS = ("counter", "mail", "paper", "poster", "telephone")
COUNTS = st.one_of(st.integers(0, 8), st.integers(0, 60))
TALLIES = st.builds(QuestionTally, COUNTS, COUNTS, COUNTS, COUNTS)
PARTS = ("satisfied", "unsatisfied", "not_concerned", "silent")
Atom = tuple[str, str]


@given(st.dictionaries(st.sampled_from(CHANNELS), TALLIES, min_size=1))
@settings(max_examples=300, deadline=None)
def test_no_difference_of_published_counts_reveals_a_cell_under_five(
    by_channel: Mapping[str, QuestionTally],
) -> None:
    """Every set of sheets whose number follows from published counts has none, or five and more.

    Of a set of sheets that answered alike (one channel or several) and hold one opinion, zero is
    too few as well: it would tell what everybody else thinks.
    """
    counts = {
        (channel, part): getattr(tally, part)
        for channel, tally in by_channel.items()
        for part in PARTS
    }
    sheets = sum(counts.values())
    found = publish(
        [("q", "Question ?")], {name: [tally] for name, tally in by_channel.items()}, sheets
    )
    [question] = found.questions
    known = list(_published(question, list(counts)))
    known.append(frozenset(counts))
    for revealed in _follows(known, list(counts)):
        n = sum(counts[atom] for atom in revealed)
        if revealed != frozenset(counts):
            assert n == 0 or n >= LEAST, revealed
        parts = {part for _, part in revealed}
        if parts in ({"satisfied"}, {"unsatisfied"}) and revealed != frozenset(counts):
            assert n >= LEAST or sum(counts[atom] for atom in revealed) == 0 == _answered(
                counts, {channel for channel, _ in revealed}
            )
    for row in question.crossed:
        n = row.answered.exact
        assert n is not None
        assert n >= CROSSED


def _answered(counts: Mapping[Atom, int], channels: set[str]) -> int:
    return sum(counts[channel, part] for channel in channels for part in PARTS[:2])


def _published(question: PublishedQuestion, atoms: Sequence[Atom]) -> Iterator[frozenset[Atom]]:
    """The sets of sheets whose number is told exactly."""
    total = () if question.total is None else (question.total,)
    for row in (*question.crossed, *total):
        mine = [atom for atom in atoms if not row.channels or atom[0] in row.channels]
        if row.satisfied.exact is not None:
            yield frozenset(atom for atom in mine if atom[1] == "satisfied")
        if row.answered.exact is not None:
            yield frozenset(atom for atom in mine if atom[1] in PARTS[:2])
    if question.not_concerned is not None:
        yield frozenset(atom for atom in atoms if atom[1] == "not_concerned")
    if question.without is not None:
        yield frozenset(atom for atom in atoms if atom[1] in PARTS[2:])


def _follows(known: Sequence[frozenset[Atom]], atoms: Sequence[Atom]) -> Iterator[frozenset[Atom]]:
    """Every set whose number is a sum and difference of known numbers: by linear algebra.

    Atoms that stand in the same known sets can't be told apart: they are taken together.
    """
    alike = dict[tuple[bool, ...], list[Atom]]()
    for atom in atoms:
        alike.setdefault(tuple(atom in told_ for told_ in known), []).append(atom)
    classes = list(alike.values())
    basis = _reduced([[Fraction(value) for value in column] for column in zip(*alike, strict=True)])
    for size in range(1, len(classes) + 1):
        for chosen in combinations(range(len(classes)), size):
            wanted = [Fraction(place in chosen) for place in range(len(classes))]
            if _spanned(wanted, basis):
                yield frozenset(atom for place in chosen for atom in classes[place])


def _reduced(matrix: Sequence[list[Fraction]]) -> list[list[Fraction]]:
    found = list[list[Fraction]]()
    for row in matrix:
        rest = _rest(row, found)
        if any(rest):
            found.append(rest)
    return found


def _rest(row: Sequence[Fraction], basis: Sequence[Sequence[Fraction]]) -> list[Fraction]:
    left = list(row)
    for known in basis:
        pivot = next(place for place, value in enumerate(known) if value)
        factor = left[pivot] / known[pivot]
        left = [one - factor * other for one, other in zip(left, known, strict=True)]
    return left


def _spanned(wanted: Sequence[Fraction], basis: Sequence[Sequence[Fraction]]) -> bool:
    return not any(_rest(wanted, basis))


def test_the_property_sees_a_cell_that_is_given_away() -> None:
    """Two tables whose difference is one person: the check of the property finds the set."""
    atoms = list(product(("paper", "counter"), PARTS[:2]))
    known = [
        frozenset(atoms),
        frozenset(atom for atom in atoms if atom != ("paper", "unsatisfied")),
    ]
    assert frozenset({("paper", "unsatisfied")}) in set(_follows(known, atoms))


def test_published_tables_are_text_that_changes_with_each_count() -> None:
    text = written(results())
    assert text.startswith("sheets;200\nquestion;attente;Le temps d’attente ?\nwithout;0;0\n")
    assert "row;poster,telephone;26;26;40;40\n" in text
    assert written(results([*SHEETS, ("paper", (4, 4, 4), 1)])) != text
