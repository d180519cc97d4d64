"""Turns follow one another after a rest, and are spaced under load."""

from hypothesis import given
from hypothesis import strategies as st

from shared.platform.turn_rate import AT_ONCE, TurnRate


def test_the_first_turns_wait_for_nothing_and_those_behind_are_spaced() -> None:
    turns, now, taken = TurnRate(0.25), 1_000.0, list[float]()
    for _ in range(7):
        now += turns.wait(now)
        taken.append(now - 1_000)
        turns.note(now)
    assert taken == [0, 0, 0, 0, 0.25, 0.5, 0.75]


def test_a_rest_gives_back_one_turn_for_each_space_of_time_and_no_more_than_the_first() -> None:
    turns = TurnRate(0.25)
    for now in (10.0, 10.0, 10.0, 10.0):
        assert turns.wait(now) == 0
        turns.note(now)
    assert turns.wait(10.0) == 0.25
    assert turns.wait(10.25) == 0, "one is given back"
    turns.note(10.25)
    assert turns.wait(10.25) == 0.25
    for _ in range(AT_ONCE):
        assert turns.wait(99.0) == 0
        turns.note(99.0)
    assert turns.wait(99.0) > 0


@given(st.lists(st.floats(0, 3), min_size=1, max_size=60))
def test_no_time_holds_more_turns_than_its_spaces_and_the_first_few(rests: list[float]) -> None:
    turns, now, taken = TurnRate(0.5), 0.0, list[float]()
    for rest in rests:
        now += rest
        now += turns.wait(now)
        taken.append(now)
        turns.note(now)
    for first, begin in enumerate(taken):
        for count, end in enumerate(taken[first:], 1):
            assert count <= AT_ONCE + (end - begin) / 0.5 + 1e-6
