"""Complaints, recours and parliamentary offices are known by their usual French words."""

import pytest

from tests.letters_of_people import HARMLESS, letters, seen

MISSED = {"second": {"Intervention"}}
"""Subjects of letters by which the tables were written, and in which they still see nothing."""
UNSEEN = "fifth"
MOST_SILENT, MOST_WRONG = 4, 1
"""Of the fifteen complaints and recours, and of the fifteen ordinary letters of `fifth`: limits
that were written before it was measured. What stays silent waits for a clerk's word, as always;
what is wrong is a receipt held for nothing."""


@pytest.mark.parametrize("name", ["first", "second", "third", "fourth"])
def test_what_people_write_is_recognised_and_never_as_something_else(name: str) -> None:
    told = [(letter, seen(letter)) for letter in letters(name) if letter.expected != HARMLESS]
    assert [(one, said) for one, said in told if said not in {one.expected, HARMLESS}] == []
    silent = {one.subject for one, said in told if said == HARMLESS}
    assert silent == MISSED.get(name, set())


def test_nothing_is_seen_in_a_hundred_harmless_letters() -> None:
    harmless = [
        letter
        for name in ("first", "second", "third")
        for letter in letters(name)
        if letter.expected == HARMLESS
    ]
    assert len(harmless) >= 100
    assert [letter for letter in harmless if seen(letter) != HARMLESS] == []


def test_letters_that_nobody_looked_at_while_writing_the_tables_are_judged_well() -> None:
    told = [(letter, seen(letter)) for letter in letters(UNSEEN)]
    asked = [(one, said) for one, said in told if one.expected != HARMLESS]
    ordinary = [(one, said) for one, said in told if one.expected == HARMLESS]
    assert (len(asked), len(ordinary)) == (15, 15)
    confused = [(one.subject, said) for one, said in asked if said not in {one.expected, HARMLESS}]
    assert confused == [], "a complaint is no recours, nor the other way round"
    silent = [one.subject for one, said in asked if said == HARMLESS]
    assert len(silent) <= MOST_SILENT, silent
    wrong = [(one.subject, said) for one, said in ordinary if said != HARMLESS]
    assert len(wrong) <= MOST_WRONG, wrong
