"""Results of the survey: a table by hand, and no cell of one to four that can be computed."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from itertools import combinations, product
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from services.desk.domain.survey_lines import SheetRow
from services.desk.quality.domain.survey_results import (
    CROSSED,
    LEAST,
    PointVerdict,
    PublishedQuestion,
    Span,
    SurveyResults,
    compare_results,
    publish,
    tallies,
    write_results,
)
from services.desk.quality.domain.verdicts import ChangeVerdict

ASKED = [
    ("attente", "Le temps d’attente ?"),
    ("accueil", "Bien accueilli ?"),
    ("site", "Le site ?"),
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
    # Poster has 4 unsatisfied, and paper nobody for the website: both questions are told by the
    # counter and the others together, one more row than three groups for the first alone.
    assert told(waiting) == [
        (("counter",), 40, 60),
        (("paper", "poster", "telephone"), 86, 140),
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
    [question] = compare_results(later, before).questions
    assert question.change is not None
    assert question.change.verdict is ChangeVerdict.WORSE
    assert (question.change.low, question.change.high) == pytest.approx((-0.408, -0.183), abs=5e-4)
    assert question.verdict is PointVerdict.WATCH
    other = results([("paper", (4,), 60), ("paper", (1,), 40)], [("attente", "Trop attendu ?")])
    assert compare_results(other, before).questions[0].change is None
    few = results([("paper", (4,), 97), ("paper", (1,), 3)], ASKED[:1])
    assert compare_results(few, before).questions[0].change is None


def test_an_established_fall_is_to_watch_even_above_the_threshold() -> None:
    before = results([("paper", (4,), 990), ("paper", (1,), 10)], ASKED[:1])
    later = results([("paper", (4,), 900), ("paper", (1,), 100)], ASKED[:1])
    assert later.questions[0].verdict is PointVerdict.STRONG
    assert compare_results(later, before).questions[0].verdict is PointVerdict.WATCH


def test_a_question_that_all_answered_gives_away_nobody_who_was_silent_in_another() -> None:
    """Forty by poster, of whom 38 answered the second question: two said nothing."""
    sheets: list[tuple[str, Sequence[int | None], int]] = [
        ("poster", (4, 4), 28), ("poster", (4, 0), 2), ("poster", (1, 1), 10),
        ("paper", (4, 4), 21), ("paper", (4, None), 4), ("paper", (1, 1), 10),
    ]  # fmt: skip
    first, second = results(sheets, ASKED[:2]).questions
    assert [row.channels for row in first.crossed] == [("paper",), ("poster",)]
    assert second.without == 6
    assert second.crossed == ()


CHANNELS = ("counter", "paper", "poster", "telephone")
ANSWERS = (4, 1, 0, None)
PARTS = ("satisfied", "unsatisfied", "not_concerned", "silent")
OPINIONS, WITHOUT = frozenset(PARTS[:2]), frozenset(PARTS[2:])
Atom = tuple[str, str, str]
"""A channel, the part of the first question and that of the second."""
ATOMS = tuple(product(CHANNELS, PARTS, PARTS))
PRIME = 2_147_483_647
SHEET = st.tuples(
    st.sampled_from(CHANNELS),
    st.tuples(st.sampled_from(ANSWERS), st.sampled_from(ANSWERS)),
    st.one_of(st.integers(1, 8), st.integers(20, 60)),
)
ANSWERED = st.tuples(
    st.sampled_from(CHANNELS),
    st.tuples(st.sampled_from((4, 1)), st.sampled_from(ANSWERS)),
    st.integers(1, 8),
)
"""Few sheets, each with a level for the first question."""
LARGE = st.just([(channel, (answer, answer), 25) for channel in CHANNELS for answer in (4, 1)])
"""Enough that channels are told apart, before what is drawn is added."""


@given(LARGE | st.just([]), st.lists(ANSWERED, max_size=8) | st.lists(SHEET, max_size=10))
@example(
    large=[],
    drawn=[
        ("counter", (4, 4), 10), ("counter", (4, 1), 20),
        ("paper", (4, 4), 25), ("paper", (4, 1), 5),
    ],
)  # fmt: skip
@settings(max_examples=max(100, settings().max_examples), deadline=None)
def test_no_difference_of_published_counts_reveals_a_cell_under_five(
    large: list[tuple[str, tuple[int | None, ...], int]],
    drawn: list[tuple[str, tuple[int | None, ...], int]],
) -> None:
    """Of all sums and differences of counts published of two questions, none is one to four sheets.

    Of sheets that hold one opinion zero is too few as well: it tells what all others there think.
    """
    sheets = [*large, *drawn]
    counts = Counter[Atom]()
    for channel, (one, other), times in sheets:
        counts[channel, _part(one), _part(other)] += times
    found = results(sheets, ASKED[:2])
    basis = _reduced(_published(found))
    for place in (0, 1):
        for size in range(1, len(CHANNELS) + 1):
            for channels in combinations(CHANNELS, size):
                for parts in ({"satisfied"}, {"unsatisfied"}, {"not_concerned"}, {"silent"},
                              OPINIONS, WITHOUT, set(PARTS)):  # fmt: skip
                    wanted = [
                        int(atom[0] in channels and atom[1 + place] in parts) for atom in ATOMS
                    ]
                    if any(_rest(wanted, basis)):
                        continue
                    n = _sum(counts, wanted)
                    assert n == 0 or n >= LEAST or n == found.sheets, (channels, parts)
                    if len(parts) == 1 and parts < OPINIONS and _answered(counts, channels, place):
                        assert n >= LEAST, (channels, parts)
    for question in found.questions:
        for row in question.crossed:
            n_answered = row.answered.exact
            assert n_answered is not None
            assert n_answered >= CROSSED


def _answered(counts: Mapping[Atom, int], channels: Sequence[str], place: int) -> int:
    """How many sheets of these channels hold an opinion on a question."""
    return sum(
        n for atom, n in counts.items() if atom[0] in channels and atom[1 + place] in OPINIONS
    )


def _part(answer: int | None) -> str:
    return PARTS[ANSWERS.index(answer)]


def _sum(counts: Mapping[Atom, int], wanted: Sequence[int]) -> int:
    return sum(counts[atom] for atom, here in zip(ATOMS, wanted, strict=True) if here)


def _published(found: SurveyResults) -> Iterator[list[int]]:
    """The sets of sheets whose number is told exactly, over all atoms."""
    yield [1] * len(ATOMS)
    for place, question in enumerate(found.questions):
        total = () if question.total is None else (question.total,)
        for row in (*question.crossed, *total):
            channels = row.channels or CHANNELS
            if row.satisfied.exact is not None:
                yield _set(channels, place, {"satisfied"})
            if row.answered.exact is not None:
                yield _set(channels, place, OPINIONS)
        if question.not_concerned is not None:
            yield _set(CHANNELS, place, {"not_concerned"})
        if question.without is not None:
            yield _set(CHANNELS, place, WITHOUT)
            if question.without == 0:  # of nobody, whatever the channel
                for channel in CHANNELS:
                    yield _set((channel,), place, WITHOUT)


def _set(channels: Sequence[str], place: int, parts: AbstractSet[str]) -> list[int]:
    return [int(atom[0] in channels and atom[1 + place] in parts) for atom in ATOMS]


def _reduced(vectors: Iterator[list[int]]) -> list[list[int]]:
    """Independent vectors that span the same, each beginning with one, modulo a prime."""
    found = list[list[int]]()
    for vector in vectors:
        rest = _rest(vector, found)
        pivot = next((value for value in rest if value), None)
        if pivot is not None:
            inverse = pow(pivot, -1, PRIME)
            found.append([value * inverse % PRIME for value in rest])
    return found


def _rest(vector: Sequence[int], basis: Sequence[Sequence[int]]) -> list[int]:
    """What is left of a vector without what known ones span; nothing but zeros: it follows."""
    left = list(vector)
    for known in basis:
        factor = left[next(place for place, value in enumerate(known) if value)]
        if factor:
            left = [
                (value - factor * other) % PRIME for value, other in zip(left, known, strict=True)
            ]
    return left


def test_the_property_sees_a_cell_that_is_given_away() -> None:
    """Two published numbers whose difference is one channel's unsatisfied: it follows from them."""
    known = _reduced(iter([_set(CHANNELS, 0, OPINIONS), _set(CHANNELS, 0, {"satisfied"})]))
    assert not any(_rest(_set(CHANNELS, 0, {"unsatisfied"}), known))
    assert any(_rest(_set(("paper",), 0, {"unsatisfied"}), known))


def test_published_tables_are_text_that_changes_with_each_count() -> None:
    text = write_results(results())
    assert text.startswith("sheets;200\nquestion;attente;Le temps d’attente ?\nwithout;0;0\n")
    assert "row;paper,poster,telephone;86;86;140;140\n" in text
    assert write_results(results([*SHEETS, ("paper", (4, 4, 4), 1)])) != text
